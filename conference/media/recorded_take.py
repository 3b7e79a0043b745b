"""One participant's picture and sound on their way into files. Runs in the recording's thread.

A file's tracks are fixed by its head, so a take waits a moment for all of its sources before it opens one,
and goes on in a new file (a new part) when a picture comes that the head does not name. Silence is written
as empty Opus frames: players do not keep time over holes in a sound track.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conference.media.frames import Frame, FrameAssembler, Piece, avc_head, opus_samples
from conference.media.lip_sync import SenderClock, SourceClock
from conference.media.rtcp import SenderReport
from conference.media.track import KIND_OF
from conference.media.webm import Codec, MatroskaFile, TrackHead

OPENING_WAIT = 2.0  # seconds for the sources of a take to come together
HOLD = 0.3  # seconds that picture and sound are held to be written in order
_FILL_BEHIND = 0.7  # silence is written this far behind now, when sound may not come any more
_STEP = 0.02
# One Opus frame of 20 ms without content (RFC 6716 §3.2.1: zero length is DTX); 11 bytes in the file.
_SILENT_FRAME = b"\x78"
_RATES = {"opus": 48_000, "vp8": 90_000, "h264": 90_000}


_Due = tuple[float, int, bool, bytes]  # server time, track number, key frame, data


@dataclass(slots=True)
class RecordedFile:
    """What the list of a recording says of one file; `starts` in seconds from the recording's beginning."""

    name: str
    participant: str
    sources: tuple[str, ...]
    codecs: tuple[str, ...]
    starts: float
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    ended: bool = False


@dataclass(slots=True)
class _Source:
    """One source of the take. `generation` counts the SSRCs (layers) it has come from."""

    name: str
    generation: int = -1
    codec: Codec = "opus"
    assembler: FrameAssembler = field(default_factory=lambda: FrameAssembler("opus"))
    clock: SourceClock | None = None
    head: TrackHead | None = None
    waiting: deque[tuple[float, Frame]] = field(default_factory=deque)
    number: int = 0  # in the open file, 0: not in it
    until: float = 0.0  # server time up to which it is written
    here: bool = True


@dataclass(frozen=True, slots=True)
class Arrival:
    """One packet as the tap hands it over."""

    source: str
    generation: int
    codec: Codec
    piece: Piece
    report: SenderReport | None
    reported_at: float
    width: int
    height: int


