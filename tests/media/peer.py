"""A synthetic client: real ICE checks, DTLS and SRTP over a real socket, without a browser.

It speaks to the engine through the same descriptions a browser does. `Publisher` sends made-up VP8 and Opus
and obeys NACK and PLI; `Watcher` answers offers and remembers what it receives.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, cast

import pylibsrtp
from aioice import stun
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from conference.media.rtcp import Nack, Packet, Pli, SenderReport, parse_rtcp
from conference.media.rtp import (
    ABS_SEND_TIME,
    AUDIO_LEVEL,
    MID,
    RID,
    RRID,
    TRANSPORT_CC,
    RtpPacket,
    parse_rtp,
)
from conference.media.sdp import SessionDescription, parse_sdp

OPUS, VP8, RTX = 111, 96, 97
MID_ID, LEVEL_ID, TIME_ID, TWCC_ID, RID_ID, RRID_ID = 4, 1, 2, 3, 10, 11
SIZES = {"": (640, 360), "q": (320, 180), "h": (640, 360), "f": (1280, 720)}
H264_PROFILE = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
H264_KEY = bytes.fromhex("6742c01eda0280bfe5c05a808080a0000003002000000651e2c5d4")  # 640x360


async def until(condition: Callable[[], Any], seconds: float = 120.0, what: str = "") -> None:
    """Wait for a condition; time only bounds a failure."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not reached in {seconds} s: {what or condition}")
        await asyncio.sleep(0.01)


class Connection:
    """One peer connection's transport: a controlling ICE agent with one candidate, DTLS client, SRTP."""

    role = "controlling"

    def __init__(self) -> None:
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self.certificate = RTCCertificate.generateCertificate()
        self.sock = self._new_socket()
        self.remote: tuple[str, int] = ("", 0)
        self.remote_ufrag = self.remote_password = ""
        self.on_rtp: Callable[[RtpPacket], None] = lambda packet: None
        self.on_rtcp: Callable[[Packet], None] = lambda packet: None
        self.checked = asyncio.Event()
        self.connected = False
        self.consent = True
        self.loss: Callable[[bytes], bool] = lambda data: False  # of what arrives, before decryption
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.dtls = RTCDtlsTransport(cast(Any, self), [self.certificate])
        self.dtls._set_role("client")
        self._tasks: list[asyncio.Task[None]] = []

    def _new_socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.bind(("127.0.0.1", 0))
        asyncio.get_running_loop().add_reader(sock.fileno(), self._readable, sock)
        return sock

    @property
    def fingerprint(self) -> str:
        return self.certificate.getFingerprints()[0].value

    def lines(self, setup: str) -> list[str]:
        return [
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{self.ufrag}",
            f"a=ice-pwd:{self.password}",
            f"a=fingerprint:sha-256 {self.fingerprint}",
            f"a=setup:{setup}",
        ]

    def take(self, description: SessionDescription) -> None:
        """The server's credentials and address."""
        self.remote_ufrag = description.ice_ufrag
        self.remote_password = next(value for name, value in description.attributes if name == "ice-pwd")
        parts = (description.media[0].value("candidate") or "").split()
        self.remote = (parts[4], int(parts[5]))

    async def connect(self, description: SessionDescription) -> None:
        self.take(description)
        self._tasks.append(asyncio.create_task(self._keep_checking()))
        await asyncio.wait_for(self.checked.wait(), 60)
        fingerprints = [RTCDtlsFingerprint(f.algorithm, f.value) for f in description.fingerprints]
        await asyncio.wait_for(self.dtls.start(RTCDtlsParameters(fingerprints)), 60)
        assert self.dtls.state == "connected", self.dtls.state
        self.connected = True

    def check_request(self, password: str | None = None) -> bytes:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.remote_ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1845501695
        request.attributes["ICE-CONTROLLING"] = 7
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity((password or self.remote_password).encode())
        return bytes(request)

    async def _keep_checking(self) -> None:
        while True:
            if self.consent:
                self.sock.sendto(self.check_request(), self.remote)
            await asyncio.sleep(0.2 if self.checked.is_set() else 0.05)

    def move(self) -> None:
        """Another address, as after a change of network."""
        old, self.sock = self.sock, self._new_socket()
        asyncio.get_running_loop().remove_reader(old.fileno())
        old.close()
        self.sock.sendto(self.check_request(), self.remote)

    def _readable(self, sock: socket.socket) -> None:
        for _ in range(64):
            try:
                data = sock.recv(2048)
            except (BlockingIOError, ConnectionRefusedError, OSError):
                return
            self._datagram(data)

    def _datagram(self, data: bytes) -> None:
        if data[0] < 4:
            message = stun.parse_message(data)
            if message.message_class == stun.Class.RESPONSE and message.check_message_integrity(
                self.remote_password.encode()
            ):
                self.checked.set()
        elif 20 <= data[0] <= 63:
            self._queue.put_nowait(data)
        elif self.connected and not self.loss(data):
            if 192 <= data[1] <= 223:
                packets, malformed = parse_rtcp(self.dtls._rx_srtp.unprotect_rtcp(data))
                assert malformed == 0
                for packet in packets:
                    self.on_rtcp(packet)
            else:
                self.on_rtp(parse_rtp(self.dtls._rx_srtp.unprotect(data)))

    async def _recv(self) -> bytes:
        data = await self._queue.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self.sock.sendto(data, self.remote)

    def send_rtp(self, packet: bytes) -> None:
        try:
            self.sock.sendto(self.dtls._tx_srtp.protect(packet), self.remote)
        except (BlockingIOError, pylibsrtp.Error):
            pass

    def send_rtcp(self, packet: bytes) -> None:
        self.sock.sendto(self.dtls._tx_srtp.protect_rtcp(packet), self.remote)

    async def close(self, *, goodbye: bool = True) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if goodbye:
            await self.dtls.stop()
        elif self.dtls._task is not None:
            self.dtls._task.cancel()
        self._queue.put_nowait(None)
        await asyncio.sleep(0)
        if self.sock.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self.sock.fileno())
            self.sock.close()


