"""The UDP socket, with the compiled loop and without: what comes in order, from whom, and not from others."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conference.media import compiled
from conference.media.counters import Counters
from conference.media.paths import Path
from conference.media.sockaddr import address_of, socket_address
from conference.media.udp import UdpListener, UdpPath
from tests.media.peer import until


class Owner:
    peer = None

    def __init__(self) -> None:
        self.got: list[bytes] = []

    def receive(self, data: bytes, now: float) -> None:
        self.got.append(data)

    def opened(self, what: int, data: bytes, now: float) -> None:
        raise AssertionError("nobody has keys here")

    def lost(self, path: Path) -> None:
        pass


class Place:
    """A listener and a peer's socket on loopback; what came as STUN, and from where."""

    def __init__(self, host: str) -> None:
        self.stun: list[tuple[bytes, object]] = []
        self.counters = Counters()
        self.listener = UdpListener(self._heard, self.counters, host, 0)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.peer, self.stranger = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        for sock in (self.peer, self.stranger):
            sock.bind((host, 0))
            sock.connect((host, self.listener.port))

    def _heard(self, data: bytes, path: Path, now: float) -> bool:
        self.stun.append((data, path.remote))
        return True

    def close(self) -> None:
        self.listener.close()
        self.peer.close()
        self.stranger.close()


@pytest.fixture(params=[True, False], ids=["in C", "in Python"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(compiled, "LIBRARY", None)
    elif compiled.LIBRARY is None:
        pytest.skip("the compiled loop is not there")


@pytest.fixture(params=["127.0.0.1", "::1"])
async def place(request: pytest.FixtureRequest, way: None) -> AsyncIterator[Place]:
    try:
        place = Place(request.param)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    yield place
    place.close()


async def test_a_path_gets_its_peers_datagrams_in_order_and_no_strangers(place: Place) -> None:
    path, owner = UdpPath(place.listener, place.peer.getsockname()), Owner()
    path.bind(owner)
    sent = [bytes([128]) + n.to_bytes(2, "big") + bytes(n) for n in range(200)]
    for data in sent:
        place.peer.send(data)
    place.stranger.send(b"\x80 nobody knows me")
    await until(lambda: len(owner.got) == 200 and place.counters.dropped_unknown_address == 1)
    assert owner.got == sent
    assert place.counters.datagrams_in == 201
    assert place.counters.bytes_in == sum(map(len, sent)) + 17
    path.unbind(owner)
    place.peer.send(sent[0])
    await until(lambda: place.counters.dropped_unknown_address == 2)


async def test_stun_tells_where_it_came_from(place: Place) -> None:
    place.stranger.send(b"\x00\x01 hello")
    place.stranger.send(b"")
    await until(lambda: place.counters.datagrams_in == 2)
    assert place.stun == [(b"\x00\x01 hello", place.stranger.getsockname())]


async def test_an_answer_nobody_wanted_does_not_stop_the_reading(place: Place) -> None:
    """The peer's port is closed: the system reports it at the next call on our socket."""
    gone = UdpPath(place.listener, place.stranger.getsockname())
    place.stranger.close()
    path, owner = UdpPath(place.listener, place.peer.getsockname()), Owner()
    path.bind(owner)
    gone.send(b"\x80 hello?")
    place.peer.send(b"\x80 here")
    await until(lambda: owner.got == [b"\x80 here"])


@example(IPv6Address("::ffff:1.2.3.4"), 9, 0, 0)
@example(IPv6Address("::1.2.3.4"), 9, 0, 0)
@given(st.ip_addresses(), st.integers(0, 65535), st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_addresses_are_packed_and_back(
    address: IPv4Address | IPv6Address, port: int, flow: int, scope: int
) -> None:
    # As sockets write it: ::ffff:1.2.3.4, which the ipaddress module would call ::ffff:102:304.
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    host = socket.inet_ntop(family, address.packed)
    remote = (host, port, flow, scope) if ":" in host else (host, port)
    assert address_of(socket_address(remote)) == remote
