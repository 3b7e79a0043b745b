"""A small world for live tests: one event, two sessions, five people, and a real server on a real port.

Zainab   chairs the event            Ali, Sara   attend
Omar     has an account, nothing more; Huda moderates the second session only
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import aiohttp
import msgspec
import socketio
from aiohttp import web
from sqlalchemy import Connection, insert, select

from conference.agenda.tables import event, room, session
from conference.clock import Clock
from conference.errors import NotFound
from conference.live.channels import (
    desk_channel,
    event_channel,
    event_desk_channel,
    person_channel,
    session_channel,
)
from conference.live.commands import Admit, Caller, Commands, Identity, LiveCommand, Place
from conference.live.counters import Counters
from conference.live.hub import Hub
from conference.live.pages import LivePages
from conference.live.snapshot import SnapshotPart
from conference.live.tickets import Tickets
from conference.people.permissions import Capability, Role, Scope, require, roles_in
from conference.people.tables import account, grant
from conference.settings import LiveSettings, load_settings
from conference.storage.database import Database, Transaction

MORNING, EVENING = "MORN01", "EVEN01"  # the codes of the two sessions
PEOPLE = ("zainab", "ali", "sara", "omar", "huda")
DESK = frozenset({Role.CHAIR, Role.MODERATOR, Role.ORGANIZER})
GRACE = 120.0  # seconds any condition may take on a busy machine

_numbers = itertools.count(1)


def new_id() -> str:
    """A client id, as browsers make them (the version does not matter to the server)."""
    return str(uuid.UUID(int=(next(_numbers) << 64) | uuid.uuid4().int >> 64))


def furnish(tx: Transaction, clock: Clock) -> None:
    """Put the people, the event, its sessions and the roles into an empty database."""
    rows, now = tx.connection, clock.now()
    for name in PEOPLE:
        rows.execute(
            insert(account).values(
                public_id=f"{name}-public-id", email=f"{name}@example.org", name=name.title(), created_at=now
            )
        )
    day = date(2025, 10, 25)
    rows.execute(
        insert(event).values(
            slug="karbala", title={"en": "Karbala"}, zone="Asia/Baghdad", starts=day, ends=day,
            created_at=now, changed_at=now,
        )
    )  # fmt: skip
    rows.execute(insert(room).values(event_id=1, slug="a", name={"en": "Hall A"}, position=1))
    for code in (MORNING, EVENING):
        rows.execute(
            insert(session).values(
                event_id=1, code=code, guid=code, title={"en": code}, starts_at=now, minutes=60,
                created_at=now, changed_at=now,
            )
        )  # fmt: skip
    roles = [("zainab", Role.CHAIR, None), ("ali", Role.ATTENDEE, None), ("sara", Role.ATTENDEE, None)]
    for name, role, where in [*roles, ("huda", Role.MODERATOR, 2)]:
        rows.execute(
            insert(grant).values(
                account_id=account_id(name), event_id=1, session_id=where, role=role, granted_at=now
            )
        )


def account_id(name: str) -> int:
    return PEOPLE.index(name) + 1


def admit(rows: Connection, identity: Identity, place: Place, connection_id: str) -> Caller:
    """Who may enter which place: by the product's own permission table."""
    scope = _scope_of(rows, place)
    in_room = place.kind == "session"
    require(rows, identity.account_id, Capability.ENTER_ROOM if in_room else Capability.SEE_EVENT, scope)
    person = rows.execute(select(account).where(account.c.id == identity.account_id)).one()
    roles = roles_in(rows, identity.account_id, scope)
    assert scope.event_id is not None
    room, desk = event_channel(scope.event_id), event_desk_channel(scope.event_id)
    if in_room:
        room, desk = session_channel(place.name), desk_channel(place.name)
    channels = [room, person_channel(person.public_id)]
    return Caller(
        account_id=person.id, public_id=person.public_id, name=person.name, language=identity.language,
        connection_id=connection_id, scope=scope, session_code=place.name if in_room else "", roles=roles,
        channels=(*channels, desk) if roles & DESK else tuple(channels),
    )  # fmt: skip


def _scope_of(rows: Connection, place: Place) -> Scope:
    if place.kind == "event":
        found = rows.execute(select(event.c.id).where(event.c.slug == place.name)).scalar()
        if found is None:
            raise NotFound("There is no such event.")
        return Scope(event_id=found)
    here = rows.execute(
        select(session.c.id, session.c.event_id).where(session.c.code == place.name)
    ).one_or_none()
    if here is None:
        raise NotFound("There is no such session.")
    return Scope(event_id=here.event_id, session_id=here.id)


def permit(rows: Connection, caller: Caller, capability: Any) -> None:
    require(
        rows,
        caller.account_id,
        capability,
        Scope(event_id=caller.event_id, session_id=caller.scope.session_id),
    )


def live_settings(**changed: Any) -> LiveSettings:
    return msgspec.structs.replace(load_settings().live, **changed)


class Seminar:
    """The running server: `hub`, `url`, and ways in for each person."""

    def __init__(self, hub: Hub, tickets: Tickets, url: str) -> None:
        self.hub = hub
        self.tickets = tickets
        self.url = url

    def ticket(self, name: str, *, browser_session_id: int = 1, language: str = "en") -> str:
        return self.tickets.issue(Identity(account_id(name), browser_session_id, language))


