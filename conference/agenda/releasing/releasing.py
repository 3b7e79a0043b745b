"""Releasing: the scheduled draft is frozen and becomes what the public sees. A release never changes."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, insert, update

from conference.agenda.messages import ScheduleChanged
from conference.agenda.releasing.notices import Sender
from conference.agenda.releasing.planning import Plan, Planned, planned_release, still_planned
from conference.agenda.releasing.published import ReleaseRow, release_by_name
from conference.agenda.releasing.telling import note_untold
from conference.agenda.tables import release, session
from conference.errors import N_, BadInput, Conflict, NotFound
from conference.live import log
from conference.live.channels import event_channel
from conference.serving.text import clean_text
from conference.storage.database import Database, Transaction

NAME_LIMIT, COMMENT_LIMIT = 80, 2000
_unfit = re.compile(r"[/\\?#%]|^\.+$")  # a name is a part of an address


class Released(msgspec.Struct, frozen=True):
    """What was done: the release, and how many sessions differ."""

    release: ReleaseRow
    changes: int


async def publish(
    database: Database,
    event_id: int,
    *,
    name: str = "",
    comment: str = "",
    by: int | None,
    at: datetime,
    sender: Sender | None,
    seen: str | None = None,
) -> Released:
    """As `release_draft`, planned by a reader, so that other writes hardly wait for it."""
    planned = await database.read(lambda rows: planned_release(rows, event_id))
    return await database.write(
        lambda tx: release_draft(
            tx,
            event_id,
            name=name,
            comment=comment,
            by=by,
            at=at,
            sender=sender,
            seen=seen,
            planned=planned,
        )
    )


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
    planned: Planned | None = None,
) -> Released:
    """Publish the draft as a release called *name* (its number when empty), and note that those whom it
    concerns are to be told by *sender* (None: nobody is told); `telling.Telling` does that.

    `Conflict` when nothing differs, the name is taken, or the draft is not the one that was *seen* (its
    `Plan.digest`, when given); `BadInput` for a name that is none.
    """
    plan = still_planned(tx.connection, event_id, planned)
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
