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
    LargeBinary,
    String,
    Table,
    Text,
    Time,
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
    INTERPRETER = "interpreter"
    TECHNICIAN = "technician"  # for the organizers: never printed


class ClosureKind(StrEnum):
    """Why nothing should be held then: a public holiday, or an announced shutdown of the network."""

    HOLIDAY = "holiday"
    SHUTDOWN = "shutdown"


class SignUpState(StrEnum):
    """A place is taken, or waited for in the order of asking."""

    TAKEN = "taken"
    WAITING = "waiting"


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
    Column("changeover_minutes", Integer, nullable=False, server_default="5"),  # a room between two sessions
    Column("walking_minutes", Integer, nullable=False, server_default="5"),  # a person between two rooms
    Column("prayer", JSON(none_as_null=True)),  # {"latitude", "longitude", "method"}
    Column("holding_minutes", Integer, nullable=False, server_default="30"),  # of notices
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
    Column("url", String, nullable=False, server_default=""),  # where it is followed when not here
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
    Column("starts_at", Instant),  # NULL: not scheduled yet
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
    Column("notes", Text, nullable=False, server_default=""),  # for organizers only
    Column("is_cme", Boolean, nullable=False, server_default=true()),  # counts for continuing education
    Column("capacity", Integer),  # places for sign-up; NULL: the room's
    Column("takes_sign_ups", Boolean, nullable=False, server_default=false()),
    Column("edition", Integer, nullable=False, server_default="0"),  # raised by every edit of the draft
    # iCalendar SEQUENCE: raised when a release changes what a calendar shows
    Column("revision", Integer, nullable=False, server_default="0"),
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
    Column("zone", String(64), nullable=False, server_default=""),  # IANA name; empty: the event's
    Column("is_remote", Boolean, nullable=False, server_default=false()),
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

opening = Table(
    "opening",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("room_id", ForeignKey("room.id", ondelete="CASCADE")),  # NULL: all rooms
    Column("day", Date, nullable=False),  # with `opens` and `closes` in the event's zone
    Column("opens", Time, nullable=False),
    Column("closes", Time, nullable=False),  # not after `opens`: on the next day
)

closure = Table(
    "closure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # ClosureKind
    Column("name", Localized, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)

availability = Table(
    "availability",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("starts_at", Instant, nullable=False),  # no row at all: always
    Column("ends_at", Instant, nullable=False),
)

sign_up = Table(
    "sign_up",
    metadata,
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("state", String(8), nullable=False),  # SignUpState
    Index(None, "session_id", "state", "at"),
)

release = Table(
    "release",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", String(80), nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    Column("made_at", Instant, nullable=False),
    Column("made_by", ForeignKey("account.id", ondelete="SET NULL")),
    Column("digest", String(64), nullable=False),  # SHA-256 of `body`: what readers keep it by
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("event_id", "number"),
    UniqueConstraint("event_id", "name"),
)

delay = Table(
    "delay",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("room_id", ForeignKey("room.id", ondelete="CASCADE"), nullable=False),
    Column("release_id", ForeignKey("release.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("from_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),  # the end of that conference day
    Column("minutes", Integer, nullable=False),  # below zero: time is made good
    Column("at", Instant, nullable=False),
    Column("by", ForeignKey("account.id", ondelete="SET NULL")),
)

# A release whose notices are not all in the outbox yet: there until the last of them is.
untold = Table(
    "untold",
    metadata,
    Column("release_id", ForeignKey("release.id", ondelete="CASCADE"), primary_key=True),
    Column("site", String(300), nullable=False),  # notices.Sender
    Column("address", String(320), nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("base_release_id", ForeignKey("release.id", ondelete="CASCADE")),  # NULL: nothing was published
    Column("release_id", ForeignKey("release.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("mail_id", String(24), nullable=False, index=True),  # outbox.public_id
    Column("body", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "event_id", "account_id"),
)

edit = Table(
    "edit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False),
    Column("by", ForeignKey("account.id", ondelete="SET NULL")),
    Column("at", Instant, nullable=False),
    Column("act", String(16), nullable=False),
    Column("changes", JSON, nullable=False),  # [{"code", "before", "after"}], see edit_log
    Column("undoes", ForeignKey("edit.id", ondelete="CASCADE"), unique=True),  # the edit this one takes back
    Index(None, "event_id", "id"),
)

calendar_key = Table(
    "calendar_key",
    metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the secret in the address
    Column("created_at", Instant, nullable=False),
)
