"""Machines in a room: encoders that publish (WHIP) and players (WHEP), each by the right of a key.

A machine is in the room's presence like a person, under the label of its key: an encoder on stage, a player
in the audience. It has no account: its place there is a negative number, its name in the protocol begins with
`machine-`. Twice a second, and at once when a key is taken back, every machine's key and the room's door are
asked again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from zlib import crc32

import msgspec
from sqlalchemy import Connection

from conference.agenda.tables import SessionState, session
from conference.clock import Clock
from conference.errors import N_, Conflict
from conference.live import log as live_log
from conference.media.engine import Engine, HeldParticipant
from conference.media.errors import MediaError, UnknownParticipant, UnknownRoom
from conference.media.sdp_fragment import Fragment, write_fragment
from conference.people.permissions import Role
from conference.stage.doors import refusal
from conference.stage.enforcing import Enforcer
from conference.stage.entering import phase_of
from conference.stage.floor import Floor, Source
from conference.stage.ingest_keys import IngestKey, Purpose, good_keys, note_use
from conference.stage.kept_machines import (
    Kept,
    forget_machine,
    forget_machines_but,
    keep_machine,
    kept_machines,
    note_machine,
)
from conference.stage.messages import FloorChanged
from conference.stage.presence import Present
from conference.stage.publishing import sources_in, tracks_of
from conference.stage.rooms import Rooms
from conference.stage.standing import MACHINE, Place
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.stage")

ROUND_SECONDS = 0.5


class Machine(msgspec.Struct):
    """One WHIP or WHEP session. `resource` names it in its address; `etag` its present ICE session."""

    resource: str
    key: IngestKey
    place: Place
    etag: str
    ufrag: str
    sources: list[str]
    sending: set[str] = msgspec.field(default_factory=set)
    stopped: frozenset[Source] = frozenset()

    @property
    def participant(self) -> str:
        return f"{MACHINE}{self.resource}"

    @property
    def person(self) -> str:
        return f"{MACHINE}{self.key.public_id}"

    @property
    def publishes(self) -> bool:
        return self.key.purpose is Purpose.PUBLISH

    def standing(self, state: Floor) -> FloorChanged:
        return FloorChanged(
            person=self.person,
            name=self.key.label,
            role=Role.SPEAKER.value,
            state=state,
            stopped=sorted(self.stopped) if state is Floor.ON_STAGE else [],
        )


class Machines:
    """All machines in all rooms. `start()` in the running loop, `close()` at the end."""

    def __init__(
        self, *, database: Database, clock: Clock, engine: Engine, rooms: Rooms, enforcer: Enforcer
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._rooms = rooms
        self._enforcer = enforcer
        self._here: dict[str, Machine] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._round: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """After `adopt`: those of whom the engine knew nothing are forgotten."""
        await self._database.write(lambda tx: forget_machines_but(tx, list(self._here)))
        self._round = asyncio.create_task(self._go_round_forever(), name="machine rounds")

    async def close(self) -> None:
        if self._round:
            self._round.cancel()
            with suppress(asyncio.CancelledError):
                await self._round
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- coming ---------------------------------------------------------------------------------------

    async def publish(
        self, key: IngestKey, place: Place, sdp: str, ufrag: str, sources: dict[str, str]
    ) -> tuple[Machine, str]:
        """An encoder goes on stage: its machine and the SDP answer. With the same key the newer one stays,
        because an encoder that was cut off calls again before the old connection is known to be dead.

        Raises `Conflict` while the door is shut, and the engine's errors.
        """
        await self._require_open(place, presents=True)
        for other in [m for m in self._here.values() if m.key.id == key.id]:
            await self.end(other.resource)
        machine = await self._enter(key, place, ufrag, list(sources.values()))
        try:
            answer = await self._engine.publish(place.code, machine.participant, sdp, sources)
        except BaseException:
            await self.end(machine.resource)
            raise
        await self._tell(machine, Floor.ON_STAGE)
        return machine, answer

    async def play(self, key: IngestKey, place: Place, sdp: str, ufrag: str) -> tuple[Machine, str]:
        """A player comes into the audience: its machine and the SDP answer. Several screens may have one key.

        Raises `Conflict` while the door is shut for the audience, and the engine's errors.
        """
        await self._require_open(place, presents=False)
        machine = await self._enter(key, place, ufrag, [])
        try:
            return machine, await self._engine.play(place.code, machine.participant, sdp)
        except BaseException:
            await self.end(machine.resource)
            raise

    async def _require_open(self, place: Place, *, presents: bool) -> None:
        now = self._clock.now()

        def ask(rows: Connection) -> None:
            state = rows.execute(session.select().where(session.c.id == place.session_id)).one().state
            if state == SessionState.CANCELLED.value:
                raise Conflict(N_("This session was cancelled."), code="stage.cancelled")
            # Like a presenter, an encoder may come early to be tried out.
            refused = refusal(phase_of(rows, place, now=now), presents=presents, moderates=False)
            if refused is not None:
                raise refused

        await self._database.read(ask)

    async def _enter(self, key: IngestKey, place: Place, ufrag: str, sources: list[str]) -> Machine:
        machine = Machine(secrets.token_urlsafe(18), key, place, secrets.token_hex(8), ufrag, sources)
        self._appear(machine)
        now = self._clock.now()

        def work(tx: Transaction) -> None:
            note_use(tx, key.id, now=now)
            keep_machine(tx, machine)

        await self._database.write(work)
        await self._enforcer.open(place)
        return machine

    def _appear(self, machine: Machine) -> None:
        """It is in its room's presence, with a number of its own in place of an account."""
        self._here[machine.resource] = machine
        people = self._rooms.room(machine.place).people
        people.enter(
            machine.participant,
            Present(
                account_id=_number_of(machine),
                public_id=machine.person if machine.publishes else machine.participant,
                name=machine.key.label,
                role=Role.SPEAKER if machine.publishes else Role.ATTENDEE,
                state=Floor.ON_STAGE if machine.publishes else Floor.AUDIENCE,
            ),
        )
        people.show(machine.participant, sources_in(machine.sources))

    async def adopt(self, place: Place, held: Sequence[HeldParticipant]) -> set[str]:
        """Machines whose media went on while no server was there, as they were; which of *held* they are.

        Whose key is no longer good, or whose room is shut, goes with the next round.
        """
        kept = await self._database.read(lambda rows: kept_machines(rows, place.session_id))
        found = {f"{MACHINE}{each.resource}": each for each in kept}
        taken = [each for each in held if each.participant_id in found]
        for each in taken:
            machine = _as_before(found[each.participant_id], place)
            machine.sending = set(each.sources)
            self._appear(machine)
        return {each.participant_id for each in taken}

    async def _tell(self, machine: Machine, state: Floor) -> None:
        """Tell the room where the machine stands, in the log like everybody else's standing."""
        now, announcement = self._clock.now(), machine.standing(state)

        def work(tx: Transaction) -> None:
            live_log.append(tx, machine.place.channel, announcement, actor=None, at=now)

        await self._database.write(work)

    # -- while it is here -------------------------------------------------------------------------------

    def find(self, resource: str) -> Machine | None:
        return self._here.get(resource)

    def standings(self, code: str) -> list[FloorChanged]:
        """For the snapshot of a room: its encoders, at every process."""
        here = [m for m in self._here.values() if m.place.code == code and m.publishes]
        beside = self._rooms.beside.get(code, {}).values()
        return [m.standing(Floor.ON_STAGE) for m in here] + [
            FloorChanged(person=each.public_id, name=each.name, role=each.role.value, state=each.state)
            for each in beside
            if each.account_id < 0 and each.state is Floor.ON_STAGE
        ]

    async def patch(self, machine: Machine, fragment: Fragment) -> str | None:
        """An ICE restart when the fragment has new credentials: our fragment. None for mere candidates."""
        if not fragment.ufrag or fragment.ufrag == machine.ufrag:
            return None
        ours = await self._engine.restart_ice(machine.place.code, machine.participant)
        machine.ufrag = fragment.ufrag
        machine.etag = secrets.token_hex(8)
        await self._database.write(lambda tx: note_machine(tx, machine))
        return write_fragment(ours)

    async def stop_source(self, place: Place, person: str, source: Source, stopped: bool) -> bool:
        """A moderator's stop, or its end; False when the person is no machine here."""
        machine = self._named(place, person)
        if machine is None:
            return False
        machine.stopped = machine.stopped | {source} if stopped else machine.stopped - {source}
        for track in tracks_of(source):
            with suppress(UnknownRoom, UnknownParticipant):
                await self._engine.mute(place.code, machine.participant, track, stopped)
        await self._database.write(lambda tx: note_machine(tx, machine))
        await self._tell(machine, Floor.ON_STAGE)
        return True

    async def send_away(self, place: Place, person: str) -> bool:
        """A moderator ends what the machine sends; False when the person is no machine here."""
        machine = self._named(place, person)
        if machine is not None:
            await self.end(machine.resource)
        return machine is not None

    def _named(self, place: Place, person: str) -> Machine | None:
        here = self._here.values()
        return next((m for m in here if m.person == person and m.place.code == place.code), None)

    # -- going ------------------------------------------------------------------------------------------

    async def end(self, resource: str) -> None:
        """The machine's media end and it leaves the room. Idempotent."""
        machine = self._here.pop(resource, None)
        if machine is None:
            return
        await self._enforcer.leave(machine.place, machine.participant)
        await self._database.write(lambda tx: forget_machine(tx, resource))
        room = self._rooms.get(machine.place.code)
        if room is not None:
            account_id = room.people.account_of(machine.participant)
            if account_id is not None:
                room.people.forget_person(account_id)
        if machine.publishes:
            await self._tell(machine, Floor.AUDIENCE)

    async def revoked(self, key_id: int) -> None:
        """The key was taken back: whoever came by it goes at once."""
        for machine in [m for m in self._here.values() if m.key.id == key_id]:
            await self.end(machine.resource)

    def heard_of_track(self, room_id: str, participant_id: str, source: str, published: bool) -> None:
        """For `MediaNews`: an encoder whose last track is gone has hung up."""
        machine = self._here.get(participant_id.removeprefix(MACHINE))
        if machine is None or not participant_id.startswith(MACHINE):
            return
        (machine.sending.add if published else machine.sending.discard)(source)
        if not machine.sending:
            self._soon(machine.resource)

    def heard_gone(self, room_id: str, participant_id: str) -> None:
        """For `MediaNews`: nothing was heard of it for the consent time (RFC 7675)."""
        if participant_id.startswith(MACHINE):
            self._soon(participant_id.removeprefix(MACHINE))

    def reopened(self, room_id: str) -> None:
        """The room's worker was lost: machines come back by themselves, as they do after any cut."""
        for machine in [m for m in self._here.values() if m.place.code == room_id]:
            self._soon(machine.resource)

    def _soon(self, resource: str) -> None:
        task = asyncio.get_running_loop().create_task(self.end(resource))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _go_round_forever(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.look_again(self._clock.now())
            except MediaError:
                log.exception("the media engine refused to let a machine go")
            except Exception:  # an edge: the next round tries again
                log.exception("a round of the machines failed")

    async def look_again(self, now: datetime) -> None:
        """End every machine whose key is no longer good or whose room is shut."""
        here = list(self._here.values())
        if not here:
            return

        def ask(rows: Connection) -> list[str]:
            good = good_keys(rows, [m.key.id for m in here], now)
            return [m.resource for m in here if m.key.id not in good or _is_shut(rows, m, now)]

        for resource in await self._database.read(ask):
            await self.end(resource)


def _as_before(kept: Kept, place: Place) -> Machine:
    return Machine(kept.resource, kept.key, place, kept.etag, kept.ufrag, kept.sources, stopped=kept.stopped)


def _is_shut(rows: Connection, machine: Machine, now: datetime) -> bool:
    phase = phase_of(rows, machine.place, now=now)
    return refusal(phase, presents=machine.publishes, moderates=False) is not None


def _number_of(machine: Machine) -> int:
    """Below 0, where no account is; the same at whichever process has taken the machine over."""
    return -1 - (crc32(machine.resource.encode()) >> 1)
