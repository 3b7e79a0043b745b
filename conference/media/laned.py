"""An outgoing stream whose packets may go out on a lane of `fanout` while nothing about it changes."""

from __future__ import annotations

from conference.media import fanout
from conference.media.counters import Counters
from conference.media.incoming import IncomingStream
from conference.media.outgoing import OutgoingStream
from conference.media.rtp import HEADER
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.wire import Wire

# Sources of a lane that rests: until something comes that a decoder can begin with, or until `aim`.
BEGINNINGS, NOTHING = 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE
_U32 = 0xFFFFFFFF


class LanedStream(OutgoingStream):
    """Keeps the books of both: what was sent on the lane is taken over when somebody asks for it.

    Whoever decides otherwise about the next packet than the lane would, must `_disarm` it first.
    """

    __slots__ = ("_armed", "_octets", "_packets")

    def __init__(
        self, track: Track, transport: Transport, mid: str, counters: Counters, wire: Wire | None = None
    ) -> None:
        self._armed = False
        super().__init__(track, transport, mid, counters, wire)
        self.lane = fanout.new_lane()  # None where there is no compiled loop

    def _arm(self, stream: IncomingStream, offset: int, elements: bytes) -> None:
        """Let the compiled loop send what follows of `stream` like its last packet: with `offset` added to
        the index, and such elements in the header."""
        route, lane = self.transport.route, self.lane
        if route is None or lane is None:
            return
        if not lane.head_size:
            head = HEADER.pack(0x90, self._payload_type, 0, 0, self.ssrc) + self._head + elements + self._tail
            if self._log is not None:
                head += b"\0\0"  # the transport-wide number
                lane.number_at = len(head) - 2
            lane.head = head
            lane.head_size = len(head)
            lane.elements_at = HEADER.size + len(self._head) if elements else 0
            lane.payload_type, lane.ssrc = self._payload_type, self.ssrc
        lane.route = route.cdata
        lane.offset = offset
        lane.timestamp_offset = self._timestamp_offset & _U32
        lane.source = stream.number
        lane.held = 0
        self._armed = True

    def _rest(self, source: int) -> None:
        """Nothing is sent, and C need not ask about each packet."""
        if self.lane is not None:
            self.lane.source = source
            self.lane.held = 0
            self._armed = True

    def _disarm(self) -> None:
        """Python decides about the next packet."""
        if self._armed:
            self._sync()
            self.lane.source = self.lane.held = 0
            self._armed = False

    def _sync(self) -> None:
        """Take over what was sent on the lane since the last look."""
        lane = self.lane
        if self._armed and lane.packets:
            self._packets += lane.packets
            self._octets += lane.octets
            lane.packets = lane.octets = 0
            self._followed(lane.last_index, lane.last_time)

    def _followed(self, index: int, now: float) -> None:
        """The lane has sent all in order up to the packet `index` of its source, that one at `now`."""
        raise NotImplementedError

    @property
    def packets(self) -> int:
        self._sync()
        return self._packets

    @packets.setter
    def packets(self, value: int) -> None:
        self._packets = value

    @property
    def octets(self) -> int:
        return self._octets + (int(self.lane.octets) if self._armed else 0)

    @octets.setter
    def octets(self, value: int) -> None:
        self._octets = value
