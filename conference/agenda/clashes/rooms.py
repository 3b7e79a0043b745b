"""Rules about a session and its room: opening hours, seats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from conference.agenda.clashes.plan import Plan, PlannedSession, Span, covers, local, local_minute, merged
from conference.agenda.clashes.problems import Kind, Problem


class Hours:
    """When each room is open, looked up once per event."""

    def __init__(self, plan: Plan, zone: ZoneInfo) -> None:
        self._plan, self._zone = plan, zone
        self._own: dict[int | None, dict[date, list[Span]]] = {}
        for one in plan.openings:
            closes = one.closes if one.closes > one.opens else one.closes + 24 * 60
            span = (local_minute(one.day, one.opens, zone), local_minute(one.day, closes, zone))
            self._own.setdefault(one.room, {}).setdefault(one.day, []).append(span)
        self._spans: dict[int, tuple[Span, ...]] = {}

    def spans(self, room: int) -> tuple[Span, ...]:
        """All hours of the room; on a day with hours of its own those of all rooms do not count."""
        if room not in self._spans:
            days = self._own.get(None, {}) | self._own.get(room, {})
            self._spans[room] = merged(span for spans in days.values() for span in spans)
        return self._spans[room]

    def limited(self, room: int, day: date) -> bool:
        """Whether anybody said when the room is open on that conference day."""
        return day in self._own.get(room, {}) or day in self._own.get(None, {})


def conference_day(plan: Plan, zone: ZoneInfo, minute: int) -> date:
    """The conference day of a moment: before `day_start_hour` it is still the day before."""
    clock = local(minute, zone)
    if clock.hour >= plan.day_start_hour or clock.date() == date.min:
        return clock.date()
    return clock.date() - timedelta(days=1)


def open_then(hours: Hours, session: PlannedSession, day: date) -> Iterator[Problem]:
    """The room is closed for a part of the session."""
    if session.room is None or session.starts is None or not hours.limited(session.room, day):
        return
    if not covers(hours.spans(session.room), session.starts, session.ends):
        yield Problem(kind=Kind.ROOM_CLOSED, sessions=(session.code,), at=session.starts, room=session.room)


def seats(plan: Plan, session: PlannedSession) -> Iterator[Problem]:
    """More people signed up, or starred it, than the room seats."""
    room = plan.rooms.get(session.room) if session.room is not None else None
    if room is None or room.capacity is None or session.is_break or session.starts is None:
        return
    stars = plan.stars.get(session.code, 0).bit_count()
    for kind, people in ((Kind.OVER_CAPACITY, session.sign_ups), (Kind.MORE_STARS_THAN_SEATS, stars)):
        if people > room.capacity:
            yield Problem(
                kind=kind,
                sessions=(session.code,),
                at=session.starts,
                room=room.id,
                values={"people": people, "seats": room.capacity},
            )
