"""An index of sessions by resource and hour: who is on there at that time, in the time of an answer.

Each session stands in the list of every hour it touches; a query looks at its own hours only. Adding,
removing and asking cost what is found, however many sessions there are in all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from conference.agenda.clashes.plan import PlannedSession

HOUR = 60
# Longer ones (an exhibition over the whole event) would stand in too many hours and are always looked at.
LONG = 48 * HOUR


class Intervals:
    """Sessions on the grid by resource (a room, a track, or everything)."""

    def __init__(self) -> None:
        self._hours: dict[tuple[Hashable, int], dict[str, PlannedSession]] = {}
        self._long: dict[Hashable, dict[str, PlannedSession]] = {}
        self._all: dict[Hashable, dict[str, PlannedSession]] = {}

    def add(self, resource: Hashable, session: PlannedSession) -> None:
        """Take the session (on the grid) up; it must not be in yet."""
        self._all.setdefault(resource, {})[session.code] = session
        if session.minutes > LONG:
            self._long.setdefault(resource, {})[session.code] = session
            return
        for hour in _hours(session.starts or 0, session.ends):
            self._hours.setdefault((resource, hour), {})[session.code] = session

    def remove(self, resource: Hashable, session: PlannedSession) -> None:
        """Take out what `add` took up, given the very same times."""
        self._all[resource].pop(session.code)
        if session.minutes > LONG:
            self._long[resource].pop(session.code)
            return
        for hour in _hours(session.starts or 0, session.ends):
            here = self._hours[resource, hour]
            del here[session.code]
            if not here:
                del self._hours[resource, hour]

    def near(self, resource: Hashable, start: int, end: int) -> Iterator[PlannedSession]:
        """Each session of the resource that may touch the time from *start* to *end*, once; the hours are
        coarse, so that the caller still compares."""
        if end - start > LONG:
            yield from self._all.get(resource, {}).values()
            return
        yield from self._long.get(resource, {}).values()
        hours = _hours(start, end)
        for hour in hours:
            for session in self._hours.get((resource, hour), {}).values():
                # One that began in an earlier hour of this query was given there.
                if hour == hours.start or (session.starts or 0) // HOUR == hour:
                    yield session


def _hours(start: int, end: int) -> range:
    return range(start // HOUR, max(end - 1, start) // HOUR + 1)
