"""The stage's desk: what the live channel asks of the room, done in the database and then in the media.

Each act is one unit of work. What follows from it (memory, media engine, sockets) is done after its
commit and never from what a browser claims: `Floor` in the database decides who is heard.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from conference.clock import Clock
from conference.live.channels import desk_channel
from conference.live.commands import Caller
from conference.live.log import once
from conference.media.turn import NO_TURN, TurnSettings
from conference.stage import messages as m
from conference.stage.closing import close_room
from conference.stage.enforcing import Enforcer
from conference.stage.entering import present, require_open_door
from conference.stage.floor import Floor
from conference.stage.ingest import Machines
from conference.stage.inviting import invite, send_to_audience
from conference.stage.listing_people import list_people
from conference.stage.muting import allow_source, stop_source
from conference.stage.opening import open_room
from conference.stage.raising_hand import lower_hand, raise_hand
from conference.stage.removing import readmit_person, remove_person
from conference.stage.rooms import Rooms
from conference.stage.snapshot import RoomSnapshot, room_snapshot
from conference.stage.standing import Place, Standing
from conference.stage.taking_floor import decline_floor, leave_floor, take_floor
from conference.storage.database import Database, Transaction


def place_of(caller: Caller) -> Place:
    """The room the caller is in."""
    return Place(event_id=caller.event_id, session_id=caller.session_id, code=caller.session_code)


class StageDesk:
    """Handlers of the commands about the floor and the doors, and of coming and going."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        rooms: Rooms,
        enforcer: Enforcer,
        machines: Machines,
        turn: TurnSettings = NO_TURN,
    ) -> None:
        self._turn = turn
        self._database = database
        self._clock = clock
        self._rooms = rooms
        self._enforcer = enforcer
        self._machines = machines

    # -- coming and going -------------------------------------------------------------------------

    async def entered(self, caller: Caller) -> None:
        """For `Hub.on_enter`: the tab is in the room."""
        place = place_of(caller)
        person = await self._database.read(lambda rows: present(rows, place, caller.account_id))
        self._rooms.room(place).people.enter(caller.connection_id, person, self._clock.now())
        await self._enforcer.open(place)

    async def left(self, caller: Caller) -> None:
        """For `Hub.on_leave`: the tab's link is gone; it may come back."""
        room = self._rooms.get(caller.session_code)
        if room is not None:
            room.people.lose(caller.connection_id, self._clock.now())

    def snapshot(self, rows: Connection, caller: Caller) -> RoomSnapshot:
        """For `SnapshotPart("stage", …)`."""
        place = place_of(caller)
        return room_snapshot(
            rows,
            self._rooms.room(place),
            account_id=caller.account_id,
            public_id=caller.public_id,
            connection_id=caller.connection_id,
            machines=self._machines.standings(place.code),
            turn=self._turn,
            now=self._clock.now(),
        )

    async def leave_room(self, caller: Caller, command: m.LeaveRoom, client_id: str) -> object:
        """Goodbye. With the person's last tab the floor goes back at once."""
        room = self._rooms.get(caller.session_code)
        participant = room.people.participant_of(caller.connection_id) if room else None
        if room is None or participant is None:
            return {}
        place, account_id = place_of(caller), caller.account_id
        await self._enforcer.leave(place, participant)
        last = room.people.participants_of(account_id) == [participant]
        if last and not room.people.is_beside(account_id):
            await self._enforcer.give_up(place, account_id)
        room.people.forget(participant, self._clock.now())
        return {}

    async def list_people(self, caller: Caller, command: m.ListPeople, client_id: str) -> object:
        room = self._rooms.get(caller.session_code)
        moderates = desk_channel(caller.session_code) in caller.channels
        everybody = room.people.everybody() if room else []
        return list_people(everybody, search=command.search.strip(), moderates=moderates)

    # -- one's own acts ---------------------------------------------------------------------------

    async def raise_hand(self, caller: Caller, command: m.RaiseHand, client_id: str) -> object:
        return await self._own(caller, client_id, raise_hand, door=True)

    async def lower_hand(self, caller: Caller, command: m.LowerHand, client_id: str) -> object:
        return await self._own(caller, client_id, lower_hand)

    async def take_floor(self, caller: Caller, command: m.TakeFloor, client_id: str) -> object:
        return await self._own(caller, client_id, take_floor, door=True)

    async def decline_floor(self, caller: Caller, command: m.DeclineFloor, client_id: str) -> object:
        return await self._own(caller, client_id, decline_floor)

    async def leave_floor(self, caller: Caller, command: m.LeaveFloor, client_id: str) -> object:
        return await self._own(caller, client_id, leave_floor)

    # -- a moderator's acts -----------------------------------------------------------------------

    async def invite(self, caller: Caller, command: m.InviteToFloor, client_id: str) -> object:
        return await self._to(caller, client_id, invite, command.person)

    async def send_to_audience(self, caller: Caller, command: m.SendToAudience, client_id: str) -> object:
        if await self._machines.send_away(place_of(caller), command.person):
            return {"state": Floor.AUDIENCE.value}
        return await self._to(caller, client_id, send_to_audience, command.person)

    async def stop_source(self, caller: Caller, command: m.StopSource, client_id: str) -> object:
        place, stopped = place_of(caller), True
        if await self._machines.stop_source(place, command.person, command.source, stopped):
            return {"state": Floor.ON_STAGE.value}
        return await self._to(caller, client_id, stop_source, command.person, command.source)

    async def allow_source(self, caller: Caller, command: m.AllowSource, client_id: str) -> object:
        place, stopped = place_of(caller), False
        if await self._machines.stop_source(place, command.person, command.source, stopped):
            return {"state": Floor.ON_STAGE.value}
        return await self._to(caller, client_id, allow_source, command.person, command.source)

    async def remove_person(self, caller: Caller, command: m.RemovePerson, client_id: str) -> object:
        if await self._machines.send_away(place_of(caller), command.person):
            return {"state": Floor.AUDIENCE.value}
        return await self._to(caller, client_id, remove_person, command.person)

    async def readmit_person(self, caller: Caller, command: m.ReadmitPerson, client_id: str) -> object:
        return await self._to(caller, client_id, readmit_person, command.person)

    async def open_room(self, caller: Caller, command: m.OpenRoom, client_id: str) -> object:
        place, now = place_of(caller), self._clock.now()

        def work(tx: Transaction) -> object:
            return once(
                tx,
                caller.account_id,
                client_id,
                lambda: open_room(tx, place, by=caller.account_id, now=now),
                at=now,
            ).reply

        return await self._database.write(work)

    async def close_room(self, caller: Caller, command: m.CloseRoom, client_id: str) -> object:
        place, now = place_of(caller), self._clock.now()

        def close(tx: Transaction) -> None:
            close_room(tx, place, by=caller.account_id, now=now)
            tx.after_commit(lambda: self._enforcer.room_closed(place))

        await self._database.write(
            lambda tx: once(tx, caller.account_id, client_id, lambda: close(tx), at=now)
        )
        await self._enforcer.settled()
        return None

    # -- one unit of work, then what follows from it ------------------------------------------------

    async def _own(
        self, caller: Caller, client_id: str, act: Callable[..., Standing], *, door: bool = False
    ) -> object:
        def own(tx: Transaction, now: datetime) -> Standing:
            if door:
                require_open_door(tx.connection, place_of(caller), caller.account_id, now=now)
            return act(tx, place_of(caller), caller.account_id, now=now)

        return await self._act(caller, client_id, own)

    async def _to(self, caller: Caller, client_id: str, act: Callable[..., Standing], *what: Any) -> object:
        return await self._act(
            caller,
            client_id,
            lambda tx, now: act(tx, place_of(caller), *what, by=caller.account_id, now=now),
        )

    async def _act(
        self, caller: Caller, client_id: str, act: Callable[[Transaction, datetime], Standing]
    ) -> object:
        place, now = place_of(caller), self._clock.now()

        def effect(tx: Transaction) -> object:
            standing = act(tx, now)
            tx.after_commit(lambda: self._enforcer.stands(place, standing))
            return {"state": standing.state.value}

        answered = await self._database.write(
            lambda tx: once(tx, caller.account_id, client_id, lambda: effect(tx), at=now)
        )
        await self._enforcer.settled()
        return answered.reply
