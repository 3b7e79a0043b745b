"""The DTLS handshake that keys SRTP (RFC 5763, RFC 5764), on aiortc's DTLS transport.

aiortc's `RTCDtlsTransport` takes any object with `role`, `_recv` and `_send` as its transport. The private
names used here are asserted by a test, and `aiortc` is pinned to one minor version.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import cast

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from aiortc.rtcicetransport import RTCIceTransport
from OpenSSL import SSL
from pylibsrtp import Session

from conference.media.sdp import Fingerprint

log = logging.getLogger(__name__)

_QUEUE_LENGTH = 64  # a handshake is a dozen datagrams; DTLS repeats what is dropped
_REPEAT_SECONDS = 0.03  # less than the shortest timer of a client: a copy that was under way asks for nothing
_MAX_REPEATS = 20
_PATIENCE = 0.6  # seconds of silence after which our flight is repeated; OpenSSL waits a whole second
_LEAST_PATIENCE = 0.25
_MOST_PATIENCE = 10.0  # with more than this nothing is repeated on our own account
_MARGIN = 1.3  # an answer may take this many times as long as the one before

# AES-128 in GCM costs the least per packet and is as strong as the transport needs; the others are kept for
# clients that lack it. OpenSSL's server picks by our order.
_PREFERRED_PROFILE = b"SRTP_AEAD_AES_128_GCM"
_PROFILES = sorted(SRTP_PROFILES, key=lambda profile: profile.openssl_profile != _PREFERRED_PROFILE)


class _Certificate(RTCCertificate):
    """One context of OpenSSL for all handshakes with it: one each takes 20 kB and reads the key anew.

    Its connections give their buffers back when nothing is in them, 50 kB each, which after the handshake is
    nearly always. Nothing is resumed: a session that was would not be shown a certificate again.
    """

    _context: SSL.Context | None = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
            self._context.set_mode(SSL.MODE_RELEASE_BUFFERS)
            self._context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        return self._context


def generate_certificate() -> RTCCertificate:
    return _Certificate.generateCertificate()


def certificate_fingerprint(certificate: RTCCertificate) -> Fingerprint:
    found = next(f for f in certificate.getFingerprints() if f.algorithm == "sha-256")
    return Fingerprint(found.algorithm, found.value)


class DtlsAssociation:
    """One handshake and, after it, the two SRTP sessions.

    `send` puts a datagram on the wire. `on_closed` is called once when the association ends: closed by the
    peer (a tab that was shut says goodbye this way), or failed. `patience` is how long (seconds) the first
    answer is waited for before what was sent goes out once more; later ones are measured by the first.
    """

    role = "controlled"

    def __init__(
        self,
        certificate: RTCCertificate,
        send: Callable[[bytes], None],
        on_closed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        patience: float = _PATIENCE,
    ) -> None:
        self._send_datagram = send
        self._on_closed = on_closed
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE_LENGTH)
        self._closed = False
        self._clock = clock
        self._flight: list[bytes] = []  # what was sent between two readings
        self._flight_ends = False
        self._answered_at = 0.0
        self._repeats = 0
        self._patience = patience
        self._waiting: asyncio.TimerHandle | None = None
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self), [certificate])
        self._dtls._srtp_profiles = _PROFILES
        self._dtls.on("statechange", self._state_changed)

    async def _recv(self) -> bytes:
        self._flight_ends = True
        datagram = await self._queue.get()
        if datagram is None:
            raise ConnectionError
        if _begins_client_hello(datagram):
            self._repeat()
        return datagram

    async def _send(self, datagram: bytes) -> None:
        if self._flight_ends:
            self._flight.clear()
            self._flight_ends = False
        self._flight.append(datagram)
        self._answered_at = self._clock()
        self._send_datagram(datagram)
        self._wait()

    def _repeat(self) -> None:
        """The client asks again: our flight as it was. The records it has already are copies to it."""
        if self._clock() - self._answered_at >= _REPEAT_SECONDS:
            self._send_again()

    def _send_again(self) -> None:
        if self._dtls.state != "connecting" or self._repeats >= _MAX_REPEATS:
            return
        self._repeats += 1
        self._answered_at = self._clock()
        for datagram in self._flight:
            self._send_datagram(datagram)

    def _wait(self) -> None:
        """For what the peer says to this flight; after that OpenSSL's own timer is next."""
        self._wait_no_longer()
        if self._dtls.state == "connecting" and self._patience < _MOST_PATIENCE:
            self._waiting = asyncio.get_running_loop().call_later(self._patience, self._send_again)

    def _wait_no_longer(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def moved(self) -> None:
        """The peer has chosen another path: what went over the former may never have come."""
        if self._flight:
            self._send_again()

    def datagram(self, data: bytes) -> bool:
        """Hand in a DTLS datagram; False when it was dropped because too many wait already."""
        if self._waiting is not None and self._repeats == 0:
            # What was repeated says nothing: it is not known which copy was answered.
            took = self._clock() - self._answered_at
            self._patience = min(self._patience, max(_LEAST_PATIENCE, _MARGIN * took))
        self._wait_no_longer()
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
        self._wait_no_longer()
        await self._dtls.stop()
        try:
            self._queue.put_nowait(None)
        except asyncio.QueueFull:
            self._queue.get_nowait()
            self._queue.put_nowait(None)


def _begins_client_hello(datagram: bytes) -> bool:
    """Whether a ClientHello begins in it, in a record that is not encrypted (RFC 6347 §4.1, §4.2.2)."""
    return (
        len(datagram) > 22
        and datagram[0] == 22
        and datagram[3:5] == b"\x00\x00"
        and datagram[13] == 1
        and datagram[19:22] == b"\x00\x00\x00"
    )
