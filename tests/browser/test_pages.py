"""Every page as people see it: both languages, phone and desk, light and dark; checked with axe-core.

The screenshots in test-results/screenshots are for looking at; the tests judge what a machine can.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.person import Person, arrive
from tests.world import BASRA, EVENT, GRACE, MOSUL, ORGANIZER, Server

HOME = f"/{EVENT}/"
FOR_ALL = {
    "home": HOME,
    "schedule": f"{HOME}schedule",
    "schedule-all-days": f"{HOME}schedule?day=all",
    "schedule-filtered": f"{HOME}schedule?day=all&track=ai",
    "schedule-nothing-found": f"{HOME}schedule?track=ai&room=workshops&language=en",
    "now-and-next": f"{HOME}schedule/now",
    "my-agenda-signed-out": f"{HOME}schedule/mine",
    "session-live": f"{HOME}session/OPEN25",
    "speakers": f"{HOME}speakers",
    "sign-in": "/sign-in",
    "register": f"{HOME}register",
    "link-expired": "/join/a-link-that-never-was",
    "sign-in-link-expired": "/sign-in/a-link-that-never-was",
    "no-such-page": "/no/such/page",
    "room-signed-out": f"{HOME}session/OPEN25/room",
}
# What the browser itself notes when a page answers with an error status, as some of these should.
REFUSED = "Failed to load resource: the server responded with a status of 4"


@pytest.fixture(params=["ar", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chromium: Browser, demo: Server, language: str) -> AsyncIterator[Person]:
    """Somebody who is signed in nowhere."""
    person = await arrive(chromium, "Visitor", language, demo.url)
    async with person.forgiving(REFUSED):
        yield person
        assert person.problems == []
    await person.context.close()


async def looked_at(person: Person, name: str, path: str) -> list[str]:
    """Open, photograph and check one page; what is wrong with it."""
    await person.open(path)
    await person.page.wait_for_load_state("load")
    found = await person.portraits(name, full=True)
    html = person.page.locator("html")
    wanted = ("ar", "rtl") if person.language == "ar" else ("en", "ltr")
    if (await html.get_attribute("lang"), await html.get_attribute("dir")) != wanted:
        found.append(f"{name}: not {wanted}")
    if await person.page.locator("h1").count() != 1:
        found.append(f"{name}: {await person.page.locator('h1').count()} main headings")
    found += [f"{name}, {person.language}: {one}" for one in await small_targets(person)]
    return found


async def small_targets(person: Person) -> list[str]:
    """Buttons and fields that a thumb would miss (WCAG 2.2, 2.5.8: at least 24 px)."""
    found = await person.page.evaluate(
        """[...document.querySelectorAll("main button, main input:not([type=hidden]), main select")]
          .map((one) => [one, one.getBoundingClientRect()])
          .filter(([one, box]) => box.width > 1 && box.height > 1 && (box.height < 24 || box.width < 24)
            && !one.closest("label"))
          .map(([one, box]) => `${one.outerHTML.slice(0, 80)} is ${box.width}x${box.height}`)"""
    )
    return list(found)


async def test_the_pages_for_all(visitor: Person, demo: Server) -> None:
    found = [one for name, path in FOR_ALL.items() for one in await looked_at(visitor, name, path)]
    await visitor.open(f"{HOME}speakers")
    speaker = await visitor.page.locator('main a[href*="/speaker/"]').first.get_attribute("href")
    found += await looked_at(visitor, "speaker", str(speaker))
    await visitor.open(f"{HOME}schedule?day=2025-10-27")
    later = await visitor.page.locator('main a[href*="/session/"]').last.get_attribute("href")
    found += await looked_at(visitor, "session-upcoming", str(later))
    assert found == []


async def test_a_personal_link_and_forms_with_errors(visitor: Person, demo: Server, language: str) -> None:
    found = await looked_at(visitor, "personal-link", demo.links[BASRA if language == "ar" else MOSUL])
    await visitor.open(f"{HOME}register")
    await visitor.page.locator("input[name=name]").fill("رئيس الجلسة")  # the chair's name
    await visitor.page.locator("input[name=email]").fill("no address")
    # The browser's own check would stop it here; an old browser has none.
    await visitor.page.locator("main form").evaluate("form => { form.noValidate = true; }")
    await visitor.page.locator("main form button").click()
    await expect(visitor.page.locator("input[name=email]")).to_have_value("no address", timeout=GRACE * 1000)
    await expect(visitor.page.locator("input[name=name]")).to_have_value("رئيس الجلسة")
    found += await visitor.portraits("register-with-errors", full=True)
    await visitor.page.locator("input[name=name]").fill("Noor")
    await visitor.page.locator("input[name=email]").fill("noor@example.org")
    await visitor.page.locator("main form button").click()
    await visitor.page.wait_for_load_state("load")
    found += await visitor.portraits("register-link-sent", full=True)
    assert found == []


@pytest.mark.parametrize("language", ["ar", "en"])
async def test_pages_of_attendees_and_organizers(chromium: Browser, demo: Server, language: str) -> None:
    found: list[str] = []
    attendee = await arrive(chromium, "Attendee", language, demo.url)
    await attendee.sign_in(demo.links[BASRA if language == "ar" else MOSUL])
    await attendee.open(f"{HOME}session/OPEN25")
    star = attendee.page.locator("main .star").first
    before = await star.get_attribute("aria-pressed")
    await star.click()
    await expect(star).not_to_have_attribute("aria-pressed", str(before), timeout=GRACE * 1000)
    for name, path in {
        "my-agenda": f"{HOME}schedule/mine",
        "home-attendee": HOME,
        "session-attendee": f"{HOME}session/OPEN25",
        "account": "/me",
        "door-attendee": f"{HOME}session/OPEN25/room",
    }.items():
        found += await looked_at(attendee, name, path)
    async with attendee.forgiving(REFUSED):
        found += await looked_at(attendee, "not-allowed", f"{HOME}organize/people")
    organizer = await arrive(chromium, "Organizer", language, demo.url)
    await organizer.sign_in(demo.links[ORGANIZER])
    await organizer.context.add_cookies([{"name": "lang", "value": language, "url": demo.url}])
    for name, path in {
        "organize": f"{HOME}organize/",
        "organize-people": f"{HOME}organize/people",
        "organize-outbox": f"{HOME}organize/outbox",
        "organize-connections": f"{HOME}organize/connections",
        "organize-machines": f"{HOME}organize/machines",
        "organize-keys": f"{HOME}organize/machines/OPEN25",
        "organize-recordings": f"{HOME}organize/recordings",
    }.items():
        found += await looked_at(organizer, name, path)
    await organizer.open(f"{HOME}organize/people")
    person = await organizer.page.locator('main a[href*="/organize/people/"]').first.get_attribute("href")
    found += await looked_at(organizer, "organize-person", str(person))
    await organizer.open(f"{HOME}organize/outbox")
    mail = organizer.page.locator('main a[href*="/organize/outbox/"]')
    if await mail.count():
        found += await looked_at(organizer, "organize-mail", str(await mail.first.get_attribute("href")))
    assert found == []
    assert attendee.problems + organizer.problems == []
    for one in (attendee, organizer):
        await one.context.close()


async def test_the_agenda_needs_no_javascript(chromium: Browser, demo: Server, language: str) -> None:
    reader = await arrive(chromium, "Reader", language, demo.url, phone=True, javascript=False)
    async with reader.forgiving(REFUSED):
        await reader.open(HOME)
        await reader.page.locator(".bar-nav a").first.click()
        await reader.page.wait_for_url("**/schedule")
        await expect(reader.page.locator("main")).to_contain_text("09:00", timeout=GRACE * 1000)
        await reader.picture(f"without-javascript-schedule-{language}", full=True)
        await reader.page.locator('main a[href*="/session/OPEN25"]').first.click()
        await reader.page.wait_for_url("**/session/OPEN25")
        abstract = reader.page.locator(".prose").first
        assert len(await abstract.inner_text()) > 100
        await reader.open(f"{HOME}schedule?day=all&track=ai")
        titles = await reader.page.locator('main a[href*="/session/"]').count()
        assert 0 < titles < 48, "filters work by plain links and forms"
        other = "en" if language == "ar" else "ar"
        await reader.page.locator(f".language button[value={other}]").click()
        await expect(reader.page.locator("html")).to_have_attribute("lang", other, timeout=GRACE * 1000)
        assert "track=ai" in reader.page.url, "the same page in the other language"
        await reader.sign_in(demo.links[BASRA])
        await reader.open(f"{HOME}session/OPEN25/room")
        await reader.picture(f"without-javascript-room-{language}", full=True)
        await expect(reader.page.locator("main .notice-warn")).to_be_visible(timeout=GRACE * 1000)
    assert reader.problems == []
    await reader.context.close()
