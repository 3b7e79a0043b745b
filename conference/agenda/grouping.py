"""Pure functions that arrange a schedule for reading: filters, days, rooms, times, now and next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Generic, TypeVar

import msgspec

from conference.agenda.rows import EventRow, RoomRow, Schedule, SessionRow

Listed = TypeVar("Listed", bound=SessionRow)


class Day(msgspec.Struct, Generic[Listed], frozen=True, kw_only=True):
    """A conference day: `index` is 1 on the event's first day; `ends` is the next one's start."""

    index: int
    date: date
    starts: datetime
    ends: datetime
    sessions: list[Listed]


class RoomNow(msgspec.Struct, frozen=True):
    """What a room shows at a moment: what runs (usually one session) and what comes next that day."""

    room: RoomRow
    now: list[SessionRow]
    next: SessionRow | None


def conference_day(event: EventRow, at: datetime) -> date:
    """The conference day *at* belongs to: before `day_start_hour` it is still the day before."""
    local = at.astimezone(event.zone_info)
    return local.date() - timedelta(days=local.hour < event.day_start_hour)


def days_of(event: EventRow, sessions: Iterable[Listed]) -> list[Day[Listed]]:
    """The days that have any of *sessions*, in order; their `index` counts from the event's first day."""
    by_date: dict[date, list[Listed]] = {}
    for session in sessions:
        by_date.setdefault(conference_day(event, session.starts_at), []).append(session)
    return [day_on(event, day, by_date[day], first=min(event.starts, *by_date)) for day in sorted(by_date)]


def day_on(event: EventRow, day: date, sessions: list[Listed], *, first: date) -> Day[Listed]:
    """One conference day with its bounds in the event's zone; *first* is the day with index 1."""
    opening = time(event.day_start_hour, tzinfo=event.zone_info)
    return Day(
        index=(day - first).days + 1,
        date=day,
        starts=datetime.combine(day, opening),
        ends=datetime.combine(day + timedelta(days=1), opening),
        sessions=sessions,
    )


def by_room(
    rooms: Sequence[RoomRow], sessions: Sequence[Listed]
) -> list[tuple[RoomRow | None, list[Listed]]]:
    """The sessions of each room that has any, in the rooms' order; None first: for all rooms."""
    grouped: dict[int | None, list[Listed]] = {}
    for one in sessions:
        grouped.setdefault(one.room.id if one.room else None, []).append(one)
    every: list[RoomRow | None] = [None, *rooms]
    here = ((room, grouped.get(room.id if room else None)) for room in every)
    return [(room, theirs) for room, theirs in here if theirs]


def by_time(sessions: Iterable[Listed]) -> list[tuple[datetime, list[Listed]]]:
    """Sessions that start together, in order of time."""
    ordered = sorted(sessions, key=lambda one: (one.starts_at, one.room.position if one.room else -1))
    return [(start, list(together)) for start, together in groupby(ordered, key=lambda one: one.starts_at)]


def filtered(
    schedule: Schedule,
    *,
    track: str = "",
    room: str = "",
    language: str = "",
    codes: Collection[str] | None = None,
) -> list[SessionRow]:
    """Sessions of the track, room (slugs) and language; of *codes* only, when given.

    Breaks pass track and language filters (a day without its prayers and meals misleads),
    but not *codes*: a personal agenda holds what was starred.
    """
    return [
        one
        for one in schedule.sessions
        if (not track or one.is_break or (one.track is not None and one.track.slug == track))
        and (
            not room
            or (one.room is None and one.is_break)
            or (one.room is not None and one.room.slug == room)
        )
        and (not language or one.is_break or one.language == language)
        and (codes is None or one.code in codes)
    ]


def languages_of(sessions: Iterable[SessionRow]) -> list[str]:
    """The spoken languages that occur, the most frequent first: the choices of a filter."""
    spoken = Counter(one.language for one in sessions if one.language)
    return sorted(spoken, key=lambda language: (-spoken[language], language))


def now_and_next(schedule: Schedule, at: datetime) -> list[RoomNow]:
    """For each room in order, what runs at *at* and what starts next on the same conference day.

    A break for all rooms counts in every room. Rooms with nothing left today have no `next`.
    """
    today = conference_day(schedule.event, at)
    coming = [one for one in schedule.sessions if not one.is_cancelled and one.ends_at > at]
    shown = []
    for room in schedule.rooms:
        here = [one for one in coming if one.room is None or one.room.id == room.id]
        later = (
            one
            for one in here
            if one.starts_at > at and conference_day(schedule.event, one.starts_at) == today
        )
        shown.append(RoomNow(room, [one for one in here if one.is_live(at)], next(later, None)))
    return shown


def current_day(days: Sequence[Day[Listed]], at: datetime) -> Day[Listed] | None:
    """The day that contains *at*; before the event its first day, after it its last."""
    for day in days:
        if at < day.ends:
            return day
    return days[-1] if days else None
