"""A camera that sends simulcast with temporal layers, a lossy path, and a viewer, all in virtual time.

The real `Publisher` takes the packets and the real `OutgoingVideo` passes them on; only the two transports
are replaced, by lists. The camera obeys NACK and PLI and remembers what each of its pictures needs, so that
it can be checked whether what a viewer got can be decoded.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from conference.media.acceptance import AcceptedOffer
from conference.media.counters import Counters
from conference.media.outgoing_video import OutgoingVideo
from conference.media.publisher import Publisher
from conference.media.rtcp import Nack, Pli, SenderReport, parse_rtcp
from conference.media.rtp import RtpPacket, parse_rtp, unwrap
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.vp8 import read_descriptor

VP8, RTX = 96, 97
MID_ID, RID_ID, RRID_ID = 4, 10, 11
FRAME_SECONDS = 1 / 30
# libvpx's three temporal layers: (layer, whether it needs nothing but the lowest one)
PATTERN = ((0, False), (2, True), (1, True), (2, False), (0, False), (2, False), (1, False), (2, False))
SIZES = {"q": (320, 180), "h": (640, 360), "f": (1280, 720), "": (640, 360)}


@dataclass
class Picture:
    """What the encoder knows of a picture: `needs` are the pictures without which it cannot be decoded."""

    rid: str
    number: int
    temporal: int
    key: bool
    packets: int
    at: float
    needs: tuple[Picture, ...] = ()


class Encoder:
    """One layer: its own SSRC, sequence numbers, clock and picture ids, all beginning anywhere."""

    def __init__(self, rid: str, random: Random) -> None:
        self.rid = rid
        self.ssrc, self.rtx_ssrc = random.getrandbits(32), random.getrandbits(32)
        self.sequence = random.getrandbits(16)
        self.rtx_sequence = random.getrandbits(16)
        self.clock = random.getrandbits(32)
        self.picture_id, self.tl0 = random.getrandbits(15), random.getrandbits(8)
        self.active = True
        self.key_wanted = True
        self.step = 0
        self.number = 0
        self.latest: dict[int, Picture] = {}
        self.sent: dict[int, RtpPacket] = {}

    def timestamp(self, now: float) -> int:
        return self.clock + round(now * 90_000) & 0xFFFFFFFF

    def picture(self, now: float, random: Random) -> tuple[Picture, list[RtpPacket]]:
        key, self.key_wanted = self.key_wanted, False
        self.step = 0 if key else (self.step + 1) % len(PATTERN)
        temporal, sync = PATTERN[self.step]
        if key:
            needs: list[Picture] = []
            self.latest = {}
        else:
            layers = (0,) if temporal == 0 or sync else range(temporal + 1)
            needs = [self.latest[layer] for layer in layers if layer in self.latest]
        self.number += 1
        count = random.randint(1, 3)
        made = Picture(self.rid, self.number, temporal, key, count, now, tuple(needs))
        self.latest[temporal] = made
        self.picture_id = self.picture_id + 1 & 0x7FFF
        if temporal == 0:
            self.tl0 = self.tl0 + 1 & 0xFF
        return made, [self._packet(made, part, sync, now) for part in range(count)]

    def _packet(self, made: Picture, part: int, sync: bool, now: float) -> RtpPacket:
        head = bytes([0x90 if part == 0 else 0x80, 0xE0]) + (0x8000 | self.picture_id).to_bytes(2, "big")
        head += bytes([self.tl0, made.temporal << 6 | sync << 5])
        data = b"%s %d %d " % (self.rid.encode(), made.number, part)
        if part == 0:
            tag = bytes([0 if made.key else 1, 0, 0])
            if made.key:
                width, height = SIZES[self.rid]
                tag += b"\x9d\x01\x2a" + width.to_bytes(2, "little") + height.to_bytes(2, "little")
            data = tag + data
        return self._numbered(now, part == made.packets - 1, head + data)

    def padding(self, now: float) -> RtpPacket:
        return self._numbered(now, False, b"", 100)

    def _numbered(self, now: float, marker: bool, payload: bytes, padding: int = 0) -> RtpPacket:
        self.sequence = self.sequence + 1 & 0xFFFF
        elements = {MID_ID: b"0", RID_ID: self.rid.encode()} if self.rid else {MID_ID: b"0"}
        stamp = self.timestamp(now)
        packet = RtpPacket(VP8, marker, self.sequence, stamp, self.ssrc, payload, elements, padding)
        self.sent[self.sequence] = packet
        return packet

    def again(self, sequence: int) -> RtpPacket | None:
        old = self.sent.get(sequence)
        if old is None or not old.payload:
            return None
        self.rtx_sequence = self.rtx_sequence + 1 & 0xFFFF
        elements = {MID_ID: b"0", RRID_ID: self.rid.encode()} if self.rid else {MID_ID: b"0"}
        payload = old.sequence.to_bytes(2, "big") + old.payload
        return RtpPacket(RTX, old.marker, self.rtx_sequence, old.timestamp, self.rtx_ssrc, payload, elements)

    def report(self, now: float) -> bytes:
        ntp = int((now + 3_900_000_000) * (1 << 32))
        return SenderReport(self.ssrc, ntp, self.timestamp(now), 1, 1).pack()


class Line:
    """Stands for a connected transport: keeps what is sent over it, and when."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.connected = True
        self.route = self.log = None
        self.now = now
        self.rtp: list[RtpPacket] = []
        self.rtcp: list[Any] = []
        self.on_rtcp: Callable[[Any], None] = lambda packet: None

    def send_rtp(self, data: bytes) -> None:
        self.rtp.append(parse_rtp(data))

    def send_rtcp(self, data: bytes) -> None:
        packets, malformed = parse_rtcp(data)
        assert malformed == 0
        self.rtcp += packets
        for packet in packets:
            self.on_rtcp(packet)

    def expect_inbound(self, ssrc: int) -> None: ...

    def retire_inbound(self, ssrc: int) -> None: ...


