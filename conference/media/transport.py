"""One peer connection's packets: ICE, DTLS and SRTP joined, with a synchronous path for media."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import pylibsrtp
from aiortc import RTCCertificate

from conference.media import srtp
from conference.media.counters import Counters
from conference.media.dtls import DtlsAssociation
from conference.media.fanout import Route, new_route
from conference.media.ice import IceAgent
from conference.media.intake import RTP, Peer, new_peer
from conference.media.mux import Mux
from conference.media.paths import PathKind
from conference.media.sdp import Fingerprint
from conference.media.send_log import OVERHEAD, SendLog
from conference.media.udp import UdpPath

log = logging.getLogger(__name__)

# libsrtp keeps state per SSRC until told otherwise, so an authenticated sender must not invent them.
MAX_SSRCS = 64
HANDSHAKE_SECONDS = 30.0

PacketHandler = Callable[[bytes, float], None]


class Transport:
    """Everything of a peer connection below RTP.

    `on_rtp` and `on_rtcp` receive decrypted packets with their arrival time; `on_connected` is called when
    media may flow, `on_closed` once when the peer has gone or the handshake failed (not on our own `close`).
    `on_keyed` may be set: it gets the `Peer` of what is taken in by C (`intake.py`); so may `on_path`: it is
    called when the client has nominated another path, or restarted ICE by itself.
    """

    __slots__ = (
        "_counters",
        "_dtls",
        "_on_closed",
        "_on_connected",
        "_on_rtcp",
        "_on_rtp",
        "_peer",
        "_protect",
        "_protect_rtcp",
        "_retired",
        "_selected",
        "_ssrcs",
        "_task",
        "_unprotect",
        "_unprotect_rtcp",
        "closed",
        "connected",
        "ice",
        "last_seen",
        "log",
        "on_keyed",
        "on_path",
        "route",
    )

    def __init__(
        self,
        mux: Mux,
        counters: Counters,
        certificate: RTCCertificate,
        now: float,
        *,
        on_rtp: PacketHandler,
        on_rtcp: PacketHandler,
        on_connected: Callable[[], None],
        on_closed: Callable[[], None],
    ) -> None:
        self._counters = counters
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        self._on_connected = on_connected
        self._on_closed = on_closed
        self._unprotect: Callable[[bytes], bytes] | None = None
        self._unprotect_rtcp: Callable[[bytes], bytes] | None = None
        self._protect: Callable[[bytes], bytes] | None = None
        self._protect_rtcp: Callable[[bytes], bytes] | None = None
        self._ssrcs: set[int] = set()
        self._retired: dict[int, None] = {}
        self._peer: Peer | None = None
        self.on_keyed: Callable[[Peer], None] | None = None
        self.on_path: Callable[[], None] | None = None
        self._selected = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.connected = False
        self.closed = False
        self.last_seen = now
        self.log: SendLog | None = None  # numbers what is sent; publishers are sent nothing to number
        self.route: Route | None = None  # for the compiled loop; None without it, and before the keys
        self.ice = IceAgent(mux, self._datagram, self._path_selected)
        self._dtls = DtlsAssociation(certificate, self._send_datagram, self._ended)

    # ------------------------------------------------------------------ life

    def start(self, fingerprints: Sequence[Fingerprint], *, active: bool) -> None:
        """Begin the handshake as soon as a check has passed; `active` when we must send the ClientHello."""
        if self._task is None and not self.closed:
            self._task = asyncio.get_running_loop().create_task(self._handshake(fingerprints, active))

    async def _handshake(self, fingerprints: Sequence[Fingerprint], active: bool) -> None:
        await self._selected.wait()
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                keyed = await self._dtls.handshake(fingerprints, active=active)
        except TimeoutError:
            keyed = False
        except (
            Exception
        ):  # an edge: whatever a hostile certificate does to the parsers ends this handshake only
            log.exception("DTLS handshake broke")
            keyed = False
        if self.closed:
            return
        if not keyed:
            log.info("DTLS handshake failed")
            self._ended()
            return
        self._keyed()
        self._on_connected()

    def _keyed(self) -> None:
        inbound, outbound = self._dtls.inbound, self._dtls.outbound
        self._unprotect, self._unprotect_rtcp = srtp.unprotect(inbound), srtp.unprotect_rtcp(inbound)
        self._protect, self._protect_rtcp = srtp.protect(outbound), srtp.protect_rtcp(outbound)
        self.route = new_route(outbound)
        if self.route is not None and self.log is not None:
            self.route.number(self.log.state, self.log.times, self.log.sizes, OVERHEAD)
        self._follow_path()
        self._peer = new_peer(inbound)
        if self._peer is not None:
            if self.on_keyed is not None:
                self.on_keyed(self._peer)
            self.ice.open(self._peer, self._opened)
        self.connected = True

    def _path_selected(self) -> None:
        self._selected.set()
        self._follow_path()
        self._dtls.moved()
        if self.on_path is not None:
            self.on_path()

    def _follow_path(self) -> None:
        path = self.ice.path
        if self.route is not None and path is not None:
            self.route.over(path.socket if isinstance(path, UdpPath) else None, path.remote)

    def seen(self) -> float:
        """Monotonic time of the last authenticated sign of the peer."""
        taken_in = self._peer.seen if self._peer is not None else 0.0
        return max(self.last_seen, self.ice.last_check, taken_in)

    @property
    def kind(self) -> PathKind:
        """What the selected path is; 'udp' before there is one."""
        path = self.ice.path
        return path.kind if path is not None else "udp"

    @property
    def started(self) -> bool:
        return self._task is not None

    @property
    def srtp_profile(self) -> str:
        return self._dtls.profile

    def _ended(self) -> None:
        if not self.closed:
            self._on_closed()

    async def close(self) -> None:
        """Leave the mux at once, then say goodbye to the peer. Idempotent."""
        if self.closed:
            return
        self.closed = True
        self.connected = False
        if self.route is not None:
            self.route.over(None, ())
        if self._peer is not None:
            self._peer.close()
        await self._dtls.close()
        self.ice.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # --------------------------------------------------------------- receive

    def _datagram(self, data: bytes, now: float) -> None:
        first = data[0]
        if 128 <= first <= 191:
            self._secured(data, now)
        elif not 20 <= first <= 63 or not self._dtls.datagram(data):
            self._counters.dropped_dtls += 1

    def _secured(self, data: bytes, now: float) -> None:
        counters = self._counters
        unprotect, unprotect_rtcp = self._unprotect, self._unprotect_rtcp
        if unprotect is None or unprotect_rtcp is None or len(data) < 12:
            counters.dropped_srtp += 1
            return
        ssrc = int.from_bytes(data[8:12], "big")
        rtcp = 192 <= data[1] <= 223  # RFC 5761 §4
        if not rtcp and ssrc not in self._ssrcs and not self._room_for_another():
            counters.dropped_ssrc += 1
            return
        try:
            plain = unprotect_rtcp(data) if rtcp else unprotect(data)
        except srtp.Refused:
            counters.dropped_srtp += 1
            return
        self.last_seen = now
        if rtcp:
            self._on_rtcp(plain, now)
            return
        self._ssrcs.add(ssrc)
        self._on_rtp(plain, now)

    def _opened(self, what: int, data: bytes, now: float) -> None:
        """What C has authenticated and decrypted, and leaves to us."""
        self.last_seen = now
        if what == RTP:  # of an SSRC that was known before
            self._on_rtp(data, now)
        else:
            self._on_rtcp(data, now)

    # ------------------------------------------------------------------ send

    def _send_datagram(self, data: bytes) -> None:
        self.ice.send(data)

    def send_rtp(self, packet: bytes) -> None:
        """Protect and send. The caller has checked `connected`."""
        try:
            sealed = self._protect(packet)  # type: ignore[misc]  # set whenever connected
        except (srtp.Refused, TypeError):
            self._counters.dropped_send += 1
            return
        self.ice.send(sealed)

    def send_rtcp(self, packet: bytes) -> None:
        if not self.connected or self._protect_rtcp is None:
            return
        try:
            sealed = self._protect_rtcp(packet)
        except srtp.Refused:
            self._counters.dropped_send += 1
            return
        self.ice.send(sealed)

    # ----------------------------------------------------------------- SSRCs

    def _room_for_another(self) -> bool:
        if len(self._ssrcs) >= MAX_SSRCS and self._retired:
            oldest = next(iter(self._retired))
            del self._retired[oldest]
            self._ssrcs.discard(oldest)
            _remove(self._dtls.inbound, oldest)
        return len(self._ssrcs) < MAX_SSRCS

    def retire_inbound(self, ssrc: int) -> None:
        """A source is no longer expected. Its SRTP state is kept while there is room: a browser may use the
        SSRC again, and without the rollover counter its packets could not be decrypted (RFC 3711 §3.3.1).
        """
        if ssrc in self._ssrcs:
            self._retired[ssrc] = None

    def expect_inbound(self, ssrc: int) -> None:
        self._retired.pop(ssrc, None)

    def forget_outbound(self, ssrc: int) -> None:
        """Free the SRTP state of an SSRC of ours; ours are random and never used again."""
        if self.connected:
            _remove(self._dtls.outbound, ssrc)


def _remove(session: pylibsrtp.Session, ssrc: int) -> None:
    try:
        session.remove_stream(ssrc)
    except pylibsrtp.Error:
        pass  # it never carried a packet
