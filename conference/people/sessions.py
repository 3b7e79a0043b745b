"""Browser sessions: rows in the database, so that each can be seen and ended.

The cookie holds a token, the row its hash. A token is exchanged at sign-in and whenever the
rights of its account change; the row, and with it the form token of pages that are open, stays.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from conference.people.tables import account, browser_session
from conference.people.tokens import new_public_id, new_token, token_hash
from conference.people.viewer import Viewer
from conference.storage.database import Transaction

log = logging.getLogger("majlis.people")

TOUCH_EVERY = timedelta(hours=1)  # a write for each request would cost a disk flush each
ROTATION_GRACE = timedelta(seconds=60)  # requests under way when the cookie was exchanged

Listener = Callable[[int, int | None], None]


class Revocations:
    """Who is told when sessions end or rights shrink: `app.py` subscribes the live hub.

    A listener gets `(account_id, browser_session_id)`; None for the session means all of them.
    It closes sockets and media, and must be quick; clients that still may come back by themselves.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def announce(self, account_id: int, browser_session_id: int | None = None) -> None:
        for listener in self._listeners:
            try:
                listener(account_id, browser_session_id)
            except Exception:  # one deaf listener must not keep the others' doors open
                log.exception("a listener failed to hear of a revocation")


class SessionFound(msgspec.Struct, frozen=True):
    """The session behind a cookie, and whether it needs a write."""

    viewer: Viewer
    form_token: str
    is_stale: bool  # `touch` it


class SessionListed(msgspec.Struct, frozen=True):
    """A session as its owner sees it on `/me`."""

    id: int
    public_id: str
    browser: str
    address: str | None
    created_at: datetime
    seen_at: datetime


def begin_session(
    tx: Transaction,
    account_id: int,
    *,
    now: datetime,
    life: timedelta,
    browser: str = "",
    address: str | None = None,
    only_event_id: int | None = None,
    personal_link_id: int | None = None,
) -> str:
    """A new session; returns the token for the cookie. Never reuses one (session fixation)."""
    token = new_token()
    tx.connection.execute(
        insert(browser_session).values(
            public_id=new_public_id(),
            token_hash=token_hash(token),
            account_id=account_id,
            only_event_id=only_event_id,
            personal_link_id=personal_link_id,
            form_token=secrets.token_urlsafe(24),
            created_at=now,
            seen_at=now,
            expires_at=now + life,
            browser=summary_of(browser),
            address=address,
        )
    )
    return token


def session_of_token(rows: Connection, token: str, now: datetime) -> SessionFound | None:
    """The live session a cookie's token belongs to, or None."""
    given = token_hash(token)
    row = rows.execute(
        select(browser_session, account.c.public_id.label("person"), account.c.name, account.c.email)
        .add_columns(account.c.language, account.c.zone)
        .join(account, account.c.id == browser_session.c.account_id)
        .where(or_(browser_session.c.token_hash == given, browser_session.c.previous_hash == given))
    ).one_or_none()
    if row is None or not _opens(row, given, now):
        return None
    is_stale = row.rotate_due or now - row.seen_at >= TOUCH_EVERY or _due(row, given, now) is not None
    viewer = Viewer(
        account_id=row.account_id,
        public_id=row.person,
        name=row.name,
        email=row.email,
        language=row.language,
        zone=row.zone,
        session_id=row.id,
        only_event_id=row.only_event_id,
    )
    return SessionFound(viewer=viewer, form_token=row.form_token, is_stale=is_stale)


