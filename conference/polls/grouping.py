"""What moderators do with the groups of short texts: put together, take apart, keep from the room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, insert

from conference.errors import N_, Conflict, NotFound
from conference.polls import text_groups
from conference.polls.answers import MAX_TEXT
from conference.polls.content import Kind
from conference.polls.messages import GroupAnswers, HideAnswers, SplitAnswers
from conference.polls.reading import counted_answers, poll_by_public_id, sorting_of
from conference.polls.running import Stepped
from conference.polls.tables import poll_text
from conference.polls.telling import Desk, announce
from conference.polls.text_groups import Sorting, group_id, key_of
from conference.serving.text import clean_text
from conference.storage.database import Transaction

Decide = Callable[[dict[str, Sorting], dict[str, str]], dict[str, Sorting]]  # (sorting, key by group id)


def group(tx: Transaction, desk: Desk, wish: GroupAnswers, *, now: datetime) -> Stepped:
    """Count groups as one. One alone is called otherwise; without a label, as most people wrote it."""
    label = clean_text(wish.label, limit=MAX_TEXT, field="label")

    def decide(sorting: dict[str, Sorting], keys: dict[str, str]) -> dict[str, Sorting]:
        wanted = list(dict.fromkeys(_key(keys, name) for name in wish.groups))
        return text_groups.merged(sorting, wanted, label)

    return _decide(tx, desk, wish.poll, decide, now)


def split(tx: Transaction, desk: Desk, wish: SplitAnswers, *, now: datetime) -> Stepped:
    """Take a group apart."""
    return _decide(
        tx, desk, wish.poll, lambda sorting, keys: text_groups.split(sorting, _key(keys, wish.group)), now
    )


def hide(tx: Transaction, desk: Desk, wish: HideAnswers, *, now: datetime) -> Stepped:
    """Keep a group from the room, or show it again."""
    return _decide(
        tx,
        desk,
        wish.poll,
        lambda sorting, keys: text_groups.hidden(sorting, _key(keys, wish.group), hide=wish.hidden),
        now,
    )


def _key(keys: dict[str, str], group: str) -> str:
    if group not in keys:
        raise NotFound(N_("There is no such group of answers any more."), code="polls.unknown-group")
    return keys[group]


def _decide(tx: Transaction, desk: Desk, public_id: str, decide: Decide, now: datetime) -> Stepped:
    row = poll_by_public_id(tx.connection, desk.session_id, public_id)
    if row.kind is not Kind.TEXT:
        raise Conflict(N_("Only short texts are put into groups."), code="polls.state")
    before = sorting_of(tx.connection, row.id)
    written = {key_of(answer.text) for answer, _ in counted_answers(tx.connection, row.id)}
    homes = {before.get(key, Sorting()).into or key for key in written}
    after = decide(before, {group_id(key): key for key in homes})
    tx.connection.execute(delete(poll_text).where(poll_text.c.poll_id == row.id))
    kept = {key: decided for key, decided in after.items() if decided != Sorting()}
    if kept:
        tx.connection.execute(
            insert(poll_text),
            [
                {"poll_id": row.id, "key": key, "into": one.into, "label": one.label, "hidden": one.hidden}
                for key, one in kept.items()
            ],
        )
    announce(tx, desk, public_id, was=row.stage, now=now)
    return Stepped(row.stage, row.version)
