"""Keys of machines: an encoder that publishes into a session (WHIP), a player that shows it (WHEP).

A key is a bearer token (RFC 6750) of 256 random bits, good for one session and one purpose until it expires
or is taken back. It is shown once and kept as a hash.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from conference.agenda.tables import event, session
from conference.errors import N_, BadInput, NotFound
from conference.people.tokens import new_public_id, new_token, token_hash
from conference.stage.standing import Place
from conference.stage.tables import ingest_key
from conference.storage.database import Transaction

MOST_KEYS = 50  # of one session that are good at the same time


class Purpose(StrEnum):
    PUBLISH = "publish"
    PLAY = "play"


class Life(StrEnum):
    """How long a key is good, as the form offers it."""

    DAY = "day"
    WEEK = "week"
    SEASON = "season"


LIVES = {Life.DAY: timedelta(days=1), Life.WEEK: timedelta(days=7), Life.SEASON: timedelta(days=120)}


class IngestKey(msgspec.Struct, frozen=True):
    """A row of `ingest_key` without the hash."""

    id: int
    public_id: str
    session_id: int
    label: str
    purpose: Purpose
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


def make_key(
    tx: Transaction,
    session_id: int,
    label: str,
    purpose: Purpose,
    life: Life,
    *,
    by: int | None,
    now: datetime,
) -> tuple[IngestKey, str]:
    """A new key and its token, which is nowhere else. Raises `BadInput` when there are too many."""
    good = [key for key in keys_of(tx.connection, session_id) if key.is_good(now)]
    if len(good) >= MOST_KEYS:
        raise BadInput(
            N_("This session has very many keys. Take back those that are not needed."), field="label"
        )
    token, public_id = new_token(), new_public_id()
    tx.connection.execute(
        insert(ingest_key).values(
            public_id=public_id,
            session_id=session_id,
            token_hash=token_hash(token),
            label=label,
            purpose=purpose.value,
            created_at=now,
            expires_at=now + LIVES[life],
            made_by=by,
        )
    )
    return key_named(tx.connection, session_id, public_id), token


def revoke_key(tx: Transaction, session_id: int, public_id: str, *, now: datetime) -> IngestKey:
    """Take the key back. Raises `NotFound`; a repeat changes nothing."""
    found = key_named(tx.connection, session_id, public_id)
    same = (ingest_key.c.id == found.id) & ingest_key.c.revoked_at.is_(None)
    tx.connection.execute(update(ingest_key).where(same).values(revoked_at=now))
    return found


def note_use(tx: Transaction, key_id: int, *, now: datetime) -> None:
    tx.connection.execute(update(ingest_key).where(ingest_key.c.id == key_id).values(used_at=now))


def keys_of(rows: Connection, session_id: int) -> list[IngestKey]:
    """All keys of a session, the newest first."""
    query = select(ingest_key).where(ingest_key.c.session_id == session_id)
    return [_key(row) for row in rows.execute(query.order_by(ingest_key.c.id.desc()))]


def key_named(rows: Connection, session_id: int, public_id: str) -> IngestKey:
    """Raises `NotFound` for a key of another session as well."""
    here = (ingest_key.c.session_id == session_id) & (ingest_key.c.public_id == public_id)
    row = rows.execute(select(ingest_key).where(here)).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such key."), code="ingest.no-such-key")
    return _key(row)


def key_of_token(
    rows: Connection, token: str, slug: str, code: str, purpose: Purpose, now: datetime
) -> tuple[IngestKey, Place] | None:
    """The key this token is, and where it is good; None unless it is good for this session and purpose now.

    One answer for unknown, expired, taken back and elsewhere: strangers learn nothing by trying.
    """
    query = (
        select(ingest_key, event.c.id.label("event_id"), event.c.is_public)
        .join(session, session.c.id == ingest_key.c.session_id)
        .join(event, event.c.id == session.c.event_id)
        .where(
            ingest_key.c.token_hash == token_hash(token),
            ingest_key.c.purpose == purpose.value,
            event.c.slug == slug,
            session.c.code == code,
        )
    )
    row = rows.execute(query).one_or_none()
    if row is None or not _key(row).is_good(now):
        return None
    place = Place(event_id=row.event_id, session_id=row.session_id, code=code, is_public=row.is_public)
    return _key(row), place


def good_keys(rows: Connection, ids: list[int], now: datetime) -> set[int]:
    """Those of *ids* that may still be used."""
    found = rows.execute(select(ingest_key).where(ingest_key.c.id.in_(ids)))
    return {key.id for key in map(_key, found) if key.is_good(now)}


def _key(row: Row[tuple[object, ...]]) -> IngestKey:
    values = row._mapping
    return IngestKey(
        id=values["id"],
        public_id=values["public_id"],
        session_id=values["session_id"],
        label=values["label"],
        purpose=Purpose(values["purpose"]),
        created_at=values["created_at"],
        expires_at=values["expires_at"],
        used_at=values["used_at"],
        revoked_at=values["revoked_at"],
    )
