"""Writing Matroska and WebM (RFC 9559, RFC 8794) so that a file is whole at any moment, even after a crash.

A segment of unknown size is followed by clusters that grow block by block; nothing that was written has to
be completed later. What a finished file has more (sizes, duration, an index for seeking) is put into places
kept free for it: each write is one `pwrite`, so a killed process leaves a file that plays to its last block.

PyAV's muxer keeps a cluster in memory until it is over and was measured to cost more per packet
(docs/recording.md); this one needs nothing but the frames.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Codec = Literal["vp8", "h264", "opus"]

CLUSTER_SECONDS = 1.0
_CUE_EVERY = 2.0
_UNKNOWN_SIZE = b"\x01\xff\xff\xff\xff\xff\xff\xff"
_CODEC_ID: dict[Codec, bytes] = {"vp8": b"V_VP8", "h264": b"V_MPEG4/ISO/AVC", "opus": b"A_OPUS"}
# Channel count 2, no pre-skip to trim (the stream begins in the middle), 48 kHz (RFC 7845 §5.1).
OPUS_HEAD = struct.pack("<8sBBHIhB", b"OpusHead", 1, 2, 0, 48_000, 0, 0)

_EBML, _SEGMENT, _SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_AT = (
    b"\x1a\x45\xdf\xa3",
    b"\x18\x53\x80\x67",
    b"\x11\x4d\x9b\x74",
    b"\x4d\xbb",
    b"\x53\xab",
    b"\x53\xac",
)
_INFO, _TRACKS, _CLUSTER, _CUES = (
    b"\x15\x49\xa9\x66",
    b"\x16\x54\xae\x6b",
    b"\x1f\x43\xb6\x75",
    b"\x1c\x53\xbb\x6b",
)
_SEEK_ROOM = 64  # bytes kept free for the seek head of a finished file


@dataclass(frozen=True, slots=True)
class TrackHead:
    """One track of a file. `private` is the codec's own head (avcC for H264); Opus has a fixed one."""

    codec: Codec
    width: int = 0
    height: int = 0
    private: bytes = b""

    @property
    def is_video(self) -> bool:
        return self.codec != "opus"


def element(identifier: bytes, payload: bytes) -> bytes:
    """An element with its size in the shortest form (RFC 8794 §4)."""
    size = len(payload)
    width = next(w for w in range(1, 9) if size < (1 << 7 * w) - 1)
    return identifier + (size | 1 << 7 * width).to_bytes(width, "big") + payload


