"""The demo's opening session with people in it, as the tests of the live room find it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.person import Person, arrive
from tests.media.studio import Relay
from tests.world import EVENT, GRACE, LANGUAGES, SPEAKER, Server, running_server

SESSION = f"/{EVENT}/session/OPEN25"


class Hall:
    """The running server behind a relay for its media, and who has come; `people` by the demo's labels."""

    def __init__(self, browser: Browser, server: Server, relay: Relay) -> None:
        self.browser = browser
        self.server = server
        self.relay = relay
        self.people: dict[str, Person] = {}
        self.findings: list[str] = []

    def __getitem__(self, label: str) -> Person:
        return self.people[label]

    async def come(self, label: str, *, phone: bool = False, path: str = "") -> Person:
        """By the personal link, and on to *path*."""
        person = await arrive(self.browser, label, LANGUAGES[label], self.server.url, phone=phone)
        self.people[label] = person
        await person.sign_in(self.server.links[label])
        if path:
            await person.open(path)
        return person

    async def listen(self, label: str, *, phone: bool = False) -> Person:
        """Into the room without being seen or heard."""
        person = await self.come(label, phone=phone, path=f"{SESSION}/room")
        moderates = label in ("Organizer", "Chair")
        await person.press("Listen only" if moderates else "Join the room")
        await expect(person.page.locator(".room")).to_be_visible(timeout=GRACE * 1000)
        return person

    async def aim(self) -> None:
        """Point the relay at the server's media port, which a restart may have changed."""
        self.relay.target = ("127.0.0.1", int((await self.server.health())["media"]["port"]))

    async def stream(self, source: str, *, seen_by: str, besides: Sequence[str] = ()) -> str:
        """The name `participant~source` of what *seen_by* gets from *source*, once some of it has arrived.

        *besides*: streams of others that do not count.
        """
        measure = "packets" if source == "microphone" else "frames"
        found = await self[seen_by].until(
            f"""(Object.entries(await received()).find(([key, of]) => key.endsWith("~{source}")
                && of.{measure} > 3 && !{json.dumps(list(besides))}.includes(key)) ?? [""])[0]"""
        )
        return str(found)

    async def public_id(self, label: str) -> str:
        data = await self[label].page.evaluate(
            "JSON.parse(document.getElementById('room-data').textContent).account"
        )
        return str(data)

    def complaints(self) -> list[str]:
        """What the browsers complained of since last asked: console errors, foreign hosts, CSP violations."""
        found = [problem for person in self.people.values() for problem in person.problems]
        for person in self.people.values():
            person.problems.clear()
        return found


@asynccontextmanager
async def opened_hall(browser: Browser, folder: Path) -> AsyncIterator[Hall]:
    """The demo, its media going through a relay that can be darkened."""
    relay = Relay("127.0.0.1")
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # once, on a local disk
    config = folder / "majlis.toml"
    config.write_text(f"[media]\npublic_port = {relay.port}\n", encoding="utf-8")
    try:
        async with running_server(folder / "data", config=config) as server:
            hall = Hall(browser, server, relay)
            await hall.aim()
            yield hall
            await asyncio.gather(*(person.context.close() for person in hall.people.values()))
            assert "Traceback" not in server.log, server.log[-6000:]
    finally:
        relay.close()


async def take_the_stage(hall: Hall, *, camera: bool = True, pictures: bool = False) -> Person:
    """The speaker's way: personal link, event, session, one tap, the device check, the stage.

    *pictures*: the door is looked at on the way.
    """
    speaker = await hall.come(SPEAKER)
    await speaker.page.locator(f'main a[href="{SESSION}"]').first.click()
    await speaker.page.wait_for_url(f"**{SESSION}")
    await speaker.page.get_by_role("link", name=speaker.says("Enter the room")).click()
    await expect(speaker.page.locator(".check video")).to_be_visible(timeout=GRACE * 1000)
    await level_moves(speaker)
    await speaker.sees("Your microphone works.")
    if pictures:
        hall.findings += await speaker.portraits("door-presenter")
    await speaker.press("Join with camera and microphone" if camera else "Join without camera")
    await expect(speaker.page.locator(".tile")).to_be_visible(timeout=GRACE * 1000)
    await speaker.until("(await sent()).audio > 20")
    return speaker


async def level_moves(person: Person) -> None:
    """The level meter is up at one moment and down at another: it follows the voice."""
    level = "Number(document.querySelector('.level-bar').style.getPropertyValue('--level'))"
    await person.until(f"{level} > 0.2")
    highest = float(await person.page.evaluate(level))
    await person.until(f"Math.abs({level} - {highest}) > 0.05")
