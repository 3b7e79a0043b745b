"""What we rely on in aiortc, and what the handshake guarantees."""

from __future__ import annotations

import asyncio
import math
from typing import Any, cast

from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from OpenSSL import SSL

from conference.media import LocalEngine
from conference.media.dtls import DtlsAssociation, certificate_fingerprint, generate_certificate
from conference.media.sdp import Fingerprint, parse_sdp
from tests.media.peer import House, Publisher, until


class _Wire:
    role = "controlled"

    async def _recv(self) -> bytes:
        raise ConnectionError

    async def _send(self, data: bytes) -> None:
        pass


async def test_aiortc_has_the_names_we_rely_on() -> None:
    """`aiortc` is pinned to one minor version; when the pin moves, this says whether we still hold."""
    transport = RTCDtlsTransport(_Wire(), [RTCCertificate.generateCertificate()])  # type: ignore[arg-type]
    assert transport.state == "new"
    transport._set_role("server")
    assert transport._role == "server"
    assert transport._srtp_profiles is SRTP_PROFILES
    assert all(isinstance(profile.openssl_profile, bytes) for profile in SRTP_PROFILES)
    for name in ("_rx_srtp", "_tx_srtp", "_ssl", "_task"):
        assert getattr(transport, name) is None
    for name in ("start", "stop", "on"):
        assert callable(getattr(transport, name))


def test_the_fingerprint_is_sha_256() -> None:
    fingerprint = certificate_fingerprint(generate_certificate())
    assert fingerprint.algorithm == "sha-256"
    assert len(fingerprint.value) == 95


def test_handshakes_share_a_context_and_none_takes_up_an_earlier_session() -> None:
    """A session that is taken up again shows no certificate: whoever had one would pass for its owner."""
    certificate = generate_certificate()
    ours = certificate._create_ssl_context(SRTP_PROFILES)
    assert certificate._create_ssl_context(SRTP_PROFILES) is ours
    theirs = RTCCertificate.generateCertificate()._create_ssl_context(SRTP_PROFILES)
    _, first = _shake_hands(ours, theirs, None)
    server, second = _shake_hands(ours, theirs, first.get_session())
    assert server.get_peer_certificate() is not None
    assert second.master_key() != first.master_key()


def _shake_hands(
    ours: SSL.Context, theirs: SSL.Context, session: SSL.Session | None
) -> tuple[SSL.Connection, SSL.Connection]:
    server, client = SSL.Connection(ours), SSL.Connection(theirs)
    server.set_accept_state()
    client.set_connect_state()
    if session is not None:
        client.set_session(session)
    done: set[SSL.Connection] = set()
    while len(done) < 2:
        for here, there in ((client, server), (server, client)):
            try:
                here.do_handshake()
                done.add(here)
            except SSL.WantReadError:
                pass
            _carry(here, there)
    return server, client


def _carry(here: SSL.Connection, there: SSL.Connection) -> None:
    while True:
        try:
            there.bio_write(here.bio_read(1500))
        except SSL.WantReadError:
            return


async def test_the_cheapest_cipher_is_chosen(engine: LocalEngine, house: House) -> None:
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    (publisher,) = engine._rooms["hall"].publishers
    await until(lambda: publisher.transport.connected)
    assert publisher.transport.srtp_profile == "SRTP_AEAD_AES_128_GCM"
    await speaker.close()


async def test_a_certificate_that_was_not_announced_is_refused(engine: LocalEngine, house: House) -> None:
    honest, impostor = Publisher(("microphone",)), Publisher(("microphone",))
    offer = honest.offer().replace(honest.connection.fingerprint, impostor.connection.fingerprint)
    answer = await engine.publish("hall", "speaker", offer, honest.tracks)
    try:
        await honest.connection.connect(parse_sdp(answer))
    except AssertionError:
        pass  # the client may see the failure during or after its own handshake
    await until(lambda: not engine._rooms["hall"].publishers, what="the connection is dropped")
    assert (await engine.state()).totals["packets_in"] == 0
    await honest.close()
    await impostor.close()


