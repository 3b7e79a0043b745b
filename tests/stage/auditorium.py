"""A live room for tests: the seminar's people with a real hub, a real media engine and real sockets.

Zainab chairs the event, Ali and Sara attend, Omar speaks in the morning session, Huda moderates the evening.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection

from conference.agenda.releasing.releasing import release_draft
from conference.clock import Clock
from conference.live.channels import stage_channel
from conference.live.commands import Caller, Identity
from conference.live.commands import Place as LivePlace
from conference.live.elsewhere import Elsewhere
from conference.live.snapshot import SnapshotPart
from conference.media.engine import EngineSettings, SubscribeOffer
from conference.media.local_engine import LocalEngine
from conference.media.turn import NO_TURN, TurnSettings
from conference.people.grants import grant_role
from conference.people.live import NotificationDesk
from conference.people.notifications import bell
from conference.people.permissions import TABLE, Capability, Role
from conference.stage.beside import Beside
from conference.stage.commands import stage_commands
from conference.stage.connections_live import ConnectionDesk
from conference.stage.enforcing import Enforcer
from conference.stage.hands_live import HandDesk
from conference.stage.ingest import Machines
from conference.stage.live import StageDesk
from conference.stage.media_live import MediaDesk
from conference.stage.media_news import MediaNews
from conference.stage.mood_live import MoodDesk
from conference.stage.obeying import Obeying
from conference.stage.rooms import Rooms
from conference.stage.standing import Place, Standing, standing_of
from conference.storage.database import Database, Transaction
from tests.live import seminar
from tests.live.seminar import MORNING, Seminar, Tab, account_id
from tests.media.peer import Publisher, Watcher

MORNING_ROOM = Place(event_id=1, session_id=1, code=MORNING)


def furnish(tx: Transaction, clock: Clock) -> None:
    """The seminar's people and its sessions, released, and Omar as a speaker of the morning."""
    seminar.furnish(tx, clock)
    release_draft(tx, 1, by=None, at=clock.now(), sender=None)
    grant_role(tx, account_id("omar"), 1, Role.SPEAKER, 1, now=clock.now())


def admit(rows: Connection, identity: Identity, place: LivePlace, connection_id: str) -> Caller:
    """As at the seminar, and into the channel of those who speak (`stage.admitting` is tested by itself)."""
    caller = seminar.admit(rows, identity, place, connection_id)
    if not caller.session_code or not caller.roles & TABLE[Capability.TAKE_FLOOR]:
        return caller
    channels = (*caller.channels, stage_channel(caller.session_code))
    return msgspec.structs.replace(caller, channels=channels)


class Auditorium:
    """The running server, and what a test looks into or turns."""

    def __init__(
        self, server: Seminar, database: Database, engine: LocalEngine, rooms: Rooms, enforcer: Enforcer
    ) -> None:
        self.server = server
        self.database = database
        self.engine = engine
        self.rooms = rooms
        self.enforcer = enforcer

    async def standing(self, name: str) -> Standing:
        """Where the database says that *name* stands in the morning session."""
        return await self.database.read(lambda rows: standing_of(rows, 1, account_id(name)))


@asynccontextmanager
async def auditorium(
    database: Database, clock: Clock, turn: TurnSettings = NO_TURN, elsewhere: Elsewhere | None = None
) -> AsyncIterator[Auditorium]:
    """With *elsewhere* one of several servers on the database."""
    rooms = Rooms()
    news = MediaNews(rooms)
    engine = LocalEngine(EngineSettings(host="127.0.0.1"), news)
    enforcer = Enforcer(
        database=database, clock=clock, engine=engine, rooms=rooms, news=news, max_publishers=4, max_viewers=4
    )
    machines = Machines(database=database, clock=clock, engine=engine, rooms=rooms, enforcer=enforcer)
    desk = StageDesk(
        database=database, clock=clock, rooms=rooms, enforcer=enforcer, machines=machines, turn=turn
    )
    media = MediaDesk(
        database=database, clock=clock, engine=engine, rooms=rooms, enforcer=enforcer, news=news
    )
    parts = [SnapshotPart("stage", desk.snapshot, always=True), SnapshotPart("notifications", bell)]
    # A round of the mood every few milliseconds: how often is for the rules, not for these tests.
    mood = MoodDesk(database, clock, rooms, news, monotonic=lambda: clock.now().timestamp(), seconds=0.01)
    commands = [
        *stage_commands(desk, media),
        *HandDesk(database, clock, rooms, enforcer).commands(),
        *ConnectionDesk(rooms, engine).commands(),
        *NotificationDesk(database, clock).commands(),
        *mood.commands(),
    ]
    hooks: dict[str, Any] = {"on_enter": [desk.entered], "on_leave": [desk.left], "elsewhere": elsewhere}
    beside = Beside(database, clock, rooms, seconds=0.02)
    if elsewhere is not None:
        elsewhere.listeners.append(Obeying(database, rooms, enforcer).heard)
        await beside.start()
    await engine.start()
    await enforcer.start()
    await mood.start()
    async with seminar.running(database, clock, commands, parts, admission=admit, **hooks) as server:
        news.teller = server.hub
        try:
            yield Auditorium(server, database, engine, rooms, enforcer)
        finally:
            if elsewhere is not None:
                await beside.close()
            await mood.close()
            await enforcer.close()
            await engine.close()


class Signalling:
    """The engine's publish and subscribe as a browser reaches them: by live commands of one tab."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    async def publish(self, _room: str, _name: str, sdp: str, tracks: dict[str, str]) -> str:
        return str((await done(self._tab, "PublishMedia", sdp=sdp, sources=tracks))["sdp"])

    async def subscribe(self, _room: str, _name: str) -> SubscribeOffer:
        offer = await done(self._tab, "SubscribeMedia")
        return SubscribeOffer(offer["version"], offer["sdp"])

    async def subscribe_answer(self, _room: str, _name: str, version: int, sdp: str) -> None:
        await done(self._tab, "AnswerMedia", version=version, sdp=sdp)


async def done(tab: Tab, kind: str, **body: Any) -> Any:
    """The reply to a command that must be taken."""
    answer = await tab.command(kind, **body)
    assert "error" not in answer, answer
    return answer["reply"]


async def refused(tab: Tab, kind: str, **body: Any) -> str:
    """The code of the refusal of a command that must not be taken."""
    answer = await tab.command(kind, **body)
    assert "error" in answer, answer
    assert answer["error"]["message"], "a refusal says why"
    return str(answer["error"]["code"])


async def publishing(tab: Tab, sources: tuple[str, ...] = ("microphone", "camera")) -> Publisher:
    """A browser's publish connection, sending."""
    publisher = Publisher(sources)
    await publisher.publish(Signalling(tab), MORNING, tab.name)
    return publisher


async def watching(tab: Tab) -> Watcher:
    """A browser's subscribe connection, which answers the server's offers."""
    watcher = Watcher()
    await watcher.subscribe(Signalling(tab), MORNING, tab.name)
    answers: set[asyncio.Task[Any]] = set()

    def offered(message: dict[str, Any]) -> None:
        if message["type"] == "MediaOffered":
            answer = watcher.answer(message["sdp"])
            answers.add(
                asyncio.ensure_future(tab.command("AnswerMedia", version=message["version"], sdp=answer))
            )
        tab.ephemeral.append(message)

    tab.sio.on("ephemeral", offered)
    return watcher


def participant(tab: Tab) -> str:
    return str(tab.state["snapshot"]["stage"]["participant"])