@asynccontextmanager
async def running(
    database: Database,
    clock: Clock,
    commands: Sequence[LiveCommand] = (),
    parts: Sequence[SnapshotPart] = (),
    *,
    settings: LiveSettings | None = None,
    port: int = 0,
    more: Callable[[web.Application], None] = lambda app: None,
    admission: Admit = admit,
    **hooks: Any,
) -> AsyncIterator[Seminar]:
    """A server on *port* (0: the system's choice) until the block ends; *more* adds routes of a test.

    *admission* decides who comes in where; the product's is `stage.admitting`.
    """
    settings, counters = settings or live_settings(), Counters()
    tickets = Tickets(clock, settings.ticket_seconds)
    table = Commands(commands, database=database, permit=permit, counters=counters)
    origins: set[str] = set()
    hub = Hub(
        settings=settings, origins=origins, database=database, tickets=tickets, admit=admission,
        commands=table, parts=parts, counters=counters, **hooks,
    )  # fmt: skip

    def identify(request: web.Request) -> Identity | None:
        name = request.cookies.get("name", "")
        if name.isdigit():
            return Identity(int(name), 1, "en")
        return Identity(account_id(name), 1, "en") if name in PEOPLE else None

    pages = LivePages(
        settings=settings, database=database, tickets=tickets, commands=table, identify=identify,
        admit=admission, counters=counters,
    )  # fmt: skip
    app = web.Application()
    app.router.add_get("/live/socket/", hub.sockets.handle)
    app.router.add_post("/live/ticket", pages.ticket)
    app.router.add_post("/live/command", pages.command)
    more(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    origins.add(url)
    await hub.start()
    try:
        yield Seminar(hub, tickets, url)
    finally:
        await hub.close()
        await runner.cleanup()


class Tab:
    """One browser tab, by python-socketio's own client, that notes what it is told.

    *code* is a session's; a slug of an event begins with ``/``.
    """

    def __init__(self, seminar: Seminar, name: str, code: str) -> None:
        self.seminar, self.name, self.code = seminar, name, code
        self.sio = socketio.AsyncClient(reconnection=False)
        self.events: list[dict[str, Any]] = []
        self.ephemeral: list[dict[str, Any]] = []
        self.closed: list[dict[str, Any]] = []
        self.resyncs = 0
        self.state: dict[str, Any] = {}
        self.sio.on("event", self.events.append)
        self.sio.on("ephemeral", self.ephemeral.append)
        self.sio.on("closed", self.closed.append)
        self.sio.on("resync", self._resync)

    def _resync(self, _body: object) -> None:
        self.resyncs += 1

    async def connect(self, ticket: str | None = None, origin: str | None = None) -> None:
        await self.sio.connect(
            self.seminar.url,
            headers={"Origin": origin or self.seminar.url},
            auth={"ticket": ticket or self.seminar.ticket(self.name)},
            transports=["websocket"],
            socketio_path="/live/socket",
        )

    async def enter(self, last: dict[str, int] | None = None) -> dict[str, Any]:
        place = {"event": self.code[1:]} if self.code.startswith("/") else {"session": self.code}
        self.state = await self.sio.call("enter", {**place, "last": last or {}}, timeout=GRACE)
        return self.state

    async def command(self, kind: str, client_id: str | None = None, **body: Any) -> dict[str, Any]:
        message = {"client_id": client_id or new_id(), "type": kind, **body}
        reply: dict[str, Any] = await self.sio.call("command", message, timeout=GRACE)
        return reply

    async def catch_up(self, channel: str, after: int) -> dict[str, Any]:
        reply: dict[str, Any] = await self.sio.call(
            "catch_up", {"channel": channel, "after": after}, timeout=GRACE
        )
        return reply

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]


@asynccontextmanager
async def tab(seminar: Seminar, name: str, code: str = MORNING, *, enter: bool = True) -> AsyncIterator[Tab]:
    """*name*'s browser in the room of *code*."""
    one = Tab(seminar, name, code)
    await one.connect()
    try:
        if enter:
            await one.enter()
        yield one
    finally:
        await one.sio.disconnect()


async def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds; fail after `GRACE` seconds."""
    async with asyncio.timeout(GRACE):
        while not condition():  # noqa: ASYNC110  # conditions of any kind, some outside this process
            await asyncio.sleep(0.01)


class RawSocket:
    """A websocket without a client library: every frame, byte by byte."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[str] = []

    async def receive(self, start: str) -> str:
        """The next text frame that begins with *start*; all are kept in `frames`."""
        async with asyncio.timeout(GRACE):
            while True:
                message = await self.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise ConnectionError(f"closed: {message.type} {message.data}")
                if message.data == "2":
                    await self.socket.send_str("3")
                    continue
                self.frames.append(message.data)
                if message.data.startswith(start):
                    return str(message.data)

    async def log_in(self, seminar: Seminar, name: str) -> None:
        await self.receive("0")
        await self.socket.send_str('40{"ticket":"' + seminar.ticket(name) + '"}')
        await self.receive("40")

    async def call(self, event_name: str, body: dict[str, Any], number: int = 1) -> Any:
        text = msgspec.json.encode([event_name, body]).decode()
        await self.socket.send_str(f"42{number}{text}")
        answer = await self.receive(f"43{number}[")
        return msgspec.json.decode(answer.removeprefix(f"43{number}"))[0]

    async def closed(self) -> None:
        """Wait until the server has hung up."""
        await self.until_closed()

    async def until_closed(self) -> list[str]:
        """Everything that still comes before the server hangs up."""
        rest: list[str] = []
        async with asyncio.timeout(GRACE):
            while (message := await self.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                rest.append(message.data)
        self.frames += rest
        return rest


@asynccontextmanager
async def raw_socket(seminar: Seminar, **headers: str) -> AsyncIterator[RawSocket]:
    """A bare websocket to the live address, with our Origin unless *headers* say otherwise."""
    url = f"{seminar.url}/live/socket/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(url, headers=headers or {"Origin": seminar.url}) as socket:
            yield RawSocket(socket)
