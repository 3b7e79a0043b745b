"""Rooms one cannot go into, devices one cannot use, links that no longer work: what people are told."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.person import Person, arrive
from tests.figures import note_figure
from tests.world import BASRA, EVENT, GRACE, LANGUAGES, MOSUL, ORGANIZER, SPEAKER, Server, running_server

MS = GRACE * 1000
HOME = f"/{EVENT}/"
ROOM = f"{HOME}session/OPEN25/room"
# getUserMedia as a browser behaves whose owner said no (W3C Media Capture, 10.2).
REFUSE_DEVICES = """navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException("Permission denied", "NotAllowedError");
}"""
NO_DEVICES = """navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException("Requested device not found", "NotFoundError");
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with running_server(tmp_path_factory.mktemp("doors")) as server:
        yield server
        assert "Traceback" not in server.log, server.log[-6000:]


@pytest_asyncio.fixture(loop_scope="session")
async def small_room(tmp_path: Path) -> AsyncIterator[Server]:
    """A server whose rooms hold two people."""
    config = tmp_path / "majlis.toml"
    config.write_text("[media]\nmax_viewers = 2\n", encoding="utf-8")
    async with running_server(tmp_path / "data", config=config) as server:
        yield server


async def come(
    browser: Browser, server: Server, label: str, *, script: str = "", phone: bool = False
) -> Person:
    person = await arrive(browser, label, LANGUAGES[label], server.url, phone=phone)
    if script:
        await person.context.add_init_script(script)
    await person.sign_in(server.links[label])
    return person


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _everybody_leaves(chromium: Browser) -> AsyncIterator[None]:
    """Whoever a test left in the room would fill it for the next."""
    yield
    for context in chromium.contexts:
        await context.close()


@pytest.mark.parametrize("label", [SPEAKER, "Chair"], ids=["English", "Arabic"])
async def test_a_refused_camera_is_no_obstacle(chromium: Browser, server: Server, label: str) -> None:
    person = await come(chromium, server, label, script=REFUSE_DEVICES)
    await person.open(ROOM)
    advice = person.page.locator(".notice-warn, .notice-danger, [role=alert]").filter(
        has_text=person.says("Try again")
    )
    await expect(advice.first).to_be_visible(timeout=MS)
    found = await person.portraits("door-camera-refused")
    await person.press("Listen only")
    await expect(person.page.locator(".room")).to_be_visible(timeout=MS)
    assert found + person.problems == []


async def test_a_missing_device_is_named(chromium: Browser, server: Server) -> None:
    person = await come(chromium, server, SPEAKER, script=NO_DEVICES)
    await person.open(ROOM)
    await person.sees("No camera and no microphone were found.")
    await person.sees("Plug one in or switch it on, then try again.")
    assert person.problems == []


@pytest.mark.parametrize("label", [MOSUL, BASRA], ids=["English", "Arabic"])
async def test_a_room_that_is_not_open_yet_counts_down(chromium: Browser, server: Server, label: str) -> None:
    person = await come(chromium, server, label, phone=True)
    await person.open(f"{HOME}schedule?day=2025-10-26")
    session = await person.page.locator('main a[href*="/session/"]').first.get_attribute("href")
    await person.open(f"{session}/room")
    await expect(person.page.locator(".countdown-time")).to_be_visible(timeout=MS)
    shown = await person.page.locator(".countdown-time").inner_text()
    if ":" in shown:
        await expect(person.page.locator(".countdown-time")).not_to_have_text(shown, timeout=MS)
    assert await person.button("Join the room").count() == 0
    found = await person.portraits("door-not-yet")
    assert found + person.problems == []


async def test_a_full_room_lets_in_when_there_is_a_place(chromium: Browser, small_room: Server) -> None:
    first, second = await come(chromium, small_room, BASRA), await come(chromium, small_room, MOSUL)
    organizer = await come(chromium, small_room, ORGANIZER)
    await organizer.open(ROOM)
    await organizer.press("Listen only")
    await expect(organizer.page.locator(".room")).to_be_visible(timeout=MS)
    await first.open(ROOM)
    await first.press("Join the room")
    await expect(first.page.locator(".room")).to_be_visible(timeout=MS)
    await expect(first.page.locator("#tab-people")).to_contain_text("2", timeout=MS)
    await second.open(ROOM)
    await second.sees("The room is full.")
    found = await second.portraits("door-full")
    await first.press("Leave")
    await expect(first.page.locator(".gone")).to_be_visible(timeout=MS)
    found += await first.portraits("room-left")
    await expect(second.button("Join the room").first).to_be_visible(timeout=MS)
    assert found + first.problems + second.problems == []


