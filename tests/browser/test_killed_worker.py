"""A media worker is killed in the middle of a talk: the tabs come back by themselves, on another worker."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Browser

from conference.media.worker.addresses import socket_of
from conference.media.worker.link import WorkerLink
from tests.browser.hall import SESSION, Hall
from tests.world import GRACE, MOSUL, SPEAKER, Server, running_server, until

# The sound that is heard: `participant~source~unique`, another one for each connection.
TRACKS = """connections().flatMap((one) => one.getReceivers()).map(({ track }) => track)
    .filter(({ kind, readyState }) => kind === "audio" && readyState === "live").map(({ id }) => id)"""


async def kill_the_worker_with_rooms(server: Server) -> None:
    """`kill -9` to the process that listens at the socket of the worker that has a room."""
    workers = (await server.health())["media"]["workers"]
    (index,) = [worker["worker"] for worker in workers if worker["rooms"]]
    link = WorkerLink(socket_of(server.folder / "media", index), "operator")
    await link.connect(GRACE)
    os.kill(link.pid, signal.SIGKILL)
    await link.close()


async def test_speaker_and_listener_come_back_by_another_worker_and_the_dead_one_is_replaced(
    chromium: Browser, tmp_path: Path
) -> None:
    async with running_server(tmp_path / "data", more=["--media-workers", "2"]) as server:
        hall = Hall(chromium, server, cast(Any, None))  # media go straight to the workers
        speaker = await hall.come(SPEAKER, path=f"{SESSION}/room")
        await speaker.press("Join without camera")
        await speaker.until("(await sent()).audio > 20")
        listener = await hall.listen(MOSUL)
        voice = await hall.stream("microphone", seen_by=MOSUL)
        before = await listener.page.evaluate(TRACKS)
        for person in (speaker, listener):
            await person.page.evaluate("window.sameVisit = true")

        await kill_the_worker_with_rooms(server)

        await listener.until(f"({TRACKS}).some((id) => !{before!r}.includes(id))")
        await listener.until(f"(await received())[{voice!r}]?.energy > 0")
        for person in (speaker, listener):
            assert await person.page.evaluate("window.sameVisit === true"), person.name

        async def both_are_there() -> bool:
            workers = (await server.health())["media"]["workers"]
            return [worker["state"] for worker in workers] == ["ready", "ready"]

        await until(both_are_there, "the dead worker was started again")
        for person in (speaker, listener):
            await person.context.close()
        assert await server.stop() == 0
