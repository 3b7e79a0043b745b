"""Making polls: ahead of a session or on the spot; changing, copying, ordering and deleting drafts."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select, update

from conference.errors import N_, Conflict
from conference.live.channels import desk_channel
from conference.live.log import append
from conference.polls.content import Content, Wording, checked
from conference.polls.life import Results, Stage, Step
from conference.polls.messages import PollRemoved, PollsMoved
from conference.polls.reading import poll_by_public_id, polls_of
from conference.polls.running import take_step
from conference.polls.tables import PollRow, poll
from conference.polls.telling import Desk, announce
from conference.storage.database import Transaction

MAX_POLLS = 60  # in one session: all that are open or shown are in everybody's snapshot


class Manner(msgspec.Struct, frozen=True):
    """How a poll is held: without names, and when its results are shown."""

    anonymous: bool = True
    results: Results = Results.ON_CLOSE


class Made(msgspec.Struct, frozen=True):
    """The acknowledgement: the poll's public id and version."""

    poll: str
    version: int


def make(
    tx: Transaction, desk: Desk, typed: Wording, manner: Manner, *, now: datetime, opened: bool = False
) -> Made:
    """A new poll at the end of the session's, a draft unless *opened*. `BadInput` as `checked`."""
    content = checked(typed)
    made = _insert(tx, desk, content, manner, now)
    row = announce(tx, desk, made, was=Stage.DRAFT, now=now)
    if opened:
        row = take_step(tx, desk, made, Step.OPEN, now=now)
    return Made(made, row.version)


def edit(
    tx: Transaction,
    desk: Desk,
    public_id: str,
    version: int,
    typed: Wording,
    manner: Manner,
    *,
    now: datetime,
) -> Made:
    """Write a draft anew. `Conflict` when it is no draft, or was changed since *version*."""
    row = _draft(tx, desk, public_id)
    if row.version != version:
        raise Conflict(
            N_("Someone has changed this poll since. Look at it again before you save."), code="polls.changed"
        )
    content = checked(typed)
    _change(
        tx,
        row,
        content=_stored(content),
        kind=content.kind,
        anonymous=manner.anonymous,
        results=manner.results,
    )
    changed = announce(tx, desk, public_id, was=row.stage, now=now)
    return Made(public_id, changed.version)


def copy(tx: Transaction, desk: Desk, public_id: str, *, now: datetime) -> Made:
    """A new draft that asks the same, right after the one it is made from."""
    row = poll_by_public_id(tx.connection, desk.session_id, public_id)
    made = _insert(tx, desk, row.content, Manner(row.anonymous, row.results), now)
    order = [each.public_id for each in polls_of(tx.connection, desk.session_id) if each.public_id != made]
    order.insert(order.index(public_id) + 1, made)
    _put_in_order(tx, desk, order)
    copied = announce(tx, desk, made, was=Stage.DRAFT, now=now)
    _tell_order(tx, desk, order, now)
    return Made(made, copied.version)


def move(tx: Transaction, desk: Desk, public_id: str, before: str | None, *, now: datetime) -> list[str]:
    """Put a poll before another one, or (None) at the end; returns the new order."""
    poll_by_public_id(tx.connection, desk.session_id, public_id)
    order = [each.public_id for each in polls_of(tx.connection, desk.session_id)]
    rest = [name for name in order if name != public_id]
    if before is not None and before != public_id:
        poll_by_public_id(tx.connection, desk.session_id, before)
    place = (
        len(rest) if before is None else order.index(before) if before == public_id else rest.index(before)
    )
    rest.insert(place, public_id)
    if rest != order:
        _put_in_order(tx, desk, rest)
        _tell_order(tx, desk, rest, now)
    return rest


def remove(tx: Transaction, desk: Desk, public_id: str, *, now: datetime) -> Made:
    """Delete a draft. `Conflict` when it is none: what people have answered is not thrown away."""
    row = _draft(tx, desk, public_id)
    tx.connection.execute(delete(poll).where(poll.c.id == row.id))
    channel = desk_channel(desk.session_code)
    append(tx, channel, PollRemoved(poll=public_id), actor=desk.account_id, at=now)
    return Made(public_id, row.version)


def _draft(tx: Transaction, desk: Desk, public_id: str) -> PollRow:
    row = poll_by_public_id(tx.connection, desk.session_id, public_id)
    if row.stage is not Stage.DRAFT:
        raise Conflict(
            N_("Only a poll that is not open, and that nobody has answered, can be changed or deleted."),
            code="polls.state",
        )
    return row


def _insert(tx: Transaction, desk: Desk, content: Content, manner: Manner, now: datetime) -> str:
    here = poll.c.session_id == desk.session_id
    count, last = tx.connection.execute(select(func.count(), func.max(poll.c.position)).where(here)).one()
    if count >= MAX_POLLS:
        raise Conflict(N_("This session has as many polls as it can hold."), code="polls.too-many")
    public_id = secrets.token_urlsafe(12)
    tx.connection.execute(
        insert(poll).values(
            public_id=public_id, session_id=desk.session_id, position=(last or 0) + 1, kind=content.kind,
            content=_stored(content), anonymous=manner.anonymous, results=manner.results, stage=Stage.DRAFT,
            made_at=now,
        )
    )  # fmt: skip
    return public_id


def _stored(content: Content) -> str:
    return msgspec.json.encode(content).decode()


def _change(tx: Transaction, row: PollRow, **changes: Any) -> None:
    tx.connection.execute(
        update(poll).where(poll.c.id == row.id).values({"version": row.version + 1, **changes})
    )


def _put_in_order(tx: Transaction, desk: Desk, order: list[str]) -> None:
    for position, public_id in enumerate(order, start=1):
        here = (poll.c.session_id == desk.session_id) & (poll.c.public_id == public_id)
        tx.connection.execute(update(poll).where(here).values(position=position))


def _tell_order(tx: Transaction, desk: Desk, order: list[str], now: datetime) -> None:
    channel = desk_channel(desk.session_code)
    append(tx, channel, PollsMoved(order=order), actor=desk.account_id, at=now)
