"""ICE-lite: authenticated checks are answered, all else meets silence; nothing goes to strangers."""

from __future__ import annotations

import asyncio
import secrets
import socket

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from conference.media.counters import Counters
from conference.media.ice import IceAgent, parse_stun
from conference.media.mux import UdpMux, local_ufrag, reachable_address
from tests.media.peer import until

HOME, AWAY = ("192.0.2.1", 1000), ("192.0.2.2", 2000)


def check(ufrag: str, password: str, *, nominate: bool = True, controlled: bool = False) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{ufrag}:theirs"
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLED" if controlled else "ICE-CONTROLLING"] = 1
    if nominate:
        request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(password.encode())
    return bytes(request)


@pytest.fixture
def agent() -> IceAgent:
    return IceAgent(UdpMux(Counters()), lambda data, now: None, lambda: None)


def test_an_authenticated_check_is_answered_with_the_address_it_came_from(agent: IceAgent) -> None:
    request = check(agent.ufrag, agent.password)
    reply = agent.check(request, agent.ufrag, HOME, 5.0)
    assert reply is not None
    response = stun.parse_message(reply)
    assert response.message_class == stun.Class.RESPONSE
    assert response.transaction_id == request[8:20]
    assert response.attributes["XOR-MAPPED-ADDRESS"] == HOME
    assert response.check_message_integrity(agent.password.encode())
    assert (agent.address, agent.last_check) == (HOME, 5.0)


def test_a_wrong_password_meets_silence(agent: IceAgent) -> None:
    assert agent.check(check(agent.ufrag, "wrong"), agent.ufrag, HOME, 1.0) is None
    assert agent.address is None


def test_a_check_without_integrity_meets_silence(agent: IceAgent) -> None:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{agent.ufrag}:theirs"
    assert agent.check(bytes(request), agent.ufrag, HOME, 1.0) is None


def test_a_client_that_wants_to_be_controlled_is_told_of_the_conflict(agent: IceAgent) -> None:
    reply = agent.check(check(agent.ufrag, agent.password, controlled=True), agent.ufrag, HOME, 1.0)
    assert reply is not None
    assert stun.parse_message(reply).attributes["ERROR-CODE"][0] == 487
    assert agent.address is None


def test_the_client_moves_only_by_nominating(agent: IceAgent) -> None:
    agent.check(check(agent.ufrag, agent.password), agent.ufrag, HOME, 1.0)
    agent.check(check(agent.ufrag, agent.password, nominate=False), agent.ufrag, AWAY, 2.0)
    assert agent.address == HOME
    agent.check(check(agent.ufrag, agent.password), agent.ufrag, AWAY, 3.0)
    assert agent.address == AWAY


def test_old_credentials_live_until_the_new_pair_is_used(agent: IceAgent) -> None:
    old = agent.ufrag, agent.password
    agent.check(check(*old), old[0], HOME, 1.0)
    agent.restart()
    assert agent.check(check(*old), old[0], HOME, 2.0) is not None
    agent.check(check(agent.ufrag, agent.password), agent.ufrag, AWAY, 3.0)
    assert agent.address == AWAY
    assert agent.check(check(*old), old[0], HOME, 4.0) is None


def test_restarts_do_not_pile_up_credentials(agent: IceAgent) -> None:
    for _ in range(20):
        agent.restart()
    assert agent._mux.occupancy[0] <= 2


def test_addresses_of_one_client_are_bounded_and_freed(agent: IceAgent) -> None:
    for port in range(1, 40):
        agent.check(check(agent.ufrag, agent.password), agent.ufrag, ("192.0.2.1", port), 1.0)
    assert agent._mux.occupancy == (1, 8)
    agent.close()
    assert agent._mux.occupancy == (0, 0)


@given(st.binary(max_size=120))
def test_noise_is_no_stun(data: bytes) -> None:
    parse_stun(data)
    local_ufrag(data)


@given(st.data())
def test_damaged_checks_are_never_accepted(data: st.DataObject) -> None:
    agent = IceAgent(UdpMux(Counters()), lambda data, now: None, lambda: None)
    raw = bytearray(check(agent.ufrag, agent.password))
    at = data.draw(st.integers(0, len(raw) - 9))  # the last 8 bytes are FINGERPRINT, outside the integrity
    raw[at] ^= data.draw(st.integers(1, 255))
    ufrag = local_ufrag(bytes(raw))
    assert ufrag != agent.ufrag or agent.check(bytes(raw), ufrag, HOME, 1.0) is None
    assert agent.address is None


def test_the_ufrag_is_found_without_decoding() -> None:
    assert local_ufrag(check("abcd", "x")) == "abcd"
    assert local_ufrag(bytes(20)) is None


def test_a_wildcard_is_advertised_as_the_address_of_the_default_route() -> None:
    assert reachable_address("127.0.0.1") == "127.0.0.1"
    assert reachable_address("0.0.0.0") not in ("0.0.0.0", "")


async def test_nothing_is_ever_sent_to_a_stranger() -> None:
    counters = Counters()
    mux = UdpMux(counters)
    mux.open("127.0.0.1", 0)
    agent = IceAgent(mux, lambda data, now: None, lambda: None)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        stranger.bind(("127.0.0.1", 0))
        for junk in (
            check("nobody", "nothing"),
            check(agent.ufrag, "guess"),
            b"\x16\xfe\xfd" + secrets.token_bytes(200),  # a DTLS record
            b"\x80\x60" + secrets.token_bytes(100),  # an RTP packet
            b"\x00",
        ):
            stranger.sendto(junk, ("127.0.0.1", mux.port))
        await until(lambda: counters.datagrams_in == 5)
        await asyncio.sleep(0.05)
        with pytest.raises(BlockingIOError):
            stranger.recv(2048)
    assert counters.datagrams_out == 0
    assert counters.dropped_unknown_address == 2
    assert counters.dropped_stun == 3
    agent.close()
    mux.close()
