"""The log of edits: whatever changes sessions of the draft is written here and told to the organizers.

Everything happens in one unit of work: an edit has its whole effect, its entry and its announcement, or none.
Acts come through `performing.perform`; `recorded` is for what changes sessions by other means, as imports do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select

from conference.agenda.drafting.planned import Change, logged
from conference.agenda.drafting.shown_session import DraftSession, Names, shown
from conference.agenda.drafting.stored_sessions import Stored, stored_sessions, write_changes
from conference.agenda.messages import DraftEdited, EditedSession, Editor
from conference.agenda.tables import edit
from conference.live.channels import event_desk_channel
from conference.live.log import append
from conference.people.tables import account
from conference.storage.database import Transaction

MOST_TOLD = 60  # sessions in one announcement; whoever hears of more reads the draft again


class ShownChange(msgspec.Struct, frozen=True):
    """What an edit did to one session: `before` is None when it was made, `after` when it was deleted."""

    code: str
    before: DraftSession | None
    after: DraftSession | None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What an act did. `edit` is None, and nothing was written, when everything was so already.

    `undoes` is the edit that an undo or redo took back.
    """

    edit: int | None
    act: str
    undoes: int | None = None
    changes: list[ShownChange] = []


class Recording:
    """What `recorded` found; `done` is set at the end of the block."""

    done: Done


def commit(
    tx: Transaction,
    event_id: int,
    act: str,
    changes: Sequence[Change],
    known: Mapping[str, Stored],
    *,
    by: int | None,
    at: datetime,
    undoes: int | None = None,
) -> Done:
    """Write *changes* to the sessions *known*, their entry, and what the other organizers are told."""
    if not changes:
        return Done(edit=None, act=act)
    write_changes(tx, event_id, changes, known, at=at)
    editions = {code: one.edition for code, one in known.items()}
    after = {change.code: editions.get(change.code, -1) + 1 for change in changes}
    return _log(tx, event_id, act, changes, editions, after, by=by, at=at, undoes=undoes)


@contextmanager
def recorded(
    tx: Transaction, event_id: int, act: str, *, by: int | None, at: datetime
) -> Iterator[Recording]:
    """Log what the block changes of the event's sessions as one edit called *act*; `Recording.done` tells it.

    For whatever writes by itself, such as an import: every session is read before and after.
    """
    before = stored_sessions(tx.connection, event_id)
    recording = Recording()
    yield recording
    after = stored_sessions(tx.connection, event_id)
    changes = [
        Change(one.planned if one else None, other.planned if other else None)
        for code in dict.fromkeys((*before, *after))
        if (one := before.get(code)) != (other := after.get(code))
    ]
    changes = [change for change in changes if change.before != change.after]
    editions = [{code: one.edition for code, one in each.items()} for each in (before, after)]
    recording.done = Done(edit=None, act=act)
    if changes:
        recording.done = _log(tx, event_id, act, changes, *editions, by=by, at=at)


def tell_desk(tx: Transaction, event_id: int, act: str, *, by: int | None, at: datetime) -> None:
    """Tell the organizers that something beside sessions changed (rooms, tracks …): read the draft again."""
    told = DraftEdited(edit=None, act=act, by=_editor(tx.connection, by), changes=None)
    append(tx, event_desk_channel(event_id), told, actor=by, at=at)


def _log(
    tx: Transaction,
    event_id: int,
    act: str,
    changes: Sequence[Change],
    before: Mapping[str, int],
    after: Mapping[str, int],
    *,
    by: int | None,
    at: datetime,
    undoes: int | None = None,
) -> Done:
    """The entry and the announcement; *before* and *after* are editions by code."""
    entry = {
        "event_id": event_id,
        "by": by,
        "at": at,
        "act": act,
        "changes": msgspec.to_builtins([logged(change) for change in changes]),
        "undoes": undoes,
    }
    key = tx.connection.execute(insert(edit).values(entry)).inserted_primary_key
    assert key is not None
    edit_id = int(key[0])
    sides = [side for change in changes for side in (change.before, change.after)]
    names = Names.of(tx.connection, event_id, sides)
    told = [
        ShownChange(
            change.code,
            shown(change.before, before[change.code], names) if change.before else None,
            shown(change.after, after[change.code], names) if change.after else None,
        )
        for change in changes
    ]
    news = DraftEdited(
        edit=edit_id,
        act=act,
        by=_editor(tx.connection, by),
        changes=[EditedSession(one.code, one.after) for one in told] if len(told) <= MOST_TOLD else None,
    )
    append(tx, event_desk_channel(event_id), news, actor=by, at=at)
    return Done(edit=edit_id, act=act, undoes=undoes, changes=told)


def _editor(rows: Connection, account_id: int | None) -> Editor | None:
    if account_id is None:
        return None
    found = rows.execute(
        select(account.c.public_id, account.c.name).where(account.c.id == account_id)
    ).first()
    return Editor(*found) if found else None
