"""A publisher of nothing but sound, as a browser's microphone sends it."""

from __future__ import annotations

import secrets
import struct

from conference.media.rtp import AUDIO_LEVEL, TRANSPORT_CC
from scripts.bench.peer import Publisher

_OPUS = 111
_LOUD = 20  # −dBov


class Microphone(Publisher):
    """Sends made-up Opus of 20 ms a packet, 32 kbit/s, spoken loudly."""

    SIZE = 80  # bytes of RTP payload
    RATE = 50
    SOURCE = "microphone"

    def offer(self) -> str:
        """One sending audio m-line with a signalled source, as browsers write it."""
        lines = ["v=0", f"o=- {secrets.randbits(60)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
        lines += ["a=extmap-allow-mixed", "a=msid-semantic: WMS *", f"m=audio 9 UDP/TLS/RTP/SAVPF {_OPUS}"]
        lines += self.lines("active")
        lines += ["a=mid:0", "a=sendonly", "a=rtcp-mux", "a=rtcp-rsize", "a=msid:bench bench"]
        lines += [f"a=rtpmap:{_OPUS} opus/48000/2", f"a=rtcp-fb:{_OPUS} transport-cc"]
        lines += [f"a=extmap:1 {AUDIO_LEVEL}", f"a=extmap:3 {TRANSPORT_CC}"]
        lines += ["a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", f"a=ssrc:{self.ssrc} cname:bench"]
        return "\r\n".join(lines) + "\r\n"

    def send(self, wall_ns: int) -> None:
        """The next packet."""
        sequence = self.sent & 0xFFFF
        header = struct.pack(
            "!BBHLLHHBBBHBBB",
            0x90,
            _OPUS,
            sequence,
            self.sent * 960 & 0xFFFFFFFF,
            self.ssrc,
            0xBEDE,
            2,
            1 << 4,
            0x80 | _LOUD,
            3 << 4 | 1,
            sequence,  # transport-wide number: this is the only stream
            0,
            0,
            0,
        )
        self.sent += 1
        # Opus's first byte: CELT, full band, 20 ms, mono (RFC 6716 §3.1).
        self.send_rtp(header + b"\xf8" + self._noise[: self.SIZE - 9] + struct.pack("!Q", wall_ns))