class Take:
    """`name` begins the names of its files, `began` is the server time the recording counts from."""

    def __init__(
        self,
        folder: Path,
        participant: str,
        name: str,
        began: float,
        changed: Callable[[], None],
        ask_key_frame: Callable[[], None],
    ) -> None:
        self.files: list[RecordedFile] = []
        self._folder = folder
        self._participant = participant
        self._name = name
        self._began = began
        self._changed = changed
        self._ask_key_frame = ask_key_frame
        self._sender = SenderClock()
        self._sources: dict[str, _Source] = {}
        self._first_at: float | None = None
        self._file: MatroskaFile | None = None
        self._opened = 0.0

    # ---------------------------------------------------------------- sources

    def expect(self, source: str) -> None:
        self._source(source).here = True

    def _source(self, name: str) -> _Source:
        if name not in self._sources:
            self._sources[name] = _Source(name, codec="opus" if KIND_OF[name] == "audio" else "vp8")
        return self._sources[name]

    def gone(self, source: str) -> None:
        found = self._sources.get(source)
        if found is not None:
            found.here = False

    def arrived(self, arrival: Arrival) -> None:
        source = self._source(arrival.source)
        if source.generation != arrival.generation:
            source.generation = arrival.generation
            source.codec = arrival.codec
            source.assembler = FrameAssembler(arrival.codec)
            source.clock = SourceClock(_RATES[arrival.codec], self._sender)
        if source.clock is not None and arrival.report is not None:
            source.clock.report(arrival.report, arrival.reported_at, arrival.piece.timestamp)
        for frame in source.assembler.push(arrival.piece):
            self._frame(source, frame, arrival.width, arrival.height)

    def _frame(self, source: _Source, frame: Frame, width: int = 0, height: int = 0) -> None:
        head = _head_of(source.codec, frame, width, height)
        if head is not None:
            known, source.head = source.head, head
            if known is None or (head.codec, head.private) != (known.codec, known.private):
                self._leave_without(source)
            elif self._file is not None and source.number:
                self._file.grew(source.number, head.width, head.height)
        if source.head is None or source.clock is None:
            return
        if self._first_at is None:
            self._first_at = frame.arrived
        source.waiting.append((source.clock.seconds(frame.timestamp, frame.arrived), frame))

    def _leave_without(self, source: _Source) -> None:
        """The open file's head does not name this picture: write what came before it, go on in a new file."""
        if self._file is not None and source.codec != "opus":
            self._write(math.inf, 0.0)
            self._close_file()

    # ---------------------------------------------------------------- writing

    def tick(self, now: float) -> None:
        """Write what is due. Raises OSError."""
        for source in self._sources.values():
            for frame in source.assembler.overdue(now):
                self._frame(source, frame)
            if source.here and source.assembler.broken and source.generation >= 0:
                self._ask_key_frame()
        if self._file is None and not self._open(now):
            return
        if any(source.here for source in self._sources.values()):
            self._write(now - HOLD, now - _FILL_BEHIND)
        else:
            self._write(math.inf, 0.0)
            self._close_file()

    def _open(self, now: float) -> bool:
        ready = [s for s in self._sources.values() if s.waiting]
        missing = [s for s in self._sources.values() if s.here and s.head is None]
        if not ready or self._first_at is None or (missing and now - self._first_at < OPENING_WAIT):
            return False
        named = [s for s in self._sources.values() if s.codec != "opus" and s.head and (s.here or s.waiting)]
        # Every file has a sound track, silent at first perhaps: a microphone may come at any moment.
        named.append(next((s for s in self._sources.values() if s.codec == "opus"), _Source("")))
        heads = [s.head or TrackHead("opus") for s in named]
        extension = "webm" if all(h.codec != "h264" for h in heads) else "mkv"
        path = self._free_name(extension)
        self._opened = min(s.waiting[0][0] for s in ready)
        self._file = MatroskaFile(path, heads)
        for number, source in enumerate(named, 1):
            source.number = number
            source.until = self._opened
        self.files.append(
            RecordedFile(
                path.name,
                self._participant,
                tuple(s.name for s in named if s.name),
                tuple(h.codec for h in heads),
                self._opened - self._began,
            )
        )
        self._changed()
        return True

    def _free_name(self, extension: str) -> Path:
        """The next part; those of before a crash keep their names."""
        number = len(self.files) + 1
        while any(self._folder.glob(f"{self._name}-{number}.*")):
            number += 1
        return self._folder / f"{self._name}-{number}.{extension}"

    def _write(self, horizon: float, fill_to: float) -> None:
        due: list[_Due] = []
        for source in self._sources.values():
            if source.number:
                due += self._due(source, horizon, fill_to)
        due.sort(key=lambda item: item[0])
        if due and self._file is not None:
            self._file.write([(number, at - self._opened, key, data) for at, number, key, data in due])

    def _due(self, source: _Source, horizon: float, fill_to: float) -> Iterator[_Due]:
        while source.waiting and source.waiting[0][0] <= horizon:
            at, frame = source.waiting.popleft()
            if source.codec == "opus":
                yield from self._sound(source, at, frame)
                continue
            # Two pictures never share a moment, and time does not run backwards when a layer is changed.
            source.until = max(at, source.until + 0.001) if source.until - at < 1 else at
            yield source.until, source.number, frame.key, frame.data
        if source.codec == "opus":
            yield from _silence(source, fill_to)

    @staticmethod
    def _sound(source: _Source, at: float, frame: Frame) -> Iterator[_Due]:
        """Frames follow one another without a seam; steps of the clock below half a frame are not heard."""
        seconds = opus_samples(frame.data) / 48_000
        if not seconds or source.until - at > seconds / 2:
            return  # not Opus, or silence has been written in its place already
        yield from _silence(source, at + 0.005)
        source.until = at if at - source.until > _STEP else source.until
        yield source.until, source.number, True, frame.data
        source.until += seconds

    # -------------------------------------------------------------------- end

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        entry = self.files[-1]
        entry.ended = True
        self._note(entry, file)
        for source in self._sources.values():
            source.number = 0
        self._first_at = None
        try:
            file.close()
        finally:
            self._changed()

    def _note(self, entry: RecordedFile, file: MatroskaFile) -> None:
        entry.seconds = file.duration
        for number, head in enumerate(file.tracks, 1):
            if head.is_video:
                entry.width, entry.height = file.size_of(number)

    def close(self, now: float) -> None:
        """Write what is left, and end the file. Raises OSError."""
        try:
            self.tick(now)
            if self._file is None and self._first_at is not None:
                self._first_at = -math.inf
                self._open(now)
            if self._file is not None:
                self._write(math.inf, 0.0)
        finally:
            self._close_file()

    def abandon(self) -> None:
        """The disk is full: leave the file as it is."""
        file, self._file = self._file, None
        if file is not None:
            self.files[-1].ended = True
            self._note(self.files[-1], file)
            file.abandon()

    def flush_to_disk(self) -> None:
        if self._file is not None:
            self._file.flush_to_disk()


def _silence(source: _Source, until: float) -> Iterator[_Due]:
    while source.until + _STEP <= until:
        yield source.until, source.number, True, _SILENT_FRAME
        source.until += _STEP


def _head_of(codec: Codec, frame: Frame, width: int, height: int) -> TrackHead | None:
    """What the file's head says of a source, from a frame that tells it."""
    if codec == "opus":
        return TrackHead("opus")
    if not frame.key:
        return None
    if codec == "vp8":
        return TrackHead("vp8", frame.width, frame.height)
    private = avc_head(frame.data)
    return TrackHead("h264", width, height, private) if private else None
