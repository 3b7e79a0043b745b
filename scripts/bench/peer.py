"""A synthetic WebRTC client that is cheap enough to stand beside a hundred others.

Connecting is the real thing: ICE connectivity checks (RFC 8445, controlling), a DTLS handshake and SRTP keys.
After that a viewer only reads the first bytes of each packet, from batches the kernel hands over, and leaves
the rest encrypted; it still sends what a browser sends: reception reports and, where they were agreed,
transport-wide feedback with the kernel's own arrival times.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import struct
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from aioice import stun
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)

from conference.media.rtcp import Pli, ReceiverReport, ReportBlock, parse_rtcp
from conference.media.rtp import TRANSPORT_CC
from conference.media.twcc import ArrivalLog
from scripts.bench.receiving import Batch

_PATIENCE = 60.0  # seconds for a handshake; a loaded machine is slow, not broken
_FEEDBACK_INTERVAL = 0.1
_REPORT_INTERVAL = 1.0
_PAYLOAD_TIME = struct.Struct("!Q")
# The one profile every server here has, so that all are measured with the same cipher.
_PROFILES = [profile for profile in SRTP_PROFILES if profile.openssl_profile == b"SRTP_AEAD_AES_128_GCM"]


@cache
def _own_address() -> str:
    """The machine's address on its default route; loopback where there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


@dataclass
class Remote:
    """What a peer needs of the server's description."""

    ufrag: str
    password: str
    fingerprint: str
    address: tuple[str, int]
    ssrcs: list[int] = field(default_factory=list)
    twcc_id: int = 0

    @classmethod
    def read(cls, sdp: str) -> Remote:
        """From an offer or answer. Raises ValueError when a part is missing."""

        def first(pattern: str) -> re.Match[str]:
            found = re.search(pattern, sdp, re.MULTILINE | re.IGNORECASE)
            if found is None:
                raise ValueError(f"no {pattern!r} in the server's description:\n{sdp}")
            return found

        candidate = first(r"^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host")
        extension = re.search(rf"^a=extmap:(\d+)\S* {re.escape(TRANSPORT_CC)}", sdp, re.MULTILINE)
        return cls(
            first(r"^a=ice-ufrag:(\S+)")[1],
            first(r"^a=ice-pwd:(\S+)")[1],
            first(r"^a=fingerprint:sha-256 (\S+)")[1],
            (candidate[1], int(candidate[2])),
            [int(ssrc) for ssrc in dict.fromkeys(re.findall(r"^a=ssrc:(\d+) ", sdp, re.MULTILINE))],
            int(extension[1]) if extension else 0,
        )


