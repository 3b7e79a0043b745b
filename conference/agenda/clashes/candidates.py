"""Where a session might go instead: free slots near its place, and sessions it could change places with.

Only what is worth a trial: times when its people are already busy, pauses for all and closed rooms are left
out here, cheaply; everything else is for the rules to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import msgspec

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.plan import PlannedSession, Span, local_minute, merged

TRIALS = 600  # for one clash; two in three of them moves, the others swaps
EVERY = 30  # minutes between the starts tried in a long gap
STARTS_IN_A_GAP = 16
USUAL_HOURS = (9 * 60, 17 * 60)  # minutes of the day
# What a change costs those who planned with the programme, in the minutes a session might be moved instead.
OTHER_ROOM, OTHER_DAY, TWO_MOVED = 30, 240, 60


def disturbance(checker: Checker, *moves: PlannedSession) -> int:
    """How much the moves unsettle: minutes of difference, other rooms and days counted as minutes."""
    cost = TWO_MOVED if len(moves) > 1 else 0
    for session in moves:
        was = checker.sessions[session.code]
        if was.starts is None or session.starts is None:
            continue
        days = checker.places.day_of(was.starts) != checker.places.day_of(session.starts)
        cost += abs(session.starts - was.starts) % 1440 + OTHER_DAY * days
        cost += OTHER_ROOM * (was.room != session.room) + abs(session.minutes - was.minutes)
    return cost


def slots_for(checker: Checker, session: PlannedSession, most: int) -> list[PlannedSession]:
    """The session at the *most* free slots in reach, the least disturbing first."""
    busy = _busy(checker, session)
    # Where nobody said when a room is open; once for all rooms.
    days = {day: _likely_hours(checker, day) for day in checker.places.days()}
    found = [
        msgspec.structs.replace(session, starts=start, room=room)
        for room in checker.plan.rooms
        for start in _free_starts(checker, session, room, days)
        if not any(first < start + session.minutes and start < last for first, last in busy)
        and (start, room) != (session.starts, session.room)
    ]
    return sorted(found, key=lambda one: (disturbance(checker, one), one.starts or 0, one.room or 0))[:most]


def swaps_for(
    checker: Checker, session: PlannedSession, most: int
) -> list[tuple[PlannedSession, PlannedSession]]:
    """The session and *most* others of its length, each in the other's place, the least disturbing first."""
    pairs = [
        (
            msgspec.structs.replace(session, starts=other.starts, room=other.room),
            msgspec.structs.replace(other, starts=session.starts, room=session.room),
        )
        for other in checker.sessions.values()
        if other.minutes == session.minutes
        and other.code != session.code
        and other.starts is not None
        and other.room is not None
        and not other.is_break
        and (other.starts, other.room) != (session.starts, session.room)
    ]
    return sorted(pairs, key=lambda pair: (disturbance(checker, *pair), pair[1].code))[:most]


def _busy(checker: Checker, session: PlannedSession) -> tuple[Span, ...]:
    """When the session's people are in other sessions, and when there is a pause for all."""
    others = checker.places.with_people_of(session)
    pauses = [one for one in checker.sessions.values() if one.is_break and one.room is None]
    spans = [(one.starts, one.ends) for one in (*others, *pauses) if one.starts is not None]
    return merged(spans)


def _free_starts(
    checker: Checker, session: PlannedSession, room: int, days: Mapping[date, Span]
) -> Iterator[int]:
    """Starts at which nothing else is in the room, on any day of the event, each once.

    With the changeover time around it and, should a day be too full for that, without.
    """
    plan = checker.plan
    for day, programme in days.items():
        others = [one for one in checker.places.in_room(room, day) if one.code != session.code]
        taken = sorted((one.starts, one.ends) for one in others if one.starts is not None)
        starts: set[int] = set()
        for begins, ends in _bounds(checker, room, day, programme):
            at = begins
            for first, last in (*taken, (ends, ends)):
                latest = min(first, ends) - session.minutes
                for margin in {plan.changeover, 0}:
                    early = at if at == begins else at + margin
                    starts.update(_starts_between(early, latest - margin * (first < ends), plan.timeslot))
                at = max(at, last)
        yield from sorted(starts)


def _likely_hours(checker: Checker, day: date) -> Span:
    """From the day's first start to its last end; of a day that is only begun, the usual hours at least."""
    first, last = checker.places.programme_of(day)
    opens, closes = (local_minute(day, minute, checker.zone) for minute in USUAL_HOURS)
    return (min(first, opens), max(last, closes)) if last else (first, last)  # nothing is left on that day


def _bounds(checker: Checker, room: int, day: date, programme: Span) -> list[Span]:
    """The hours of the room that day; where nobody said any, the likely ones of the *programme*."""
    if not checker.hours.limited(room, day):
        return [programme]
    begins = local_minute(day, checker.plan.day_start_hour * 60, checker.zone)
    ends = local_minute(day + timedelta(days=1), checker.plan.day_start_hour * 60, checker.zone)
    hours = checker.hours.spans(room)
    return [(max(first, begins), min(last, ends)) for first, last in hours if first < ends and begins < last]


def _starts_between(first: int, last: int, timeslot: int) -> Iterator[int]:
    """Starts on the event's grid from *first* to *last*: the first, then every half hour, and the last."""
    step = max(timeslot, 1)
    start, end = -(-first // step) * step, last // step * step
    if start > end:
        return
    yield from range(start, end, EVERY)[:STARTS_IN_A_GAP]
    yield end
