"""The rule about a whole day in one room: nobody sits for four hours without a break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conference.agenda.clashes.plan import PlannedSession
from conference.agenda.clashes.problems import Kind, Problem

LONGEST_SITTING = 4 * 60
PAUSE_FROM = 10  # minutes in which nothing is on count as a break


def without_break(room: int, sessions: Iterable[PlannedSession]) -> Iterator[Problem]:
    """The stretches of four hours and more with less than ten minutes between one session and the next.

    *sessions* are those of one room on one conference day; its breaks are simply times when none is on.
    """
    stretch: list[PlannedSession] = []
    until = 0
    held = (one for one in sessions if not one.is_break and one.starts is not None)
    for session in sorted(held, key=lambda one: (one.starts or 0, one.code)):
        if stretch and (session.starts or 0) - until >= PAUSE_FROM:
            yield from _too_long(room, stretch, until)
            stretch = []
        until = max(until, session.ends) if stretch else session.ends
        stretch.append(session)
    yield from _too_long(room, stretch, until)


def _too_long(room: int, stretch: list[PlannedSession], until: int) -> Iterator[Problem]:
    starts = (stretch[0].starts or 0) if stretch else until
    # A single long session is its own programme: its length is the type's matter.
    if len(stretch) > 1 and until - starts >= LONGEST_SITTING:
        yield Problem(
            kind=Kind.NO_BREAK,
            sessions=tuple(one.code for one in stretch),
            at=starts,
            room=room,
            values={"minutes": until - starts, "until": until},
        )