class Connection:
    """One transport: a socket of its own, ICE with one nominated pair, DTLS as the client."""

    role = "controlling"
    certificate: RTCCertificate | None = None  # one for all: making a hundred keys measures nothing

    def __init__(self) -> None:
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 << 20)
        # Any address: Janus offers no loopback candidate. Packets between a machine's addresses stay on it.
        self.sock.bind(("", 0))
        if Connection.certificate is None:
            Connection.certificate = RTCCertificate.generateCertificate()
        self._dtls = RTCDtlsTransport(cast(Any, self), [Connection.certificate])
        self._dtls._set_role("client")
        self._dtls._srtp_profiles = _PROFILES
        self._datagrams: asyncio.Queue[bytes] = asyncio.Queue()
        self._checked = asyncio.Event()
        self._remote = Remote("", "", "", ("", 0))

    def lines(self, setup: str) -> list[str]:
        """The transport's lines of our description."""
        assert Connection.certificate is not None
        fingerprint = next(f for f in Connection.certificate.getFingerprints() if f.algorithm == "sha-256")
        return [
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{self.ufrag}",
            f"a=ice-pwd:{self.password}",
            f"a=fingerprint:sha-256 {fingerprint.value}",
            f"a=setup:{setup}",
            f"a=candidate:1 1 udp 2130706431 {_own_address()} {self.sock.getsockname()[1]} typ host",
            "a=end-of-candidates",
        ]

    async def connect(self, remote: Remote) -> None:
        """Check, nominate, shake hands. Raises TimeoutError, ConnectionError."""
        self._remote = remote
        loop = asyncio.get_running_loop()
        loop.add_reader(self.sock.fileno(), self._readable)
        try:
            async with asyncio.timeout(_PATIENCE):
                while not self._checked.is_set():
                    self.check()
                    try:
                        await asyncio.wait_for(self._checked.wait(), 0.2)
                    except TimeoutError:
                        continue
                await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint("sha-256", remote.fingerprint)]))
        finally:
            loop.remove_reader(self.sock.fileno())
        if self._dtls.state != "connected":
            raise ConnectionError(f"DTLS is {self._dtls.state}")
        self.protect, self.protect_rtcp = self._dtls._tx_srtp.protect, self._dtls._tx_srtp.protect_rtcp
        self.unprotect = self._dtls._rx_srtp.unprotect
        self.unprotect_rtcp = self._dtls._rx_srtp.unprotect_rtcp

    def check(self) -> None:
        """A Binding request that nominates this pair; also the consent to go on (RFC 7675)."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._remote.ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1845501695
        request.attributes["ICE-CONTROLLING"] = 7
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._remote.password.encode())
        self._to_wire(bytes(request))

    def _readable(self) -> None:
        for _ in range(16):
            try:
                data, source = self.sock.recvfrom(2048)
            except OSError:
                return
            if data[0] == 1:  # a response
                self._checked.set()
            elif data[0] == 0:
                self._answer_check(data, source)
            elif 20 <= data[0] <= 63:
                self._datagrams.put_nowait(data)

    def _answer_check(self, data: bytes, source: tuple[str, int]) -> None:
        """libnice checks back even as the lite agent it says it is, and gives up without an answer."""
        request = stun.parse_message(data)
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
        response.attributes["XOR-MAPPED-ADDRESS"] = source
        response.add_message_integrity(self.password.encode())
        self._to_wire(bytes(response))

    def _to_wire(self, data: bytes) -> None:
        try:
            self.sock.sendto(data, self._remote.address)
        except OSError:
            pass  # a full buffer loses a packet, as on any path

    async def _recv(self) -> bytes:
        return await self._datagrams.get()

    async def _send(self, data: bytes) -> None:
        self._to_wire(data)

    def send_rtp(self, packet: bytes) -> None:
        self._to_wire(self.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        self._to_wire(self.protect_rtcp(packet))

    async def close(self) -> None:
        """End without a goodbye: the server's process is ended next."""
        task = self._dtls._task
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self.sock.close()


class Viewer(Connection):
    """Counts what arrives of `ssrc`. With `listening`, packets are decrypted and their age is kept."""

    def __init__(self, *, listening: bool = False) -> None:
        super().__init__()
        self.listening = listening
        self.sock.setsockopt(socket.SOL_SOCKET, Batch.TIMESTAMPS, 1)
        self.packets = 0
        self.ages: list[float] = []
        self._own = secrets.randbits(32)
        self._media = b""
        self._ssrc = 0
        self._twcc_id = 0
        self._log = ArrivalLog()
        self._highest = 0
        self._feedback_due = self._report_due = 0.0

    def expect(self, remote: Remote) -> None:
        """The stream to count: the first source of the description (the second is its RTX)."""
        self._ssrc = remote.ssrcs[0]
        self._media = self._ssrc.to_bytes(4, "big")
        self._twcc_id = remote.twcc_id

    def drain(self, batch: Batch, now: float) -> None:
        """Take what the kernel holds, then send the reports that are due."""
        fileno = self.sock.fileno()
        while (count := batch.receive(fileno)) > 0:
            for slot in range(count):
                head = batch.head(slot)
                if head[0] >> 6 != 2 or 192 <= head[1] <= 223:
                    continue
                if head[8:12] == self._media:
                    self.packets += 1
                    self._highest = head[2] << 8 | head[3]
                    if self.listening:
                        self._age(batch, slot)
                if self._twcc_id:
                    self._note_arrival(head, batch.arrival(slot))
            if count < batch.size:
                break
        if now >= self._feedback_due:
            self._feedback_due = now + _FEEDBACK_INTERVAL
            for feedback in self._log.take(self._own, self._ssrc):
                self.send_rtcp(feedback)
        if now >= self._report_due:
            self._report_due = now + _REPORT_INTERVAL
            block = ReportBlock(self._ssrc, 0, 0, self._highest, 0, 0, 0)
            self.send_rtcp(ReceiverReport(self._own, (block,)).pack())
            self.check()

    def _age(self, batch: Batch, slot: int) -> None:
        plain = self.unprotect(batch.packet(slot))
        (sent,) = _PAYLOAD_TIME.unpack_from(plain, len(plain) - _PAYLOAD_TIME.size)
        self.ages.append(batch.arrival(slot) - sent / 1e9)

    def _note_arrival(self, head: bytes, arrival: float) -> None:
        """Find the transport-wide number among the header extensions (RFC 8285 §4.2)."""
        if not head[0] & 0x10:
            return
        position = 12 + 4 * (head[0] & 15)
        end = min(len(head), position + 4 + 4 * (head[position + 2] << 8 | head[position + 3]))
        position += 4
        while position < end:
            element = head[position]
            if element >> 4 == self._twcc_id:
                self._log.add(head[position + 1] << 8 | head[position + 2], arrival)
                return
            position += 2 + (element & 15) if element else 1


