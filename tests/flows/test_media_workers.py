"""Sound and picture outlive the server: it is killed in the middle of a call and another takes over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from conference.media.engine import SubscribeOffer
from tests.flows.visitor import LiveSocket, Visitor, sign_in_by_link
from tests.media.peer import Publisher, Watcher
from tests.media.peer import until as reached
from tests.world import CHAIR, GRACE, MOSUL, SPEAKER, Server, running_server, until

SESSION = "OPEN25"


async def done(tab: LiveSocket, kind: str, **body: Any) -> Any:
    answer = await tab.command(kind, **body)
    assert "error" not in answer, answer
    return answer["reply"]


class Signalling:
    """The engine as a browser reaches it: by commands of its live connection."""

    def __init__(self, tab: LiveSocket) -> None:
        self._tab = tab

    async def publish(self, _room: str, _name: str, sdp: str, tracks: dict[str, str]) -> str:
        return str((await done(self._tab, "PublishMedia", sdp=sdp, sources=tracks))["sdp"])

    async def subscribe(self, _room: str, _name: str) -> SubscribeOffer:
        offer = await done(self._tab, "SubscribeMedia")
        return SubscribeOffer(offer["version"], offer["sdp"])

    async def subscribe_answer(self, _room: str, _name: str, version: int, sdp: str) -> None:
        await done(self._tab, "AnswerMedia", version=version, sdp=sdp)


@asynccontextmanager
async def in_the_room(visitor: Visitor) -> AsyncIterator[tuple[LiveSocket, dict[str, Any]]]:
    async with visitor.socket() as tab:
        yield tab, await tab.enter(SESSION)


async def watching(tab: LiveSocket) -> Watcher:
    """A subscribe connection that answers the server's offers for as long as the tab is there."""
    watcher = Watcher()
    await watcher.subscribe(Signalling(tab), SESSION, "")
    answering: set[asyncio.Task[Any]] = set()

    def offered(message: dict[str, Any]) -> None:
        if message["type"] == "MediaOffered":
            answer = watcher.answer(message["sdp"])
            task = asyncio.ensure_future(tab.command("AnswerMedia", version=message["version"], sdp=answer))
            answering.add(task)

    for message in list(tab.told):
        offered(message)
    tab.sio.on("ephemeral", offered)
    return watcher


async def flows(watcher: Watcher, track: str) -> None:
    await reached(lambda: track in watcher.received, GRACE, f"{track} is offered")
    before = len(watcher.received[track].packets)
    await reached(lambda: len(watcher.received[track].packets) > before + 10, GRACE, f"{track} flows")


async def is_silent(publisher: Publisher, watcher: Watcher, track: str) -> None:
    """The other source goes on meanwhile, so that silence is not a broken line."""
    participant = track.partition("~")[0]
    await flows(watcher, f"{participant}~camera")  # whatever was on its way has come
    before, sent = len(watcher.received[track].packets), publisher.sent["microphone"]
    await reached(lambda: publisher.sent["microphone"] > sent + 30, GRACE)
    await flows(watcher, f"{participant}~camera")
    assert len(watcher.received[track].packets) == before


async def worker_port(server: Server) -> int:
    (worker,) = (await server.health())["media"]["workers"]
    assert worker["state"] == "ready"
    return int(worker["port"])


async def test_a_killed_server_interrupts_no_call_and_the_next_one_takes_it_over(tmp_path: Path) -> None:
    async with running_server(tmp_path, more=["--media-workers", "1"]) as server:
        chair, speaker, listener = [
            await sign_in_by_link(server, server.links[label]) for label in (CHAIR, SPEAKER, MOSUL)
        ]
        port = await worker_port(server)
        async with (
            in_the_room(chair) as (desk, _),
            in_the_room(speaker) as (stage, entered),
            in_the_room(listener) as (seat, seated),
        ):
            on_stage, participant = entered["me"]["id"], entered["me"]["connection"]
            watcher = await watching(seat)
            await done(stage, "TakeFloor")
            publisher = Publisher()
            await publisher.publish(Signalling(stage), SESSION, "")
            sound, picture = (f"{participant}~{source}" for source in ("microphone", "camera"))
            await flows(watcher, sound)
            await flows(watcher, picture)
            await done(desk, "StopSource", person=on_stage, source="microphone")
            await is_silent(publisher, watcher, sound)
            server.kill()
            await is_silent(publisher, watcher, sound)

        await server.start()
        assert await worker_port(server) == port, "the same worker goes on"
        media = (await server.health())["media"]
        assert (media["rooms"], media["publishers"], media["viewers"]) == (1, 1, 1)
        async with (
            in_the_room(chair) as (desk, back),
            in_the_room(speaker) as (stage, _),
            in_the_room(listener) as (seat, _),
        ):
            shown = {person["person"]: person for person in back["snapshot"]["stage"]["people"]}
            assert [each["participant"] for each in shown[on_stage]["participants"]] == [participant]
            stolen = await done(seat, "ResumeTab", participant=participant)
            assert not stolen["kept"], "somebody else's media are not to be had"
            assert (await done(stage, "ResumeTab", participant=participant))["kept"]
            assert (await done(seat, "ResumeTab", participant=seated["me"]["connection"]))["kept"]
            await is_silent(publisher, watcher, sound)
            await done(desk, "AllowSource", person=on_stage, source="microphone")
            await flows(watcher, sound)
            await done(desk, "SendToAudience", person=on_stage)

            async def nobody_publishes() -> bool:
                return bool((await server.health())["media"]["publishers"] == 0)

            await until(nobody_publishes, "the new server's word counts")
        await publisher.close(goodbye=False)
        await watcher.close(goodbye=False)
        assert await server.stop() == 0
