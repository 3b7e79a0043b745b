"""Reports of viewers read in C (`native/feedback.c`, `native/intake.c`), and kept until they are judged."""

from __future__ import annotations

import math
from array import array

from conference.media import compiled
from conference.media.errors import MalformedPacket
from conference.media.heard import GROUP, Ack, Heard, Waited


class FeedbackReader:
    """Reads transport-wide feedback into one viewer's send log, as `send_log.SendLog.hear` does."""

    __slots__ = ("_kept", "_log")

    def __init__(self, state: array[int], times: array[float], sizes: array[int]) -> None:
        library = compiled.LIBRARY
        assert library is not None
        self._log = library.new("log")
        pointers = [library.shared(state), library.shared(times), library.shared(sizes)]
        self._kept = (state, times, sizes, *pointers)
        self._log.state, self._log.times, self._log.sizes = pointers
        self._log.slots = len(times)

    def read(self, body: bytes, open_until: float, *, acks: bool) -> tuple[Heard, int, list[Ack]] | None:
        """None for a feedback of more packets than C has room for. Raises MalformedPacket."""
        library = compiled.LIBRARY
        assert library is not None
        heard = library.heard
        failed = library.feedback(body, len(body), self._log, open_until, GROUP, heard)
        if failed == 1:
            raise MalformedPacket("transport feedback")
        if failed:
            return None
        count, groups = int(heard.count), int(heard.groups)
        flat = library.ffi.unpack(library.groups, 4 * groups) if groups else []
        found = Heard(
            count,
            int(heard.lost),
            int(heard.runs),
            heard.acks[0].sent if count else 0.0,
            heard.acks[count - 1].sent if count else 0.0,
            int(heard.received),
            (heard.newest_sent, heard.newest_arrival) if groups else None,
            list(zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)),
        )
        each = [heard.acks[n] for n in range(count)] if acks else []
        return found, int(heard.skipped), [(a.sent, a.size, a.arrival if a.arrived else None) for a in each]


def new_feedback_reader(state: array[int], times: array[float], sizes: array[int]) -> FeedbackReader | None:
    return FeedbackReader(state, times, sizes) if compiled.LIBRARY is not None else None


class Hearing:
    """A viewer's reports that were read as they came and wait to be judged with the next look.

    Only while there is nothing to be judged at once (`wait`): what says that something was lost or took
    longer than it may, and what there is no room for, is Python's.
    """

    __slots__ = ("_kept", "cdata")

    def __init__(self, state: array[int], times: array[float], sizes: array[int]) -> None:
        library = compiled.LIBRARY
        assert library is not None
        cdata = self.cdata = library.new("hearing")
        pointers = [library.shared(state), library.shared(times), library.shared(sizes)]
        self._kept = (state, times, sizes, *pointers)
        cdata.log.state, cdata.log.times, cdata.log.sizes = pointers
        cdata.log.slots = len(times)
        cdata.calm = cdata.newest = -math.inf
        cdata.group_seconds = GROUP

    def wait(self, calm: float, open_until: float) -> None:
        """Let feedback wait that took no longer than `calm` (as `heard.Group` has delays); none if that is
        −infinity. `open_until` is what the next one is to be summed up with."""
        self.cdata.calm = calm
        self.cdata.open_until = open_until

    def newest(self) -> float:
        """When feedback was read here last, −infinity before the first."""
        return float(self.cdata.newest)

    def take(self) -> Waited | None:
        """Feedback that waits; then none does."""
        cdata = self.cdata
        waiting = int(cdata.waiting)
        if not waiting:
            return None
        library = compiled.LIBRARY
        assert library is not None
        unpack = library.ffi.unpack
        came, first = unpack(cdata.came, waiting), unpack(cdata.first, waiting)
        count = int(cdata.groups)
        flat = unpack(library.ffi.cast("double *", cdata.group), 4 * count) if count else []
        heard = Heard(
            int(cdata.packets),
            0,
            0,
            first[-1],
            cdata.last,
            int(cdata.received),
            (cdata.newest_sent, cdata.newest_arrival),
            list(zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)),
        )
        waited = Waited(heard, list(zip(came[:-1], first[:-1], strict=True)), came[-1], int(cdata.skipped))
        cdata.waiting = cdata.groups = 0
        cdata.packets = cdata.received = cdata.skipped = 0
        return waited

    def reports(self) -> list[tuple[bytes, float]]:
        """Reception reports that wait, with when they came; then none does."""
        cdata = self.cdata
        count, cdata.reports = int(cdata.reports), 0
        library = compiled.LIBRARY
        assert library is not None
        buffer = library.ffi.buffer
        return [(bytes(buffer(each.data, each.size)), each.now) for each in cdata.report[0:count]]


def new_hearing(state: array[int], times: array[float], sizes: array[int]) -> Hearing | None:
    return Hearing(state, times, sizes) if compiled.LIBRARY is not None else None
