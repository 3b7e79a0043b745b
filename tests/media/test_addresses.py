"""Where the sockets are, which addresses browsers are told, and in what order they try them."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from conference.media import EVERYTHING, EngineSettings, LocalEngine
from conference.media.addresses import advertised_addresses
from conference.media.counters import Counters
from conference.media.describe import TransportDescription
from conference.media.errors import BadAddress, PortTaken
from conference.media.mux import Mux
from conference.media.sdp import Fingerprint, parse_sdp
from tests.media.peer import Connection, House, Publisher, Watcher, until

LONG = 60.0


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


with_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")


async def test_without_a_setting_browsers_are_told_the_bound_addresses() -> None:
    assert await advertised_addresses(["127.0.0.1", "::1"], []) == ["127.0.0.1", "::1"]


async def test_a_wildcard_that_leads_nowhere_is_not_advertised_beside_one_that_does() -> None:
    """A machine without IPv6 to the outside, or without any network, still has something to say."""
    told = await advertised_addresses(["0.0.0.0", "::"], [])
    assert told
    assert "::1" not in told or told == ["127.0.0.1", "::1"]


async def test_public_addresses_are_told_as_they_stand_and_once() -> None:
    given = ["203.0.113.5", "2001:db8::5", "203.0.113.5"]
    assert await advertised_addresses(["127.0.0.1"], given) == ["203.0.113.5", "2001:db8::5"]


async def test_a_name_stands_for_those_of_its_addresses_that_are_listened_on() -> None:
    assert await advertised_addresses(["127.0.0.1"], ["localhost"]) == ["127.0.0.1"]
    with pytest.raises(BadAddress, match="media-nowhere"):
        await advertised_addresses(["127.0.0.1"], ["media-nowhere.invalid"])


def test_candidates_are_tried_udp_first_and_in_the_order_of_the_settings() -> None:
    addresses = [("203.0.113.5", 8189), ("2001:db8::5", 8189)]
    transport = TransportDescription(addresses, "u", "p", Fingerprint("sha-256", "00"), tcp=True)
    *lines, last = transport.candidates()
    assert last == "a=end-of-candidates"
    fields = [line.removeprefix("a=candidate:").split() for line in lines]
    by_priority = sorted(fields, key=lambda f: -int(f[3]))
    assert [(f[2], f[4]) for f in by_priority] == [
        ("udp", "203.0.113.5"),
        ("udp", "2001:db8::5"),
        ("tcp", "203.0.113.5"),
        ("tcp", "2001:db8::5"),
    ]
    assert len({f[0] for f in fields}) == 4  # foundations differ by protocol and address (RFC 8445 §5.1.1.3)
    assert all(0 < int(f[3]) < 2**31 for f in fields)
    assert {tuple(f[6:]) for f in fields if f[2] == "tcp"} == {("typ", "host", "tcptype", "passive")}


async def test_udp_and_tcp_have_one_port_number_on_every_host() -> None:
    mux = Mux(Counters())
    mux.open(["127.0.0.1", "127.0.0.2"], 0)
    assert {listener.port for listener in mux.listeners} == {mux.port}
    assert len(mux.listeners) == 4
    mux.close()


async def test_a_port_whose_tcp_half_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        mux = Mux(Counters())
        with pytest.raises(PortTaken, match=r"TCP 127\.0\.0\.1 port"):
            mux.open(["127.0.0.1"], other.getsockname()[1])
        assert mux.listeners == []
        mux.open(["127.0.0.1"], other.getsockname()[1], tcp=False)
        mux.close()


class Ipv6Connection(Connection):
    """The synthetic client on IPv6; it takes the first candidate of that version."""

    def _new_socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.bind(("::1", 0))
        asyncio.get_running_loop().add_reader(sock.fileno(), self._readable, sock)
        return sock

    def take(self, description: Any) -> None:
        super().take(description)
        candidates = [value.split() for value in description.media[0].values("candidate")]
        self.remote = next((c[4], int(c[5])) for c in candidates if ":" in c[4])


@with_ipv6
async def test_one_room_has_people_on_ipv4_and_on_ipv6(house: House) -> None:
    engine = LocalEngine(EngineSettings(host=("127.0.0.1", "::1")), house)
    house.engine = engine
    await engine.start()
    await engine.open_room("hall", others=EVERYTHING)
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    viewer = house.watchers["viewer"] = Watcher()
    modern = Ipv6Connection()
    modern.on_rtp, modern.on_rtcp = viewer.connection.on_rtp, viewer.connection.on_rtcp
    await viewer.connection.close(goodbye=False)
    viewer.connection = modern
    offer = await engine.subscribe("hall", "viewer")
    await engine.subscribe_answer("hall", "viewer", offer.version, viewer.answer(offer.sdp))
    await modern.connect(parse_sdp(offer.sdp))
    await until(
        lambda: (
            viewer.received.get("speaker~microphone")
            and len(viewer.received["speaker~microphone"].packets) > 10
        ),
        LONG,
    )
    await speaker.close()
    await viewer.close()
    await engine.close()
