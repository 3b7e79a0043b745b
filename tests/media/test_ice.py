"""ICE-lite: authenticated checks are answered, all else meets silence; nothing goes to strangers."""

from __future__ import annotations

import asyncio
import secrets
import socket

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from conference.media.addresses import reachable_address
from conference.media.binding import read_check
from conference.media.counters import Counters
from conference.media.ice import IceAgent
from conference.media.mux import Mux, local_ufrag
from conference.media.paths import Owner, PathKind
from tests.media.peer import until


class NamedPath:
    """A path that leads nowhere, which is enough for the rules of an agent: who owns it is kept."""

    def __init__(self, host: str, port: int, kind: PathKind = "udp") -> None:
        self.kind = kind
        self.remote = (host, port)
        self.owner: Owner | None = None
        self.sent: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def bind(self, owner: Owner) -> None:
        self.owner = owner

    def unbind(self, owner: Owner) -> None:
        if self.owner is owner:
            self.owner = None


@pytest.fixture
def home() -> NamedPath:
    return NamedPath("192.0.2.1", 1000)


@pytest.fixture
def away() -> NamedPath:
    return NamedPath("192.0.2.2", 2000, "tcp")


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
    return IceAgent(Mux(Counters()), lambda data, now: None, lambda: None)


def test_an_authenticated_check_is_answered_with_the_address_it_came_from(
    agent: IceAgent, home: NamedPath
) -> None:
    request = check(agent.ufrag, agent.password)
    reply = agent.check(request, agent.ufrag, home, 5.0)
    assert reply is not None
    response = stun.parse_message(reply)
    assert response.message_class == stun.Class.RESPONSE
    assert response.transaction_id == request[8:20]
    assert response.attributes["XOR-MAPPED-ADDRESS"] == home.remote
    assert response.check_message_integrity(agent.password.encode())
    assert (agent.path, agent.last_check) == (home, 5.0)


def test_a_wrong_password_meets_silence(agent: IceAgent, home: NamedPath) -> None:
    assert agent.check(check(agent.ufrag, "wrong"), agent.ufrag, home, 1.0) is None
    assert agent.path is None


def test_a_check_without_integrity_meets_silence(agent: IceAgent, home: NamedPath) -> None:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{agent.ufrag}:theirs"
    assert agent.check(bytes(request), agent.ufrag, home, 1.0) is None


def test_a_client_that_wants_to_be_controlled_is_told_of_the_conflict(
    agent: IceAgent, home: NamedPath
) -> None:
    reply = agent.check(check(agent.ufrag, agent.password, controlled=True), agent.ufrag, home, 1.0)
    assert reply is not None
    assert stun.parse_message(reply).attributes["ERROR-CODE"][0] == 487
    assert agent.path is None


def test_the_client_moves_only_by_nominating(agent: IceAgent, home: NamedPath, away: NamedPath) -> None:
    agent.check(check(agent.ufrag, agent.password), agent.ufrag, home, 1.0)
    agent.check(check(agent.ufrag, agent.password, nominate=False), agent.ufrag, away, 2.0)
    assert agent.path == home
    agent.check(check(agent.ufrag, agent.password), agent.ufrag, away, 3.0)
    assert agent.path == away


def test_old_credentials_live_until_the_new_pair_is_used(
    agent: IceAgent, home: NamedPath, away: NamedPath
) -> None:
    old = agent.ufrag, agent.password
    agent.check(check(*old), old[0], home, 1.0)
    agent.restart()
    assert agent.check(check(*old), old[0], home, 2.0) is not None
    agent.check(check(agent.ufrag, agent.password), agent.ufrag, away, 3.0)
    assert agent.path == away
    assert agent.check(check(*old), old[0], home, 4.0) is None


def test_a_client_restarts_with_the_spare_credentials_without_asking(
    home: NamedPath, away: NamedPath
) -> None:
    selected: list[str] = []
    lite = IceAgent(Mux(Counters()), lambda data, now: None, lambda: selected.append(lite.ufrag))
    first, second = (lite.ufrag, lite.password), lite.spare
    lite.check(check(*first), first[0], home, 1.0)
    lite.check(check(*second), second[0], away, 2.0)
    assert (lite.path, lite.last_check) == (away, 2.0)
    assert ((lite.ufrag, lite.password), lite.spare) == (second, first), "what is offered next"
    lite.check(check(*first), first[0], away, 3.0)
    assert ((lite.ufrag, lite.password), lite.spare) == (first, second), "and again, as often as it likes"
    assert selected == [first[0], second[0], first[0]], "told each time, over the same path as well"


