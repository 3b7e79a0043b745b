"""A room's sound in virtual time: microphones that send, the real mixer and viewers, ears that note it all.

No sockets and no waiting: `Rehearsal.run` moves the time by 5 ms and does whatever is due.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from conference.media.cache import MediaPacket
from conference.media.counters import Counters
from conference.media.describe import RED_TYPE, TransportDescription
from conference.media.incoming import IncomingStream
from conference.media.lean import LeanSound
from conference.media.opus import OpusDecoder, packet_length
from conference.media.red import unpack_red
from conference.media.room_sound import RoomSound
from conference.media.rtp import RtpPacket, parse_rtp, unwrap
from conference.media.sdp import Fingerprint, parse_sdp
from conference.media.send_log import SendLog
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.viewer import Viewer
from conference.media.wire import level_element, shared_elements
from tests.media.sounds import RATE, encode

FRAME = 960
PRINT = ":".join(["AB"] * 32)


def _at_once(work: Callable[[], None], done: Callable[[], None]) -> None:
    work()
    done()


class Microphone:
    """Sends a sound in packets of 20 ms, each at its time plus `delay(number)` unless `lost(number)`."""

    def __init__(self, hall: Rehearsal, name: str, sound: bytes, source: str = "microphone") -> None:
        self.hall = hall
        self.sound = sound
        self.packets = encode(sound)
        self.track = Track(name, source, "0")
        self.stream = IncomingStream(self.track, 7, 111, repairable=False)
        self.stream.active = True
        self.track.streams.append(self.stream)
        self.start = hall.now
        self.base = 0xFFFF0000  # its timestamps wrap after 1.4 s
        self.delay: Callable[[int], float] = lambda number: 0.0
        self.lost: Callable[[int], bool] = lambda number: False
        self.level: Callable[[int], int] = lambda number: 20
        for number in range(len(self.packets)):
            hall.at(self.start + (number + 1) * 0.02, partial(self._leave, number))

    def _leave(self, number: int) -> None:
        if not self.lost(number):
            self.hall.at(self.hall.now + self.delay(number), lambda: self._arrive(number))

    def _arrive(self, number: int) -> None:
        now = self.hall.now
        if self.track.muted or self.track not in self.hall.tracks:
            return
        self.stream.last_at = now
        media = MediaPacket(
            1000 + number,
            0,
            (self.base + number * FRAME) & 0xFFFFFFFF,
            self.packets[number],
            level_element(self.level(number)),
            True,
        )
        self.hall.sound.voices.hears(self.track, self.level(number), now)
        for out in self.track.outgoing:
            out.forward(self.stream, media, shared_elements(media, "audio", now), now)
        for tap in self.track.taps:
            tap(self.stream, media, now)


class Ear:
    """Stands where a viewer's transport is; keeps what it is given, by SSRC."""

    def __init__(self, hall: Rehearsal) -> None:
        self.hall = hall
        self.connected = False
        self.route = None
        self.log = SendLog()
        self.heard: dict[int, list[tuple[float, RtpPacket]]] = {}
        self.raw: list[bytes] = []

    def start(self, fingerprints: object, *, active: bool) -> None:
        self.connected = True

    def send_rtp(self, data: bytes) -> None:
        packet = parse_rtp(data)
        self.raw.append(data)
        self.heard.setdefault(packet.ssrc, []).append((self.hall.now, packet))

    def send_rtcp(self, data: bytes) -> None: ...

    def forget_outbound(self, ssrc: int) -> None: ...


class Listener:
    """A viewer and its ear; it answers every offer 50 ms later."""

    def __init__(self, hall: Rehearsal, name: str) -> None:
        self.hall = hall
        self.ear = Ear(hall)
        self.offers: list[str] = []
        self.viewer = Viewer(
            name,
            Counters(),
            lambda viewer: cast(Transport, self.ear),
            lambda transport: TransportDescription((), "u", "p", Fingerprint("sha-256", PRINT)),
            lambda track, now: None,
            lambda viewer: hall.at(hall.now, self._offer),
        )
        hall.sound.welcome(self.viewer)
        hall.listeners.append(self)
        for track in hall.tracks:
            if hall.sees(self.viewer, track):
                self.viewer.watch(track)
        hall.at(hall.now, self._offer)

    def _offer(self) -> None:
        if self.viewer.may_offer:
            version, sdp = self.viewer.offer()
            self.offers.append(sdp)
            self.hall.at(self.hall.now + 0.05, lambda: self._answer(version, sdp))

    def _answer(self, version: int, sdp: str) -> None:
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines += ["a=ice-ufrag:a", "a=ice-pwd:b", f"a=fingerprint:sha-256 {PRINT}", "a=setup:active"]
        for section in parse_sdp(sdp).media:
            lines.append(f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(section.formats)}")
            lines += [f"a=mid:{section.mid}", "a=inactive"]
        self.viewer.answered(version, "\r\n".join(lines) + "\r\n", self.hall.now)

    def use(self, sound: Any) -> None:
        self.viewer.use_sound(sound, self.hall.now)

    @property
    def loudest_queue(self) -> list[tuple[float, RtpPacket]]:
        """What came on the SSRC with the most packets."""
        return max(self.ear.heard.values(), key=len, default=[])


