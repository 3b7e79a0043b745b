"""The agenda's tables. Texts are `Localized`; moments are `Instant`; lengths are whole minutes.

Some columns exist only so that an imported schedule can be given back whole: `guid`, `external_id`,
`source_code`, `url`, `origin_url`, `feedback_url`, `links`, `attachments` … (frab/pretalx formats).
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from conference.storage.columns import Instant, Localized, metadata


class SessionKind(StrEnum):
    """What a row of the programme is: something to attend, or a pause (prayer, coffee, lunch)."""

    SESSION = "session"
    BREAK = "break"


class SessionState(StrEnum):
    """Cancelled sessions stay, so that calendars can be told (`STATUS:CANCELLED`)."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class SessionRole(StrEnum):
    """What a person does in a session, as printed in the programme (rights are `people.Role`)."""

    SPEAKER = "speaker"
    CHAIR = "chair"
    MODERATOR = "moderator"


event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("title", Localized, nullable=False),
    Column("description", Localized, nullable=False, server_default=text("'{}'")),
    Column("venue", Localized, nullable=False, server_default=text("'{}'")),
    Column("zone", String(64), nullable=False),  # IANA name
    Column("language", String(16), nullable=False, server_default="ar"),  # the first of `languages`
    Column("languages", JSON, nullable=False, server_default=text("'[]'")),
    Column("starts", Date, nullable=False),  # first and last conference day, in the event's zone
    Column("ends", Date, nullable=False),
    # Sessions before this hour belong to the day before (pretalx: 4): a night session stays with its evening.
    Column("day_start_hour", Integer, nullable=False, server_default="4"),
    Column("timeslot_minutes", Integer, nullable=False, server_default="5"),
    Column("is_public", Boolean, nullable=False, server_default=true()),  # false: by invitation only
    Column("accent", String(7), nullable=False, server_default=""),  # "#rrggbb" or empty
    Column("logo", String, nullable=False, server_default=""),
    Column("url", String, nullable=False, server_default=""),
    Column("base_url", String, nullable=False, server_default=""),
    Column("version", String, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("ends >= starts", name="ends_after_start"),
    CheckConstraint("day_start_hour BETWEEN 0 AND 12", name="day_start_hour"),
)

room = Table(
    "room",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("slug", String(64), nullable=False),
    Column("guid", String, nullable=False, server_default=""),
    Column("name", Localized, nullable=False),
    Column("description", Localized, nullable=False, server_default=text("'{}'")),
    Column("capacity", Integer),
    Column("position", Integer, nullable=False, server_default="0"),
    UniqueConstraint("event_id", "slug"),
)

track = Table(
    "track",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("slug", String(64), nullable=False),
    Column("name", Localized, nullable=False),
    Column("colour", String(7), nullable=False, server_default=""),  # "#rrggbb" or empty
    Column("position", Integer, nullable=False, server_default="0"),
    UniqueConstraint("event_id", "slug"),
)

session_type = Table(
    "session_type",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("slug", String(64), nullable=False),
    Column("name", Localized, nullable=False),
    Column("minutes", Integer, nullable=False, server_default="30"),  # the usual length
    Column("position", Integer, nullable=False, server_default="0"),
    UniqueConstraint("event_id", "slug"),
)

session = Table(
    "session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    # Unique on the whole server: the live room's channel is named by the code alone.
    Column("code", String(6), nullable=False, unique=True),
    Column("source_code", String),  # the code in the imported file, when ours had to differ
    Column("guid", String, nullable=False),  # as imported; exports derive a UUID where it is none
    Column("external_id", Integer),  # the "id" of frab and older pretalx files
    Column("slug", String, nullable=False, server_default=""),
    Column("kind", String(16), nullable=False, server_default=SessionKind.SESSION.value),
    Column("state", String(16), nullable=False, server_default=SessionState.CONFIRMED.value),
    Column("title", Localized, nullable=False),
    Column("subtitle", Localized, nullable=False, server_default=text("'{}'")),
    Column("abstract", Localized, nullable=False, server_default=text("'{}'")),
    Column("description", Localized, nullable=False, server_default=text("'{}'")),
    Column("language", String(16)),  # spoken language, a BCP 47 tag
    Column("room_id", ForeignKey("room.id", ondelete="SET NULL")),  # NULL on a break: it is for all rooms
    Column("track_id", ForeignKey("track.id", ondelete="SET NULL")),
    Column("type_id", ForeignKey("session_type.id", ondelete="SET NULL")),
    Column("starts_at", Instant, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("recording_license", String, nullable=False, server_default=""),
    Column("do_not_record", Boolean, nullable=False, server_default=false()),
    Column("recording_url", String, nullable=False, server_default=""),
    Column("url", String, nullable=False, server_default=""),
    Column("origin_url", String, nullable=False, server_default=""),
    Column("feedback_url", String, nullable=False, server_default=""),
    Column("logo", String, nullable=False, server_default=""),
    Column(
        "links", JSON, nullable=False, server_default=text("'[]'")
    ),  # [{"url", "title", "type"?, "service"?}]
    Column("attachments", JSON, nullable=False, server_default=text("'[]'")),
    Column("revision", Integer, nullable=False, server_default="0"),  # iCalendar SEQUENCE
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("event_id", "guid"),
    CheckConstraint("minutes > 0", name="minutes"),
    Index("ix_session_event_id_starts_at", "event_id", "starts_at"),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("code", String(16), nullable=False),
    Column("guid", String, nullable=False, server_default=""),
    Column("external_id", Integer),
    Column("name", Localized, nullable=False),
    Column("biography", Localized, nullable=False, server_default=text("'{}'")),
    Column("avatar", String, nullable=False, server_default=""),
    Column("url", String, nullable=False, server_default=""),
    Column("links", JSON, nullable=False, server_default=text("'[]'")),
    Column("account_id", ForeignKey("account.id", ondelete="SET NULL")),
    UniqueConstraint("event_id", "code"),
)

session_person = Table(
    "session_person",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("position", Integer, nullable=False, server_default="0"),
    Index("ix_session_person_person_id", "person_id"),
)

star = Table(
    "star",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("starred_at", Instant, nullable=False),
    Index("ix_star_session_id", "session_id"),
)
