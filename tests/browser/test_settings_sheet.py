"""One's own connection: what was chosen holds, a hidden page asks for no pictures, a try is kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.hall import SESSION, Hall, opened_hall, take_the_stage
from tests.world import BASRA, EVENT, GRACE, MOSUL, ORGANIZER, until

MS = GRACE * 1000
# What a try may find: how fast sound and data go on a busy machine is not judged here.
GOOD = (
    "Good for sound and pictures.",
    "Good for sound and small pictures.",
    "Good for sound, too weak for pictures.",
)
CAMERA = "Object.keys(await received()).some((key) => key.endsWith('~camera'))"
SEEN = "Object.entries(await received()).some(([key, { frames }]) => key.endsWith('~camera') && frames > 3)"
HEARD = "Object.values(await received()).some(({ energy }) => energy > 0.001)"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """A speaker is on stage with camera and microphone, and somebody in Mosul watches on a telephone."""
    async with opened_hall(chromium, tmp_path_factory.mktemp("settings")) as hall:
        await take_the_stage(hall)
        person = await hall.listen(MOSUL, phone=True)
        await person.until(SEEN)
        yield hall


async def test_sound_only_is_remembered_on_the_device(hall: Hall) -> None:
    person = hall[MOSUL]
    await person.page.evaluate("localStorage.setItem('majlis.viewing', 'sound')")
    await person.page.reload()
    await person.press("Join the room")
    await person.until(HEARD)
    assert not await person.page.evaluate(f"(async () => {CAMERA})()")
    await person.page.evaluate("localStorage.removeItem('majlis.viewing')")
    await person.page.reload()
    await person.press("Join the room")
    await person.until(SEEN)


async def test_a_hidden_page_asks_for_no_pictures_and_sound_goes_on(hall: Hall) -> None:
    person = hall[MOSUL]
    told: list[str] = []
    wire = await person.context.new_cdp_session(person.page)
    await wire.send("Network.enable")
    wire.on("Network.webSocketFrameSent", lambda event: told.append(event["response"]["payloadData"]))
    hide = """(hidden) => {
      const value = hidden ? "hidden" : "visible";
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await person.page.evaluate(hide, True)

    async def says(*parts: str) -> bool:
        return any(all(part in said for part in parts) for said in told)

    await until(lambda: says('"ShowTiles"', '"tiles":[]'), "the server is told that nothing is looked at")
    energy = "Math.max(0, ...Object.values(await received()).map(({ energy }) => energy))"
    before = await person.page.evaluate(f"(async () => {energy})()")
    await person.until(f"{energy} > {before}")
    told.clear()
    await person.page.evaluate(hide, False)
    await until(lambda: says('"source":"camera"'), "the camera is asked for again")
    await wire.detach()


PLAYS_ON = "Object.values(await received()).some(({ frames }) => frames > before + 5)"
MOST_FRAMES = "Math.max(0, ...Object.values(await received()).map(({ frames }) => frames))"


@pytest.mark.parametrize(
    "happening",
    [
        # The clock of a device that was closed for a while has gone on without its pages.
        "Date.now = ((real) => () => real.call(Date) + 600_000)(Date.now)",
        """Object.defineProperty(navigator.connection, "type", { value: "cellular", configurable: true });
        navigator.connection.dispatchEvent(new Event("change"))""",
    ],
    ids=["sleep", "another network"],
)
async def test_after_sleep_and_on_another_network_the_room_goes_on_by_itself(
    hall: Hall, happening: str
) -> None:
    person = hall[MOSUL]
    sockets: list[object] = []
    person.page.on("websocket", lambda socket: sockets.append(socket))
    await person.page.evaluate("window.sameLife = window.made = connections().length")
    await person.page.evaluate(happening)

    async def begun_anew() -> bool:
        return bool(sockets)

    await until(begun_anew, "the line that looks whole is not trusted")
    before = await person.page.evaluate(f"(async () => {MOST_FRAMES})()")
    await person.until(PLAYS_ON.replace("before", str(before)))
    # There again, well or (where everything runs on a busy machine) weakly.
    there = ":is([data-quality=good], [data-quality=weak])"
    await expect(person.page.locator(f".status-link{there}")).to_be_visible(timeout=MS)
    assert await person.page.evaluate("window.sameLife"), "it had to be loaded anew"


async def test_the_screen_stays_on_while_there_is_something_to_see(hall: Hall) -> None:
    person = hall[MOSUL]
    await person.context.add_init_script(
        """window.locks = [];
        const real = navigator.wakeLock.request.bind(navigator.wakeLock);
        navigator.wakeLock.request = async (kind) => {
          const lock = await real(kind);
          window.locks.push(lock);
          return lock;
        };"""
    )
    await person.page.reload()
    await person.press("Join the room")
    await person.until(SEEN)
    await person.until("locks.some((lock) => lock.type === 'screen' && !lock.released)")
    await person.press("Settings")
    await person.page.locator("input[name=quality][value=sound]").check()
    await person.press("Done")
    await person.until("locks.every((lock) => lock.released)")
    await person.press("Settings")
    await person.page.locator("input[name=quality][value=auto]").check()
    await person.press("Done")
    await person.until("locks.some((lock) => !lock.released)")


async def test_the_picture_can_float_over_other_programs(hall: Hall) -> None:
    person = hall[MOSUL]
    await person.until(SEEN)
    await person.press("Settings")
    await person.press("Keep the picture in a small window")
    await person.until("document.pictureInPictureElement?.readyState >= 2")
    before = await person.page.evaluate(f"(async () => {MOST_FRAMES})()")
    await person.until(PLAYS_ON.replace("before", str(before)))
    await person.page.evaluate("document.exitPictureInPicture()")
    await person.until("!document.querySelector('.picture-window')")


async def test_a_connection_is_tried_out_at_the_door_and_the_organizers_see_it(hall: Hall) -> None:
    visitor = await hall.come(BASRA, phone=True, path=f"{SESSION}/room")
    await visitor.press("Try out the connection")
    verdict = visitor.page.locator(".notice strong", has_text=re.compile("|".join(map(visitor.says, GOOD))))
    await expect(verdict).to_be_visible(timeout=MS)
    told = await verdict.inner_text()
    meaning = next(text for text in GOOD if visitor.says(text) == told)
    found = await visitor.portraits("door-link-tried")
    organizer = await hall.come(ORGANIZER, path=f"/{EVENT}/organize/connections")
    page = organizer.page.locator("main")
    await expect(page).to_contain_text(organizer.says(meaning), timeout=MS)
    await expect(page.locator("li[data-state]", has_text="Speaker A").first).to_be_visible(timeout=MS)
    found += await organizer.portraits("organize-connections", full=True)
    assert found + hall.complaints() == []
