"""Making so what the database says: mute, unpublish, put out, close. The server's hand, not the browser's.

Everything here is idempotent and driven by a `Standing`, so doing it twice or late ends in the same state.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any

from conference.clock import Clock
from conference.errors import N_, Conflict
from conference.media.engine import Engine
from conference.media.errors import MediaError, UnknownParticipant, UnknownRoom
from conference.stage.floor import Act, Floor, Source, may_publish
from conference.stage.media_news import MediaNews
from conference.stage.messages import PresenceChanged
from conference.stage.publishing import tracks_of
from conference.stage.rooms import LiveRoom, Rooms
from conference.stage.standing import Place, Standing, move
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.stage")

ROUND_SECONDS = 0.5
REMOVED = N_("A moderator has removed you from this room.")


class Enforcer:
    """Owns the effects on memory, media and sockets. `start()` in the running loop, `close()` at the end."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        engine: Engine,
        rooms: Rooms,
        news: MediaNews,
        max_publishers: int,
        max_viewers: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._rooms = rooms
        self._news = news
        self._max_publishers = max_publishers
        self._max_viewers = max_viewers
        self._tasks: set[asyncio.Task[None]] = set()
        self._round: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._round = asyncio.create_task(self._go_round_forever(), name="stage rounds")

    async def close(self) -> None:
        if self._round:
            self._round.cancel()
            with suppress(asyncio.CancelledError):
                await self._round
        await self.settled()

    async def settled(self) -> None:
        """Wait until everything begun so far has been done."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- after a commit: synchronous, the media follow in a task ------------------------------------

    def stands(self, place: Place, standing: Standing) -> None:
        """The person stands like this now: memory at once, media within the same moment."""
        room = self._rooms.get(place.code)
        if room is not None:
            participants = room.people.participants_of(standing.account_id)
            room.people.stand(standing)
            self._soon(self.enforce(place, standing, participants))

    def room_closed(self, place: Place) -> None:
        """The doors are shut: nothing is heard or seen any more."""
        room = self._rooms.get(place.code)
        if room is not None:
            room.people.clear_stage()
            self._soon(self._close_media(place.code, "closed by a chair"))

    async def enforce(self, place: Place, standing: Standing, participants: list[str]) -> None:
        """Make it so for these tabs of one person."""
        for participant in participants:
            with suppress(UnknownParticipant, UnknownRoom):
                if standing.state is Floor.REMOVED:
                    await self.leave(place, participant)
                elif not may_publish(standing.state):
                    await self._engine.unpublish(place.code, participant, None)
                else:
                    await self.mute(place, participant, standing.stopped)
        await self.allow(place)
        if standing.state is Floor.REMOVED:
            room = self._rooms.get(place.code)
            if self._news.teller is not None:
                await self._news.teller.remove(standing.account_id, place.code, REMOVED)
            if room is not None:
                room.people.forget_person(standing.account_id)

    async def allow(self, place: Place) -> None:
        """Tell the engine who may send and receive what; in effect when this returns."""
        room = self._rooms.get(place.code)
        rights = room.new_rights() if room is not None else {}
        if room is None or not rights:
            return
        try:
            await self._engine.allow(place.code, rights)
        except UnknownRoom:  # nobody has media there; opening it tells all rights
            room.rights_unknown()
        except BaseException:
            room.rights_unknown()
            raise

    async def mute(self, place: Place, participant: str, stopped: frozenset[Source]) -> None:
        """Forward of *participant* what no moderator has stopped."""
        for source in Source:
            for track in tracks_of(source):
                await self._engine.mute(place.code, participant, track, source in stopped)

    async def _close_media(self, code: str, reason: str) -> None:
        with suppress(UnknownRoom):
            await self._engine.close_room(code, reason)

    # -- rooms and tabs in the engine ---------------------------------------------------------------

    async def open(self, place: Place) -> None:
        """The room exists in the engine, with the limits of the settings and everybody's rights."""
        await self._engine.open_room(
            place.code, max_publishers=self._max_publishers, max_viewers=self._max_viewers
        )
        await self.allow(place)

    async def leave(self, place: Place, participant: str) -> None:
        """The tab's media end."""
        self._news.forget(place.code, participant)
        with suppress(UnknownParticipant, UnknownRoom):
            await self._engine.leave(place.code, participant)

    async def give_up(self, place: Place, account_id: int) -> None:
        """Somebody went for good: floor, invitation and hand go back."""
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            with suppress(Conflict):
                standing = move(tx, place, account_id, Act.SEND_BACK, by=None, now=now)
                tx.after_commit(lambda: self.stands(place, standing))

        await self._database.write(work)
        await self.settled()

    # -- every half second: tell what changed, let go of who is gone ------------------------------------

    async def _go_round_forever(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            for room in self._rooms.all():
                try:
                    self.tell(room)
                    await self.let_go(room, self._clock.now())
                except Exception:
                    log.exception("a round of room %s failed", room.place.code)

    def tell(self, room: LiveRoom) -> PresenceChanged | None:
        """Tell a room what changed in it since the last round."""
        teller, changed = self._news.teller, room.people.changes()
        if teller is not None and changed is not None:
            teller.tell_here(room.place.channel, changed)  # every process tells its own people
        self._news.tell_speaking(room)
        return changed

    async def let_go(self, room: LiveRoom, now: datetime) -> None:
        """Forget tabs and people whose place was kept long enough; an empty room closes its media."""
        for participant in room.people.lost_tabs(now):
            room.people.forget(participant, now)
            await self.leave(room.place, participant)
        for account_id in room.people.lost_people(now):
            if not room.people.is_beside(account_id):
                await self.give_up(room.place, account_id)
            room.people.forget_person(account_id)
        if room.people.is_empty:
            self._rooms.drop(room.place.code)
            await self._close_media(room.place.code, "empty")

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _logged(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except MediaError:
            log.exception("the media engine refused to enforce")
