"""The programme the public sees: the last release, with what runs late today moved.

The same questions and structs as `reading` has for the draft. A release never changes, so it is
decoded once and kept by its digest, and once more for each state of its delays.
"""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import TypeAlias

import msgspec
from msgspec import structs
from sqlalchemy import Connection, Row, select

from conference.agenda.releasing.frozen import FrozenEvent, thaw
from conference.agenda.releasing.running_late import Delay, delayed, lateness
from conference.agenda.rows import EventRow, FullSchedule, PersonRow, RoomRow, SessionDetails, SessionRow
from conference.agenda.tables import delay, release
from conference.errors import N_, NotFound

#: So many decoded programmes are kept (one of a thousand sessions takes about 3 MB).
KEPT = 8

Key: TypeAlias = tuple[str, tuple[Delay, ...]]


class ReleaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A release without its body."""

    id: int
    number: int
    name: str
    comment: str
    made_at: datetime
    made_by: int | None
    digest: str


class State(msgspec.Struct, frozen=True):
    """Which programme is shown: the release (0: none) and the last delay on it (0: none)."""

    release: int
    delay: int


class _Decoded:
    """The programmes decoded last. Readers may run in several threads."""

    def __init__(self, kept: int) -> None:
        self._kept, self._lock = kept, Lock()
        self._programmes: dict[Key, FullSchedule] = {}

    def get(self, key: Key) -> FullSchedule | None:
        with self._lock:
            found = self._programmes.pop(key, None)
            if found is not None:
                self._programmes[key] = found  # the last in order is the last to go
            return found

    def keep(self, key: Key, programme: FullSchedule) -> None:
        with self._lock:
            self._programmes[key] = programme
            while len(self._programmes) > self._kept:
                del self._programmes[next(iter(self._programmes))]


_decoded = _Decoded(KEPT)


def latest_release(rows: Connection, event_id: int) -> ReleaseRow | None:
    """The release the public sees; None before the first."""
    query = select(*_columns).where(release.c.event_id == event_id).order_by(release.c.number.desc()).limit(1)
    found = rows.execute(query).first()
    return _row(found) if found else None


def releases_of(rows: Connection, event_id: int) -> list[ReleaseRow]:
    """Every release, the newest first."""
    query = select(*_columns).where(release.c.event_id == event_id).order_by(release.c.number.desc())
    return [_row(found) for found in rows.execute(query)]


def release_before(rows: Connection, release_id: int) -> int | None:
    """The id of the release of the same event that this one took the place of; None for the first."""
    this = release.alias()
    query = (
        select(release.c.id)
        .join(this, (this.c.event_id == release.c.event_id) & (release.c.number < this.c.number))
        .where(this.c.id == release_id)
        .order_by(release.c.number.desc())
        .limit(1)
    )
    return rows.execute(query).scalar()


def release_by_name(rows: Connection, event_id: int, name: str) -> ReleaseRow:
    """`NotFound` when the event has no release called so."""
    query = select(*_columns).where(release.c.event_id == event_id, release.c.name == name)
    found = rows.execute(query).first()
    if found is None:
        raise NotFound(N_("This event has no such release."), code="agenda.no-release")
    return _row(found)


def delays_on(rows: Connection, release_id: int) -> list[Delay]:
    """What ran or runs late on top of a release, in the order it was said."""
    columns = [delay.c[name] for name in Delay.__struct_fields__]
    query = select(*columns).where(delay.c.release_id == release_id).order_by(delay.c.id)
    return [Delay(**row) for row in rows.execute(query).mappings()]


def late_rooms(rows: Connection, whole: FullSchedule, at: datetime) -> list[tuple[RoomRow, int]]:
    """The rooms that do not run to time at *at* and by how many minutes (below zero: early)."""
    one = latest_release(rows, whole.event.id)
    late = lateness(delays_on(rows, one.id), at) if one else {}
    return [(room, late[room.id]) for room in whole.rooms if room.id in late]


def state_of(rows: Connection, event_id: int) -> State:
    """Cheap to ask again and again: two look-ups by index."""
    number, release_id = rows.execute(
        select(release.c.number, release.c.id)
        .where(release.c.event_id == event_id)
        .order_by(release.c.number.desc())
        .limit(1)
    ).first() or (0, 0)
    query = select(delay.c.id).where(delay.c.release_id == release_id).order_by(delay.c.id.desc()).limit(1)
    return State(number, rows.execute(query).scalar() or 0)


def released_schedule(rows: Connection, event: EventRow, one: ReleaseRow) -> FullSchedule:
    """A release as it was made, without delays."""
    return _programme(rows, event, one, ())


def published_schedule(rows: Connection, event: EventRow) -> FullSchedule | None:
    """The programme the public sees now; None before the first release."""
    one = latest_release(rows, event.id)
    return _programme(rows, event, one, tuple(delays_on(rows, one.id))) if one else None


def schedule_of(rows: Connection, event: EventRow) -> FullSchedule:
    """As `published_schedule`, empty before the first release."""
    empty = FullSchedule(event=event, rooms=[], tracks=[], types=[], sessions=[])
    return published_schedule(rows, event) or empty


def schedule_with_all(rows: Connection, event: EventRow, release_id: int) -> FullSchedule:
    """A release with its delays and with the parts the public is not told of: what its people knew of it."""
    body = rows.execute(select(release.c.body).where(release.c.id == release_id)).scalar_one()
    programme = thaw(body, event, with_all=True)
    sessions = delayed(programme.sessions, delays_on(rows, release_id))
    return structs.replace(programme, sessions=sessions)


def session_by_code(rows: Connection, event: EventRow, code: str) -> SessionDetails:
    """One session of the published programme; `NotFound` when it is not in it."""
    found = find_session(rows, event, code)
    if found is None:
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    return found


def find_session(rows: Connection, event: EventRow, code: str) -> SessionDetails | None:
    """One session of the published programme, if it is in it."""
    return next((one for one in schedule_of(rows, event).sessions if one.code == code), None)


def people_of(schedule: FullSchedule) -> list[PersonRow]:
    """Everyone named in the programme, in the order they first appear in it."""
    seen: dict[int, PersonRow] = {}
    for one in schedule.sessions:
        for part in one.parts:
            seen.setdefault(part.person.id, part.person)
    return list(seen.values())


def person_by_code(schedule: FullSchedule, code: str) -> PersonRow:
    for person in people_of(schedule):
        if person.code == code:
            return person
    raise NotFound(N_("There is no such person in this event's programme."), code="agenda.no-person")


def sessions_of_person(schedule: FullSchedule, person_id: int) -> list[SessionRow]:
    """The sessions a person takes part in, in any role, by start."""
    return [one for one in schedule.sessions if any(part.person.id == person_id for part in one.parts)]


def _programme(rows: Connection, event: EventRow, one: ReleaseRow, delays: tuple[Delay, ...]) -> FullSchedule:
    programme = _decoded.get((one.digest, delays))
    if programme is None:
        plain = _decoded.get((one.digest, ()))
        if plain is None:
            body = rows.execute(select(release.c.body).where(release.c.id == one.id)).scalar_one()
            plain = thaw(body, event)
            _decoded.keep((one.digest, ()), plain)
        programme = structs.replace(plain, sessions=delayed(plain.sessions, delays)) if delays else plain
        _decoded.keep((one.digest, delays), programme)
    return structs.replace(programme, event=todays_event(event, programme.event))


def todays_event(event: EventRow, released: EventRow) -> EventRow:
    """What a release says of its event, with today's address, openness and looks."""
    kept = {name: getattr(released, name) for name in FrozenEvent.__struct_fields__}
    return structs.replace(event, **kept)


_columns = [release.c[name] for name in ReleaseRow.__struct_fields__]


def _row(found: Row[tuple[object, ...]]) -> ReleaseRow:
    return ReleaseRow(**found._mapping)
