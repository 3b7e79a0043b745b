"""recvmmsg(2): one system call takes up to 64 datagrams of a socket, with the kernel's arrival times."""

from __future__ import annotations

import struct

import cffi  # type: ignore[import-untyped]  # published without type information

ffi = cffi.FFI()
ffi.cdef(
    """
    struct iovec { void *iov_base; size_t iov_len; };
    struct msghdr { void *msg_name; unsigned msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
                    void *msg_control; size_t msg_controllen; int msg_flags; };
    struct mmsghdr { struct msghdr msg_hdr; unsigned msg_len; };
    int recvmmsg(int fd, struct mmsghdr *vector, unsigned count, int flags, void *timeout);
    """
)
_libc = ffi.dlopen(None)
_DONTWAIT = 0x40
_TIME = struct.Struct("=qq")
_SLOT = 2048
_CONTROL = 64
_CONTROL_HEADER = 16  # struct cmsghdr on 64-bit Linux


class Batch:
    """A reusable set of receive buffers. Valid until the next `receive`."""

    TIMESTAMPS = 35  # SO_TIMESTAMPNS: the kernel's arrival time, on the machine's clock (CLOCK_REALTIME)

    def __init__(self, size: int = 64) -> None:
        self.size = size
        self._data = ffi.new("char[]", size * _SLOT)
        self._controls = ffi.new("char[]", size * _CONTROL)
        self._vectors = ffi.new("struct iovec[]", size)
        self._messages = ffi.new("struct mmsghdr[]", size)
        self._bytes = ffi.buffer(self._data)
        self._times = ffi.buffer(self._controls)
        for slot in range(size):
            self._vectors[slot].iov_base = self._data + slot * _SLOT
            self._vectors[slot].iov_len = _SLOT
            header = self._messages[slot].msg_hdr
            header.msg_iov = self._vectors + slot
            header.msg_iovlen = 1
            header.msg_control = self._controls + slot * _CONTROL

    def receive(self, fileno: int) -> int:
        """How many datagrams were taken; 0 or less when there were none."""
        for slot in range(self.size):
            self._messages[slot].msg_hdr.msg_controllen = _CONTROL
        return int(_libc.recvmmsg(fileno, self._messages, self.size, _DONTWAIT, ffi.NULL))

    def head(self, slot: int) -> bytes:
        """The first 64 bytes: the RTP header and its extensions."""
        start = slot * _SLOT
        return bytes(self._bytes[start : start + 64])

    def packet(self, slot: int) -> bytes:
        start = slot * _SLOT
        return bytes(self._bytes[start : start + self._messages[slot].msg_len])

    def arrival(self, slot: int) -> float:
        """Seconds of the machine's clock at which the kernel had the packet."""
        seconds, nanoseconds = _TIME.unpack_from(self._times, slot * _CONTROL + _CONTROL_HEADER)
        return float(seconds + nanoseconds / 1e9)
