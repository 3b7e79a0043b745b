"""Where the engine is reached: its addresses and ports, its certificate, and the transports made of them."""

from __future__ import annotations

import time
from typing import Any

from aiortc import RTCCertificate

from conference.media.addresses import advertised_addresses
from conference.media.counters import Counters
from conference.media.describe import TransportDescription
from conference.media.dtls import certificate_fingerprint, generate_certificate
from conference.media.engine import EngineSettings
from conference.media.errors import BadAddress, EngineClosed
from conference.media.mux import Mux
from conference.media.publisher import Publisher
from conference.media.sdp import Fingerprint
from conference.media.transport import Transport
from conference.media.viewer import Viewer


class Endpoint:
    """One port for all rooms, over UDP and, if the settings say so, TCP."""

    def __init__(self, settings: EngineSettings, mux: Mux, counters: Counters) -> None:
        self._settings = settings
        self._mux = mux
        self._counters = counters
        self._addresses: list[tuple[str, int]] = []
        self._certificate: RTCCertificate | None = None
        self._fingerprint = Fingerprint("", "")

    async def open(self) -> None:
        """Raises BadAddress, and OSError when the port is taken."""
        settings = self._settings
        self._mux.open(settings.hosts, settings.port, tcp=settings.tcp)
        try:
            addresses = await advertised_addresses(self._mux.hosts, settings.public_addresses)
        except BadAddress:
            self._mux.close()
            raise
        port = settings.public_port or self._mux.port
        self._addresses = [(address, port) for address in addresses]
        self._certificate = generate_certificate()
        self._fingerprint = certificate_fingerprint(self._certificate)

    def close(self) -> None:
        self._mux.close()

    def transport(self, owner: Publisher | Viewer, on_connected: Any, on_closed: Any) -> Transport:
        if self._certificate is None:
            raise EngineClosed("engine is not started")
        transport = Transport(
            self._mux,
            self._counters,
            self._certificate,
            time.monotonic(),
            on_rtp=owner.on_rtp,
            on_rtcp=owner.on_rtcp,
            on_connected=on_connected,
            on_closed=on_closed,
        )
        transport.on_keyed = owner.keyed
        return transport

    def describe(self, transport: Transport) -> TransportDescription:
        ice = transport.ice
        return TransportDescription(
            self._addresses,
            ice.ufrag,
            ice.password,
            self._fingerprint,
            tcp=self._settings.tcp,
            spare=ice.spare,
        )
