"""What stands around the payload of an outgoing packet: payload types and header extensions (RFC 8285)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from conference.media.cache import MediaPacket
from conference.media.describe import (
    H264_RTX_TYPE,
    H264_TYPE,
    LEVEL_ID,
    MID_ID,
    OPUS_TYPE,
    RTX_TYPE,
    SEND_TIME_ID,
    TWCC_ID,
    VP8_TYPE,
)
from conference.media.rtp import absolute_send_time

SEND_TIME_HEAD = bytes([SEND_TIME_ID << 4 | 2])
_NO_LEVEL = b"\0\0"  # padding in place of an absent audio level, so that every packet has the same layout


@dataclass(frozen=True, slots=True)
class Wire:
    """Payload types and extension ids of an outgoing stream; `rtx_type` 0: it is not repaired over RTX,
    `twcc_id` 0: its packets carry no transport-wide number."""

    payload_type: int
    rtx_type: int = 0
    mid_id: int = MID_ID
    twcc_id: int = TWCC_ID

    def around(self, kind: str, mid: str, *, numbered: bool) -> tuple[bytes, bytes]:
        """The constant bytes of the header extension before and after `shared_elements`.

        If `numbered`, a transport-wide number must follow: it comes last, right before the payload, because
        only it differs each time.
        """
        element = bytes([self.mid_id << 4 | len(mid) - 1]) + mid.encode()
        number = bytes([self.twcc_id << 4 | 1]) if numbered else b""
        size = (6 if kind == "audio" else 4) + len(element) + (3 if number else 0)
        words = (size + 3) // 4
        return struct.pack("!HH", 0xBEDE, words), element + bytes(4 * words - size) + number


WIRES = {
    "vp8": Wire(VP8_TYPE, RTX_TYPE),
    "h264": Wire(H264_TYPE, H264_RTX_TYPE),
    "opus": Wire(OPUS_TYPE),
}


def shared_elements(packet: MediaPacket, kind: str, now: float) -> bytes:
    """The extension elements that are the same for all viewers of this packet at this moment."""
    stamp = SEND_TIME_HEAD + absolute_send_time(now)
    return stamp + (packet.level or _NO_LEVEL) if kind == "audio" else stamp


def send_time_element(now: float) -> bytes:
    return SEND_TIME_HEAD + absolute_send_time(now)


def level_element(value: int) -> bytes:
    """The audio level of RFC 6464 as it came: its first bit is voice activity, the others −dBov."""
    return bytes([LEVEL_ID << 4, value])
