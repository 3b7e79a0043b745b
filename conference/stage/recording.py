"""The recording of a live room: switched on and off by chairs and organizers, told to everybody in it.

The database says which rooms are being recorded; every second the engine is made to agree. So a recording
goes on after a restart of the server or the loss of a worker, in the same folder, and ends when the room is
shut. `manifest.json` there names the session and the people, `files.json` (the engine's) the files.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from conference.clock import Clock
from conference.errors import N_, Conflict, Unavailable
from conference.live import log as live_log
from conference.live.commands import Caller
from conference.media.engine import Engine
from conference.media.errors import AlreadyRecording, MediaError, UnknownRoom
from conference.stage import messages as m
from conference.stage import recordings
from conference.stage.doors import Phase
from conference.stage.enforcing import Enforcer
from conference.stage.entering import phase_of, require_open_door
from conference.stage.floor import may_publish
from conference.stage.live import place_of
from conference.stage.recordings import Recording
from conference.stage.rooms import Rooms
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.stage")

ROUND_SECONDS = 1.0
MANIFEST = "manifest.json"


class RecordingDesk:
    """Handlers of the two commands, and the rounds. `start()` in the running loop, `close()` at the end."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        engine: Engine,
        rooms: Rooms,
        enforcer: Enforcer,
        folder: Path,
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._rooms = rooms
        self._enforcer = enforcer
        self._folder = folder.absolute()
        self._people: dict[int, dict[str, dict[str, str]]] = {}  # by recording, then participant
        self._tasks: set[asyncio.Task[None]] = set()
        self._round: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        self._round = asyncio.create_task(self._go_round_forever(), name="recording rounds")

    async def close(self) -> None:
        if self._round:
            self._round.cancel()
            with suppress(asyncio.CancelledError):
                await self._round
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- commands -----------------------------------------------------------------------------------------

    async def begin(self, caller: Caller, command: m.StartRecording, client_id: str) -> object:
        """From now on, until it is stopped or the room is shut. A repeat changes nothing."""
        place, now = place_of(caller), self._clock.now()

        def check(rows: Connection) -> None:
            require_open_door(rows, place, caller.account_id, now=now)
            if not recordings.may_be_recorded(rows, place.session_id):
                raise Conflict(
                    N_("The programme says that this session is not to be recorded."),
                    code="recording.refused",
                )

        await self._database.read(check)
        async with self._lock:
            if await self._database.read(lambda rows: recordings.going_on(rows, place.session_id)):
                return {}

            def work(tx: Transaction) -> Recording:
                return recordings.begin(tx, place, by=caller.account_id, now=now)

            begun = await self._database.write(work)
            try:
                await self._enforcer.open(place)
                await self._engine.start_recording(place.code, str(self._folder / begun.folder))
            except MediaError as error:
                code = error.code
                await self._database.write(lambda tx: recordings.end(tx, begun.id, now=now, error=code))
                raise Unavailable(error.message, code=error.code) from error
            await self._write_manifest(begun)
            await self._tell(begun, started_at=now, by=caller.account_id)
        return {}

    async def stop(self, caller: Caller, command: m.StopRecording, client_id: str) -> object:
        place = place_of(caller)
        async with self._lock:
            for each in await self._database.read(lambda rows: recordings.going_on(rows, place.session_id)):
                await self._end(each, by=caller.account_id)
        return {}

    async def _end(self, each: Recording, *, error: str = "", by: int | None = None) -> None:
        now = self._clock.now()
        with suppress(UnknownRoom):
            await self._engine.stop_recording(each.place.code)
        ended = await self._database.write(lambda tx: recordings.end(tx, each.id, now=now, error=error))
        if not ended:
            return
        await self._write_manifest(msgspec.structs.replace(each, ended_at=now, error=error))
        self._people.pop(each.id, None)
        await self._tell(each, started_at=None, error=error, by=by)

    async def _tell(
        self, each: Recording, *, started_at: datetime | None, error: str = "", by: int | None = None
    ) -> None:
        told, now = m.RecordingChanged(started_at=started_at, error=error), self._clock.now()

        def work(tx: Transaction) -> None:
            live_log.append(tx, each.place.channel, told, actor=by, at=now)

        await self._database.write(work)

    # -- what the engine tells, and the rounds ---------------------------------------------------------------

    def failed(self, room_id: str, code: str) -> None:
        """For `MediaNews`: the disk is full, or cannot be written."""
        task = asyncio.get_running_loop().create_task(self._failed(room_id, code))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _failed(self, room_id: str, code: str) -> None:
        async with self._lock:
            for each in await self._database.read(recordings.going_on):
                if each.place.code == room_id:
                    await self._end(each, error=code)

    async def _go_round_forever(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                async with self._lock:
                    await self.make_so()
            except Exception:  # an edge: the next round tries again
                log.exception("a round of the recordings failed")

    async def make_so(self) -> None:
        """Make the engine agree with the database, and end what nobody can be in any more."""
        now = self._clock.now()

        def ask(rows: Connection) -> list[tuple[Recording, bool]]:
            on = recordings.going_on(rows)
            return [(each, phase_of(rows, each.place, now=now) in (Phase.CLOSED, Phase.ENDED)) for each in on]

        for each, over in await self._database.read(ask):
            if over:
                await self._end(each)
                continue
            try:
                await self._engine.start_recording(each.place.code, str(self._folder / each.folder))
            except AlreadyRecording:
                pass
            except UnknownRoom:
                continue  # nobody is there
            except MediaError as error:
                await self._end(each, error=error.code)
                continue
            if self._notice_people(each):
                await self._write_manifest(each)

    # -- the manifest ----------------------------------------------------------------------------------------

    def _notice_people(self, each: Recording) -> bool:
        """Whether somebody on stage is new since the last look."""
        room = self._rooms.get(each.place.code)
        known = self._people.setdefault(each.id, {})
        before = len(known)
        for person, tab in room.people.tabs() if room is not None else ():
            if may_publish(person.state):
                known.setdefault(
                    tab.participant,
                    {"person": person.public_id, "name": person.name, "role": person.role.value},
                )
        return len(known) > before

    async def _write_manifest(self, each: Recording) -> None:
        self._notice_people(each)
        folder = self._folder / each.folder
        body: dict[str, Any] = {
            "recording": each.public_id,
            "session": {"code": each.place.code, "title": each.title},
            "started_at": each.started_at,
            "ended_at": each.ended_at,
            "error": each.error,
            "participants": self._people.get(each.id, {}),
        }
        try:
            await asyncio.to_thread(_write, folder, body)
        except OSError as error:
            log.error("the manifest in %s could not be written: %s", folder, error)


def _write(folder: Path, body: dict[str, Any]) -> None:
    """Whole or not at all; names that an earlier process knew are kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    file = folder / MANIFEST
    with suppress(FileNotFoundError, msgspec.DecodeError):
        known = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        body["participants"] = {**known.get("participants", {}), **body["participants"]}
    partial = folder / f".{MANIFEST}"
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    os.replace(partial, file)