class Rehearsal:
    """`tracks` are the open microphones; everybody may hear everybody else."""

    def __init__(self) -> None:
        self.now = 100.0
        self.tracks: list[Track] = []
        self.listeners: list[Listener] = []
        self.forbidden: set[tuple[str, str]] = set()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._second = self.now
        self.sound = RoomSound(lambda: self.tracks, self.sees, LeanSound(_at_once))

    def sees(self, viewer: Viewer, track: Track) -> bool:
        pair = (viewer.participant_id, track.participant_id)
        return pair[0] != pair[1] and pair not in self.forbidden

    def at(self, when: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, act))

    def speak(self, name: str, sound: bytes, source: str = "microphone") -> Microphone:
        microphone = Microphone(self, name, sound, source)
        track = microphone.track
        self.tracks.append(track)
        self.sound.added(track)
        track.gate = None  # the gate is fed by the microphone itself; what it holds back is tested elsewhere
        for listener in self.listeners:
            if self.sees(listener.viewer, track):
                listener.viewer.watch(track)
        self.sound.review([listener.viewer for listener in self.listeners])
        return microphone

    def leave(self, microphone: Microphone) -> None:
        self.tracks.remove(microphone.track)
        for listener in self.listeners:
            listener.viewer.unwatch(microphone.track)
        self.sound.removed(microphone.track)
        self.sound.review([listener.viewer for listener in self.listeners])

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            while self._events and self._events[0][0] <= self.now + 1e-9:
                heapq.heappop(self._events)[2]()
            if self.sound.lean.awake:
                self.sound.lean.run(self.now)
            if self.now - self._second >= 1.0:
                self._second = self.now
                self.sound.second([listener.viewer for listener in self.listeners], self.now, self.now)
            self.now += 0.005


def played(packets: list[tuple[float, RtpPacket]], base: int | None = None) -> tuple[bytes, int, int]:
    """What a browser plays of one stream with time enough in its buffer: the samples from timestamp `base`,
    how many of them were missing, and how many came twice. Packets are put in order, as NetEQ does it."""
    parts: list[tuple[int, bytes]] = []
    last = 0
    for _, packet in packets:
        payload = packet.payload
        if packet.payload_type == RED_TYPE:
            payload, _ = unpack_red(payload, 111)
        last = unwrap(packet.timestamp, last, 32) if parts else packet.timestamp
        parts.append((last, payload))
    parts.sort(key=lambda part: part[0])
    decoder = OpusDecoder()
    start = parts[0][0] if base is None else unwrap(base, parts[0][0], 32)
    sound = bytearray(2 * (parts[0][0] - start))
    missing = doubled = 0
    for timestamp, payload in parts:
        gap = timestamp - start - len(sound) // 2
        if gap > 0:
            missing += gap
            sound += bytes(2 * gap)
        elif gap < 0:
            doubled -= gap
            del sound[2 * gap :]
        sound += decoder.decode(payload)
        assert packet_length(payload)
    return bytes(sound), missing, doubled


def numbers_are_continuous(packets: list[tuple[float, RtpPacket]]) -> bool:
    """Whether the sequence numbers, put in order, have no hole and no repetition."""
    first = packets[0][1].sequence
    order = sorted(unwrap(packet.sequence, first + len(packets) // 2) for _, packet in packets)
    return order == list(range(order[0], order[0] + len(order)))


__all__ = ["FRAME", "RATE", "Ear", "Listener", "Microphone", "Rehearsal", "numbers_are_continuous", "played"]
