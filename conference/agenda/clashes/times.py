"""Rules about a session and the time it is at: people's days and nights, prayers, closures, length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conference.agenda.clashes.plan import Plan, PlannedSession, Span, covers, local, merged
from conference.agenda.clashes.prayer import METHODS, Prayer, prayer_times
from conference.agenda.clashes.problems import Kind, Problem

NIGHT_FROM, NIGHT_UNTIL = 22, 7  # hours on the clock where the person is
DAY_MINUTES = (NIGHT_FROM - NIGHT_UNTIL) * 60
PRAYER_MINUTES = 20  # what a congregation needs from the call to the end
# A programme of years would ask for the sun of each of its days.
LONGEST_LOOK = timedelta(days=31)


def zone_if_known(name: str) -> ZoneInfo | None:
    """The zone; None for a name this machine does not know."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class Presence:
    """When each person is available and where their clock is, looked up once per event."""

    def __init__(self, plan: Plan) -> None:
        self.available: Mapping[int, tuple[Span, ...]] = {
            one.id: merged(one.available) for one in plan.people.values() if one.available
        }
        zones = {one.id: zone_if_known(one.zone) for one in plan.people.values() if one.is_remote}
        self.zones: Mapping[int, ZoneInfo] = {key: zone for key, zone in zones.items() if zone}


def people_there(presence: Presence, session: PlannedSession) -> Iterator[Problem]:
    """Somebody said that they cannot then, or it is night where they are."""
    if session.starts is None:
        return
    for person in dict.fromkeys(part.person for part in session.parts):
        spans = presence.available.get(person)
        if spans is not None and not covers(spans, session.starts, session.ends):
            yield _alone(Kind.UNAVAILABLE, session, person=person)
        zone = presence.zones.get(person)
        if zone is not None and at_night(session.starts, session.minutes, zone):
            begins, ends = local(session.starts, zone), local(session.ends, zone)
            values = {"from": f"{begins:%H:%M}", "to": f"{ends:%H:%M}", "zone": zone.key}
            yield _alone(Kind.NIGHT, session, person=person, values=values)


def at_night(starts: int, minutes: int, zone: ZoneInfo) -> bool:
    """Whether any minute of it is between 22:00 and 07:00 on a clock in *zone*, by the rules of that day."""
    if minutes > DAY_MINUTES:
        return True
    return any(_is_night(minute, zone) for minute in (starts, starts + max(minutes, 1) - 1))


def _is_night(minute: int, zone: ZoneInfo) -> bool:
    hour = local(minute, zone).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


class Prayers:
    """The prayers at the venue, reckoned once for each day somebody asks about."""

    def __init__(self, plan: Plan, zone: ZoneInfo) -> None:
        place = plan.prayer
        known = place is not None and abs(place.latitude) <= 90 and abs(place.longitude) <= 180
        self._place = place if known else None
        self._zone = zone
        self._days: dict[date, dict[Prayer, int]] = {}

    def during(self, start: int, end: int) -> list[tuple[Prayer, int]]:
        """The prayers whose first minutes fall into that time, with the minute of the call."""
        if self._place is None:
            return []
        first, last = local(start - PRAYER_MINUTES, self._zone).date(), local(end, self._zone).date()
        last = min(last, first + LONGEST_LOOK)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return [
            (prayer, minute)
            for day in days
            for prayer, minute in self._on(day).items()
            if start < minute + PRAYER_MINUTES and minute < end
        ]

    def _on(self, day: date) -> dict[Prayer, int]:
        if day not in self._days and self._place is not None:
            method = METHODS.get(self._place.method, METHODS["jafari"])
            self._days[day] = prayer_times(day, self._place.latitude, self._place.longitude, method)
        return self._days.get(day, {})


def prayers_free(prayers: Prayers, session: PlannedSession) -> Iterator[Problem]:
    """A prayer is called during the session, or its first minutes are not over when the session begins."""
    if session.is_break or session.starts is None:
        return
    for prayer, minute in prayers.during(session.starts, session.ends):
        yield _alone(
            Kind.PRAYER,
            session,
            values={"prayer": prayer.value, "minute": minute},
            detail=f"{prayer.value} {minute // 1440}",
        )


def not_closed(plan: Plan, session: PlannedSession) -> Iterator[Problem]:
    """On a public holiday, or in hours for which a shutdown of the network is announced."""
    if session.is_break or session.starts is None:
        return
    for number, closure in enumerate(plan.closures):
        if session.starts < closure.span[1] and closure.span[0] < session.ends:
            kind = Kind.HOLIDAY if closure.kind == "holiday" else Kind.SHUTDOWN
            values = {"name": closure.name, "from": closure.span[0], "to": closure.span[1]}
            yield _alone(kind, session, values=values, detail=str(number))


def not_longer(plan: Plan, session: PlannedSession) -> Iterator[Problem]:
    """Longer than sessions of its type are."""
    planned = plan.types.get(session.type) if session.type is not None else None
    if planned is None or session.is_break or session.starts is None:
        return
    if session.minutes > planned.minutes:
        values = {"minutes": session.minutes, "usual": planned.minutes, "type": planned.name}
        yield _alone(Kind.LONGER_THAN_TYPE, session, values=values)


def _alone(
    kind: Kind,
    session: PlannedSession,
    *,
    person: int | None = None,
    values: Mapping[str, object] | None = None,
    detail: str = "",
) -> Problem:
    return Problem(
        kind=kind,
        sessions=(session.code,),
        at=session.starts or 0,
        people=() if person is None else (person,),
        values=dict(values or {}),
        detail=detail,
    )
