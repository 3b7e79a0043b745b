"""Binding requests and answers, with aioice as the referee."""

from __future__ import annotations

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from conference.media.binding import Check, read_check, role_conflict, success

PASSWORD = b"0123456789abcdef0123456789abcdef"
TRANSACTION = bytes(range(12))


def request(method: stun.Class = stun.Class.REQUEST, **attributes: object) -> stun.Message:
    message = stun.Message(stun.Method.BINDING, method, TRANSACTION)
    message.attributes.update({name.replace("_", "-"): value for name, value in attributes.items()})
    return message


def signed(message: stun.Message) -> bytes:
    message.add_message_integrity(PASSWORD)
    return bytes(message)


@pytest.mark.parametrize("nominates", [False, True])
@pytest.mark.parametrize("controlled", [False, True])
@pytest.mark.parametrize("name", ["a:b", "abc:def", "abcd1234:x"])
def test_what_matters_of_a_check_is_read(nominates: bool, controlled: bool, name: str) -> None:
    check = request(USERNAME=name, PRIORITY=1)
    check.attributes["ICE-CONTROLLED" if controlled else "ICE-CONTROLLING"] = 7
    if nominates:
        check.attributes["USE-CANDIDATE"] = None
    assert read_check(signed(check), PASSWORD) == Check(TRANSACTION, nominates, controlled)


def test_only_requests_that_are_signed_with_the_password_count() -> None:
    plain = request(USERNAME="a:b")
    assert read_check(bytes(plain), PASSWORD) is None
    assert read_check(signed(plain), b"another") is None
    assert read_check(signed(request(stun.Class.INDICATION)), PASSWORD) is None
    assert read_check(signed(request(stun.Class.RESPONSE)), PASSWORD) is None


def test_a_nomination_behind_the_signature_is_none() -> None:
    check = request(USERNAME="a:b")
    check.add_message_integrity(PASSWORD)
    check.attributes["USE-CANDIDATE"] = None
    check.add_fingerprint()
    assert read_check(bytes(check), PASSWORD) == Check(TRANSACTION, False, False)


@given(st.data())
def test_no_damaged_check_is_taken(data: st.DataObject) -> None:
    """Not even in its fingerprint, except that a fingerprint may look like an attribute nobody knows."""
    raw = bytearray(signed(request(USERNAME="a:b")))
    at = data.draw(st.integers(0, len(raw) - 9) | st.integers(len(raw) - 4, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    assert read_check(bytes(raw), PASSWORD) is None


@given(st.integers(0, 120))
def test_a_check_cut_short_is_none(size: int) -> None:
    raw = signed(request(USERNAME="a:b", PRIORITY=1))
    assert size >= len(raw) or read_check(raw[:size], PASSWORD) is None


@given(st.ip_addresses(), st.integers(0, 65535), st.binary(min_size=12, max_size=12))
def test_the_answer_is_what_aioice_would_write(address: object, port: int, transaction: bytes) -> None:
    response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction)
    response.attributes["XOR-MAPPED-ADDRESS"] = (str(address), port)
    assert success(Check(transaction, True, False), (str(address), port), PASSWORD) == signed(response)


def test_a_conflict_of_roles_is_what_aioice_would_write() -> None:
    response = request(stun.Class.ERROR)
    response.attributes["ERROR-CODE"] = (487, "Role Conflict")
    assert role_conflict(Check(TRANSACTION, False, True), PASSWORD) == signed(response)
