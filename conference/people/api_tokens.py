"""Tokens for programs: made by a person, good for what that person may do, within the scopes they gave it.

A token is shown once and kept as its SHA-256. Rights are asked from the database at each request, as for a
browser: a token is never more than its owner.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from conference.errors import N_, BadInput, NotFound
from conference.people.tables import account, api_token
from conference.people.tokens import new_public_id, new_token, token_hash
from conference.people.viewer import Viewer
from conference.storage.database import Transaction

MOST_TOKENS = 20  # of one account that are good at the same time
PREFIX = "majlis_"  # so that a scanner for leaked secrets can know one
NOTED_EVERY = timedelta(hours=1)  # the last use is not worth a write at every request


class TokenScope(StrEnum):
    """What a program may do with a token."""

    READ = "read"
    WRITE = "write"
    RELEASE = "release"


class ApiToken(msgspec.Struct, frozen=True):
    """A row of `api_token` without the digest."""

    id: int
    public_id: str
    event_id: int | None
    name: str
    scopes: frozenset[TokenScope]
    created_at: datetime
    last_used_at: datetime | None


class Bearer(msgspec.Struct, frozen=True):
    """Who asks with a token, and which."""

    viewer: Viewer
    token: ApiToken


def make_token(
    tx: Transaction,
    account_id: int,
    name: str,
    scopes: frozenset[TokenScope],
    *,
    event_id: int | None,
    now: datetime,
) -> str:
    """A new token, which is nowhere else; reading is part of every scope. `BadInput` if there are many."""
    if len(tokens_of(tx.connection, account_id)) >= MOST_TOKENS:
        raise BadInput(N_("You have very many tokens. Take back those that are not needed."), field="name")
    secret = PREFIX + new_token()
    values = {
        "public_id": new_public_id(),
        "account_id": account_id,
        "event_id": event_id,
        "name": name,
        "digest": token_hash(secret),
        "scopes": sorted(scopes | {TokenScope.READ}),
        "created_at": now,
    }
    tx.connection.execute(insert(api_token).values(values))
    return secret


def revoke_token(tx: Transaction, account_id: int, public_id: str, *, now: datetime) -> None:
    """Take one's token back, at once. `NotFound` for anybody else's."""
    mine = (api_token.c.account_id == account_id) & (api_token.c.public_id == public_id)
    done = tx.connection.execute(update(api_token).where(mine).values(revoked_at=now))
    if not done.rowcount:
        raise NotFound(N_("There is no such token."), code="people.no-token")


def tokens_of(rows: Connection, account_id: int) -> list[ApiToken]:
    """One's tokens that are good, the newest first."""
    mine = (api_token.c.account_id == account_id) & api_token.c.revoked_at.is_(None)
    return [
        _token(row) for row in rows.execute(select(api_token).where(mine).order_by(api_token.c.id.desc()))
    ]


def bearer_of(rows: Connection, secret: str) -> Bearer | None:
    """Who this token stands for; None for one that is unknown or taken back."""
    query = (
        select(
            api_token,
            account.c.public_id.label("account_public_id"),
            account.c.name.label("account_name"),
            account.c.email,
            account.c.language,
            account.c.zone,
        )
        .join(account, account.c.id == api_token.c.account_id)
        .where(api_token.c.digest == token_hash(secret), api_token.c.revoked_at.is_(None))
    )
    row = rows.execute(query).first()
    if row is None:
        return None
    viewer = Viewer(
        account_id=row.account_id,
        public_id=row.account_public_id,
        name=row.account_name,
        email=row.email,
        language=row.language,
        zone=row.zone,
        only_event_id=row.event_id,
    )
    return Bearer(viewer, _token(row))


def note_use(tx: Transaction, token_id: int, *, now: datetime) -> None:
    tx.connection.execute(update(api_token).where(api_token.c.id == token_id).values(last_used_at=now))


def _token(row: Row[tuple[object, ...]]) -> ApiToken:
    values = row._mapping
    return ApiToken(
        id=values[api_token.c.id],
        public_id=values[api_token.c.public_id],
        event_id=values[api_token.c.event_id],
        name=values[api_token.c.name],
        scopes=frozenset(TokenScope(scope) for scope in values[api_token.c.scopes]),
        created_at=values[api_token.c.created_at],
        last_used_at=values[api_token.c.last_used_at],
    )
