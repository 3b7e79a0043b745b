"""Releasing: the scheduled draft is frozen and becomes what the public sees. A release never changes."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec
from msgspec import structs
from sqlalchemy import Connection, bindparam, insert, update

from conference.agenda.messages import ScheduleChanged
from conference.agenda.reading import event_by_id, full_schedule_of
from conference.agenda.releasing.change_log import Change, changes_between, held, kinds_between
from conference.agenda.releasing.frozen import digest_of, freeze
from conference.agenda.releasing.notices import Sender
from conference.agenda.releasing.published import (
    ReleaseRow,
    latest_release,
    release_by_name,
    schedule_with_all,
)
from conference.agenda.releasing.telling import note_untold
from conference.agenda.rows import EventRow, FullSchedule, SessionDetails
from conference.agenda.tables import release, session
from conference.errors import N_, BadInput, Conflict, NotFound
from conference.live import log
from conference.live.channels import event_channel
from conference.serving.text import clean_text
from conference.storage.database import Transaction

NAME_LIMIT, COMMENT_LIMIT = 80, 2000
_unfit = re.compile(r"[/\\?#%]|^\.+$")  # a name is a part of an address


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


class Released(msgspec.Struct, frozen=True):
    """What was done: the release, and how many sessions differ."""

    release: ReleaseRow
    changes: int


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
    return structs.replace(after, revision=revision)


def release_draft(
    tx: Transaction,
    event_id: int,
    *,
    name: str = "",
    comment: str = "",
    by: int | None,
    at: datetime,
    sender: Sender | None,
    seen: str | None = None,
) -> Released:
    """Publish the draft as a release called *name* (its number when empty), and note that those whom it
    concerns are to be told by *sender* (None: nobody is told); `telling.Telling` does that.

    `Conflict` when nothing differs, the name is taken, or the draft is not the one that was *seen* (its
    `Plan.digest`, when given); `BadInput` for a name that is none.
    """
    plan = plan_release(tx.connection, event_id)
    if seen not in (None, plan.digest):
        raise Conflict(
            N_("The draft was changed while you looked at it. Below it is as it is now."),
            code="agenda.draft-changed",
        )
    if not plan.is_new:
        raise Conflict(N_("Nothing has changed since the last release."), code="agenda.nothing-to-release")
    number = plan.previous.number + 1 if plan.previous else 1
    comment = clean_text(comment, limit=COMMENT_LIMIT, lines=True, field="comment")
    name = free_name(tx.connection, event_id, name, number)
    made = _insert(tx, plan, number=number, name=name, comment=comment, by=by, at=at)
    _keep_revisions(tx, plan.revisions)
    if sender is not None:
        note_untold(tx, made.id, sender)
    log.append(tx, event_channel(event_id), ScheduleChanged(release=number, delay=0), actor=by, at=at)
    return Released(made, len(plan.changes))


def fit_name(text: str) -> str:
    """*text* (a file's version) as a name: what addresses cannot hold becomes a hyphen; "" stays empty."""
    return _unfit.sub("-", " ".join(text.split()))[:NAME_LIMIT].strip()


def free_name(rows: Connection, event_id: int, name: str, number: int) -> str:
    """*name* made fit; the number when it is empty (with a mark when even that is taken)."""
    wanted = clean_text(name, limit=NAME_LIMIT, field="name")
    if wanted:
        if _unfit.search(wanted):
            raise BadInput(
                N_("A release's name becomes part of its address: please use no / \\ ? # %% in it."),
                code="agenda.release-name",
                field="name",
            )
        if _is_taken(rows, event_id, wanted):
            raise Conflict(
                N_("There is already a release called “%(name)s”."),
                code="agenda.release-taken",
                field="name",
                name=wanted,
            )
        return wanted
    own = str(number)
    while _is_taken(rows, event_id, own):
        own += "a"
    return own


def _raised(
    before: list[SessionDetails], draft: list[SessionDetails], after: list[SessionDetails]
) -> dict[int, int]:
    """The revisions calendars are given, and a higher one for what is gone, where the draft has others."""
    stored = {one.id: one.revision for one in draft}
    raised = {one.id: one.revision for one in after if one.revision != stored[one.id]}
    return raised | {one.id: one.revision + 1 for one in before if one.id not in stored}


def _keep_revisions(tx: Transaction, revisions: dict[int, int]) -> None:
    if revisions:
        statement = update(session).where(session.c.id == bindparam("of")).values(revision=bindparam("to"))
        rows = [{"of": session_id, "to": revision} for session_id, revision in revisions.items()]
        tx.connection.execute(statement, rows)


def _insert(
    tx: Transaction, plan: Plan, *, number: int, name: str, comment: str, by: int | None, at: datetime
) -> ReleaseRow:
    values = {"number": number, "name": name, "comment": comment, "made_at": at, "made_by": by}
    row = {**values, "event_id": plan.event.id, "digest": plan.digest, "body": plan.body}
    key = tx.connection.execute(insert(release).values(row)).inserted_primary_key
    assert key is not None
    return ReleaseRow(
        id=key[0], number=number, name=name, comment=comment, made_at=at, made_by=by, digest=plan.digest
    )


def _is_taken(rows: Connection, event_id: int, name: str) -> bool:
    try:
        release_by_name(rows, event_id, name)
    except NotFound:
        return False
    return True