class Publisher:
    """Publishes sources; each is one m-line with signalled SSRCs, as browsers do it.

    With `layers` the camera is sent in as many sizes, by rid and without signalled SSRCs; a layer is known
    below as `camera:rid`. `off` are layers that are not sent. `h264`: the only codec of video. `unnamed`:
    packets no longer say their mid and rid, as Chromium's once the server has reported their SSRC.
    """

    def __init__(
        self,
        sources: tuple[str, ...] = ("microphone", "camera"),
        layers: tuple[str, ...] = (),
        *,
        h264: bool = False,
    ) -> None:
        self.layers = layers
        self.h264 = h264
        self.off: set[str] = set()
        self.unnamed = False
        self.connection = Connection()
        self.session = str(secrets.randbits(60))
        self.version = 0
        self.sources = list(sources)
        streams = [stream for source in sources for stream in self.streams_of(source)]
        self.ssrcs = {stream: secrets.randbits(32) for stream in streams}
        self.rtx = {stream: secrets.randbits(32) for stream in streams}
        self.sequences = dict.fromkeys(streams, 65000)  # wraps soon
        self.timestamps = dict.fromkeys(streams, 1000)
        self.pictures = dict.fromkeys(streams, 0)
        self.twcc = 65500
        self.rtx_sequence = 0
        self.plis = 0
        self.nacked: list[int] = []
        self.feedback = 0
        self.reports = 0
        self.want_key = dict.fromkeys(streams, True)
        self.level = 20
        self.sent: dict[str, int] = defaultdict(int)
        self.history: deque[tuple[int, RtpPacket]] = deque(maxlen=500)
        self.withhold: Callable[[str, int], bool] = lambda source, sequence: False
        self.connection.on_rtcp = self._on_rtcp
        self._task: asyncio.Task[None] | None = None

    @property
    def tracks(self) -> dict[str, str]:
        return {str(i): source for i, source in enumerate(self.sources) if source}

    def streams_of(self, source: str) -> list[str]:
        return [f"camera:{rid}" for rid in self.layers] if self.layers and source == "camera" else [source]

    def offer(self) -> str:
        self.version += 1
        mids = " ".join(str(i) for i in range(len(self.sources)))
        lines = ["v=0", f"o=- {self.session} {self.version} IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines += [f"a=group:BUNDLE {mids}", "a=extmap-allow-mixed"]
        for index, source in enumerate(self.sources):
            video = source in ("camera", "screen")
            lines.append(
                f"m=video 9 UDP/TLS/RTP/SAVPF {VP8} {RTX}" if video else f"m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}"
            )
            lines += [*self.connection.lines("actpass"), f"a=mid:{index}", "a=sendonly", "a=rtcp-mux"]
            if video:
                lines += [f"a=rtpmap:{RTX} rtx/90000", f"a=fmtp:{RTX} apt={VP8}"]
                lines.append(f"a=rtpmap:{VP8} {'H264' if self.h264 else 'VP8'}/90000")
                lines += [f"a=fmtp:{VP8} {H264_PROFILE}"] if self.h264 else []
                lines += [f"a=rtcp-fb:{VP8} {text}" for text in ("nack", "nack pli", "transport-cc")]
            else:
                lines += [f"a=rtpmap:{OPUS} opus/48000/2", f"a=extmap:{LEVEL_ID} {AUDIO_LEVEL}"]
            lines += [f"a=extmap:{MID_ID} {MID}", f"a=extmap:{TIME_ID} {ABS_SEND_TIME}"]
            lines += [f"a=extmap:{TWCC_ID} {TRANSPORT_CC}"]
            if source not in self.ssrcs:
                lines += [f"a=extmap:{RID_ID} {RID}", f"a=extmap:{RRID_ID} {RRID}"]
                lines += [f"a=rid:{rid} send" for rid in self.layers]
                lines.append("a=simulcast:send " + ";".join(self.layers))
                continue
            ssrc = self.ssrcs[source]
            if video:
                lines.append(f"a=ssrc-group:FID {ssrc} {self.rtx[source]}")
            lines.append(f"a=ssrc:{ssrc} cname:x")
            if video:
                lines.append(f"a=ssrc:{self.rtx[source]} cname:x")
        return "\r\n".join(lines) + "\r\n"

    async def publish(self, engine: Any, room: str, name: str) -> None:
        """Offer, connect, and begin to send 25 pictures and 50 sounds a second."""
        answer = await engine.publish(room, name, self.offer(), self.tracks)
        await self.connection.connect(parse_sdp(answer))
        self._task = asyncio.create_task(self._send_media())

    async def _send_media(self) -> None:
        tick = 0
        while True:
            for source in self.sources:
                if source in ("microphone", "screen-audio"):
                    self.send_audio(source)
                elif tick % 2 == 0:
                    for stream in self.streams_of(source):
                        if stream.partition(":")[2] not in self.off:
                            self.send_frame(stream)
            tick += 1
            await asyncio.sleep(0.02)

    def send_audio(self, source: str) -> None:
        self.timestamps[source] += 960
        self._send(source, OPUS, secrets.token_bytes(40), True, {LEVEL_ID: bytes([self.level])})

    def send_frame(self, source: str, packets: int = 2) -> None:
        key, self.want_key[source] = self.want_key[source], False
        self.timestamps[source] += 3600
        if self.h264:
            data = b"\x65" if key else b"\x41"
            if key:
                self._send(source, VP8, H264_KEY, False, {})
            self._send(source, VP8, data + secrets.token_bytes(300), True, {})
            return
        self.pictures[source] = picture = (self.pictures[source] + 1) & 0x7FFF
        for part in range(packets):
            first = part == 0
            descriptor = bytes([0x90 if first else 0x80, 0x80]) + struct.pack("!H", 0x8000 | picture)
            tag = (key_head(source) if key else b"\x01") if first else b"\x55"
            self._send(source, VP8, descriptor + tag + secrets.token_bytes(300), part == packets - 1, {})

    def send_padding(self, source: str) -> None:
        self._send(source, VP8, b"", False, {}, padding=200)

    def _send(
        self, source: str, kind: int, payload: bytes, marker: bool, more: dict[int, bytes], padding: int = 0
    ) -> None:
        self.sequences[source] = sequence = (self.sequences[source] + 1) & 0xFFFF
        base, _, rid = source.partition(":")
        mid = str(self.sources.index(base)).encode()
        names = {} if self.unnamed else {MID_ID: mid, **({RID_ID: rid.encode()} if rid else {})}
        self.twcc = (self.twcc + 1) & 0xFFFF
        packet = RtpPacket(
            kind,
            marker,
            sequence,
            self.timestamps[source] & 0xFFFFFFFF,
            self.ssrcs[source],
            payload,
            {**names, TWCC_ID: self.twcc.to_bytes(2, "big"), **more},
            padding,
        )
        self.history.append((sequence, packet))
        self.sent[source] += 1
        if not self.withhold(source, sequence):
            self.connection.send_rtp(packet.pack())

    def send_report(self, source: str) -> None:
        ntp = int((time.time() + 2208988800) * (1 << 32))
        stamp = self.timestamps[source] & 0xFFFFFFFF
        self.connection.send_rtcp(SenderReport(self.ssrcs[source], ntp, stamp, 1, 1).pack())

    def _on_rtcp(self, packet: Packet) -> None:
        if isinstance(packet, Pli):
            self.plis += 1
            for stream, ssrc in self.ssrcs.items():
                if ssrc == packet.media:
                    self.want_key[stream] = True
        elif isinstance(packet, Nack):
            self.nacked += packet.sequences
            source = next((s for s, ssrc in self.ssrcs.items() if ssrc == packet.media), None)
            for sequence in packet.sequences:
                for known, old in self.history:
                    if known == sequence and old.ssrc == packet.media and source is not None:
                        self._repeat(source, old)
        else:
            name = type(packet).__name__
            self.feedback += name == "TransportFeedback"
            self.reports += name == "ReceiverReport"

    def _repeat(self, source: str, old: RtpPacket) -> None:
        self.rtx_sequence += 1
        rid = source.partition(":")[2]
        mid = old.extensions.get(MID_ID)
        names = {MID_ID: mid, **({RRID_ID: rid.encode()} if rid else {})} if mid else {}
        again = RtpPacket(
            RTX,
            old.marker,
            self.rtx_sequence & 0xFFFF,
            old.timestamp,
            self.rtx[source],
            old.sequence.to_bytes(2, "big") + old.payload,
            names,
        )
        self.connection.send_rtp(again.pack())

    async def close(self, *, goodbye: bool = True) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.connection.close(goodbye=goodbye)


def key_head(stream: str) -> bytes:
    """The beginning of a VP8 key frame of this stream's size (RFC 6386 §9.1)."""
    width, height = SIZES[stream.partition(":")[2]]
    return b"\x00\x00\x00\x9d\x01\x2a" + width.to_bytes(2, "little") + height.to_bytes(2, "little")


class Received:
    """What a watcher has of one m-line: packets in order of arrival, and the description they came under."""

    def __init__(self, kind: str, track: str, ssrc: int, rtx: int | None) -> None:
        self.kind, self.track, self.ssrc, self.rtx = kind, track, ssrc, rtx
        self.packets: list[RtpPacket] = []
        self.repeated: list[RtpPacket] = []
        self.reports: list[SenderReport] = []

    @property
    def frames(self) -> int:
        return sum(packet.marker for packet in self.packets)

    def missing(self) -> list[int]:
        """Sequence numbers between the first and the last that never came."""
        if not self.packets:
            return []
        first = self.packets[0].sequence
        seen = {(p.sequence - first) & 0xFFFF for p in self.packets}
        seen |= {(int.from_bytes(p.payload[:2], "big") - first) & 0xFFFF for p in self.repeated}
        return [(first + n) & 0xFFFF for n in range(max(seen) + 1) if n not in seen]


class Watcher:
    """Answers offers; `received` maps the track id of the msid to what came."""

    def __init__(self, *, without: str = "") -> None:
        self.without = without  # a codec it cannot decode: m-lines of nothing else are refused
        self.connection = Connection()
        self.received: dict[str, Received] = {}
        self.by_ssrc: dict[int, Received] = {}
        self.offers: list[str] = []
        self.first_answer = ""
        self.connection.on_rtp = self._on_rtp
        self.connection.on_rtcp = self._on_rtcp
        self.unknown = 0

    async def subscribe(self, engine: Any, room: str, name: str) -> None:
        offer = await engine.subscribe(room, name)
        description = parse_sdp(offer.sdp)
        await engine.subscribe_answer(room, name, offer.version, self.answer(offer.sdp))
        await self.connection.connect(description)

    def answer(self, sdp: str) -> str:
        self.offers.append(sdp)
        offer = parse_sdp(sdp)
        self.connection.take(offer)
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        current: set[str] = set()
        for section in offer.media:
            active = section.direction == "sendonly"
            names = {codec.name.lower() for codec in section.codecs().values()} - {"rtx", "red"}
            if names == {self.without}:
                lines.append(f"m={section.kind} 0 UDP/TLS/RTP/SAVPF {' '.join(section.formats)}")
                lines += [*self.connection.lines("active"), f"a=mid:{section.mid}", "a=inactive"]
                continue
            lines.append(f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(section.formats)}")
            lines += [*self.connection.lines("active"), f"a=mid:{section.mid}"]
            lines.append("a=recvonly" if active else "a=inactive")
            if active:
                track = (section.value("msid") or "").split()[1].rpartition("~")[0]
                pairs = section.flow_pairs()
                ssrc = section.sources()[0]
                current.add(track)
                if track not in self.received or self.received[track].ssrc != ssrc:
                    entry = Received(section.kind, track, ssrc, pairs[0][1] if pairs else None)
                    self.received[track] = self.by_ssrc[ssrc] = entry
                    if entry.rtx is not None:
                        self.by_ssrc[entry.rtx] = entry
        for track in [t for t in self.received if t not in current]:
            del self.received[track]
        return "\r\n".join(lines) + "\r\n"

    def _on_rtp(self, packet: RtpPacket) -> None:
        entry = self.by_ssrc.get(packet.ssrc)
        if entry is None:
            self.unknown += 1
        elif packet.ssrc == entry.rtx:
            entry.repeated.append(packet)
        else:
            entry.packets.append(packet)

    def _on_rtcp(self, packet: Packet) -> None:
        if isinstance(packet, SenderReport) and packet.ssrc in self.by_ssrc:
            self.by_ssrc[packet.ssrc].reports.append(packet)

    async def close(self, *, goodbye: bool = True) -> None:
        await self.connection.close(goodbye=goodbye)


class House:
    """The listener of a test; it answers offers."""

    def __init__(self) -> None:
        self.engine: Any = None
        self.watchers: dict[str, Watcher] = {}
        self.tracks: list[tuple[str, str, bool]] = []
        self.speaking: list[list[str]] = []
        self.gone: list[str] = []
        self.layers: list[tuple[str, str, tuple[str, ...]]] = []
        self.rungs: list[tuple[str, str, str]] = []
        self.reopened: list[str] = []
        self.recordings_failed: list[tuple[str, str]] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def on_offer(self, room_id: str, participant_id: str, version: int, sdp: str) -> None:
        watcher = self.watchers.get(participant_id)
        if watcher is not None:
            answer = watcher.answer(sdp)
            task = asyncio.ensure_future(
                self.engine.subscribe_answer(room_id, participant_id, version, answer)
            )
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def on_track(self, room_id: str, participant_id: str, source: str, published: bool) -> None:
        self.tracks.append((participant_id, source, published))

    def on_speaking(self, room_id: str, participant_ids: list[str]) -> None:
        self.speaking.append(participant_ids)

    def on_gone(self, room_id: str, participant_id: str) -> None:
        self.gone.append(participant_id)

    def on_layers(self, room_id: str, participant_id: str, source: str, rids: tuple[str, ...]) -> None:
        self.layers.append((participant_id, source, rids))

    def on_rung(self, room_id: str, participant_id: str, rung: str, reason: str) -> None:
        self.rungs.append((participant_id, rung, reason))

    def on_recording_failed(self, room_id: str, code: str) -> None:
        self.recordings_failed.append((room_id, code))

    def on_reopened(self, room_id: str) -> None:
        self.reopened.append(room_id)

    async def watch(self, name: str, room: str = "hall", *, without: str = "") -> Watcher:
        watcher = self.watchers[name] = Watcher(without=without)
        await watcher.subscribe(self.engine, room, name)
        return watcher