class _Client:
    """The other side: what it says goes to `said`, what it hears comes from `heard`."""

    role = "controlling"

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.certificate = generate_certificate()
        self.dtls = RTCDtlsTransport(cast(Any, self), [self.certificate])
        self.dtls._set_role("client")

    async def _recv(self) -> bytes:
        return await self.heard.get()

    async def _send(self, data: bytes) -> None:
        self.said.append(data)


async def test_a_repeated_client_hello_gets_the_same_answer_at_once_and_the_handshake_ends() -> None:
    """The first answer went over a path that leads nowhere; the server's own timer is a second."""
    now, sent, certificate, client = [0.0], list[bytes](), generate_certificate(), _Client()
    server = DtlsAssociation(certificate, sent.append, lambda: None, clock=lambda: now[0], patience=math.inf)
    keyed = asyncio.ensure_future(
        server.handshake([certificate_fingerprint(client.certificate)], active=False)
    )
    shaking = asyncio.ensure_future(client.dtls.start(_parameters(certificate_fingerprint(certificate))))
    await until(lambda: client.said)
    hello = client.said[0]
    server.datagram(hello)
    await until(lambda: sent)

    now[0] = 0.02
    server.datagram(hello)  # a copy that was under way
    await until(lambda: server._queue.empty())
    assert len(sent) == len(set(sent))

    handed = len(sent)  # all of that was lost
    while len(sent) == len(set(sent)):
        now[0] += 1
        server.datagram(hello)
        await asyncio.sleep(0.01)
    while not (keyed.done() and shaking.done()):
        for datagram in sent[handed:]:
            client.heard.put_nowait(datagram)
        handed = len(sent)
        for datagram in client.said[1:]:
            server.datagram(datagram)
        del client.said[1:]
        await asyncio.sleep(0.01)
    assert await keyed
    await client.dtls.stop()
    await server.close()


async def test_a_flight_that_nothing_comes_back_to_goes_out_once_more_before_openssl_would() -> None:
    """Bit by bit the same: OpenSSL's own repetition, a second later, has other record numbers."""
    sent = list[bytes]()
    opening = DtlsAssociation(generate_certificate(), sent.append, lambda: None, patience=0.001)
    shaking = asyncio.ensure_future(opening.handshake([Fingerprint("sha-256", "00")], active=True))
    await until(lambda: len(sent) >= 2)
    assert sent[1] == sent[0]
    await opening.close()
    shaking.cancel()


async def test_a_flight_goes_out_once_more_over_a_path_that_is_chosen_later() -> None:
    sent = list[bytes]()
    opening = DtlsAssociation(generate_certificate(), sent.append, lambda: None, patience=math.inf)
    opening.moved()
    assert not sent, "nothing has been said that could be said again"
    shaking = asyncio.ensure_future(opening.handshake([Fingerprint("sha-256", "00")], active=True))
    await until(lambda: sent)
    opening.moved()
    assert sent[1] == sent[0]
    await opening.close()
    shaking.cancel()


async def test_a_handshake_we_open_ends_although_the_first_of_each_flight_is_lost() -> None:
    sent, certificate, answering = list[bytes](), generate_certificate(), _Client()
    answering.dtls._set_role("server")
    opening = DtlsAssociation(certificate, sent.append, lambda: None, patience=0.05)
    keyed = asyncio.ensure_future(
        opening.handshake([certificate_fingerprint(answering.certificate)], active=True)
    )
    shaking = asyncio.ensure_future(answering.dtls.start(_parameters(certificate_fingerprint(certificate))))
    lost = 0
    while not (keyed.done() and shaking.done()):
        while len(sent) > 1:  # what stands before it has been lost
            lost += 1
            answering.heard.put_nowait(sent[1])
            del sent[:2]
        for datagram in answering.said:
            opening.datagram(datagram)
        answering.said.clear()
        await asyncio.sleep(0.01)
    assert await keyed
    assert lost >= 2
    await answering.dtls.stop()
    await opening.close()


def _parameters(fingerprint: Fingerprint) -> RTCDtlsParameters:
    return RTCDtlsParameters([RTCDtlsFingerprint(fingerprint.algorithm, fingerprint.value)])
