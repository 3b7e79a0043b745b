"""SRTP and SRTCP (RFC 3711) on one reused buffer.

`pylibsrtp.Session` does the same with a new length cell, two slices and several calls of Python for every
packet; these functions are on the path of each that comes in. The media plane of a process runs on one
thread, so one buffer is enough for all sessions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pylibsrtp
from pylibsrtp import _binding as srtp

Work = Callable[[bytes], bytes]

_SIZE = 4096
_TRAILER = 160  # the most libsrtp adds to a packet, rounded up
_buffer = srtp.ffi.new("char[]", _SIZE)
_bytes = srtp.ffi.buffer(_buffer)
_length = srtp.ffi.new("int *")
_OK = srtp.lib.srtp_err_status_ok


class Refused(Exception):
    """libsrtp would not have this packet: forged, repeated, or damaged."""


def unprotect(session: pylibsrtp.Session) -> Work:
    """Check and decrypt RTP. Raises Refused."""
    return _work(session, srtp.lib.srtp_unprotect)


def unprotect_rtcp(session: pylibsrtp.Session) -> Work:
    """Check and decrypt RTCP. Raises Refused."""
    return _work(session, srtp.lib.srtp_unprotect_rtcp)


def protect(session: pylibsrtp.Session) -> Work:
    """Encrypt and sign RTP. Raises Refused."""
    return _work(session, srtp.lib.srtp_protect)


def protect_rtcp(session: pylibsrtp.Session) -> Work:
    """Encrypt and sign RTCP. Raises Refused."""
    return _work(session, srtp.lib.srtp_protect_rtcp)


def _work(session: pylibsrtp.Session, function: Any) -> Work:
    handle = session._srtp  # freed with the session's last reference, which this keeps
    context = handle[0]

    def work(packet: bytes, keep: Any = handle) -> bytes:
        size = len(packet)
        if size > _SIZE - _TRAILER:
            raise Refused("packet is too long")
        _bytes[0:size] = packet
        _length[0] = size
        status = function(context, _buffer, _length)
        if status != _OK:
            raise Refused(f"libsrtp status {status}")
        done: bytes = _bytes[0 : _length[0]]
        return done

    return work
