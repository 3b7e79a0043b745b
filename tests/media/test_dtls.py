"""What we rely on in aiortc, and what the handshake guarantees."""

from __future__ import annotations

from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate, RTCDtlsTransport

from conference.media import LocalEngine
from conference.media.dtls import certificate_fingerprint, generate_certificate
from conference.media.sdp import parse_sdp
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
