"""Signing up for sessions with places: first come first served, then a waiting list.

Every act is one unit in the single writer, so no two people can take the last place. Whoever leaves moves the
longest waiting up, who is told by mail in their own language. More or fewer places by an edit of the session
count from the next act on, and at once by `fill_places`; nobody loses a place they have.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from conference.agenda.languages import text_in
from conference.agenda.sign_up_words import moved_up_words
from conference.agenda.tables import SessionState, SignUpState, event, room, session, sign_up
from conference.errors import N_, Conflict, NotFound
from conference.people.outbox import put_mail
from conference.people.tables import account
from conference.storage.database import Transaction

_TICK = timedelta(microseconds=1)


class Places(msgspec.Struct, frozen=True):
    """Of one session: `capacity` None is without a limit; `mine` is the reader's own state."""

    capacity: int | None
    taken: int
    waiting: int
    mine: SignUpState | None
    is_open: bool  # whether one can sign up or leave now

    @property
    def left(self) -> int | None:
        """Places nobody has; None without a limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)


class SignedUp(msgspec.Struct, frozen=True):
    """A line of the organizers' list."""

    public_id: str
    name: str
    state: SignUpState
    at: datetime


def sign_up_for(
    tx: Transaction, session_id: int, account_id: int, *, public_url: str, at: datetime
) -> SignUpState:
    """Take a place, or a place on the waiting list; doing it again changes nothing.

    `Conflict` when the session takes no sign-ups, was cancelled or has begun.
    """
    row = _open_session(tx.connection, session_id, at)
    _fill(tx, row, public_url=public_url, at=at)  # the session may have got places since
    mine = _state(tx.connection, session_id, account_id)
    if mine is not None:
        return mine
    capacity, taken = _capacity(row), _count(tx.connection, session_id, SignUpState.TAKEN)
    state = SignUpState.TAKEN if capacity is None or taken < capacity else SignUpState.WAITING
    last = tx.connection.scalar(select(func.max(sign_up.c.at)).where(sign_up.c.session_id == session_id))
    # Two in the same microsecond still have an order.
    moment = at if last is None else max(at, last + _TICK)
    tx.connection.execute(
        insert(sign_up).values(session_id=session_id, account_id=account_id, at=moment, state=state.value)
    )
    return state


def leave(tx: Transaction, session_id: int, account_id: int, *, public_url: str, at: datetime) -> None:
    """Give the place back, or stop waiting; the longest waiting moves up and is told."""
    row = _open_session(tx.connection, session_id, at)
    mine = (sign_up.c.session_id == session_id) & (sign_up.c.account_id == account_id)
    tx.connection.execute(delete(sign_up).where(mine))
    _fill(tx, row, public_url=public_url, at=at)


def fill_places(tx: Transaction, event_id: int, code: str, *, public_url: str, at: datetime) -> None:
    """Move up as many as there are places for, after an edit gave the session more."""
    here = (session.c.event_id == event_id) & (session.c.code == code)
    row = _session(tx.connection, tx.connection.scalar(select(session.c.id).where(here)))
    if row is not None and _is_open(row, at):
        _fill(tx, row, public_url=public_url, at=at)


def places_of(rows: Connection, session_id: int, account_id: int | None, *, at: datetime) -> Places | None:
    """What a session's page says of its places; None when it takes no sign-ups."""
    row = _session(rows, session_id)
    if row is None or not row.takes_sign_ups:
        return None
    return Places(
        capacity=_capacity(row),
        taken=_count(rows, session_id, SignUpState.TAKEN),
        waiting=_count(rows, session_id, SignUpState.WAITING),
        mine=_state(rows, session_id, account_id) if account_id is not None else None,
        is_open=_is_open(row, at),
    )


def signed_up(rows: Connection, event_id: int, code: str) -> list[SignedUp]:
    """Who has a place, then who waits, each in the order they came."""
    query = (
        select(account.c.public_id, account.c.name, sign_up.c.state, sign_up.c.at)
        .join(sign_up, sign_up.c.account_id == account.c.id)
        .join(session, session.c.id == sign_up.c.session_id)
        .where(session.c.event_id == event_id, session.c.code == code)
        .order_by(sign_up.c.state, sign_up.c.at)  # "taken" sorts before "waiting"
    )
    return [SignedUp(row[0], row[1], SignUpState(row[2]), row[3]) for row in rows.execute(query)]


