"""The DTLS handshake that keys SRTP (RFC 5763, RFC 5764), on aiortc's DTLS transport.

aiortc's `RTCDtlsTransport` takes any object with `role`, `_recv` and `_send` as its transport. The private
names used here are asserted by a test, and `aiortc` is pinned to one minor version.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import cast

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcicetransport import RTCIceTransport
from pylibsrtp import Session

from conference.media.sdp import Fingerprint

log = logging.getLogger(__name__)

_QUEUE_LENGTH = 64  # a handshake is a dozen datagrams; DTLS repeats what is dropped

# AES-128 in GCM costs the least per packet and is as strong as the transport needs; the others are kept for
# clients that lack it. OpenSSL's server picks by our order.
_PREFERRED_PROFILE = b"SRTP_AEAD_AES_128_GCM"
_PROFILES = sorted(SRTP_PROFILES, key=lambda profile: profile.openssl_profile != _PREFERRED_PROFILE)


def generate_certificate() -> RTCCertificate:
    return RTCCertificate.generateCertificate()


def certificate_fingerprint(certificate: RTCCertificate) -> Fingerprint:
    found = next(f for f in certificate.getFingerprints() if f.algorithm == "sha-256")
    return Fingerprint(found.algorithm, found.value)


class DtlsAssociation:
    """One handshake and, after it, the two SRTP sessions.

    `send` puts a datagram on the wire. `on_closed` is called once when the association ends: closed by the
    peer (a tab that was shut says goodbye this way), or failed.
    """

    role = "controlled"

    def __init__(
        self, certificate: RTCCertificate, send: Callable[[bytes], None], on_closed: Callable[[], None]
    ) -> None:
        self._send_datagram = send
        self._on_closed = on_closed
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE_LENGTH)
        self._closed = False
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self), [certificate])
        self._dtls._srtp_profiles = _PROFILES
        self._dtls.on("statechange", self._state_changed)

    async def _recv(self) -> bytes:
        datagram = await self._queue.get()
        if datagram is None:
            raise ConnectionError
        return datagram

    async def _send(self, datagram: bytes) -> None:
        self._send_datagram(datagram)

    def datagram(self, data: bytes) -> bool:
        """Hand in a DTLS datagram; False when it was dropped because too many wait already."""
        try:
            self._queue.put_nowait(data)
        except asyncio.QueueFull:
            return False
        return True

    async def handshake(self, fingerprints: Sequence[Fingerprint], *, active: bool) -> bool:
        """Run the handshake and verify the peer's certificate; True when SRTP is keyed."""
        self._dtls._set_role("client" if active else "server")
        await self._dtls.start(
            RTCDtlsParameters([RTCDtlsFingerprint(f.algorithm, f.value) for f in fingerprints])
        )
        return self._dtls.state == "connected"

    @property
    def inbound(self) -> Session:
        return self._dtls._rx_srtp

    @property
    def outbound(self) -> Session:
        return self._dtls._tx_srtp

    @property
    def profile(self) -> str:
        """The SRTP protection profile in use, '' before the handshake is done."""
        ssl = self._dtls._ssl
        return ssl.get_selected_srtp_profile().decode() if ssl is not None else ""

    def _state_changed(self) -> None:
        if self._dtls.state in ("closed", "failed") and not self._closed:
            self._closed = True
            self._on_closed()

    async def close(self) -> None:
        """Say goodbye (close_notify) and end; harmless when already closed."""
        self._closed = True
        await self._dtls.stop()
        try:
            self._queue.put_nowait(None)
        except asyncio.QueueFull:
            self._queue.get_nowait()
            self._queue.put_nowait(None)
