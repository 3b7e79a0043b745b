"""The rules of the acts: what each changes, from the draft as it is. Pure; `edit_log` stores it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from conference.agenda.checks import clean
from conference.agenda.drafting import acts, dividing
from conference.agenda.drafting.dividing import Identity
from conference.agenda.drafting.plan import Plan, check_change, check_shift, texts_with
from conference.agenda.drafting.planned import Change, Planned, Taking
from conference.agenda.grouping import conference_day, day_on
from conference.agenda.tables import SessionState
from conference.errors import N_, BadInput, Conflict

_PLAIN = ("kind", "minutes", "do_not_record", "is_cme", "capacity", "takes_sign_ups", "language")


def changes_of(act: acts.OnSessions, plan: Plan, name: Callable[[], Identity]) -> list[Change]:
    """What *act* changes, checked; empty when everything is so already. *name* makes new codes and guids.

    Raises `BadInput` (what cannot be), `Conflict` (what cannot be done now) and `NotFound` (no such session).
    """
    changes = _changes(act, plan, name)
    return [check_change(plan, change) for change in changes if change.before != change.after]


def _changes(act: acts.OnSessions, plan: Plan, name: Callable[[], Identity]) -> Iterable[Change]:
    match act:
        case acts.Create():
            return [_create(act, plan, name())]
        case acts.Swap():
            return _swap(act, plan)
        case acts.Shift():
            return _shift(act, plan)
        case acts.Copy():
            return dividing.copy(act, plan, name)
        case acts.Split():
            return dividing.split(act, plan, name())
        case acts.Merge():
            return dividing.merge(act, plan)
    old = plan.session(act.session)
    return [Change(old, _one(act, plan, old))]


def _one(
    act: acts.Edit | acts.Place | acts.Resize | acts.Unschedule | acts.Cancel | acts.Restore | acts.Delete,
    plan: Plan,
    old: Planned,
) -> Planned | None:
    match act:
        case acts.Edit():
            return _with(old, act, plan)
        case acts.Place():
            return replace(
                old,
                starts_at=plan.moment(act.starts_at, field="starts_at"),
                room_id=old.room_id if act.room is UNSET else plan.room(act.room),
                minutes=old.minutes if act.minutes is UNSET else act.minutes,
            )
        case acts.Resize():
            return replace(old, minutes=act.minutes)
        case acts.Unschedule():
            return replace(old, starts_at=None)
        case acts.Cancel():
            return replace(old, state=SessionState.CANCELLED)
        case acts.Restore():
            return replace(old, state=SessionState.CONFIRMED)
        case acts.Delete():
            if act.session in plan.kept:
                raise Conflict(
                    N_("This session was released already, or people have to do with it. Cancel it instead."),
                    code="agenda.kept",
                )
            return None


def _create(act: acts.Create, plan: Plan, identity: Identity) -> Change:
    usual = plan.types[act.type].minutes if isinstance(act.type, str) and act.type in plan.types else 30
    blank = Planned(code=identity.code, guid=identity.guid, title={}, minutes=usual)
    return Change(None, _with(blank, act, plan))


def _with(old: Planned, said: acts.Fields, plan: Plan) -> Planned:
    """*old* with every field that is *said*."""
    new: dict[str, Any] = {}
    for field in ("title", "subtitle", "abstract", "description"):
        if (texts := getattr(said, field)) is not UNSET:
            new[field] = texts_with(getattr(old, field), texts, field=field)
    for field in _PLAIN:
        if (value := getattr(said, field)) is not UNSET:
            new[field] = value
    if said.notes is not UNSET:
        new["notes"] = clean(said.notes)
    if said.room is not UNSET:
        new["room_id"] = plan.room(said.room)
    if said.track is not UNSET:
        new["track_id"] = plan.track(said.track)
    if said.type is not UNSET:
        new["type_id"] = plan.type(said.type)
    if said.starts_at is not UNSET:
        new["starts_at"] = None if said.starts_at is None else plan.moment(said.starts_at, field="starts_at")
    if said.people is not UNSET:
        parts = (Taking(plan.person(part.code), part.role) for part in said.people)
        new["parts"] = tuple(dict.fromkeys(parts))
    return replace(old, **new)


def _swap(act: acts.Swap, plan: Plan) -> list[Change]:
    one, other = plan.session(act.one), plan.session(act.other)
    if one.code == other.code:
        raise BadInput(N_("A session cannot be swapped with itself."), code="agenda.same", field="other")
    return [
        Change(one, replace(one, starts_at=other.starts_at, room_id=other.room_id)),
        Change(other, replace(other, starts_at=one.starts_at, room_id=one.room_id)),
    ]


def _shift(act: acts.Shift, plan: Plan) -> list[Change]:
    from_at = plan.moment(act.from_at, field="from_at")
    if act.until_at is UNSET:
        day = conference_day(plan.event, from_at)
        until_at = day_on(plan.event, day, [], first=day).ends
    else:
        until_at = plan.moment(act.until_at, field="until_at")
    changes = shifted(
        plan.sessions.values(),
        plan.room(act.room),
        from_at=from_at,
        until_at=until_at,
        minutes=act.minutes,
        stretch=act.stretch,
    )
    if act.editions is not UNSET:
        unseen = [one.code for one in changes if one.code not in act.editions]
        if unseen:
            raise Conflict(
                N_("Something came into this room meanwhile. Look again before you shift it."),
                code="agenda.unseen",
                details={"sessions": unseen},
            )
    return changes


def shifted(
    sessions: Iterable[Planned],
    room_id: int | None,
    *,
    from_at: datetime,
    until_at: datetime,
    minutes: int,
    stretch: bool,
) -> list[Change]:
    """What a shift of a room changes: whatever starts from *from_at* on before *until_at*, and, with
    *stretch*, the length of what is running at *from_at*. Cancelled sessions stay where they were."""
    check_shift(minutes)
    by = timedelta(minutes=minutes)
    changes = []
    for one in sessions:
        if one.room_id != room_id or one.is_cancelled or one.starts_at is None or one.ends_at is None:
            continue
        if from_at <= one.starts_at < until_at:
            changes.append(Change(one, replace(one, starts_at=one.starts_at + by)))
        elif stretch and one.starts_at < from_at < one.ends_at:
            changes.append(Change(one, replace(one, minutes=one.minutes + minutes)))
    return changes
