"""The person's own data limit in the room: a warning, the smallest sound, the stop, and one tap to go on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.hall import SESSION, Hall, opened_hall
from tests.browser.person import Person, as_json
from tests.world import EVENT, MOSUL, SPEAKER

KEY = f"majlis.data.{SESSION.rsplit('/', 1)[1]}"
SEEN = "Object.entries(await received()).some(([key, { frames }]) => key.endsWith('~camera') && frames > 3)"
HEARD = "Object.values(await received()).some(({ energy }) => energy > 0.001)"
NOTHING = "Object.keys(await received()).length === 0"
# What was said over the stage: each note goes away by itself.
KEEP_NOTES = """window.notes = []; new MutationObserver(() => window.notes.push(
    ...[...document.querySelectorAll(".note")].map((note) => note.textContent))
).observe(document.body, { childList: true, subtree: true })"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """A speaker is on stage with camera and microphone."""
    async with opened_hall(chromium, tmp_path_factory.mktemp("limit")) as hall:
        speaker = await hall.come(SPEAKER, path=f"/{EVENT}/")
        await speaker.page.evaluate(has_used(500))
        await speaker.open(f"{SESSION}/room")
        await speaker.press("Join with camera and microphone")
        await speaker.until("(await sent()).audio > 20")
        yield hall


def has_used(megabytes: int) -> str:
    """Earlier visits to this session have cost this device so much."""
    return f"localStorage.setItem('{KEY}', '{as_json({'used': megabytes * 10**6, 'cap': None})}')"


async def limit_near(person: Person, megabytes: float) -> str:
    """So much more than is used. Of a limit 2 % are kept back, so it is reached at once if that is more."""
    used = await person.page.evaluate(f"JSON.parse(localStorage.getItem('{KEY}')).used")
    return f"{used / 1e6 + megabytes:.2f}"


async def set_limit(person: Person, megabytes: str) -> None:
    await person.press("Settings")
    await person.page.locator("#data-limit").fill(megabytes)
    await person.press("Set limit")
    await person.press("Done")


async def go_on(person: Person) -> None:
    """The first of the ways that the stage shows: so many megabytes more."""
    await person.page.locator(".stage-ways button").first.click()


async def test_a_listener_is_warned_then_gets_the_smallest_sound_then_nothing_and_goes_on(hall: Hall) -> None:
    person = await hall.come(MOSUL, phone=True, path=f"/{EVENT}/")
    # Earlier visits to this session have cost this device 100 MB.
    await person.page.evaluate(f"localStorage.setItem('{KEY}', '{{\"used\": 1e8, \"cap\": 13e7}}')")
    await person.open(f"{SESSION}/room")
    await person.page.evaluate(KEEP_NOTES)
    await person.press("Join the room")
    await person.until(SEEN)
    warning = person.says("Three quarters of your data limit are used. Near its end pictures stop.")
    await person.until(f"notes.includes({as_json(warning)})")
    await set_limit(person, "112")
    await person.sees("Saving data")
    await person.until("!Object.keys(await received()).some((key) => key.endsWith('~camera'))")
    await person.until(HEARD)
    await set_limit(person, await limit_near(person, 1.5))
    await person.sees("Your data limit is reached.")
    await person.until(NOTHING)
    hall.findings += await person.portraits("limit-reached")
    await go_on(person)
    await person.until(SEEN)
    await person.until(HEARD)


async def test_a_speaker_whose_limit_is_reached_sends_nothing_until_they_go_on(hall: Hall) -> None:
    speaker = hall[SPEAKER]
    await speaker.until(f"JSON.parse(localStorage.getItem('{KEY}'))?.used > 0")
    await set_limit(speaker, await limit_near(speaker, 5))
    await speaker.sees("Your data limit is reached.")
    await speaker.until("connections().length === 0")
    await speaker.press("Unmute")
    await speaker.sees("Your data limit is reached: sound and pictures have stopped. Text and slides go on.")
    assert await speaker.page.evaluate("connections().length") == 0
    await go_on(speaker)
    await speaker.press("Unmute")
    await speaker.until("(await sent()).audio > 5")
    assert hall.findings + hall.complaints() == []
