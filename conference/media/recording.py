"""Recording a room: each publisher's sources into files of their own, as they came, without decoding.

The forwarding path hands each packet to a tap, which puts it into a queue and nothing more. One thread per
recording makes frames of them and writes (`recorded_take.py`, `webm.py`); the disk may be slow or full
without the room noticing. `files.json` beside the files says what they are, at every moment.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import cast

import msgspec

from conference.media.cache import MediaPacket
from conference.media.errors import RecordingFailed
from conference.media.frames import FrameCodec, Piece
from conference.media.incoming import IncomingStream
from conference.media.recorded_take import Arrival, RecordedFile, Take
from conference.media.track import Track

log = logging.getLogger(__name__)

DISK_RESERVE = 256 << 20  # bytes left free for the database: a recording must never stop the conference
_MOST_QUEUED = 20_000  # packets; a disk that is this far behind is as good as full
_TICK = 0.1
_FLUSH_SECONDS = 5.0
LIST = "files.json"

# A packet of a track, or whether the track is there; None ends the recording.
_Item = tuple[Track, Arrival | bool] | None
Failed = Callable[[str], None]
AskKeyFrame = Callable[[Track], None]


class FileList(msgspec.Struct, frozen=True):
    """`files.json`. Every file's `starts` counts from `began_at` (UTC), in seconds."""

    began_at: datetime
    files: list[RecordedFile]


class TrackTap:
    """Hands one track's packets to the thread. Of a simulcast track, the highest layer that is alive."""

    def __init__(self, track: Track, queue: SimpleQueue[_Item], ask_key_frame: AskKeyFrame) -> None:
        self.track = track
        self._queue = queue
        self._ask_key_frame = ask_key_frame
        self._source: IncomingStream | None = None
        self._last = 0.0
        self._generation = -1

    def __call__(self, stream: IncomingStream, packet: MediaPacket, now: float) -> None:
        """For `Track.taps`."""
        if stream is not self._source and not self._takes(stream, packet, now):
            return
        self._last = now
        piece = Piece(packet.index, packet.marker != 0, packet.timestamp, packet.payload, now)
        self._queue.put(
            (
                self.track,
                Arrival(
                    self.track.source,
                    self._generation,
                    cast(FrameCodec, self.track.codec),
                    piece,
                    stream.sender_report,
                    stream.sender_report_at,
                    stream.width,
                    stream.height,
                ),
            )
        )

    def _takes(self, stream: IncomingStream, packet: MediaPacket, now: float) -> bool:
        """Whether to go over to this source: at a key frame, upwards at once, downwards from a dead one."""
        before = self._source
        if before is not None:
            streams = self.track.streams
            higher = before not in streams or stream.layer > before.layer
            if not higher and now - self._last < 1.0:
                return False
            if not packet.key:
                if not higher:
                    self._ask_key_frame(self.track)
                return False
        elif not packet.key:
            self._ask_key_frame(self.track)
            return False
        self._source = stream
        self._generation += 1
        return True


