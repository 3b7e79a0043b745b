"""The planner's acts beyond moving within a day: to another day, two made of one, ways out of clashes."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.planning import PATIENCE, Desk, at_the_desk, later
from tests.world import Server, until

DAY = 24 * 60
WORDS = {
    "en": {
        "more": "Copy, split, merge", "split": "Split", "copy": "Copy", "delete": "Delete",
        "help": "What would help?", "do": "Do it", "add": "Add a session…", "added": "Add the session",
    },
    "ar": {
        "more": "نسخ أو تقسيم أو دمج", "split": "اقسم", "copy": "انسخ", "delete": "احذف",
        "help": "ما الذي يحلّه؟", "do": "نفِّذه", "add": "إضافة جلسة…", "added": "أضف الجلسة",
    },
}  # fmt: skip


def sheet(desk: Desk) -> Locator:
    return desk.page.locator(".plan-sheet")


async def press(desk: Desk, name: str) -> None:
    await sheet(desk).get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_a_session_goes_to_another_day_by_mouse_and_by_keys(
    chromium: Browser, demo: Server, language: str
) -> None:
    async with at_the_desk(chromium, demo, language) as desk:
        opening = await desk.put_back_the_opening()
        tabs = desk.page.locator(".plan-days button")
        tab, block = await tabs.nth(1).bounding_box(), await desk.block("OPEN25").bounding_box()
        assert tab is not None
        assert block is not None
        across = tab["x"] + tab["width"] / 2 - block["x"] - block["width"] / 2
        await desk.drag("OPEN25", across, tab["y"] + tab["height"] / 2 - block["y"] - 10)
        await desk.server_has("OPEN25", starts_at=later(opening, DAY), room=opening["room"])
        await expect(tabs.nth(1)).to_have_attribute("aria-pressed", "true", timeout=PATIENCE)
        await desk.block("OPEN25").focus()
        keys = desk.page.keyboard
        await keys.press("Enter")
        await keys.press("PageDown")
        await expect(tabs.nth(2)).to_have_attribute("aria-pressed", "true", timeout=PATIENCE)
        await expect(desk.block("OPEN25")).to_be_focused(timeout=PATIENCE)
        await keys.press("Escape")
        await expect(tabs.nth(1)).to_have_attribute("aria-pressed", "true", timeout=PATIENCE)
        await desk.block("OPEN25").focus()
        await keys.press("Enter")
        await keys.press("PageUp")
        await expect(desk.block("OPEN25")).to_be_focused(timeout=PATIENCE)
        await keys.press("Enter")
        await desk.server_has("OPEN25", starts_at=opening["starts_at"], room=opening["room"])


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_sessions_are_made_split_copied_deleted_and_clashes_solved(
    chromium: Browser, demo: Server, language: str
) -> None:
    words = WORDS[language]
    async with at_the_desk(chromium, demo, language) as desk:
        before = set(await desk.draft())

        async def made() -> list[str]:
            return sorted(set(await desk.draft()) - before)

        await desk.person.press(words["add"])
        form = desk.page.locator("dialog form")
        await form.locator("input[type=text], input:not([type])").first.fill("Suturing")
        await desk.person.press(words["added"])
        (code,) = await until(made, "the session is made", every=0.2)
        assert (await desk.draft())[code]["starts_at"] is None

        await expect(sheet(desk)).to_contain_text("Suturing", timeout=PATIENCE)
        await sheet(desk).get_by_text(words["more"]).click()
        await press(desk, words["split"])
        await desk.server_has(code, minutes=15)
        await press(desk, words["copy"])
        await until(lambda: _are(made, 3), "a copy beside both parts", every=0.2)
        assert await desk.person.violations() == []
        for _ in range(2):  # the copy, then the split
            await desk.page.keyboard.press("Control+z")
        await desk.server_has(code, minutes=30)

        # Put upon the opening: what helps is shown beside the session and done with one press.
        opening = await desk.put_back_the_opening()
        edition = (await desk.draft())[code]["edition"]
        where = {"room": opening["room"], "starts_at": opening["starts_at"]}
        await desk.does(act="place", session=code, edition=edition, **where)
        await desk.block(code).click()
        overlap = sheet(desk).locator(".plan-clash[data-severity=error]").first
        await overlap.get_by_role("button", name=words["help"]).click()
        await expect(sheet(desk).locator(".plan-offer").first).to_be_visible(timeout=PATIENCE)
        await desk.person.picture(f"planner-offers-{language}")
        assert await desk.person.violations() == []
        await sheet(desk).locator(".plan-offer button").first.click()

        async def apart() -> bool:
            now = await desk.draft()
            return any(now[one][name] != where[name] for one in (code, "OPEN25") for name in where)

        await until(apart, "one of the two has moved", every=0.2)
        await expect(overlap).to_have_count(0, timeout=PATIENCE)
        await desk.put_back_the_opening()
        if not await sheet(desk).get_by_text("Suturing").count():
            await desk.block(code).click()
        await press(desk, words["delete"])
        await until(lambda: _are(made, 0), "it is gone", every=0.2)


async def _are(made: object, count: int) -> bool:
    assert callable(made)
    return len(await made()) == count