@dataclass
class Path:
    """What happens to packets between camera and server; chances from 0 to 1, seconds."""

    loss: float = 0.0
    reorder: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.02
    repairs: bool = True


@dataclass(order=True)
class Event:
    at: float
    order: int
    act: Callable[[], None] = field(compare=False)


class Hall:
    """A simulcast camera, its publisher, and viewers. `run` moves the time."""

    def __init__(
        self, random: Random, path: Path | None = None, rids: tuple[str, ...] = ("q", "h", "f")
    ) -> None:
        self.random = random
        self.path = path or Path()
        self.now = 100.0
        self.encoders = {rid: Encoder(rid, random) for rid in rids or ("",)}
        self.pictures: dict[tuple[str, int], Picture] = {}
        self.never_arrived = 0
        self.padding = 0.0
        self.told: list[tuple[str, ...]] = []
        self._events: list[Event] = []
        self._order = itertools.count()
        self.uplink = Line(lambda: self.now)
        self.uplink.on_rtcp = self._on_rtcp
        self.publisher = Publisher(
            "speaker",
            ("1", "AA"),
            Counters(),
            1_000_000_000,
            lambda publisher: cast(Transport, self.uplink),
        )
        self.publisher.apply(
            AcceptedOffer(
                sources={"0": "camera"},
                payload_types={"0": VP8},
                rtx_types={RTX},
                codecs={"0": "vp8"},
                parameters={"0": ""},
                rids={"0": rids},
                repaired={"0"},
                mid_id=MID_ID,
                rid_id=RID_ID,
                rrid_id=RRID_ID,
            )
        )
        self._later(0.0, self._capture)
        self._later(0.01, self._tick)
        self._later(0.5, self._report)

    @property
    def track(self) -> Track:
        return self.publisher.tracks["0"]

    def viewer(self) -> Viewer:
        return Viewer(self)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self._events[0].at <= end:
            event = heapq.heappop(self._events)
            self.now = max(self.now, event.at)
            event.act()
        self.now = end

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        self._later(seconds, act)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, Event(self.now + seconds, next(self._order), act))

    def _capture(self) -> None:
        self._later(FRAME_SECONDS, self._capture)
        for encoder in self.encoders.values():
            if not encoder.active:
                encoder.key_wanted = True
                continue
            made, packets = encoder.picture(self.now, self.random)
            self.pictures[made.rid, made.number] = made
            for packet in packets:
                self._send(packet)
            if self.random.random() < self.padding:
                self._send(encoder.padding(self.now))

    def _send(self, packet: RtpPacket) -> None:
        random, path = self.random, self.path
        if packet.payload and random.random() < path.loss:  # padding that is lost is never repaired
            self.never_arrived += not path.repairs
            return
        delay = path.delay + (random.random() * 0.08 if random.random() < path.reorder else 0.0)
        self._arrive(packet, delay)
        if random.random() < path.duplicate:
            self._arrive(packet, delay + random.random() * 0.05)

    def _arrive(self, packet: RtpPacket, delay: float) -> None:
        data = packet.pack()
        self._later(delay, lambda: self.publisher.on_rtp(data, self.now))

    def _on_rtcp(self, packet: Any) -> None:
        for encoder in self.encoders.values():
            if isinstance(packet, Pli) and packet.media == encoder.ssrc:
                self._later(self.path.delay, lambda e=encoder: setattr(e, "key_wanted", True))  # type: ignore[misc]
            elif isinstance(packet, Nack) and packet.media == encoder.ssrc and self.path.repairs:
                for sequence in packet.sequences:
                    again = encoder.again(sequence)
                    if again is not None and self.random.random() >= self.path.loss:
                        self._arrive(again, 2 * self.path.delay)

    def _tick(self) -> None:
        self._later(0.05, self._tick)
        self.publisher.tick(self.now)
        self.told += [rids for _, rids in self.publisher.layers_due(self.now)]

    def _report(self) -> None:
        self._later(1.0, self._report)
        for encoder in self.encoders.values():
            if encoder.active:
                data = encoder.report(self.now)
                self._later(self.path.delay, lambda d=data: self.publisher.on_rtcp(d, self.now))  # type: ignore[misc]


