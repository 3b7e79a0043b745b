"""Consent checks in C: what is answered is what `binding.py` would have answered, and nothing else is."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from aioice import stun
from hypothesis import example, given
from hypothesis import strategies as st

from conference.media import compiled
from conference.media.binding import read_check, success
from conference.media.mux import local_ufrag
from conference.media.sockaddr import socket_address

pytestmark = pytest.mark.skipif(compiled.LIBRARY is None, reason="the compiled loop is not there")

NAME, PASSWORD = "3fa81c02", b"0123456789abcdef0123456789abcdef"
HOME: tuple[Any, ...] = ("192.0.2.7", 40_123)
HOME_6: tuple[Any, ...] = ("2001:db8::7:1", 40_123, 0, 0)


def consent(remote: tuple[Any, ...] = HOME, password: bytes = PASSWORD) -> Any:
    assert compiled.LIBRARY is not None
    known = compiled.LIBRARY.new("consent")
    address = socket_address(remote)
    for field, value in (("name", NAME.encode()), ("password", password), ("address", address)):
        setattr(known, field, value.ljust(len(getattr(known, field)), b"\0"))
        setattr(known, f"{field}_size", len(value))
    return known


def answer(known: Any, data: bytes, remote: tuple[Any, ...] = HOME) -> bytes:
    library = compiled.LIBRARY
    assert library is not None
    reply = library.ffi.new("unsigned char[]", 128)
    address = socket_address(remote)
    size = library.answer(known, data, len(data), address, len(address), reply)
    return bytes(library.ffi.buffer(reply, size))


def by_python(data: bytes, remote: tuple[Any, ...] = HOME) -> bytes:
    """What follows from it there, for a check that wants nothing but an answer."""
    found = read_check(data, PASSWORD) if local_ufrag(data) == NAME else None
    return b"" if found is None or found.controlled else success(found, remote, PASSWORD)


def check(*, name: str = f"{NAME}:theirs", password: bytes = PASSWORD, **attributes: object) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = name
    request.attributes.update({key.replace("_", "-"): value for key, value in attributes.items()})
    request.add_message_integrity(password)
    return bytes(request)


@pytest.mark.parametrize("remote", [HOME, HOME_6])
def test_a_check_is_answered_with_the_address_it_came_from(remote: tuple[Any, ...]) -> None:
    request = check(PRIORITY=1, ICE_CONTROLLING=7, USE_CANDIDATE=None)
    reply = answer(consent(remote), request, remote)
    assert reply == by_python(request, remote)
    response = stun.parse_message(reply)
    assert response.check_message_integrity(PASSWORD)
    assert response.message_class == stun.Class.RESPONSE
    assert response.transaction_id == request[8:20]
    assert response.attributes["XOR-MAPPED-ADDRESS"] == (remote[0], remote[1])


@given(st.text(max_size=150), st.integers(0, (1 << 32) - 1))
def test_names_of_every_length_are_signed_alike(theirs: str, priority: int) -> None:
    """Every way a message may lie across the blocks of SHA-1."""
    request = check(name=f"{NAME}:{theirs}", PRIORITY=priority)
    assert answer(consent(), request) == by_python(request) != b""


STRANGE = {
    "another name": lambda: check(name="other:theirs"),
    "half a name": lambda: check(name=NAME),
    "a longer name": lambda: check(name=f"{NAME}x:theirs"),
    "another password": lambda: check(password=b"another"),
    "a wish to be controlled": lambda: check(ICE_CONTROLLED=7),
    "no signature": lambda: bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST)),
    "nothing": bytes,
    "zeros": lambda: bytes(20),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_whatever_else_it_is_python_looks_at_it(kind: str) -> None:
    assert answer(consent(), STRANGE[kind]()) == b""


def test_a_check_from_elsewhere_may_be_a_move() -> None:
    request = check()
    assert answer(consent(), request, ("192.0.2.7", 40_124)) == b""
    assert answer(consent(), request, HOME_6) == b""


def test_without_a_name_or_a_password_nothing_is_answered() -> None:
    assert compiled.LIBRARY is not None
    assert answer(compiled.LIBRARY.new("consent"), check()) == b""
    assert answer(consent(password=b""), check(password=b"")) == b""


@given(st.data())
@example(None)
def test_of_damaged_checks_none_is_answered_that_python_would_not(data: st.DataObject | None) -> None:
    request = bytearray(check(PRIORITY=1, ICE_CONTROLLING=7, USE_CANDIDATE=None))
    if data is not None:
        for _ in range(data.draw(st.integers(1, 3))):
            request[data.draw(st.integers(0, len(request) - 1))] ^= data.draw(st.integers(1, 255))
        request = request[: data.draw(st.integers(0, len(request)))] if data.draw(st.booleans()) else request
    reply = answer(consent(), bytes(request))
    assert reply in (b"", by_python(bytes(request)))
    assert data is not None or reply


@given(st.binary(max_size=200))
def test_noise_is_left_to_python(noise: bytes) -> None:
    assert answer(consent(), noise) == b""
    assert answer(consent(), b"\0\1\0\0" + b"\x21\x12\xa4\x42" + noise) == b""


def test_addresses_are_those_of_the_system() -> None:
    """The C side reads `struct sockaddr_in` and `sockaddr_in6` where Python has packed them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        here = sock.getsockname()
        request = check()
        reply = stun.parse_message(answer(consent(here), request, here))
        assert reply.attributes["XOR-MAPPED-ADDRESS"] == here
