"""What a packet costs when nothing is done but what must be: the yardstick for the forwarding path.

Copy a header, rewrite it, `srtp_protect` in place on one reused buffer, `sendto`. Every viewer has a socket
and SRTP keys of its own, as in a room.
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from statistics import median

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

_HEADER = struct.Struct("!BBHLLHH")
_ROUND = 8  # packets to each viewer between two times of reading


def floor_microseconds(viewers: int = 40, size: int = 1000, runs: int = 5, packets: int = 4000) -> float:
    """Median microseconds of CPU per packet over `runs`."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receivers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(viewers)]
    for receiver in receivers:
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
    sessions = [
        Session(
            Policy(secrets.token_bytes(28), Policy.SSRC_ANY_OUTBOUND, 0, Policy.SRTP_PROFILE_AEAD_AES_128_GCM)
        )
        for _ in range(viewers)
    ]
    ends = [(session._srtp[0], to.getsockname()) for session, to in zip(sessions, receivers, strict=True)]
    try:
        results = [_run(sender, receivers, ends, size, packets, run) for run in range(runs + 1)]
    finally:
        for each in (sender, *receivers):
            each.close()
    return median(results[1:])


def _run(
    sender: socket.socket,
    receivers: list[socket.socket],
    ends: list[tuple[object, tuple[str, int]]],
    size: int,
    packets: int,
    run: int,
) -> float:
    buffer = ffi.new("char[]", 1500)
    view = ffi.buffer(buffer)
    length = ffi.new("int *")
    template = _HEADER.pack(0x90, 96, 0, 0, 1, 0xBEDE, 2) + bytes(8) + secrets.token_bytes(size)
    total = len(template)
    protect, sendto, pack_into = lib.srtp_protect, sender.sendto, _HEADER.pack_into
    spent = 0.0
    done = 0
    sequence = run * packets  # never the same twice under one key: libsrtp would refuse it, quickly
    while done < packets:
        begin = time.thread_time()
        for _ in range(_ROUND):
            sequence += 1
            for session, address in ends:
                view[0:total] = template
                pack_into(view, 0, 0x90, 96, sequence & 0xFFFF, sequence, 1, 0xBEDE, 2)
                length[0] = total
                if protect(session, buffer, length) != lib.srtp_err_status_ok:
                    raise RuntimeError("libsrtp refused a packet")
                sendto(view[0 : length[0]], address)
        spent += time.thread_time() - begin
        done += _ROUND * len(ends)
        for receiver in receivers:
            try:
                while receiver.recv(2048):
                    pass
            except BlockingIOError:
                pass
    return spent * 1e6 / done
