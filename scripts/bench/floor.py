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
    """Median microseconds of CPU per packet over `runs`, without a pause: everything is in the caches."""
    with _Loop(viewers, size) as loop:
        loop.hot(packets)
        return median(loop.hot(packets) for _ in range(runs))


def paced_microseconds(viewers: int, pause: float, size: int, runs: int, seconds: float) -> float:
    """The same at a publisher's rhythm: one packet to all viewers, then a sleep of `pause` seconds."""
    rounds = max(1, int(seconds / pause))
    with _Loop(viewers, size) as loop:
        loop.paced(rounds // 4 + 1, pause)
        return median(loop.paced(rounds, pause) for _ in range(runs))


class _Loop:
    """Sockets and keys of so many viewers, and one sender."""

    def __init__(self, viewers: int, size: int) -> None:
        self._sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._receivers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(viewers)]
        for receiver in self._receivers:
            receiver.bind(("127.0.0.1", 0))
            receiver.setblocking(False)
        profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
        self._sessions = [
            Session(Policy(secrets.token_bytes(28), Policy.SSRC_ANY_OUTBOUND, 0, profile))
            for _ in self._receivers
        ]
        self._ends = [
            (session._srtp[0], to.getsockname())
            for session, to in zip(self._sessions, self._receivers, strict=True)
        ]
        self._template = _HEADER.pack(0x90, 96, 0, 0, 1, 0xBEDE, 2) + bytes(8) + secrets.token_bytes(size)
        self._buffer = ffi.new("char[]", 1500)
        self._length = ffi.new("int *")
        self._sequence = 0  # never the same twice under one key: libsrtp would refuse it, quickly

    def __enter__(self) -> _Loop:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._sender, *self._receivers):
            each.close()

    def hot(self, packets: int) -> float:
        """Microseconds of CPU per packet."""
        spent, done = 0.0, 0
        while done < packets:
            spent += self._send(_ROUND)
            done += _ROUND * len(self._ends)
            self._read()
        return spent * 1e6 / done

    def paced(self, rounds: int, pause: float) -> float:
        spent = 0.0
        for number in range(rounds):
            time.sleep(pause)
            spent += self._send(1)
            if number % _ROUND == _ROUND - 1:
                self._read()
        return spent * 1e6 / (rounds * len(self._ends))

    def _send(self, rounds: int) -> float:
        """Seconds of CPU that so many packets to each viewer took."""
        template, buffer, length = self._template, self._buffer, self._length
        view, total = ffi.buffer(buffer), len(template)
        protect, sendto, pack_into = lib.srtp_protect, self._sender.sendto, _HEADER.pack_into
        begin = time.thread_time()
        for _ in range(rounds):
            self._sequence += 1
            for session, address in self._ends:
                view[0:total] = template
                pack_into(view, 0, 0x90, 96, self._sequence & 0xFFFF, self._sequence, 1, 0xBEDE, 2)
                length[0] = total
                if protect(session, buffer, length) != lib.srtp_err_status_ok:
                    raise RuntimeError("libsrtp refused a packet")
                sendto(view[0 : length[0]], address)
        return time.thread_time() - begin

    def _read(self) -> None:
        for receiver in self._receivers:
            try:
                while receiver.recv(2048):
                    pass
            except BlockingIOError:
                pass
