"""Transport-wide feedback of viewers read in C (`native/feedback.c`), and kept until it is judged."""

from __future__ import annotations

import math
from array import array
from typing import Any

from conference.media import compiled
from conference.media.errors import MalformedPacket
from conference.media.heard import GROUP, Ack, Group, Heard, Waited


class FeedbackReader:
    """Reads transport-wide feedback into one viewer's send log, as `sending.SendLog.hear` does."""

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
    """A viewer's feedback that was read as it came and waits to be judged with the next look.

    Only while there is nothing to be judged at once (`wait`): C calls for Python when something was lost,
    took longer than it may, or too much waits.
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
        cdata.calm = -math.inf
        cdata.group_seconds = GROUP

    def wait(self, calm: float, open_until: float) -> None:
        """Let feedback wait that took no longer than `calm` (as `heard.Group` has delays); none if that is
        −infinity. `open_until` is what the next one is to be summed up with."""
        self.cdata.calm = calm
        self.cdata.open_until = open_until

    def newest(self) -> float:
        """When the latest of what waits came, −infinity when nothing waits."""
        waiting = self.cdata.waiting
        return float(self.cdata.news[waiting - 1].now) if waiting else -math.inf

    def take(self) -> list[Waited]:
        """What waits; then nothing does."""
        cdata = self.cdata
        waiting, cdata.waiting = cdata.waiting, 0
        return [_taken(cdata.news[n]) for n in range(waiting)]


def _taken(news: Any) -> Waited:
    groups: list[Group] = [
        (group.first, group.last, group.delay, group.size) for group in news.group[0 : int(news.groups)]
    ]
    heard = Heard(
        int(news.packets),
        int(news.lost),
        int(news.runs),
        news.first,
        news.last,
        int(news.received),
        (news.newest_sent, news.newest_arrival) if groups else None,
        groups,
    )
    return Waited(heard, news.now, int(news.skipped))


def new_hearing(state: array[int], times: array[float], sizes: array[int]) -> Hearing | None:
    return Hearing(state, times, sizes) if compiled.LIBRARY is not None else None