@dataclass
class Shown:
    """A picture as the viewer received it."""

    picture: Picture
    timestamp: int
    picture_id: int
    tl0: int
    parts: set[int] = field(default_factory=set)

    @property
    def whole(self) -> bool:
        return len(self.parts) == self.picture.packets


class Viewer:
    """One outgoing stream and the packets that came out of it."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.line = Line(lambda: hall.now)
        self.repaired: dict[int, RtpPacket] = {}
        self.out = OutgoingVideo(hall.track, cast(Transport, self.line), "7", Counters())
        hall.track.outgoing = (*hall.track.outgoing, self.out)
        self.out.open = True

    def ask_again(self, numbers: list[int]) -> dict[int, RtpPacket]:
        """What a NACK brings over RTX, as the packets it stands for."""
        before = len(self.line.rtp)
        self.out.resend(tuple(number & 0xFFFF for number in numbers), self.hall.now)
        found: dict[int, RtpPacket] = {}
        for packet in self.line.rtp[before:]:
            assert packet.ssrc == self.out.rtx_ssrc
            number = unwrap(int.from_bytes(packet.payload[:2], "big"), numbers[-1])
            packet.payload = packet.payload[2:]
            found[number] = packet
        return found

    def repair(self) -> None:
        """Ask for everything that is missing, as a browser would, and put in what comes."""
        numbers = self.numbered()
        missing = [n for n in range(min(numbers), max(numbers)) if n not in numbers]
        if missing:
            self.repaired |= self.ask_again(missing)

    def numbered(self) -> dict[int, RtpPacket]:
        """What was sent on the media SSRC, by sequence number without wrapping; none may be used twice."""
        found: dict[int, RtpPacket] = dict(self.repaired)
        reference = None
        for packet in self.line.rtp:
            if packet.ssrc != self.out.ssrc:
                continue
            reference = packet.sequence if reference is None else unwrap(packet.sequence, reference)
            assert reference not in found, "one sequence number for two packets"
            found[reference] = packet
        return found

    def pictures(self) -> list[Shown]:
        """In the order of the sequence numbers."""
        shown: list[Shown] = []
        packets = self.numbered()
        for number in sorted(packets):
            packet = packets[number]
            if not packet.payload:
                continue  # padding in the place of something that was not wanted any more
            descriptor = read_descriptor(packet.payload)
            data = packet.payload[descriptor.size :]
            if descriptor.starts_partition:
                data = data[3 if data[0] & 1 else 10 :]
            rid, serial, part = data.decode().split(" ")[:3]
            picture = self.hall.pictures[rid, int(serial)]
            assert descriptor.picture_id is not None
            assert descriptor.tl0picidx is not None
            if not shown or shown[-1].picture is not picture:
                shown.append(Shown(picture, packet.timestamp, descriptor.picture_id, descriptor.tl0picidx))
            assert shown[-1].timestamp == packet.timestamp
            assert shown[-1].picture_id == descriptor.picture_id
            shown[-1].parts.add(int(part))
        return shown