def test_a_spare_that_is_not_nominated_changes_nothing(
    agent: IceAgent, home: NamedPath, away: NamedPath
) -> None:
    first, second = (agent.ufrag, agent.password), agent.spare
    agent.check(check(*first), first[0], home, 1.0)
    assert agent.check(check(*second, nominate=False), second[0], away, 2.0) is not None
    assert (agent.path, agent.ufrag, agent.spare) == (home, first[0], second)
    assert agent.check(check(second[0], first[1]), second[0], away, 3.0) is None, "each name its password"


def test_both_sets_of_credentials_end_with_a_restart(agent: IceAgent, home: NamedPath) -> None:
    old = [(agent.ufrag, agent.password), agent.spare]
    agent.restart()
    agent.check(check(*agent.spare), agent.spare[0], home, 1.0)
    assert [agent.check(check(*each), each[0], home, 2.0) for each in old] == [None, None]
    assert agent._mux.occupancy[0] == 2


def test_restarts_do_not_pile_up_credentials(agent: IceAgent) -> None:
    for _ in range(20):
        agent.restart()
    assert agent._mux.occupancy[0] <= 4


def test_paths_of_one_client_are_bounded_and_freed(agent: IceAgent) -> None:
    paths = [NamedPath("192.0.2.1", port) for port in range(1, 40)]
    for path in paths:
        agent.check(check(agent.ufrag, agent.password), agent.ufrag, path, 1.0)
    assert [path for path in paths if path.owner is agent] == paths[-8:]
    agent.close()
    assert not any(path.owner for path in paths)
    assert agent._mux.occupancy == (0, 0)


def test_a_path_that_is_lost_is_given_up_for_the_next_that_passes_a_check(
    agent: IceAgent, home: NamedPath, away: NamedPath
) -> None:
    agent.check(check(agent.ufrag, agent.password), agent.ufrag, away, 1.0)
    agent.lost(away)
    agent.send(b"to nobody")
    assert (agent.path, away.sent) == (None, [])
    agent.check(check(agent.ufrag, agent.password, nominate=False), agent.ufrag, home, 2.0)
    agent.send(b"here")
    assert (agent.path, home.sent) == (home, [b"here"])


def test_a_path_taken_over_by_another_agent_stays_with_it(agent: IceAgent, home: NamedPath) -> None:
    """The same client port may belong to a newer connection of the client."""
    newer = IceAgent(agent._mux, lambda data, now: None, lambda: None)
    agent.check(check(agent.ufrag, agent.password), agent.ufrag, home, 1.0)
    newer.check(check(newer.ufrag, newer.password), newer.ufrag, home, 2.0)
    agent.close()
    assert home.owner is newer


@given(st.binary(max_size=120))
def test_noise_is_no_stun(data: bytes) -> None:
    assert read_check(data, b"password") is None
    local_ufrag(data)


@given(st.data())
def test_damaged_checks_are_never_accepted(data: st.DataObject) -> None:
    home = NamedPath("192.0.2.1", 1000)
    agent = IceAgent(Mux(Counters()), lambda data, now: None, lambda: None)
    raw = bytearray(check(agent.ufrag, agent.password))
    at = data.draw(st.integers(0, len(raw) - 9))  # the last 8 bytes are FINGERPRINT, outside the integrity
    raw[at] ^= data.draw(st.integers(1, 255))
    ufrag = local_ufrag(bytes(raw))
    assert ufrag != agent.ufrag or agent.check(bytes(raw), ufrag, home, 1.0) is None
    assert agent.path is None


def test_the_ufrag_is_found_without_decoding() -> None:
    assert local_ufrag(check("abcd", "x")) == "abcd"
    assert local_ufrag(bytes(20)) is None


def test_a_wildcard_is_advertised_as_the_address_of_the_default_route() -> None:
    assert reachable_address("127.0.0.1") == "127.0.0.1"
    assert reachable_address("0.0.0.0") not in ("0.0.0.0", "")


async def test_nothing_is_ever_sent_to_a_stranger() -> None:
    counters = Counters()
    mux = Mux(counters)
    mux.open(("127.0.0.1",), 0)
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
