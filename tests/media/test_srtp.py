"""SRTP on one buffer, with pylibsrtp's own session at the other end."""

from __future__ import annotations

import struct

import pylibsrtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media import srtp
from conference.media.rtcp import Pli
from conference.media.srtp import Refused

KEYS = (bytes(range(28)), bytes(range(1, 29)))


def session(direction: int, key: bytes = KEYS[0]) -> pylibsrtp.Session:
    profile = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    return pylibsrtp.Session(pylibsrtp.Policy(key, direction, 0, profile))


OUT, IN = pylibsrtp.Policy.SSRC_ANY_OUTBOUND, pylibsrtp.Policy.SSRC_ANY_INBOUND


def packet(sequence: int, payload: bytes) -> bytes:
    return struct.pack("!BBHLL", 0x80, 96, sequence, 0, 7) + payload


@given(st.lists(st.binary(max_size=1400), min_size=1, max_size=20))
def test_packets_pass_in_both_directions(payloads: list[bytes]) -> None:
    ours, theirs, back, far = session(OUT), session(IN), session(IN), session(OUT)
    for n, payload in enumerate(payloads):
        plain = packet(n, payload)
        assert theirs.unprotect(srtp.protect(ours)(plain)) == plain
        assert srtp.unprotect(back)(far.protect(plain)) == plain


def test_reports_pass_in_both_directions() -> None:
    plain = Pli(1, 2).pack()
    assert session(IN).unprotect_rtcp(srtp.protect_rtcp(session(OUT))(plain)) == plain
    assert srtp.unprotect_rtcp(session(IN))(session(OUT).protect_rtcp(plain)) == plain


def test_what_is_forged_repeated_or_too_long_is_refused() -> None:
    sealed = session(OUT).protect(packet(1, b"hello"))
    opened = srtp.unprotect(session(IN))
    with pytest.raises(Refused):
        srtp.unprotect(session(IN, KEYS[1]))(sealed)
    with pytest.raises(Refused):
        opened(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert opened(sealed) == packet(1, b"hello")
    for bad in (sealed, sealed[:12], bytes(5000), b""):
        with pytest.raises(Refused):
            opened(bad)


def test_the_keys_live_as_long_as_the_function() -> None:
    seal = srtp.protect(session(OUT))
    assert session(IN).unprotect(seal(packet(1, b"x"))) == packet(1, b"x")
