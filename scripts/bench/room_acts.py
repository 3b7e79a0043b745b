"""What is done to a running room while a page watches: come in, look elsewhere, kill what carries it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Browser, expect

from conference.media.worker.addresses import socket_of
from conference.media.worker.link import WorkerLink
from scripts.bench.room_page import NOTE_PICTURES, Picture, Switch, pictures, switched, wishes
from tests.browser.hall import SESSION, level_moves
from tests.browser.person import DESK, PHONE, Person, arrive
from tests.world import GRACE, LANGUAGES, Server, running_server, until

_CALM = 1.0  # seconds between two acts, so that the one before has ended
_NEVER = 15.0  # seconds after which a wish counts as not fulfilled


class Room:
    """The demo's opening session on a server with media workers, and the browser its people come with."""

    def __init__(self, browser: Browser, server: Server, workers: int) -> None:
        self.browser = browser
        self.server = server
        self.workers = workers
        self.people: list[Person] = []

    async def come(self, label: str, *, choice: str = "auto") -> Person:
        """To the door of the room, by the personal link."""
        person = await arrive(self.browser, label, LANGUAGES[label], self.server.url)
        self.people.append(person)
        await person.context.add_init_script(NOTE_PICTURES)
        await person.context.add_init_script(f"localStorage.setItem('majlis.viewing', '{choice}')")
        await person.sign_in(self.server.links[label])
        await person.open(f"{SESSION}/room")
        return person

    async def speak(self, label: str) -> Person:
        """On stage with camera and microphone."""
        person = await self.come(label)
        await expect(person.page.locator(".check video")).to_be_visible(timeout=GRACE * 1000)
        await level_moves(person)
        await person.press("Join with camera and microphone")
        await person.until("(await sent()).frames > 10 && (await sent()).audio > 20")
        return person

    async def listen(self, label: str, *, choice: str = "auto") -> Person:
        person = await self.come(label, choice=choice)
        await person.press("Join the room")
        await person.until("pictures.length > 10")
        return person

    async def leave(self, person: Person) -> None:
        self.people.remove(person)
        await person.context.close()


@asynccontextmanager
async def opened_room(browser: Browser, folder: Path, workers: int) -> AsyncIterator[Room]:
    try:
        async with running_server(folder, more=["--media-workers", str(workers)]) as server:
            room = Room(browser, server, workers)
            yield room
            await asyncio.gather(*(person.context.close() for person in room.people))
    finally:
        await _end_workers(folder / "media", workers)


async def _end_workers(folder: Path, workers: int) -> None:
    """They outlive their server for a while, and write into its folder."""
    for index in range(workers):
        link = WorkerLink(socket_of(folder, index), "operator")
        with suppress(OSError):
            await link.connect(GRACE)
            os.kill(link.pid, signal.SIGTERM)
            await link.lost.wait()
        await link.close()


async def joined(person: Person) -> float:
    """Milliseconds from the tap on the room's button to the first frame; the page is loaded before."""
    await person.open(f"{SESSION}/room")
    await expect(person.button("Join the room").first).to_be_visible(timeout=GRACE * 1000)
    await asyncio.sleep(_CALM)
    await person.press("Join the room")
    await person.until("pictures.length > 0")
    first, tapped = (await pictures(person))[0], float(await person.page.evaluate("tapped"))
    await person.page.goto("about:blank")
    return first.at - tapped


async def layer_changed(person: Person, *, larger: bool) -> Switch | None:
    """The window grows or shrinks, and the picture follows. None when it did not within some seconds."""
    before = (await pictures(person))[-1]
    asked, resizes = len(await wishes(person, "ShowTiles")), len(await _resizes(person))
    await person.page.set_viewport_size(DESK if larger else PHONE)  # type: ignore[arg-type]  # a TypedDict of that shape

    async def wish() -> float | None:
        told = (await wishes(person, "ShowTiles"))[asked:]
        return told[0][0] if told else None

    def follows(picture: Picture) -> bool:
        return picture.width > before.width if larger else picture.width < before.width

    at = await until(wish, "the new size is told")
    return await _fulfilled(person, (await _resizes(person))[resizes], at, follows)


async def _resizes(person: Person) -> list[float]:
    return [float(at) for at in await person.page.evaluate("resized")]


async def speaker_changed(viewer: Person, quiet: Person, loud: Person) -> Switch | None:
    """One falls silent and the other speaks; who watches a single picture gets the other's."""
    watched = await _only_picture(viewer)
    asked = len(await wishes(viewer, "ChooseViewing"))
    await quiet.press("Mute")
    await loud.press("Unmute")

    async def wish() -> float | None:
        told = [at for at, text in (await wishes(viewer, "ChooseViewing"))[asked:] if watched not in text]
        return told[0] if told else None

    at = await until(wish, "the other speaker is wished for")
    act = float(await loud.page.evaluate("tapped"))
    return await _fulfilled(viewer, act, at, lambda picture: picture.participant != watched)


async def _only_picture(viewer: Person) -> str:
    """The participant the viewer has wished for, once nothing else is painted."""

    async def alone() -> str | None:
        told, shown = await wishes(viewer, "ChooseViewing"), (await pictures(viewer))[-1].participant
        return shown if told and shown in told[-1][1] else None

    return await until(alone, "the viewer watches whom it has wished for")


async def _fulfilled(
    person: Person, act: float, wish: float, wanted: Callable[[Picture], bool]
) -> Switch | None:
    end = time.monotonic() + _NEVER
    while time.monotonic() < end:
        found = [picture for picture in await pictures(person) if picture.at >= wish and wanted(picture)]
        if found:
            await asyncio.sleep(_CALM)
            return switched(await pictures(person), act, wish, found[0])
        await asyncio.sleep(0.1)
    return None


async def killed(room: Room, viewer: Person) -> float:
    """Milliseconds from SIGKILL of the worker that has the room to the first frame by another."""

    async def whole() -> list[int] | None:
        workers = (await room.server.health())["media"]["workers"]
        there = [worker for worker in workers if worker["state"] == "ready"]
        return [w["worker"] for w in there if w["rooms"]] if len(there) == room.workers else None

    (index,) = await until(whole, "every worker runs, and one has the room")
    await asyncio.sleep(_CALM)
    link = WorkerLink(socket_of(room.server.folder / "media", index), "operator")
    await link.connect(GRACE)
    pid = link.pid
    await link.close()
    track = (await pictures(viewer))[-1].track
    at = time.time() * 1000
    os.kill(pid, signal.SIGKILL)

    async def moves() -> float | None:
        later = [p.at for p in await pictures(viewer) if p.at > at and p.track not in (track, "")]
        return later[0] if later else None

    return await until(moves, "the picture moves again") - at
