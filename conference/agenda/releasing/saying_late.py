"""Saying that a room runs late: at once for the public, for everybody in the room, and in the draft."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert

from conference.agenda.drafting.performing import shift_room
from conference.agenda.grouping import conference_day, day_on
from conference.agenda.messages import ScheduleChanged, TimesChanged
from conference.agenda.reading import event_by_id
from conference.agenda.releasing.published import delays_on, latest_release, published_schedule
from conference.agenda.releasing.running_late import MOST_MINUTES, lateness
from conference.agenda.rows import EventRow, SessionDetails
from conference.agenda.tables import delay
from conference.errors import N_, BadInput, Conflict
from conference.live import log
from conference.live.channels import event_channel, session_channel
from conference.storage.database import Transaction


class Late(msgspec.Struct, frozen=True):
    """How a room stands: `minutes` late (0: on time), and the sessions that were moved or made longer."""

    minutes: int
    sessions: list[str]


def minutes_late(rows: Connection, event_id: int, room_id: int | None, at: datetime) -> int:
    """By how many minutes a room runs late at *at*; 0 also for no room."""
    one = latest_release(rows, event_id)
    return lateness(delays_on(rows, one.id), at).get(room_id, 0) if one and room_id is not None else 0


def run_late(
    tx: Transaction, event_id: int, room_id: int, minutes: int, *, by: int | None, at: datetime
) -> Late:
    """From *at* to the end of this conference day the room is *minutes* later than it was.

    Below zero: earlier. `BadInput` for a step that is none, `Conflict` when nothing is published, or nothing
    is left in the room today.
    """
    if minutes == 0 or abs(minutes) > MOST_MINUTES:
        raise BadInput(
            N_("Please give between 1 and %(most)d minutes."),
            code="agenda.late-minutes",
            field="minutes",
            most=MOST_MINUTES,
        )
    event = event_by_id(tx.connection, event_id)
    one, before = latest_release(tx.connection, event_id), published_schedule(tx.connection, event)
    if one is None or before is None:
        raise Conflict(N_("The programme is not published yet"), code="agenda.not-published")
    until = end_of_day(before.event, at)
    key = tx.connection.execute(
        insert(delay).values(
            event_id=event_id,
            room_id=room_id,
            release_id=one.id,
            from_at=at,
            until_at=until,
            minutes=minutes,
            at=at,
            by=by,
        )
    ).inserted_primary_key
    assert key is not None
    after = published_schedule(tx.connection, event)
    assert after is not None
    moved = _moved(before.sessions, after.sessions)
    if not moved:
        raise Conflict(N_("Nothing is left in this room today."), code="agenda.nothing-to-move")
    shift_room(tx, event, room_id, from_at=at, until_at=until, minutes=minutes, by=by, at=at)
    late = minutes_late(tx.connection, event_id, room_id, at)
    for session in moved:
        told = TimesChanged(
            session=session.code, starts_at=session.starts_at, ends_at=session.ends_at, late=late
        )
        log.append(tx, session_channel(session.code), told, actor=by, at=at)
    news = ScheduleChanged(release=one.number, delay=int(key[0]))
    log.append(tx, event_channel(event_id), news, actor=by, at=at)
    return Late(late, [session.code for session in moved])


def run_on_time(tx: Transaction, event_id: int, room_id: int, *, by: int | None, at: datetime) -> Late:
    """What comes from *at* on is back where the release has it. Nothing happens to a room that is on time."""
    late = minutes_late(tx.connection, event_id, room_id, at)
    return run_late(tx, event_id, room_id, -late, by=by, at=at) if late else Late(0, [])


def end_of_day(event: EventRow, at: datetime) -> datetime:
    """When the conference day of *at* ends."""
    day = conference_day(event, at)
    return day_on(event, day, [], first=day).ends


def _moved(before: list[SessionDetails], after: list[SessionDetails]) -> list[SessionDetails]:
    known = {one.code: (one.starts_at, one.minutes) for one in before}
    return [one for one in after if known.get(one.code) != (one.starts_at, one.minutes)]
