"""Accounts, browser sessions, links, grants, bans, invitations, notifications and the outbox.

Secrets that open something (session cookies, links) are kept as SHA-256 only: they carry 256
random bits, so a slow hash would add cost and no safety.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from conference.storage.columns import Instant, metadata


def _key() -> Column[Any]:
    return Column("id", Integer, primary_key=True)


def _owner(name: str, target: str, *, nullable: bool = False) -> Column[Any]:
    """A reference whose row is meaningless once *target* is gone."""
    return Column(name, ForeignKey(target, ondelete="CASCADE"), nullable=nullable, index=True)


account = Table(
    "account",
    metadata,
    _key(),
    Column("public_id", String(24), nullable=False, unique=True),
    Column("email", String(254), nullable=False, unique=True),  # normalised, see accounts.normal_email
    Column("name", String(80), nullable=False),
    Column("language", String(8)),
    Column("zone", String(64)),
    # ISO 3166-1 alpha-2, shown to others in a room; NULL: not shared. Chosen by the person, never guessed.
    Column("country", String(2)),
    Column("created_at", Instant, nullable=False),
)

browser_session = Table(
    "browser_session",
    metadata,
    _key(),
    Column("public_id", String(24), nullable=False, unique=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    # After a rotation the old cookie stays good until the new one was seen: on a lossy link the
    # answer that carried the new cookie may never have arrived.
    Column("previous_hash", String(64), unique=True),
    Column("previous_until", Instant),  # set when the new cookie was first seen
    Column("rotated_at", Instant),
    Column("rotate_due", Boolean, nullable=False, default=False),
    _owner("account_id", "account.id"),
    _owner("only_event_id", "event.id", nullable=True),  # from a personal link: counts in this event only
    _owner("personal_link_id", "personal_link.id", nullable=True),
    Column("form_token", String(48), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("browser", String(80), nullable=False, default=""),
    Column("address", String(45)),  # forgotten after people.address_days
)

magic_link = Table(
    "magic_link",
    metadata,
    _key(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("email", String(254), nullable=False),
    Column("name", String(80), nullable=False, default=""),  # of a registration not yet confirmed
    Column("language", String(8)),
    _owner("event_id", "event.id", nullable=True),  # register for this event when consumed
    _owner("only_event_id", "event.id", nullable=True),  # the session it begins counts in this event only
    Column("next_path", String(500), nullable=False, default="/"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

personal_link = Table(
    "personal_link",
    metadata,
    _key(),
    Column("public_id", String(24), nullable=False, unique=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    _owner("account_id", "account.id"),
    _owner("event_id", "event.id", nullable=True),
    Column("next_path", String(500), nullable=False, default="/"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),  # last time
    Column("revoked_at", Instant),
)

grant = Table(
    "grant",
    metadata,
    _key(),
    _owner("account_id", "account.id"),
    _owner("event_id", "event.id"),
    _owner("session_id", "session.id", nullable=True),  # NULL: the whole event
    Column("role", String(16), nullable=False),
    Column("granted_at", Instant, nullable=False),
    Index(None, "event_id", "account_id"),
)

ban = Table(
    "ban",
    metadata,
    _key(),
    _owner("account_id", "account.id"),
    _owner("event_id", "event.id"),
    _owner("session_id", "session.id", nullable=True),
    Column("made_at", Instant, nullable=False),
    Column("until", Instant),  # NULL: until lifted
    Column("by_id", ForeignKey("account.id", ondelete="SET NULL")),
)

invitation = Table(
    "invitation",
    metadata,
    _key(),
    _owner("event_id", "event.id"),
    _owner("account_id", "account.id"),
    Column("invited_at", Instant, nullable=False),
    Column("by_id", ForeignKey("account.id", ondelete="SET NULL")),
)

outbox = Table(
    "outbox",
    metadata,
    _key(),
    Column("public_id", String(24), nullable=False, unique=True),
    _owner("event_id", "event.id", nullable=True),  # whose organizers may read it; NULL: nobody's
    Column("kind", String(24), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("state", String(8), nullable=False),  # outbox.MailState
    Column("created_at", Instant, nullable=False),
    Column("useless_after", Instant),  # a sign-in link that expired need not be sent
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("error", String(300), nullable=False, default=""),
    Column("hold_until", Instant),  # organizers may read and change it until then
    Column("edited_at", Instant),
    Column("edited_by", ForeignKey("account.id", ondelete="SET NULL")),
    # Parts of type text/calendar: [{"method", "text"}].
    Column("calendars", JSON, nullable=False, default=list, server_default=text("'[]'")),
    Index(None, "state", "next_try_at"),
)

api_token = Table(
    "api_token",
    metadata,
    _key(),
    Column("public_id", String(24), nullable=False, unique=True),
    _owner("account_id", "account.id"),
    _owner("event_id", "event.id", nullable=True),  # NULL: every event its account may organize
    Column("name", String(80), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256
    Column("scopes", JSON, nullable=False),  # api_tokens.Scope values
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)

# What concerns one person at one event, until they have seen it and it has lost its use (`notifying.py`).
notification = Table(
    "notification",
    metadata,
    _key(),
    Column("public_id", String(24), nullable=False, unique=True),
    _owner("account_id", "account.id"),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(24), nullable=False),  # notifying.Kind
    # What it tells of, once: the same is not told again to the same person.
    Column("once", String(120)),
    # A question, a message …: so that what is taken back there is taken back here.
    Column("about", String(64), nullable=False, default="", server_default=""),
    Column("session_code", String(16), nullable=False, default="", server_default=""),
    Column("body", JSON, nullable=False),  # notifying.Body
    Column("at", Instant, nullable=False),
    Column("read_at", Instant),
    UniqueConstraint("account_id", "event_id", "once"),
    Index(None, "event_id", "at"),
    Index(None, "about"),
)


class Account(msgspec.Struct, frozen=True, gc=False):
    """A row of `account`."""

    id: int
    public_id: str
    email: str
    name: str
    language: str | None
    zone: str | None
    created_at: datetime
    country: str | None = None
