"""A server that was started anew takes over the rooms whose media went on without it.

The engine has kept who sends and receives, and whose each participant is (`rooms.account_in`). Everything
else comes from the database, as if these people's tabs had just lost their live connection: they come back
(`ResumeTab`) and go on, or are let go of after `presence.TAB_KEPT`. Machines go on as they were. Who may not
be there any more is put out.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from conference.agenda.scope import scope_of_session
from conference.clock import Clock
from conference.errors import MajlisError
from conference.media.engine import Engine, HeldParticipant, HeldRoom
from conference.media.errors import UnknownRoom
from conference.people.permissions import Capability, require
from conference.stage.enforcing import Enforcer
from conference.stage.entering import present, require_open_door
from conference.stage.floor import may_publish
from conference.stage.ingest import Machines
from conference.stage.media_news import MediaNews
from conference.stage.presence import Present
from conference.stage.publishing import sources_in
from conference.stage.rooms import Rooms, account_in
from conference.stage.standing import Place, Standing, account_of, standing_of
from conference.storage.database import Database

log = logging.getLogger("majlis.stage")

Found = dict[str, tuple[Present, Standing]]  # by participant


class Adoption:
    """`start()` does it, once the engine is there and before anybody can come in."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        engine: Engine,
        rooms: Rooms,
        enforcer: Enforcer,
        news: MediaNews,
        machines: Machines,
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._rooms = rooms
        self._enforcer = enforcer
        self._news = news
        self._machines = machines

    async def start(self) -> None:
        for held in await self._engine.held():
            try:
                place, found = await self._database.read(
                    partial(_who_is_there, held=held, now=self._clock.now())
                )
            except MajlisError as error:
                log.info("media of %s are ended: %s", held.room_id, error)
                with suppress(UnknownRoom):
                    await self._engine.close_room(held.room_id, "not a room of this server")
                continue
            await self._take_over(place, held, found)

    async def close(self) -> None:
        """Nothing is left to do."""

    async def _take_over(self, place: Place, held: HeldRoom, found: Found) -> None:
        people = self._rooms.room(place).people
        machines = await self._machines.adopt(place, held.participants)
        for each in held.participants:
            if each.participant_id in machines:
                continue
            if each.participant_id in found:
                person, _ = found[each.participant_id]
                sends = sources_in(each.sources) if may_publish(person.state) else []
                people.adopt(person, each.participant_id, sends, each.viewing, self._clock.now())
                if each.awaits_answer:
                    self._news.offered_before(place.code, each.participant_id)
            else:
                await self._enforcer.leave(place, each.participant_id)
        await self._enforcer.open(place)
        for participant, (_, standing) in found.items():
            await self._enforcer.enforce(place, standing, [participant])
        count = len(found) + len(machines)
        log.info("took over %s: %d of %d participants", place.code, count, len(held.participants))


def _who_is_there(rows: Connection, *, held: HeldRoom, now: datetime) -> tuple[Place, Found]:
    """Raises `NotFound` when there is no such session."""
    scope = scope_of_session(rows, held.room_id)
    place = Place(
        event_id=scope.event_id or 0,
        session_id=scope.session_id or 0,
        code=held.room_id,
        is_public=scope.is_public,
    )
    found: Found = {}
    for each in held.participants:
        with suppress(MajlisError):  # unknown, banned, or the door is shut: not to be there
            found[each.participant_id] = _person(rows, place, each, now)
    return place, found


def _person(rows: Connection, place: Place, each: HeldParticipant, now: datetime) -> tuple[Present, Standing]:
    account_id = account_of(rows, account_in(each.owner) or "")
    require(rows, account_id, Capability.ENTER_ROOM, place.scope, now=now)
    require_open_door(rows, place, account_id, now=now)
    return present(rows, place, account_id), standing_of(rows, place.session_id, account_id)