def _fill(tx: Transaction, row: Row[Any], *, public_url: str, at: datetime) -> None:
    capacity = _capacity(row)
    taken = _count(tx.connection, row.id, SignUpState.TAKEN)
    waiting = (
        select(sign_up.c.account_id)
        .where(sign_up.c.session_id == row.id, sign_up.c.state == SignUpState.WAITING.value)
        .order_by(sign_up.c.at)
    )
    if capacity is not None:
        waiting = waiting.limit(max(0, capacity - taken))
    for account_id in list(tx.connection.scalars(waiting)):
        theirs = (sign_up.c.session_id == row.id) & (sign_up.c.account_id == account_id)
        tx.connection.execute(update(sign_up).where(theirs).values(state=SignUpState.TAKEN.value))
        _tell(tx, row, account_id, public_url=public_url, at=at)


def _tell(tx: Transaction, row: Row[Any], account_id: int, *, public_url: str, at: datetime) -> None:
    person = tx.connection.execute(
        select(account.c.email, account.c.name, account.c.language, account.c.zone).where(
            account.c.id == account_id
        )
    ).one()
    language = person.language or row.language or "en"
    words = moved_up_words(
        language,
        name=person.name,
        session=text_in(row.title, language),
        event=text_in(row.event_title, language),
        starts_at=row.starts_at,
        zone=person.zone or row.zone,
        link=f"{public_url}/{row.slug}/session/{row.code}",
    )
    put_mail(
        tx,
        to=person.email,
        subject=words.subject,
        text=words.text,
        language=language,
        now=at,
        event_id=row.event_id,
        kind="sign-up",
        useless_after=row.starts_at,
    )


def _session(rows: Connection, session_id: int | None) -> Row[Any] | None:
    query = (
        select(
            session.c.id, session.c.code, session.c.title, session.c.state, session.c.starts_at,
            session.c.takes_sign_ups, session.c.capacity, session.c.event_id,
            room.c.capacity.label("seats"), event.c.slug, event.c.title.label("event_title"),
            event.c.language, event.c.zone,
        )
        .join(event, event.c.id == session.c.event_id)
        .outerjoin(room, room.c.id == session.c.room_id)
        .where(session.c.id == session_id)
    )  # fmt: skip
    found: Row[Any] | None = rows.execute(query).first()  # type: ignore[assignment]  # of whatever columns
    return found


def _open_session(rows: Connection, session_id: int, at: datetime) -> Row[Any]:
    row = _session(rows, session_id)
    if row is None:
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    if not row.takes_sign_ups:
        raise Conflict(N_("One cannot sign up for this session."), code="sign-up.none")
    if row.state == SessionState.CANCELLED.value:
        raise Conflict(N_("This session was cancelled."), code="sign-up.cancelled")
    if not _is_open(row, at):
        raise Conflict(N_("The session has begun; signing up is over."), code="sign-up.over")
    return row


def _is_open(row: Row[Any], at: datetime) -> bool:
    held = row.state != SessionState.CANCELLED.value
    return bool(row.takes_sign_ups and held and (row.starts_at is None or at < row.starts_at))


def _capacity(row: Row[Any]) -> int | None:
    """The session's own places, else the seats of its room, else no limit."""
    found = row.capacity if row.capacity is not None else row.seats
    return None if found is None else int(found)


def _count(rows: Connection, session_id: int, state: SignUpState) -> int:
    mine = (sign_up.c.session_id == session_id) & (sign_up.c.state == state.value)
    return rows.execute(select(func.count()).select_from(sign_up).where(mine)).scalar_one()


def _state(rows: Connection, session_id: int, account_id: int) -> SignUpState | None:
    mine = (sign_up.c.session_id == session_id) & (sign_up.c.account_id == account_id)
    found = rows.scalar(select(sign_up.c.state).where(mine))
    return SignUpState(found) if found else None