async def test_a_closed_room_is_closed_for_all_and_opens_again(chromium: Browser, server: Server) -> None:
    listener, organizer = (
        await come(chromium, server, BASRA, phone=True),
        await come(chromium, server, ORGANIZER),
    )
    await listener.open(ROOM)
    await listener.press("Join the room")
    await expect(listener.page.locator(".room")).to_be_visible(timeout=MS)
    await organizer.open(ROOM)
    await organizer.press("Listen only")
    await organizer.open_tab("people")
    await organizer.press("Close the room…")
    found = await organizer.portraits("room-close-question")
    await organizer.press("Close the room", within=organizer.page.locator("dialog"))
    await listener.sees("The chair has closed the room.")
    found += await listener.portraits("room-closed-while-inside")
    await listener.open(ROOM)
    await listener.sees("The chair has closed this room.")
    found += await listener.portraits("door-closed")
    found += await organizer.portraits("room-closed-organizer")
    await organizer.press("Open again")
    await listener.open(ROOM)
    await expect(listener.button("Join the room").first).to_be_visible(timeout=MS)
    assert found + listener.problems + organizer.problems == []


async def test_a_removed_person_is_told_and_stays_outside(chromium: Browser, server: Server) -> None:
    listener, organizer = await come(chromium, server, MOSUL), await come(chromium, server, ORGANIZER)
    await listener.open(ROOM)
    await listener.press("Join the room")
    await organizer.open(ROOM)
    await organizer.press("Listen only")
    await organizer.open_tab("people")
    row = organizer.page.locator(".people-row", has_text="Attendee in Mosul")
    await row.locator(".icon-button").click(timeout=MS)
    found = await organizer.portraits("room-person-sheet")
    await organizer.press("Remove from the room…")
    await organizer.press("Remove from the room", within=organizer.page.locator("dialog"))
    await expect(listener.page.locator(".gone")).to_be_visible(timeout=MS)
    found += await listener.portraits("room-removed")
    async with listener.forgiving("status of 4"):
        await listener.open(ROOM)
        assert await listener.page.locator(".room").count() == 0
        join = listener.button("Join the room")
        if await join.count():
            await join.first.click()
            await expect(listener.page.locator(".gone")).to_be_visible(timeout=MS)
        found += await listener.portraits("door-removed")
    await organizer.press("Let back in")
    await expect(organizer.button("Let back in")).to_have_count(0, timeout=MS)
    await listener.open(ROOM)
    await listener.press("Join the room")
    await expect(listener.page.locator(".room .actions")).to_be_visible(timeout=MS)
    assert found + listener.problems + organizer.problems == []


async def test_signing_out_everywhere_silences_the_speaker_at_once(chromium: Browser, server: Server) -> None:
    speaker, listener = await come(chromium, server, SPEAKER), await come(chromium, server, MOSUL)
    await speaker.open(ROOM)
    await speaker.press("Join without camera")
    await speaker.until("(await sent()).audio > 5")
    await listener.open(ROOM)
    await listener.press("Join the room")
    await listener.until("Object.values(await received()).some(({ energy }) => energy > 0.001)")
    account = await speaker.tab()
    await account.goto(f"{server.url}/me")
    await account.locator('form[action="/me/sessions/end-all"] button').click()
    began = time.monotonic()
    # The place on stage is kept for a while, as after a power cut; sound is not.
    await listener.until("!Object.keys(await received()).some((key) => key.endsWith('~microphone'))")
    note_figure(
        "speaker silent for others after signing out everywhere, s", round(time.monotonic() - began, 2)
    )
    await expect(speaker.page.locator(".gone")).to_be_visible(timeout=MS)
    await speaker.sees("You were signed out.")
    health = await server.health()
    assert health["media"]["publishers"] == 0
    # Even a client that ignores all this finds no way back.
    async with speaker.forgiving("status of 4"):
        await speaker.press("Try again")
        await expect(speaker.page.locator(".room .actions")).to_have_count(0, timeout=MS)
    assert listener.problems + speaker.problems == []