def touch_session(tx: Transaction, token: str, *, now: datetime, life: timedelta) -> str | None:
    """Prolong the session; returns a new token for the cookie when it is time to exchange it.

    The old token stays good until `ROTATION_GRACE` after the new one was first seen. A client that
    goes on with the old one (the answer was lost on the way) is offered another.
    """
    given = token_hash(token)
    mine = or_(browser_session.c.token_hash == given, browser_session.c.previous_hash == given)
    row = tx.connection.execute(select(browser_session).where(mine)).one_or_none()
    if row is None or not _opens(row, given, now):
        return None
    changes: dict[str, object] = {"seen_at": now, "expires_at": now + life}
    due, fresh = _due(row, given, now), None
    if due is _Due.EXCHANGE:
        fresh = new_token()
        changes |= {"token_hash": token_hash(fresh), "previous_hash": given, "previous_until": None}
        changes |= {"rotated_at": now, "rotate_due": False}
    elif due is _Due.END_OF_OLD:
        changes["previous_until"] = now + ROTATION_GRACE
    tx.connection.execute(update(browser_session).where(browser_session.c.id == row.id).values(changes))
    return fresh


class _Due(Enum):
    EXCHANGE = auto()
    END_OF_OLD = auto()


def _opens(row: Row[Any], given: str, now: datetime) -> bool:
    """Whether the session is alive and the hash *given* still opens it."""
    is_old = given == row.previous_hash and row.previous_until is not None and now >= row.previous_until
    return now < row.expires_at and not is_old


def _due(row: Row[Any], given: str, now: datetime) -> _Due | None:
    """What the cookie of a living session needs now."""
    if given == row.token_hash and row.previous_hash is not None and row.previous_until is None:
        return _Due.END_OF_OLD
    # Requests already under way with the old cookie must not each get a different new one.
    under_way = row.rotated_at is not None and now - row.rotated_at < ROTATION_GRACE
    if under_way or not (row.rotate_due or given == row.previous_hash):
        return None
    return _Due.EXCHANGE


def sessions_of(rows: Connection, account_id: int, now: datetime) -> list[SessionListed]:
    """The live sessions of an account, the last used first."""
    found = rows.execute(
        select(browser_session)
        .where(browser_session.c.account_id == account_id, browser_session.c.expires_at > now)
        .order_by(browser_session.c.seen_at.desc(), browser_session.c.id.desc())
    )
    fields = SessionListed.__struct_fields__
    return [SessionListed(**{name: row[name] for name in fields}) for row in found.mappings()]


def end_session(tx: Transaction, account_id: int, public_id: str) -> int | None:
    """End one of the account's own sessions; returns its row id for `Revocations` or None."""
    theirs = (browser_session.c.public_id == public_id) & (browser_session.c.account_id == account_id)
    found: int | None = tx.connection.scalar(select(browser_session.c.id).where(theirs))
    tx.connection.execute(delete(browser_session).where(theirs))
    return found


def end_session_by_id(tx: Transaction, session_id: int) -> None:
    """End the session of the present request: sign-out, or another account signing in."""
    tx.connection.execute(delete(browser_session).where(browser_session.c.id == session_id))


def end_all_sessions(tx: Transaction, account_id: int) -> None:
    """Sign out everywhere, this browser included."""
    tx.connection.execute(delete(browser_session).where(browser_session.c.account_id == account_id))


def opens_event(rows: Connection, browser_session_id: int | None, event_id: int | None) -> bool:
    """Whether the session counts in this event: one from a personal link does in its own event only."""
    if browser_session_id is None or event_id is None:
        return True
    only = rows.execute(
        select(browser_session.c.only_event_id).where(browser_session.c.id == browser_session_id)
    ).one_or_none()
    return only is not None and only[0] in (None, event_id)


_browsers = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
)
_more_browsers = (("Chromium", "Chromium"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"))
_more_systems = (("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def summary_of(user_agent: str) -> str:
    """Enough of a User-Agent for its owner to recognise the browser, and no more: "Firefox, Android"."""
    browser = next((name for sign, name in (*_browsers, *_more_browsers) if f"{sign}/" in user_agent), "")
    system = next((name for sign, name in (*_systems, *_more_systems) if re.search(sign, user_agent)), "")
    return ", ".join(part for part in (browser, system) if part)
