"""Everything an organizer can do to the draft, as data: what the API takes and the planner sends.

Sessions are named by code, rooms, tracks and types by slug, people by code; `edition` is that of the session
as the editor saw it. Moments are texts (`moments.moment_of`). A field left out is left as it is.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from conference.agenda.rows import Texts
from conference.agenda.tables import SessionKind, SessionRole

Code = Annotated[str, msgspec.Meta(max_length=16)]
Slug = Annotated[str, msgspec.Meta(max_length=64)]
Moment = Annotated[
    str,
    msgspec.Meta(
        max_length=40, description="ISO 8601 to the minute; without an offset on the event's clock."
    ),
]
# Far above what can be right, which the rules say in words; these keep arithmetic from overflowing.
Number = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Edition = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1, description="As the editor saw the session.")]


class PartIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody's part in a session, the person by code."""

    code: Code
    role: SessionRole = SessionRole.SPEAKER


class _Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act"):
    pass


class _OnOne(_Act, frozen=True, kw_only=True):
    session: Code
    edition: Edition


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of a session itself. In texts, a language not named stays and "" removes one."""

    title: Texts | UnsetType = UNSET
    subtitle: Texts | UnsetType = UNSET
    abstract: Texts | UnsetType = UNSET
    description: Texts | UnsetType = UNSET
    notes: str | UnsetType = UNSET
    kind: SessionKind | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    room: Slug | UnsetType | None = UNSET
    track: Slug | UnsetType | None = UNSET
    type: Slug | UnsetType | None = UNSET
    starts_at: Moment | UnsetType | None = UNSET
    minutes: Number | UnsetType = UNSET
    do_not_record: bool | UnsetType = UNSET
    is_cme: bool | UnsetType = UNSET
    capacity: Number | UnsetType | None = UNSET
    takes_sign_ups: bool | UnsetType = UNSET
    people: list[PartIn] | UnsetType = UNSET


class Create(Fields, frozen=True, kw_only=True, tag_field="act", tag="create"):
    """A new session or break. Without `minutes` it lasts as long as its type usually does."""


class Edit(Fields, frozen=True, kw_only=True, tag_field="act", tag="edit"):
    session: Code
    edition: Edition


class Place(_OnOne, frozen=True, kw_only=True, tag="place"):
    """Give a session its time, and its room and length where they are said: schedule, move, resize in one."""

    starts_at: Moment
    room: Slug | UnsetType | None = UNSET
    minutes: Number | UnsetType = UNSET


class Resize(_OnOne, frozen=True, kw_only=True, tag="resize"):
    minutes: Number


class Unschedule(_OnOne, frozen=True, kw_only=True, tag="unschedule"):
    """Take its time from a session; it keeps everything else, its room too."""


class Cancel(_OnOne, frozen=True, kw_only=True, tag="cancel"):
    """It will not be held, and calendars are told so with the next release."""


class Restore(_OnOne, frozen=True, kw_only=True, tag="restore"):
    """A cancelled session is held after all."""


class Delete(_OnOne, frozen=True, kw_only=True, tag="delete"):
    """Remove what was never released and nobody has to do with; anything else can only be cancelled."""


class Copy(_OnOne, frozen=True, kw_only=True, tag="copy"):
    """The same once more: in other `rooms` at the same time ("all": in every other one), or at `starts_at`,
    or, with neither, without a time."""

    rooms: list[Slug] | Literal["all"] | UnsetType = UNSET
    starts_at: Moment | UnsetType = UNSET


class Split(_OnOne, frozen=True, kw_only=True, tag="split"):
    """Make two sessions of one: the first `minutes`, then, after a `pause`, the rest."""

    minutes: Number
    pause: Number = 0


class Merge(_OnOne, frozen=True, kw_only=True, tag="merge"):
    """Make one session of two: from the start of the earlier to the end of the later."""

    other: Code
    other_edition: Edition


class Swap(_Act, frozen=True, kw_only=True, tag="swap"):
    """Each gets the other's room and time, and keeps its own length."""

    one: Code
    one_edition: Edition
    other: Code
    other_edition: Edition


class Shift(_Act, frozen=True, kw_only=True, tag="shift"):
    """Move all that starts in `room` from `from_at` until `until_at`, else the end of that conference day.

    `stretch` makes what is running at `from_at` longer by as much. `editions`, where given, are those of the
    sessions the editor saw in the room: any other in the way is a conflict.
    """

    room: Slug
    from_at: Moment
    minutes: Number
    until_at: Moment | UnsetType = UNSET
    stretch: bool = False
    editions: dict[Code, Edition] | UnsetType = UNSET


class Undo(_Act, frozen=True, kw_only=True, tag="undo"):
    """Take an edit back; without `edit`, one's own last."""

    edit: Number | None = None


class Redo(_Act, frozen=True, kw_only=True, tag="redo"):
    """Take an undo back; without `edit`, one's own last."""

    edit: Number | None = None


OnSessions: TypeAlias = (
    Create
    | Edit
    | Place
    | Resize
    | Unschedule
    | Cancel
    | Restore
    | Delete
    | Copy
    | Split
    | Merge
    | Swap
    | Shift
)
Act: TypeAlias = OnSessions | Undo | Redo


def name_of(act: Act) -> str:
    """Its name as the log and the API have it: "place"."""
    return str(type(act).__struct_config__.tag)


def seen_editions(act: Act) -> dict[str, int]:
    """The editions of the sessions an act names, as its editor saw them."""
    match act:
        case Swap():
            return {act.one: act.one_edition, act.other: act.other_edition}
        case Merge():
            return {act.session: act.edition, act.other: act.other_edition}
        case Shift():
            return act.editions or {}
        case Create() | Undo() | Redo():
            return {}
        case _:
            return {act.session: act.edition}
