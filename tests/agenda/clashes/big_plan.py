"""The large event of the measurements as a plan, without a database."""

from __future__ import annotations

import msgspec

from conference.agenda.clashes.plan import (
    Plan,
    PlannedPart,
    PlannedPerson,
    PlannedRoom,
    PlannedSession,
    PlannedType,
    PrayerPlace,
    minute_of,
)
from conference.agenda.slugs import free_code
from conference.agenda.tables import SessionKind, SessionRole
from scripts.bench.big_event import BigEvent, Size, big_event


def big_plan(size: Size) -> Plan:
    """The plan of the event of this size, as reading it from the database would give it."""
    big = big_event(size)
    programme = big.programme
    rooms = {one.slug: number for number, one in enumerate(programme.rooms, 1)}
    tracks = {one.slug: number for number, one in enumerate(programme.tracks, 1)}
    types = {one.slug: number for number, one in enumerate(programme.types, 1)}
    people = {one.key: number for number, one in enumerate(programme.people, 1)}
    codes = {one.guid: free_code(one.guid, ()) for one in programme.sessions}
    return Plan(
        zone=programme.event.zone,
        first_day=programme.event.starts,
        last_day=programme.event.ends,
        rooms={
            rooms[one.slug]: PlannedRoom(
                id=rooms[one.slug], slug=one.slug, name=one.name, capacity=one.capacity
            )
            for one in programme.rooms
        },
        people={
            key: PlannedPerson(id=key, zone=one.zone or "", is_remote=bool(one.is_remote))
            for key, one in enumerate(programme.people, 1)
        },
        tracks={tracks[one.slug]: one.name for one in programme.tracks},
        types={
            types[one.slug]: PlannedType(id=types[one.slug], minutes=one.minutes) for one in programme.types
        },
        sessions=tuple(
            PlannedSession(
                code=codes[one.guid],
                title=one.title,
                starts=None if one.starts_at is None else minute_of(one.starts_at),
                minutes=one.minutes,
                room=rooms.get(one.room or ""),
                track=tracks.get(one.track or ""),
                type=types.get(one.type or ""),
                is_break=one.kind is SessionKind.BREAK,
                parts=tuple(
                    PlannedPart(people[part.person], part.role or SessionRole.SPEAKER) for part in one.parts
                ),
            )
            for one in programme.sessions
        ),
        prayer=msgspec.convert(programme.event.prayer, PrayerPlace),
        stars=_stars(big, codes),
    )


def _stars(big: BigEvent, codes: dict[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, guids in big.stars.items():
        for guid in guids:
            found[codes[guid]] = found.get(codes[guid], 0) | 1 << number
    return found