class RoomRecorder:
    """One recording of one room. Made and used on the engine's loop; the writing is done by its thread.

    `failed` is called on the loop, once, with an error code when the recording ended by itself. Raises
    RecordingFailed when the folder cannot be written or has no room left.
    """

    def __init__(
        self,
        folder: Path,
        failed: Failed,
        ask_key_frame: AskKeyFrame,
        *,
        reserve: int = DISK_RESERVE,
    ) -> None:
        self.folder = folder
        self._reserve = reserve
        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._failed = failed
        self._ask_key_frame = ask_key_frame
        self._taps: dict[int, TrackTap] = {}
        self._began = time.monotonic()
        self._began_at = datetime.now(UTC)
        self._files: list[RecordedFile] = []
        self._earlier: list[RecordedFile] = []
        self._ended = False
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            self._check_room()
            self._go_on_from_list()
            self._write_list([])
        except OSError as error:
            raise RecordingFailed(str(error), code=code_of(error)) from error
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    # --------------------------------------------------------------- the loop

    def watch(self, track: Track) -> None:
        if self._ended or id(track) in self._taps:
            return
        tap = self._taps[id(track)] = TrackTap(track, self._queue, self._ask_key_frame)
        self._queue.put((track, True))
        track.taps = (*track.taps, tap)
        if track.kind == "video":
            self._ask_key_frame(track)

    def unwatch(self, track: Track) -> None:
        tap = self._taps.pop(id(track), None)
        if tap is not None:
            track.taps = tuple(t for t in track.taps if t is not tap)
            self._queue.put((track, False))

    async def stop(self) -> tuple[str, ...]:
        """End the files; their names. Idempotent."""
        self._let_go()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        return tuple(file.name for file in self._files)

    def _let_go(self) -> None:
        self._ended = True
        for tap in list(self._taps.values()):
            tap.track.taps = tuple(t for t in tap.track.taps if t is not tap)
        self._taps.clear()

    def _fail(self, code: str) -> None:
        if not self._ended:
            self._let_go()
            self._failed(code)

    # ------------------------------------------------------------- the thread

    def _run(self) -> None:
        takes: dict[tuple[str, str], Take] = {}
        try:
            self._write_until_told(takes)
        except OSError as error:
            log.error("recording in %s ended: %s", self.folder, error)
            self._end_by_itself(takes, code_of(error))
        except Exception:  # an edge: the thread's own; the room must go on and people must be told
            log.exception("recording in %s broke", self.folder)
            self._end_by_itself(takes, "media.recording-failed")

    def _end_by_itself(self, takes: dict[tuple[str, str], Take], code: str) -> None:
        for take in takes.values():
            take.abandon()
        try:
            self._list(takes)
        except OSError as error:
            log.warning("the list of a recording could not be written: %s", error)
        self._on_loop(partial(self._fail, code))

    def _write_until_told(self, takes: dict[tuple[str, str], Take]) -> None:
        ticked = flushed = checked = time.monotonic()
        told = False
        while not told:
            told = self._take_in(takes)
            now = time.monotonic()
            if now - ticked >= _TICK:
                ticked = now
                for take in takes.values():
                    take.tick(now)
            if now - checked >= 1.0:
                checked = now
                self._check_room()
            if now - flushed >= _FLUSH_SECONDS:
                flushed = now
                for take in takes.values():
                    take.flush_to_disk()
        for take in takes.values():
            take.close(time.monotonic())
        self._list(takes)

    def _take_in(self, takes: dict[tuple[str, str], Take]) -> bool:
        """What has come in since the last tick; true when the recording is to end."""
        if self._queue.qsize() > _MOST_QUEUED:
            raise OSError(errno.ENOSPC, "the disk does not keep up")
        end = time.monotonic() + _TICK
        while (left := end - time.monotonic()) > 0:
            try:
                item = self._queue.get(timeout=left)
            except Empty:
                return False
            if item is None:
                return True
            track, what = item
            take = self._take_of(takes, track)
            if isinstance(what, Arrival):
                take.arrived(what)
            elif what:
                take.expect(track.source)
            else:
                take.gone(track.source)
        return False

    def _take_of(self, takes: dict[tuple[str, str], Take], track: Track) -> Take:
        group = "screen" if track.source.startswith("screen") else "av"
        key = (track.participant_id, group)
        if key not in takes:
            takes[key] = Take(
                self.folder,
                track.participant_id,
                f"{track.participant_id}-{group}",
                self._began,
                changed=lambda: self._list(takes),
                ask_key_frame=partial(self._ask_from_thread, track),
            )
        return takes[key]

    def _ask_from_thread(self, track: Track) -> None:
        self._on_loop(partial(self._ask_key_frame, track))

    def _on_loop(self, act: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(act)
        except RuntimeError:  # the loop is closed: the process is ending
            log.info("a recording in %s outlived its engine", self.folder)

    def _check_room(self) -> None:
        if shutil.disk_usage(self.folder).free < self._reserve:
            raise OSError(errno.ENOSPC, "too little room is left on the disk")

    # --------------------------------------------------------------- the list

    def _go_on_from_list(self) -> None:
        """A recording that was cut short (its process was killed) goes on in the same folder and list."""
        try:
            known = msgspec.json.decode((self.folder / LIST).read_bytes(), type=FileList)
        except FileNotFoundError:
            return
        except msgspec.DecodeError as error:
            raise OSError(errno.EINVAL, f"{LIST} is not a list of a recording") from error
        self._earlier = known.files
        self._began -= (self._began_at - known.began_at).total_seconds()
        self._began_at = known.began_at

    def _list(self, takes: dict[tuple[str, str], Take]) -> None:
        new = sorted((f for take in takes.values() for f in take.files), key=lambda f: f.starts)
        self._files = [*self._earlier, *new]
        self._write_list(self._files)

    def _write_list(self, files: list[RecordedFile]) -> None:
        body = FileList(self._began_at, files or self._earlier)
        partial = self.folder / f".{LIST}"
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
        os.replace(partial, self.folder / LIST)


def code_of(error: OSError) -> str:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return "media.disk-full" if full else "media.recording-failed"
