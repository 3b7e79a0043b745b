"""The live edge of the queue of hands, and of what a session wants of its audience: for moderators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from conference.clock import Clock
from conference.live.commands import Caller, LiveCommand
from conference.live.log import once
from conference.people.permissions import Capability
from conference.stage import messages as m
from conference.stage.enforcing import Enforcer
from conference.stage.live import place_of
from conference.stage.raising_hand import invite_next, lower_all, move_hand
from conference.stage.rooms import Rooms
from conference.stage.rules import change_rules
from conference.stage.standing import Place, Standing
from conference.storage.database import Database, Transaction


class HandDesk:
    """Each command is one unit of work that takes effect once; memory and media follow after its commit."""

    def __init__(self, database: Database, clock: Clock, rooms: Rooms, enforcer: Enforcer) -> None:
        self._database, self._clock, self._rooms, self._enforcer = database, clock, rooms, enforcer

    def commands(self) -> list[LiveCommand]:
        """For the list in `app.py`."""
        return [
            LiveCommand(m.InviteNext, self.invite_next, Capability.MODERATE),
            LiveCommand(m.MoveHand, self.move_hand, Capability.MODERATE),
            LiveCommand(m.LowerAllHands, self.lower_all, Capability.MODERATE),
            LiveCommand(m.ChangeStageRules, self.change_rules, Capability.MODERATE),
        ]

    async def invite_next(self, caller: Caller, command: m.InviteNext, client_id: str) -> object:
        place = place_of(caller)

        def invite(tx: Transaction, now: datetime) -> object:
            standing = invite_next(tx, place, command.person, by=caller.account_id, now=now)
            tx.after_commit(lambda: self._enforcer.stands(place, standing))
            return {"state": standing.state.value}

        answered = await self._once(caller, client_id, invite)
        await self._enforcer.settled()
        return answered

    async def move_hand(self, caller: Caller, command: m.MoveHand, client_id: str) -> object:
        def move(tx: Transaction, now: datetime) -> object:
            person, before = command.person, command.before
            standing = move_hand(tx, place_of(caller), person, before, by=caller.account_id, now=now)
            return {"hand_order": standing.hand_order}

        return await self._once(caller, client_id, move)

    async def lower_all(self, caller: Caller, command: m.LowerAllHands, client_id: str) -> object:
        place = place_of(caller)

        def lower(tx: Transaction, now: datetime) -> object:
            lowered = lower_all(tx, place, by=caller.account_id, now=now)
            tx.after_commit(lambda: self._remember(place, lowered))
            return {"lowered": len(lowered)}

        return await self._once(caller, client_id, lower)

    async def change_rules(self, caller: Caller, command: m.ChangeStageRules, client_id: str) -> object:
        def change(tx: Transaction, now: datetime) -> object:
            wanted = {"hands": command.hands, "reactions": command.reactions}
            return change_rules(tx, place_of(caller), **wanted, by=caller.account_id, now=now)

        return await self._once(caller, client_id, change)

    def _remember(self, place: Place, lowered: list[Standing]) -> None:
        """Who only had a hand up sends nothing: the media need not hear of it."""
        room = self._rooms.get(place.code)
        if room is not None:
            for standing in lowered:
                room.people.stand(standing)

    async def _once(
        self, caller: Caller, client_id: str, act: Callable[[Transaction, datetime], object]
    ) -> object:
        now = self._clock.now()
        answered = await self._database.write(
            lambda tx: once(tx, caller.account_id, client_id, lambda: act(tx, now), at=now)
        )
        return answered.reply
