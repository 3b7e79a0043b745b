"""The draft as the rules of the acts see it, and what every session in it must fulfil. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from conference.agenda.checks import (
    TEXT_LIMIT,
    TITLE_LIMIT,
    check_minutes,
    check_texts,
    clean,
    is_language,
)
from conference.agenda.drafting.planned import Change, Planned
from conference.agenda.grouping import conference_day
from conference.agenda.moments import moment_of
from conference.agenda.rows import EventRow, Texts
from conference.errors import N_, BadInput, NotFound

FAR_OFF = timedelta(days=31)  # from the event's days: further, a year or month was mistyped
MOST_LANGUAGES = 20
MOST_PEOPLE = 200

NO_SESSION = N_("There is no such session in this event.")


class Named(NamedTuple):
    """What a slug or code stands for; `minutes` is the usual length of a type."""

    id: int
    minutes: int = 30


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an act needs to know: names by slug or code, and the sessions it is about, by code.

    `kept` are those among them that cannot be deleted: released, or somebody has to do with them.
    """

    event: EventRow
    rooms: Mapping[str, Named]
    tracks: Mapping[str, Named]
    types: Mapping[str, Named]
    people: Mapping[str, Named]
    sessions: Mapping[str, Planned]
    kept: frozenset[str] = frozenset()

    def session(self, code: str) -> Planned:
        found = self.sessions.get(code)
        if found is None:
            raise NotFound(NO_SESSION, code="agenda.no-session")
        return found

    def moment(self, text: str, *, field: str) -> datetime:
        return moment_of(text, self.event.zone_info, field=field)

    def room(self, slug: str | None, *, field: str = "room") -> int | None:
        return _id(self.rooms, slug, N_("There is no room “%(slug)s” in this event."), field)

    def track(self, slug: str | None) -> int | None:
        return _id(self.tracks, slug, N_("There is no track “%(slug)s” in this event."), "track")

    def type(self, slug: str | None) -> int | None:
        return _id(self.types, slug, N_("There is no session type “%(slug)s” in this event."), "type")

    def person(self, code: str) -> int:
        found = _id(self.people, code, N_("Nobody in this event has the code “%(slug)s”."), "people")
        assert found is not None
        return found


def _id(known: Mapping[str, Named], slug: str | None, message: str, field: str) -> int | None:
    if slug is None:
        return None
    if slug not in known:
        raise BadInput(message, code=f"agenda.no-{field}", field=field, slug=slug)
    return known[slug].id


def texts_with(old: Texts, said: Texts, *, field: str) -> Texts:
    """*old* with what is *said*, cleaned: languages not named stay, "" removes one."""
    if len(said) > MOST_LANGUAGES:
        raise BadInput(N_("That is more languages than fit."), code="agenda.languages", field=field)
    for language in said:
        if not is_language(language):
            raise BadInput(
                N_("“%(language)s” is not a language code like ar or en."),
                code="agenda.language",
                field=field,
                language=language[:40],
            )
    both = {**old, **{language: clean(text) for language, text in said.items()}}
    return {language: text for language, text in both.items() if text}


def check_change(plan: Plan, change: Change) -> Change:
    """*change* when what it makes is possible; `BadInput` with the field otherwise.

    Only what changed is checked: an imported oddity must not stand in the way of mending something else.
    """
    before, after = change.before, change.after
    if after is None:
        return change
    if before is None or before.title != after.title:
        check_texts(after.title, field="title", limit=TITLE_LIMIT, needed=True)
    for field in ("subtitle", "abstract", "description"):
        limit = TITLE_LIMIT if field == "subtitle" else TEXT_LIMIT
        if before is None or getattr(before, field) != getattr(after, field):
            check_texts(getattr(after, field), field=field, limit=limit)
    if before is None or before.notes != after.notes:
        check_texts({"": after.notes}, field="notes", limit=TEXT_LIMIT)
    if before is None or before.minutes != after.minutes:
        check_minutes(after.minutes)
    if after.capacity is not None and not 1 <= after.capacity < 10_000_000:
        raise BadInput(N_("The capacity is a number of people."), code="agenda.capacity", field="capacity")
    if len(after.parts) > MOST_PEOPLE:
        raise BadInput(N_("That is more people than fit."), code="agenda.people", field="people")
    _check_language(before, after)
    _check_place(plan, before, after)
    return change


def _check_language(before: Planned | None, after: Planned) -> None:
    if after.language is None or (before is not None and before.language == after.language):
        return
    if not is_language(after.language):
        raise BadInput(
            N_("“%(language)s” is not a language code like ar or en."),
            code="agenda.language",
            field="language",
            language=after.language[:40],
        )


def _check_place(plan: Plan, before: Planned | None, after: Planned) -> None:
    if after.starts_at is None:
        return
    placed = (after.starts_at, after.room_id, after.kind)
    if before is not None and (before.starts_at, before.room_id, before.kind) == placed:
        return
    if after.room_id is None and not after.is_break:
        raise BadInput(
            N_("A session with a time needs a room; only breaks can be in all rooms."),
            code="agenda.room-needed",
            field="room",
        )
    day = conference_day(plan.event, after.starts_at)
    if not plan.event.starts - FAR_OFF <= day <= plan.event.ends + FAR_OFF:
        raise BadInput(
            N_("%(day)s is far outside the days of this event (%(first)s to %(last)s)."),
            code="agenda.far-off",
            field="starts_at",
            day=day.isoformat(),
            first=plan.event.starts.isoformat(),
            last=plan.event.ends.isoformat(),
        )


def check_shift(minutes: int) -> None:
    """A shift is within a day, either way."""
    if abs(minutes) > 24 * 60:
        raise BadInput(
            N_("A shift is at most 24 hours; this is %(minutes)d minutes."),
            code="agenda.shift",
            field="minutes",
            minutes=minutes,
        )