class Publisher(Connection):
    """Sends made-up VP8 of a constant packet rate, one packet a call, with a time stamp at its end."""

    SIZE = 1000  # bytes of RTP payload: with 250 packets a second, 2 Mbit/s
    RATE = 250
    SOURCE = "camera"
    _PACKETS_PER_FRAME = 10

    def __init__(self) -> None:
        super().__init__()
        self.ssrc, self.rtx = secrets.randbits(31) | 1, secrets.randbits(31) | 1
        self.sent = 0
        self.key_wanted = True
        self._frame = self._part = 0
        self._noise = secrets.token_bytes(self.SIZE)

    def offer(self) -> str:
        """One sending video m-line with signalled sources, as browsers write it."""
        lines = ["v=0", f"o=- {secrets.randbits(60)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
        lines += ["a=extmap-allow-mixed", "a=msid-semantic: WMS *", "m=video 9 UDP/TLS/RTP/SAVPF 96 97"]
        lines += self.lines("active")
        lines += ["a=mid:0", "a=sendonly", "a=rtcp-mux", "a=rtcp-rsize", "a=msid:bench bench"]
        lines += ["a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
        lines += [f"a=rtcp-fb:96 {text}" for text in ("nack", "nack pli", "ccm fir", "transport-cc")]
        lines += ["a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", f"a=extmap:3 {TRANSPORT_CC}"]
        lines += [f"a=ssrc-group:FID {self.ssrc} {self.rtx}"]
        lines += [f"a=ssrc:{ssrc} cname:bench" for ssrc in (self.ssrc, self.rtx)]
        return "\r\n".join(lines) + "\r\n"

    def send(self, wall_ns: int) -> None:
        """The next packet; `wall_ns` is the time of the machine's clock it carries."""
        first, last = self._part == 0, self._part == self._PACKETS_PER_FRAME - 1
        key = False
        if first:
            self._frame += 1
            key, self.key_wanted = self.key_wanted, False
        # VP8 descriptor (RFC 7741 §4.2) with a 15-bit picture id; a key frame's first tag bit is 0, and its
        # start code and size follow.
        descriptor = struct.pack("!BBH", 0x90 if first else 0x80, 0x80, 0x8000 | self._frame & 0x7FFF)
        tag = b"\x10\x02\x00\x9d\x01\x2a\x80\x02\x68\x01" if key else b"\x11\x02\x00"
        body = descriptor + (tag if first else b"")
        body += self._noise[: self.SIZE - len(body) - _PAYLOAD_TIME.size] + _PAYLOAD_TIME.pack(wall_ns)
        sequence = self.sent & 0xFFFF
        header = struct.pack(
            "!BBHLLHHBBBHBBB",
            0x90,
            (0x80 if last else 0) | 96,
            sequence,
            self._frame * 3600 & 0xFFFFFFFF,
            self.ssrc,
            0xBEDE,
            2,
            4 << 4,  # mid "0"
            0x30,
            3 << 4 | 1,
            sequence,  # transport-wide number: this is the only stream
            0,
            0,
            0,
        )
        self.sent += 1
        self._part = 0 if last else self._part + 1
        self.send_rtp(header + body)

    def take_reports(self) -> None:
        """Read what the server tells its publisher; only a picture loss indication changes anything."""
        for _ in range(64):
            try:
                data = self.sock.recv(2048)
            except OSError:
                return
            if len(data) > 12 and data[0] >> 6 == 2 and 192 <= data[1] <= 223:
                packets, _ = parse_rtcp(self.unprotect_rtcp(data))
                self.key_wanted |= any(isinstance(packet, Pli) for packet in packets)


def answer(offer: str, connection: Connection) -> str:
    """Accept every m-line of a subscribe offer as it is."""
    head, *sections = re.split(r"^(?=m=)", offer.replace("\r\n", "\n"), flags=re.MULTILINE)
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines += [line for line in head.splitlines() if line.startswith("a=group:")]
    keep = ("a=mid:", "a=rtcp-mux", "a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:")
    for section in sections:
        body = section.splitlines()
        lines += [body[0], *connection.lines("active")]
        lines += ["a=recvonly" if "a=sendonly" in body else "a=inactive"]
        lines += [line for line in body if line.startswith(keep)]
    return "\r\n".join(lines) + "\r\n"
