"""The HTTPS edge of the live channel: tickets, and durable commands when no socket can be opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from conference.errors import N_, BadInput, NotSignedIn, TooMany
from conference.live.commands import Admit, Caller, Commands, Identity, Place
from conference.live.counters import Counters
from conference.live.rate import Bucket
from conference.live.tickets import Tickets
from conference.settings import LiveSettings
from conference.storage.database import Database

# Who sends a request, by its cookie; given by app.py.
Identify = Callable[[web.Request], Identity | None]


class LivePages:
    """`POST /live/ticket` and `POST /live/command`; both stand behind the form-token protection."""

    def __init__(
        self,
        *,
        settings: LiveSettings,
        database: Database,
        tickets: Tickets,
        commands: Commands,
        identify: Identify,
        admit: Admit,
        counters: Counters,
        admit_outside: Admit | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._tickets = tickets
        self._commands = commands
        self._identify = identify
        self._admit = admit
        self._admit_outside = admit_outside or admit
        self._counters = counters
        self._buckets: dict[int, Bucket] = {}

    async def ticket(self, request: web.Request) -> web.Response:
        """A join ticket for the signed-in visitor: `{"ticket": …}`."""
        identity = self._signed_in(request)
        self._slow_down(identity)
        return _json({"ticket": self._tickets.issue(identity)})

    async def command(self, request: web.Request) -> web.Response:
        """One durable command, `{session | event, client_id, type, …}`: acknowledged as on the socket."""
        identity = self._signed_in(request)
        self._slow_down(identity)
        return _json(await self._run(identity, await self._body(request)))

    async def carry_out(self, request: web.Request, message: dict[str, Any]) -> dict[str, Any]:
        """The same for a page's plain form, whose handler has put *message* together and shows the answer."""
        identity = self._signed_in(request)
        self._slow_down(identity)
        return await self._run(identity, message)

    async def _run(self, identity: Identity, message: dict[str, Any]) -> dict[str, Any]:
        place = Place.named(message.pop("session", None), message.pop("event", None))
        admit = self._admit_outside if self._commands.from_outside(message) else self._admit
        caller: Caller = await self._database.read(lambda rows: admit(rows, identity, place, ""))
        return await self._commands.run(caller, message, durable_only=True)

    def _signed_in(self, request: web.Request) -> Identity:
        identity = self._identify(request)
        if identity is None:
            raise NotSignedIn(N_("Please sign in first."))
        return identity

    async def _body(self, request: web.Request) -> dict[str, Any]:
        malformed = BadInput(N_("The message could not be understood."), code="live.malformed")
        if (request.content_length or 0) > self._settings.max_message_bytes:
            raise malformed
        text = bytearray()
        async for part in request.content.iter_any():
            text += part
            if len(text) > self._settings.max_message_bytes:
                raise malformed
        try:
            return msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise malformed from error

    def _slow_down(self, identity: Identity) -> None:
        if len(self._buckets) > 10_000:  # full buckets remember nothing worth keeping
            self._buckets.clear()
        bucket = self._buckets.get(identity.account_id)
        if bucket is None:
            monotonic = asyncio.get_running_loop().time
            limits = self._settings
            bucket = Bucket(limits.commands_per_second, limits.command_burst, monotonic)
            self._buckets[identity.account_id] = bucket
        if not bucket.take():
            self._counters.limited += 1
            raise TooMany(N_("That was very fast. Wait a moment."), retry_after=1, code="live.too-fast")


LIVE_PAGES: web.AppKey[LivePages] = web.AppKey("live_pages", LivePages)


def _json(answer: dict[str, Any]) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(answer),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
