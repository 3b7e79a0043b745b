"""A session of the draft as the acts see it: one immutable value with all that an editor can change.

`Planned` refers to rooms, tracks, types and people by internal id. As JSON (`stored`, `fields_of`) it is what
the edit log keeps, and two of them differ exactly in what an edit changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from conference.agenda.rows import Texts
from conference.agenda.tables import SessionKind, SessionRole, SessionState


class Taking(NamedTuple):
    """Somebody's part in a session: who, by internal id, as what."""

    person_id: int
    role: SessionRole


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of a session but what is the server's own (id, edition, revision, when it changed)."""

    code: str
    guid: str
    title: Texts
    minutes: int
    kind: SessionKind = SessionKind.SESSION
    state: SessionState = SessionState.CONFIRMED
    starts_at: datetime | None = None
    room_id: int | None = None
    track_id: int | None = None
    type_id: int | None = None
    subtitle: Texts = {}
    abstract: Texts = {}
    description: Texts = {}
    language: str | None = None
    do_not_record: bool = False
    is_cme: bool = True
    capacity: int | None = None
    takes_sign_ups: bool = False
    notes: str = ""
    parts: tuple[Taking, ...] = ()
    # What imports and exports need; no act changes these.
    source_code: str | None = None
    external_id: int | None = None
    slug: str = ""
    recording_license: str = ""
    recording_url: str = ""
    url: str = ""
    origin_url: str = ""
    feedback_url: str = ""
    logo: str = ""
    links: list[dict[str, str]] = []
    attachments: list[dict[str, str]] = []

    @property
    def ends_at(self) -> datetime | None:
        return None if self.starts_at is None else self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_break(self) -> bool:
        return self.kind is SessionKind.BREAK

    @property
    def is_cancelled(self) -> bool:
        return self.state is SessionState.CANCELLED


COLUMNS = tuple(name for name in Planned.__struct_fields__ if name != "parts")
"""The fields that are columns of the table `session`."""


class Change(msgspec.Struct, frozen=True):
    """What an act does to one session: `before` is None when it is made, `after` when it is deleted."""

    before: Planned | None
    after: Planned | None

    @property
    def code(self) -> str:
        known = self.after or self.before
        assert known is not None, "a change of nothing"
        return known.code


class Logged(msgspec.Struct, frozen=True):
    """A change as the edit log keeps it: the fields that differ, or all of them where one side is nothing."""

    code: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def stored(planned: Planned) -> dict[str, Any]:
    """*planned* as JSON values."""
    fields: dict[str, Any] = msgspec.to_builtins(planned)
    fields["parts"] = [list(part) for part in planned.parts]  # as JSON gives it back
    return fields


def planned_from(fields: dict[str, Any]) -> Planned:
    """The way back from `stored`."""
    return msgspec.convert(fields, Planned)


def logged(change: Change) -> Logged:
    """*change* as the log keeps it."""
    before = None if change.before is None else stored(change.before)
    after = None if change.after is None else stored(change.after)
    if before is None or after is None:
        return Logged(change.code, before, after)
    differing = [name for name in before if before[name] != after[name]]
    return Logged(
        change.code, {name: before[name] for name in differing}, {name: after[name] for name in differing}
    )


def taken_back(entry: Logged, now: Planned | None) -> Change | None:
    """The change that takes *entry* back from a session that is *now* so, or None when it was changed since.

    Only what the entry itself changed is compared: another field may have gone on meanwhile.
    """
    if entry.after is None:
        return Change(None, planned_from(entry.before or {})) if now is None else None
    if now is None:
        return None
    fields = stored(now)
    if any(fields.get(name) != value for name, value in entry.after.items()):
        return None
    if entry.before is None:
        return Change(now, None)
    return Change(now, planned_from({**fields, **entry.before}))