def number(identifier: bytes, value: int, width: int = 0) -> bytes:
    """An unsigned integer element; `width` bytes when it is to be changed in place later."""
    return element(identifier, value.to_bytes(width or max(1, (value.bit_length() + 7) // 8), "big"))


class MatroskaFile:
    """One open file; times are seconds from its beginning. All methods raise OSError and leave a whole file.

    WebM when every codec is one of WebM's (VP8, Opus), plain Matroska otherwise.
    """

    def __init__(self, path: Path, tracks: Sequence[TrackHead]) -> None:
        self.path = path
        self.tracks = tuple(tracks)
        self.duration = 0.0
        self._cues: list[tuple[int, int, int]] = []  # ms, track number, position of the cluster
        self._cluster_at = -1
        self._cluster_ms = 0
        self._last_cue = -_CUE_EVERY
        self._size_at: dict[int, int] = {}
        self._sizes: dict[int, tuple[int, int]] = {}
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self._end = 0
        self._append(self._head())

    @property
    def size(self) -> int:
        return self._end

    # ------------------------------------------------------------------- head

    def _head(self) -> bytes:
        doc_type = b"webm" if all(t.codec in ("vp8", "opus") for t in self.tracks) else b"matroska"
        ebml = element(
            _EBML,
            number(b"\x42\x86", 1)
            + number(b"\x42\xf7", 1)
            + number(b"\x42\xf2", 4)
            + number(b"\x42\xf3", 8)
            + element(b"\x42\x82", doc_type)
            + number(b"\x42\x87", 4)
            + number(b"\x42\x85", 2),
        )
        before = ebml + _SEGMENT
        self._segment_size_at = len(before)
        self._segment_at = len(before) + 8
        start = before + _UNKNOWN_SIZE + element(b"\xec", bytes(_SEEK_ROOM - 2))
        scale = number(b"\x2a\xd7\xb1", 1_000_000)
        apps = element(b"\x4d\x80", b"majlis") + element(b"\x57\x41", b"majlis")
        info = element(_INFO, scale + apps + element(b"\x44\x89", struct.pack("!d", 0.0)))
        self._info_at = len(start)
        self._duration_at = len(start) + len(info) - 8
        entries = b""
        self._tracks_at = len(start) + len(info)
        for track_number, track in enumerate(self.tracks, 1):
            entry, size_at = _track_entry(track_number, track)
            if size_at is not None:
                self._size_at[track_number] = len(entries) + size_at
                self._sizes[track_number] = (track.width, track.height)
            entries += entry
        tracks = element(_TRACKS, entries)
        shift = self._tracks_at + len(tracks) - len(entries)
        self._size_at = {n: shift + at for n, at in self._size_at.items()}
        return start + info + tracks

    # ----------------------------------------------------------------- frames

    def write(self, frames: Sequence[tuple[int, float, bool, bytes]]) -> None:
        """Append frames, ordered by time as well as their owner can: (track number, seconds, key, data)."""
        out = bytearray()
        for track_number, seconds, key, data in frames:
            ms = max(0, round(seconds * 1000))
            video = self.tracks[track_number - 1].is_video
            if self._needs_cluster(ms, video and key):
                self._close_cluster(out)
                self._cluster_at = self._end + len(out)
                self._cluster_ms = ms
                out += _CLUSTER + _UNKNOWN_SIZE + number(b"\xe7", ms)
            if (video and key) or (len(self.tracks) == 1 and not video):
                self._cue(ms, track_number)
            head = bytes([0x80 | track_number]) + struct.pack(
                "!hB", ms - self._cluster_ms, 0x80 if key else 0
            )
            out += element(b"\xa3", head + data)
            self.duration = max(self.duration, seconds)
        if out:
            self._append(out)
            self._put(self._duration_at, struct.pack("!d", self.duration * 1000))

    def _needs_cluster(self, ms: int, key: bool) -> bool:
        """A new one each second; a key frame may come a little early, because players seek to clusters."""
        if self._cluster_at < 0:
            return True
        passed = (ms - self._cluster_ms) / 1000
        return passed >= CLUSTER_SECONDS or (key and passed >= CLUSTER_SECONDS / 2) or passed < -30

    def _close_cluster(self, out: bytearray) -> None:
        """Say how long the last cluster became; readers that skip clusters are glad of it."""
        if self._cluster_at < 0:
            return
        at = self._cluster_at + 4
        size = ((self._end + len(out)) - at - 8 | 1 << 56).to_bytes(8, "big")
        if at >= self._end:
            out[at - self._end : at - self._end + 8] = size
        else:
            self._put(at, size)

    def _cue(self, ms: int, track_number: int) -> None:
        if ms / 1000 - self._last_cue >= _CUE_EVERY:
            self._last_cue = ms / 1000
            self._cues.append((ms, track_number, self._cluster_at - self._segment_at))

    def grew(self, track_number: int, width: int, height: int) -> None:
        """The picture is larger from here on (a higher simulcast layer): the head names the largest size."""
        before = self._sizes.get(track_number)
        if before is not None and width * height > before[0] * before[1]:
            self._sizes[track_number] = (width, height)
            at = self._size_at[track_number]
            self._put(at, width.to_bytes(2, "big"))
            self._put(at + 4, height.to_bytes(2, "big"))

    def size_of(self, track_number: int) -> tuple[int, int]:
        return self._sizes.get(track_number, (0, 0))

    # -------------------------------------------------------------------- end

    def close(self) -> None:
        """Write the index and the sizes. The file is whole without them as well."""
        try:
            self._close_cluster(bytearray())
            cues_at = self._end - self._segment_at
            points = b"".join(
                element(
                    b"\xbb",
                    number(b"\xb3", ms)
                    + element(b"\xb7", number(b"\xf7", track_number) + number(b"\xf1", position)),
                )
                for ms, track_number, position in self._cues
            )
            if points:
                self._append(element(_CUES, points))
                self._put_seek_head(cues_at)
            self._put(self._segment_size_at, (self._end - self._segment_at | 1 << 56).to_bytes(8, "big"))
            os.fdatasync(self._handle)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def flush_to_disk(self) -> None:
        """So that a power cut costs seconds, not what the kernel still held back."""
        os.fdatasync(self._handle)

    def _put_seek_head(self, cues_at: int) -> None:
        places = [
            (_INFO, self._info_at - self._segment_at),
            (_TRACKS, self._tracks_at - self._segment_at),
            (_CUES, cues_at),
        ]
        seeks = b"".join(
            element(_SEEK, element(_SEEK_ID, identifier) + number(_SEEK_AT, position))
            for identifier, position in places
        )
        head = element(_SEEK_HEAD, seeks)
        rest = _SEEK_ROOM - len(head)
        self._put(self._segment_at, head + element(b"\xec", bytes(rest - 2)))

    def _append(self, data: bytes | bytearray) -> None:
        """All or nothing: what a full disk took only half of is cut off again."""
        try:
            self._put(self._end, data)
        except OSError:
            os.ftruncate(self._handle, self._end)
            raise
        self._end += len(data)

    def _put(self, at: int, data: bytes | bytearray) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._handle, view, at)
            view = view[written:]
            at += written


def _track_entry(track_number: int, track: TrackHead) -> tuple[bytes, int | None]:
    """A TrackEntry, and where in it the width's two bytes are (the height's follow four bytes later)."""
    body = number(b"\xd7", track_number) + number(b"\x73\xc5", track_number)
    body += number(b"\x9c", 0) + element(b"\x86", _CODEC_ID[track.codec])  # FlagLacing 0
    if not track.is_video:
        body += element(b"\x63\xa2", OPUS_HEAD) + number(b"\x83", 2)
        body += number(b"\x56\xaa", 0) + number(b"\x56\xbb", 80_000_000)  # CodecDelay, SeekPreRoll: 80 ms
        body += element(b"\xe1", element(b"\xb5", struct.pack("!d", 48_000.0)) + number(b"\x9f", 2))
        return element(b"\xae", body), None
    body += number(b"\x83", 1)
    if track.private:
        body += element(b"\x63\xa2", track.private)
    body += element(b"\xe0", number(b"\xb0", track.width, 2) + number(b"\xba", track.height, 2))
    entry = element(b"\xae", body)
    return entry, len(entry) - 6
