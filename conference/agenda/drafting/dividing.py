"""Copying, splitting and merging sessions: the acts that make one of another. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from conference.agenda.drafting import acts
from conference.agenda.drafting.plan import Plan
from conference.agenda.drafting.planned import Change, Planned
from conference.agenda.grouping import conference_day
from conference.agenda.rows import Texts
from conference.agenda.tables import SessionState
from conference.errors import N_, BadInput


class Identity(NamedTuple):
    """What a new session is called by."""

    code: str
    guid: str


def copy(act: acts.Copy, plan: Plan, name: Callable[[], Identity]) -> list[Change]:
    """The session once more for each room asked for."""
    old = plan.session(act.session)
    starts_at = old.starts_at
    if act.starts_at is not UNSET:
        starts_at = plan.moment(act.starts_at, field="starts_at")
    elif act.rooms is UNSET:
        starts_at = None
    if act.rooms is UNSET:
        return [Change(None, replace(_fresh(old, name()), starts_at=starts_at))]
    if old.room_id is None and old.is_break and act.starts_at is UNSET and old.starts_at is not None:
        raise BadInput(N_("This break is in all rooms already."), code="agenda.everywhere", field="rooms")
    if act.rooms == "all":
        room_ids = [each.id for each in plan.rooms.values() if each.id != old.room_id]
    else:
        room_ids = [
            room_id for slug in dict.fromkeys(act.rooms) if (room_id := plan.room(slug, field="rooms"))
        ]
    if not room_ids:
        raise BadInput(N_("Choose the rooms to copy it to."), code="agenda.no-rooms", field="rooms")
    return [
        Change(None, replace(_fresh(old, name()), room_id=room_id, starts_at=starts_at))
        for room_id in room_ids
    ]


def split(act: acts.Split, plan: Plan, identity: Identity) -> list[Change]:
    """The first part stays the session it was; the second is a new one."""
    old = plan.session(act.session)
    rest = old.minutes - act.minutes - act.pause
    if act.minutes < 1 or act.pause < 0 or rest < 1:
        raise BadInput(
            N_("A session of %(minutes)d minutes cannot be split so: both parts need a minute at least."),
            code="agenda.split",
            field="minutes",
            minutes=old.minutes,
        )
    after = timedelta(minutes=act.minutes + act.pause)
    second = replace(
        _fresh(old, identity),
        title={language: f"{title} (2)" for language, title in old.title.items()},
        minutes=rest,
        starts_at=None if old.starts_at is None else old.starts_at + after,
        notes="",
    )
    return [Change(old, replace(old, minutes=act.minutes)), Change(None, second)]


def merge(act: acts.Merge, plan: Plan) -> list[Change]:
    """The first becomes both, texts and people of the other after its own; the other is deleted, or cancelled
    where it is known already (`Plan.kept`)."""
    one, other = plan.session(act.session), plan.session(act.other)
    if one.code == other.code:
        raise BadInput(N_("A session cannot be merged with itself."), code="agenda.same", field="other")
    if one.kind is not other.kind or one.is_cancelled or other.is_cancelled:
        raise BadInput(
            N_("Only two sessions, or two breaks, that are both held can be merged."),
            code="agenda.merge",
            field="other",
        )
    gone = replace(other, state=SessionState.CANCELLED) if other.code in plan.kept else None
    return [Change(one, _both(one, other, plan)), Change(other, gone)]


def _both(one: Planned, other: Planned, plan: Plan) -> Planned:
    starts_at, minutes = one.starts_at, one.minutes + other.minutes
    if one.starts_at is not None and other.starts_at is not None:
        days = {conference_day(plan.event, each) for each in (one.starts_at, other.starts_at)}
        if one.room_id != other.room_id or len(days) > 1:
            raise BadInput(
                N_("Only sessions in the same room on the same day can be merged."),
                code="agenda.merge",
                field="other",
            )
        assert one.ends_at is not None
        assert other.ends_at is not None
        starts_at = min(one.starts_at, other.starts_at)
        minutes = int((max(one.ends_at, other.ends_at) - starts_at).total_seconds() // 60)
    elif one.starts_at is not None or other.starts_at is not None:
        raise BadInput(
            N_("One of the two has no time yet: give it one, or merge two without."),
            code="agenda.merge",
            field="other",
        )
    return replace(
        one,
        starts_at=starts_at,
        minutes=minutes,
        # The other's title would be lost with it: it heads its abstract.
        abstract=_joined(_joined(one.abstract, _another_title(one, other)), other.abstract),
        description=_joined(one.description, other.description),
        notes="\n\n".join(filter(None, (one.notes, other.notes))),
        parts=tuple(dict.fromkeys((*one.parts, *other.parts))),
    )


def _another_title(one: Planned, other: Planned) -> Texts:
    """The other's title where it says something else (what was split off is called "… (2)")."""
    return {
        language: title
        for language, title in other.title.items()
        if not one.title.get(language) or not title.startswith(one.title[language])
    }


def _joined(one: Texts, other: Texts) -> Texts:
    """Both, one after the other; once where the second says nothing new."""
    joined = dict(one)
    for language, text in other.items():
        said = joined.get(language, "")
        if text and text not in said:
            joined[language] = f"{said}\n\n{text}" if said else text
    return joined


def _fresh(old: Planned, identity: Identity) -> Planned:
    """*old* as a new session: held, and not what some file or address knows by another code."""
    return replace(
        old,
        code=identity.code,
        guid=identity.guid,
        state=SessionState.CONFIRMED,
        source_code=None,
        external_id=None,
        slug="",
        recording_url="",
        url="",
        origin_url="",
        feedback_url="",
    )
