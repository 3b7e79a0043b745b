"""The compiled part of the media plane (`native/`), where there is one, and the memory it shares with Python.

Whatever it does is done in Python where it was not compiled, with the same result.
"""

from __future__ import annotations

import logging
from array import array
from pathlib import Path
from typing import Any

import cffi  # type: ignore[import-untyped]  # published without type information
import pylibsrtp
from pylibsrtp import _binding as srtp

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "native"
HEADERS = tuple(FOLDER / f"{name}.h" for name in ("fanout", "feedback", "receive", "stun", "intake", "watch"))
_TYPES = {"q": "long long[]", "d": "double[]", "H": "unsigned short[]"}


class Library:
    """The compiled functions, and what Python gives them and gets back: one of each will do."""

    def __init__(self, file: Path) -> None:
        """Raises OSError when the file is not there or not for this machine, AttributeError if it is old."""
        self.ffi = cffi.FFI()
        for header in HEADERS:
            self.ffi.cdef(header.read_text(encoding="utf-8"))
        self._loaded = self.ffi.dlopen(str(file))
        self.fan_out = self._loaded.majlis_fan_out
        self.feedback = self._loaded.majlis_feedback
        self.bind = self._loaded.majlis_bind
        self.answer = self._loaded.majlis_answer
        self.take = self._loaded.majlis_take
        self.enter, self.leave = self._loaded.majlis_enter, self._loaded.majlis_leave
        self.wanted = self._loaded.majlis_wanted
        self.hasten = self._loaded.majlis_hasten
        self.watch_start, self.watch_stop = self._loaded.majlis_watch_start, self._loaded.majlis_watch_stop
        self.watch_fetched, self.watch_cpu = self._loaded.majlis_watch_fetched, self._loaded.majlis_watch_cpu
        # libsrtp is inside pylibsrtp; its functions are called with sessions that pylibsrtp made.
        self.crypto = self.new("crypto")
        self.protect = self.crypto.protect = self._foreign("srtp_protect")
        self.crypto.unprotect = self._foreign("srtp_unprotect")
        self.crypto.unprotect_rtcp = self._foreign("srtp_unprotect_rtcp")
        self.packet = self.new("packet")
        self.described = self.ffi.buffer(self.packet)
        self.result = self.new("result")
        self.heard = self.new("heard")
        self.groups = self.ffi.cast("double *", self.heard.group)
        self.taken = self.new("taken")
        self.arrivals = self.new("arrivals")

    def new(self, kind: str) -> Any:
        return self.ffi.new(f"struct majlis_{kind} *")

    def shared(self, values: array[int] | array[float]) -> Any:
        """A pointer to the array's own memory: keep both as long as C may use it."""
        return self.ffi.from_buffer(_TYPES[values.typecode], values)

    def session(self, session: pylibsrtp.Session) -> Any:
        """The `srtp_t` in it, which lives as long as `session`."""
        return self.ffi.cast("void *", int(srtp.ffi.cast("uintptr_t", session._srtp[0])))

    def _foreign(self, name: str) -> Any:
        address = srtp.ffi.cast("uintptr_t", srtp.ffi.addressof(srtp.lib, name))
        return self.ffi.cast("void *", int(address))


def load(file: Path = FOLDER / "fanout.so") -> Library | None:
    """The library, or None where it was not compiled."""
    try:
        return Library(file)
    except (OSError, AttributeError) as error:
        log.info("media: forwarding in Python, the compiled loop is not there (%s)", error)
        return None


LIBRARY = load()
