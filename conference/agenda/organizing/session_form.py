"""A session of the draft as a form: filled from what is stored, and read into the act that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conference.agenda.checks import LONGEST_SESSION, TEXT_LIMIT, TITLE_LIMIT
from conference.agenda.drafting import acts
from conference.agenda.drafting.shown_session import DraftSessionDetails
from conference.agenda.languages import text_in
from conference.agenda.organizing.typed import Typed
from conference.agenda.rows import EventRow, PersonRow, Texts
from conference.agenda.tables import SessionKind, SessionRole
from conference.errors import N_

SPARE_PEOPLE = 2  # empty lines for more
MOST_PEOPLE = 100
MOST_PLACES = 1_000_000
_KINDS = {kind.value: kind for kind in SessionKind}
_ROLES = {role.value: role for role in SessionRole}

#: Makes somebody new of the programme under this name; returns their code.
Newcomer = Callable[[str], str]


def typed_session(event: EventRow, row: DraftSessionDetails, labels: Mapping[str, str]) -> Typed:
    """The form as the stored session fills it; *labels* are what people are called in it, by code."""
    values: dict[str, object] = {}
    if row.starts_at is not None:
        local = row.starts_at.astimezone(event.zone_info)
        values |= {"starts_day": local.date(), "starts_time": local.time().replace(tzinfo=None)}
        first, second = (local.replace(tzinfo=event.zone_info, fold=fold).utcoffset() for fold in (0, 1))
        if first != second:
            values["starts_fold"] = "second" if local.fold else "first"
    for number, part in enumerate(row.people):
        values |= {f"who_{number}": labels.get(part.code, part.code), f"role_{number}": part.role.value}
    return Typed.of(
        kind=row.kind.value,
        title=row.title,
        subtitle=row.subtitle,
        abstract=row.abstract,
        description=row.description,
        type=row.type,
        track=row.track,
        room=row.room,
        minutes=row.minutes,
        language=row.language,
        notes=row.notes,
        do_not_record=row.do_not_record,
        is_cme=row.is_cme,
        takes_sign_ups=row.takes_sign_ups,
        capacity=row.capacity,
        edition=row.edition,
        **values,
    )


def fields_typed(
    typed: Typed, event: EventRow, people: Mapping[str, str], newcomer: Newcomer, *, is_new: bool
) -> dict[str, Any]:
    """The fields of `acts.Create` or `acts.Edit` as typed; *people* gives codes by what they answer to.

    Notes mistakes in *typed*.
    """
    starts = typed.moment("starts", event.zone, needed=False)
    minutes = typed.number("minutes", least=1, most=LONGEST_SESSION, needed=not is_new)
    fields: dict[str, Any] = {
        "kind": typed.choice("kind", _KINDS) or SessionKind.SESSION,
        "title": typed.texts("title", limit=TITLE_LIMIT),
        "subtitle": typed.texts("subtitle", limit=TITLE_LIMIT),
        "abstract": typed.texts("abstract", limit=TEXT_LIMIT, lines=True),
        "description": typed.texts("description", limit=TEXT_LIMIT, lines=True),
        "notes": typed.text("notes", limit=TEXT_LIMIT, lines=True),
        "language": typed.text("language", limit=16).lower() or None,
        "type": typed["type"] or None,
        "track": typed["track"] or None,
        "room": typed["room"] or None,
        "starts_at": starts.isoformat() if starts else None,
        "do_not_record": typed.truth("do_not_record"),
        "is_cme": typed.truth("is_cme"),
        "takes_sign_ups": typed.truth("takes_sign_ups"),
        "capacity": typed.number("capacity", least=1, most=MOST_PLACES),
        "people": _parts(typed, people, newcomer),
    }
    if minutes is not None:
        fields["minutes"] = minutes
    return fields


def labels_of(people: Sequence[PersonRow], lang: str) -> dict[str, str]:
    """What each person is called in the form, by code: the name, with the code where two share it."""
    names = {one.code: text_in(one.name, lang) for one in people}
    shared = {name for name in names.values() if list(names.values()).count(name) > 1} if names else set()
    return {code: f"{name} ({code})" if name in shared else name for code, name in names.items()}


def answers_to(people: Sequence[PersonRow], labels: Mapping[str, str]) -> dict[str, str]:
    """Codes by everything a person may be called: their label, their code, a name only they have."""
    known = {label: code for code, label in labels.items()} | {one.code: one.code for one in people}
    names: dict[str, set[str]] = {}
    for one in people:
        for name in one.name.values():
            names.setdefault(" ".join(name.split()), set()).add(one.code)
    return {name: codes.pop() for name, codes in names.items() if len(codes) == 1} | known


def lines_of_people(typed: Typed) -> int:
    """How many lines for people the form needs: those filled, and some to spare."""
    filled = [int(name[4:]) for name in typed.values if name.startswith("who_") and name[4:].isdecimal()]
    used = [number for number in filled if typed[f"who_{number}"].strip()]
    return min(max(used, default=-1) + 1 + SPARE_PEOPLE, MOST_PEOPLE)


def _parts(typed: Typed, people: Mapping[str, str], newcomer: Newcomer) -> list[acts.PartIn]:
    parts: list[acts.PartIn] = []
    for number in range(min(lines_of_people(typed), MOST_PEOPLE)):
        name = typed.text(f"who_{number}", limit=TITLE_LIMIT)
        if not name:
            continue
        role = typed.choice(f"role_{number}", _ROLES) or SessionRole.SPEAKER
        code = people.get(name, "")
        if not code and typed.truth(f"new_{number}"):
            code = newcomer(name)
        if code:
            parts.append(acts.PartIn(code, role))
        else:
            typed.wrong(
                f"who_{number}",
                N_("Nobody of the programme is called “%(name)s”. Choose somebody, or tick “new”."),
                name=name[:80],
            )
    return parts


def name_in_script(name: str) -> Texts:
    """A new person's name in the language its letters are of: Arabic ones, or else English."""
    is_arabic = any("\u0600" <= letter <= "\u06ff" for letter in name)
    return {"ar" if is_arabic else "en": name}
