"""What a release would do now, worked out from the draft beside the writer, and whether it still holds there.

Comparing a whole programme takes a tenth of a second, in which every other write would wait. So it is done by
a reader, together with the rows it came from as the database stores them; the transaction that releases reads
those rows once more, which is quick, and plans anew only if they are not the same.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import BindParameter, Connection, bindparam, select

from conference.agenda.reading import event_by_id, full_schedule_of
from conference.agenda.releasing.change_log import Change, changes_between, held, kinds_between
from conference.agenda.releasing.frozen import digest_of, freeze
from conference.agenda.releasing.published import ReleaseRow, latest_release, schedule_with_all
from conference.agenda.rows import EventRow, FullSchedule, SessionDetails
from conference.agenda.tables import (
    delay,
    event,
    person,
    release,
    room,
    session,
    session_person,
    session_type,
    track,
)
from conference.storage.prepared import Prepared


class Plan(msgspec.Struct, frozen=True):
    """What a release would do now: the programme before (None: first) and after, and what differs.

    `after` has the revisions it would be released with.
    """

    event: EventRow
    previous: ReleaseRow | None
    before: FullSchedule | None
    after: FullSchedule
    changes: list[Change[SessionDetails]]
    body: bytes
    digest: str
    revisions: dict[int, int]  # those that the draft's rows have to learn, by session id

    @property
    def is_new(self) -> bool:
        """Whether anything at all differs from what is published, down to the abstracts."""
        return self.previous is None or self.previous.digest != self.digest


class Planned(msgspec.Struct, frozen=True):
    """A plan, and the rows it was made from."""

    plan: Plan
    stored: list[list[Any]]


def plan_release(rows: Connection, event_id: int) -> Plan:
    """The draft against what is published."""
    event = event_by_id(rows, event_id)
    previous = latest_release(rows, event_id)
    before = schedule_with_all(rows, event, previous.id) if previous else None
    draft = full_schedule_of(rows, event)
    old = before.sessions if before else []
    after = structs.replace(draft, sessions=revised(old, draft.sessions))
    body = freeze(after)
    changes = changes_between(old, after.sessions)
    raised = _raised(old, draft.sessions, after.sessions)
    return Plan(event, previous, before, after, changes, body, digest_of(body), raised)


def planned_release(rows: Connection, event_id: int) -> Planned:
    """As `plan_release`, to be handed to the transaction that releases."""
    return Planned(plan_release(rows, event_id), _stored(rows, event_id))


def still_planned(rows: Connection, event_id: int, planned: Planned | None) -> Plan:
    """The plan as things are: *planned* if nothing that it was made from has changed, else another one."""
    if planned is not None and planned.stored == _stored(rows, event_id):
        return planned.plan
    return plan_release(rows, event_id)


def revised(before: list[SessionDetails], after: list[SessionDetails]) -> list[SessionDetails]:
    """*after* with each session's revision (iCalendar SEQUENCE): never lower than what calendars have seen,
    and higher when they must look again."""
    known, taking_place = {one.code: one for one in before}, held(before)
    return [_revised(known.get(one.code), one, was_held=one.code in taking_place) for one in after]


def _revised(before: SessionDetails | None, after: SessionDetails, *, was_held: bool) -> SessionDetails:
    if before is None:
        # Back after it was gone: its cancellation had the number it was left with.
        return structs.replace(after, revision=after.revision + 1) if after.revision else after
    differs = was_held == after.is_cancelled or kinds_between(before, after)
    revision = max(after.revision, before.revision + bool(differs))
    return after if revision == after.revision else structs.replace(after, revision=revision)


def _raised(
    before: list[SessionDetails], draft: list[SessionDetails], after: list[SessionDetails]
) -> dict[int, int]:
    """The revisions calendars are given, and a higher one for what is gone, where the draft has others."""
    stored = {one.id: one.revision for one in draft}
    raised = {one.id: one.revision for one in after if one.revision != stored[one.id]}
    return raised | {one.id: one.revision + 1 for one in before if one.id not in stored}


def _stored(rows: Connection, event_id: int) -> list[list[Any]]:
    return [query.rows(rows, event_id=event_id) for query in _DRAFT]


_of: BindParameter[int] = bindparam("event_id")
#: All that a plan is made from. A release never changes, so that its row alone stands for it.
_DRAFT = [
    Prepared(select(event).where(event.c.id == _of)),
    *(
        Prepared(select(table).where(table.c.event_id == _of).order_by(table.c.id))
        for table in (room, track, session_type, session, person, delay)
    ),
    Prepared(
        select(session_person)
        .join(session, session.c.id == session_person.c.session_id)
        .where(session.c.event_id == _of)
        .order_by(session_person.c.session_id, session_person.c.position)
    ),
    Prepared(select(release.c.id).where(release.c.event_id == _of).order_by(release.c.id)),
]
