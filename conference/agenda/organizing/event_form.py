"""The settings of an event as a form: read into a draft and the rules of planning, filled from the stored."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from conference.agenda.checks import TEXT_LIMIT, TITLE_LIMIT, is_language
from conference.agenda.clashes.prayer import METHODS
from conference.agenda.drafts import EventDraft
from conference.agenda.editing import change_event
from conference.agenda.organizing.typed import Typed
from conference.agenda.rows import EventRow
from conference.agenda.tables import event
from conference.agenda.zone_names import zone_named
from conference.errors import N_, BadInput
from conference.serving.accent import DEFAULT_ACCENT
from conference.serving.forms import MISSING
from conference.storage.database import Transaction

MOST_LANGUAGES = 8
MOST_DAYS = 60  # the planner and the hours have a row for each


class PlanRules(msgspec.Struct, frozen=True, kw_only=True):
    """What planning goes by: minutes a room needs between sessions, a person between rooms; the place prayer
    times are reckoned for ({"latitude", "longitude", "method"} or none); how long notices wait."""

    changeover_minutes: int
    walking_minutes: int
    prayer: dict[str, Any] | None
    holding_minutes: int


def rules_of(rows: Connection, event_id: int) -> PlanRules:
    columns = [event.c[name] for name in PlanRules.__struct_fields__]
    return PlanRules(**rows.execute(select(*columns).where(event.c.id == event_id)).mappings().one())


def typed_event(row: EventRow, rules: PlanRules) -> Typed:
    """The form as the stored event fills it."""
    prayer = rules.prayer or {}
    others = [tag for tag in row.languages if tag not in ("ar", "en")]
    return Typed.of(
        title=row.title,
        description=row.description,
        venue=row.venue,
        starts=row.starts,
        ends=row.ends,
        zone=row.zone,
        language=row.language,
        speaks=[tag for tag in row.languages if tag in ("ar", "en")],
        other_languages=", ".join(others),
        accent=row.accent or DEFAULT_ACCENT,
        accent_none=not row.accent,
        url=row.url,
        day_start_hour=row.day_start_hour,
        timeslot_minutes=row.timeslot_minutes,
        changeover_minutes=rules.changeover_minutes,
        walking_minutes=rules.walking_minutes,
        holding_minutes=rules.holding_minutes,
        is_public="public" if row.is_public else "closed",
        latitude=prayer.get("latitude"),
        longitude=prayer.get("longitude"),
        method=prayer.get("method"),
    )


def event_draft(typed: Typed, row: EventRow) -> EventDraft:
    """The event as typed, with what the form does not ask for as in *row*. Notes mistakes in *typed*."""
    starts, ends = days_in(typed, row.starts, row.ends)
    language, languages = _languages(typed)
    return EventDraft(
        slug=row.slug,
        title=typed.texts("title", limit=TITLE_LIMIT, needed=True),
        description=typed.texts("description", limit=TEXT_LIMIT, lines=True),
        venue=typed.texts("venue", limit=TITLE_LIMIT),
        zone=zone_in(typed),
        starts=starts,
        ends=ends,
        language=language,
        languages=languages,
        day_start_hour=typed.number("day_start_hour", least=0, most=12, needed=True) or 0,
        timeslot_minutes=typed.number("timeslot_minutes", least=1, most=240, needed=True) or 5,
        is_public=typed["is_public"] != "closed",
        accent="" if typed.truth("accent_none") else typed["accent"].lower(),
        logo=row.logo,
        url=address_in(typed, "url"),
        base_url=row.base_url,
        version=row.version,
    )


def plan_rules(typed: Typed) -> PlanRules:
    return PlanRules(
        changeover_minutes=typed.number("changeover_minutes", least=0, most=240, needed=True) or 0,
        walking_minutes=typed.number("walking_minutes", least=0, most=240, needed=True) or 0,
        prayer=_prayer(typed),
        holding_minutes=typed.number("holding_minutes", least=0, most=7 * 24 * 60, needed=True) or 0,
    )


def store_event(tx: Transaction, event_id: int, draft: EventDraft, rules: PlanRules, *, at: Any) -> None:
    """One unit: the event and its rules of planning."""
    change_event(tx, event_id, draft, at=at)
    values = msgspec.structs.asdict(rules)
    tx.connection.execute(update(event).where(event.c.id == event_id).values(values))


def days_in(typed: Typed, first: date, last: date) -> tuple[date, date]:
    """The fields `starts` and `ends`; *first* and *last* stand in where they cannot be read."""
    starts, ends = typed.day("starts"), typed.day("ends")
    if starts and ends and ends < starts:
        typed.wrong("ends", N_("The last day is before the first."))
    elif starts and ends and (ends - starts).days >= MOST_DAYS:
        typed.wrong("ends", N_("An event has at most %(limit)d days here."), limit=MOST_DAYS)
    return starts or first, ends or last


def zone_in(typed: Typed, field: str = "zone") -> str:
    """The field's IANA zone; UTC stands in for what is none."""
    zone = typed.text(field, limit=64, needed=True)
    try:
        zone_named(zone)
    except BadInput as error:
        typed.refuse(error, field)
        return "UTC"
    return zone


def address_in(typed: Typed, field: str) -> str:
    """A web address or nothing."""
    address = typed.text(field, limit=500)
    if address and not address.startswith(("https://", "http://")):
        typed.wrong(field, N_("A web address begins with https://"))
    return address


def _languages(typed: Typed) -> tuple[str, list[str]]:
    others = [tag.strip().lower() for tag in typed["other_languages"].replace("،", ",").split(",")]
    languages = list(dict.fromkeys(tag for tag in [*typed.all("speaks"), *others] if tag))
    for tag in languages:
        if not is_language(tag):
            typed.wrong(
                "other_languages",
                N_("“%(language)s” is not a language code like ar or en."),
                language=tag[:40],
            )
    if not languages:
        typed.wrong("speaks", MISSING)
    if len(languages) > MOST_LANGUAGES:
        typed.wrong("other_languages", N_("At most %(limit)d languages fit."), limit=MOST_LANGUAGES)
    main = typed["language"] if typed["language"] in languages else (languages or ["en"])[0]
    return main, [main, *(tag for tag in languages if tag != main)]


def _prayer(typed: Typed) -> dict[str, Any] | None:
    method = typed["method"]
    if not method:
        return None
    if method not in METHODS:
        typed.choice("method", dict.fromkeys(METHODS))
    latitude, longitude = _degrees(typed, "latitude", 66), _degrees(typed, "longitude", 180)
    if latitude is None or longitude is None:
        return None
    return {"latitude": latitude, "longitude": longitude, "method": method}


def _degrees(typed: Typed, field: str, most: int) -> float | None:
    said = typed.text(field, limit=20, needed=True).replace(",", ".").replace("٫", ".")
    try:
        degrees = float(said)  # knows Arabic digits
    except ValueError:
        if said:
            typed.wrong(field, N_("Write degrees like 32.6."))
        return None
    if not abs(degrees) <= most:
        typed.wrong(field, N_("Degrees from %(least)d to %(most)d fit here."), least=-most, most=most)
        return None
    return round(degrees, 4)
