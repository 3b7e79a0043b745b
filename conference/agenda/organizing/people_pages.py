"""The people of the programme: the list, and the form of one of them."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.organizing import showing
from conference.agenda.organizing.people import (
    PersonForm,
    Window,
    account_of_person,
    add_person,
    delete_person,
    everybody,
    person_draft,
    save_person,
    windows_of,
)
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.reading import person_by_code, sessions_of_person
from conference.agenda.rows import EventRow, PersonRow
from conference.errors import N_, BadInput, Conflict
from conference.people.roster import people_of_event
from conference.serving.text import skeleton
from conference.storage.database import Transaction

SPARE_WINDOWS = 2  # empty lines for more
MOST_WINDOWS = 60


async def list_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/speakers``; `?q=` searches the names as they look."""
    wanted = request.query.get("q", "")[:80]

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        listed, plain = everybody(rows, event.id), skeleton(wanted)
        found = [one for one in listed if any(plain in skeleton(name) for name in one.person.name.values())]
        return {"people": found if plain else listed, "total": len(listed)}

    return showing.form_page(
        request, "people", Typed(), wanted=wanted, **await showing.with_event(request, read)
    )


async def new_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/speakers/new``"""
    return await _page(request, None, None)


async def add(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/speakers/new``"""
    typed = await read_typed(request)

    def work(tx: Transaction, event: EventRow) -> str:
        form = _form(typed, event)
        typed.check()
        return add_person(tx, event.id, form)

    try:
        code = await showing.change(request, work)
    except BadInput as error:
        typed.refuse(error)
        return await _page(request, None, typed)
    raise showing.done(request, f"speakers/{code}", "added")


async def person_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/speakers/{speaker}``"""
    return await _page(request, request.match_info["speaker"], None)


async def change(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/speakers/{speaker}``"""
    typed, code = await read_typed(request), request.match_info["speaker"]

    def work(tx: Transaction, event: EventRow) -> None:
        row = person_by_code(tx.connection, event.id, code)
        form = _form(typed, event)
        typed.check()
        showing.check_seen(typed, [row, windows_of(tx.connection, row.id)])
        save_person(tx, event.id, code, form)

    try:
        await showing.change(request, work)
    except (BadInput, Conflict) as error:
        typed.refuse(error)
        return await _page(request, code, typed)
    raise showing.done(request, f"speakers/{code}")


async def remove(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/speakers/{speaker}/delete``"""
    code = request.match_info["speaker"]
    try:
        await showing.change(request, lambda tx, event: delete_person(tx, event.id, code))
    except Conflict as error:
        refused = Typed()
        refused.refuse(error)
        return await _page(request, code, refused, is_stored=True)
    raise showing.done(request, "speakers", "deleted")


def _form(typed: Typed, event: EventRow) -> PersonForm:
    draft = person_draft(typed)
    return PersonForm(draft, _windows(typed, event), typed["account"])


def _windows(typed: Typed, event: EventRow) -> list[Window]:
    windows = []
    for number in range(_lines(typed)):
        starts = typed.moment(f"from_{number}", event.zone, needed=False)
        ends = typed.moment(f"until_{number}", event.zone, needed=False)
        if starts and ends and starts >= ends:
            typed.wrong(f"until_{number}_time", N_("This ends before it begins."))
        elif starts and ends:
            windows.append(Window(starts, ends))
        elif starts and not _noted(typed, f"until_{number}"):
            typed.wrong(f"until_{number}_day", N_("Until when?"))
        elif ends and not _noted(typed, f"from_{number}"):
            typed.wrong(f"from_{number}_day", N_("From when?"))
    return windows


def _noted(typed: Typed, name: str) -> bool:
    return any(field.startswith(f"{name}_") for field in typed.errors)


def _lines(typed: Typed) -> int:
    """How many windows the form has lines for."""
    numbers = [
        int(field.split("_")[1])
        for field in typed.values
        if field.startswith("from_") and field.endswith("_day") and field.split("_")[1].isdecimal()
    ]
    return min(max(numbers, default=-1) + 1, MOST_WINDOWS)


def _typed(event: EventRow, row: PersonRow | None, windows: list[Window], account: str) -> Typed:
    values: dict[str, object] = {}
    for number, window in enumerate(windows):
        for name, moment in (("from", window.starts_at), ("until", window.ends_at)):
            local = moment.astimezone(event.zone_info)
            values |= {f"{name}_{number}_day": local.date(), f"{name}_{number}_time": local.time()}
    for number in range(len(windows), len(windows) + SPARE_WINDOWS):
        values |= {f"from_{number}_day": ""}
    if row is None:
        return Typed.of(**values)
    return Typed.of(
        name=row.name,
        biography=row.biography,
        zone=row.zone,
        is_remote=row.is_remote,
        account=account,
        **values,
    )


async def _page(
    request: web.Request, code: str | None, typed: Typed | None, *, is_stored: bool = False
) -> web.StreamResponse:
    """The form of the person *code* (None: a new one), as typed or as stored."""

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        people = people_of_event(rows, event.id)
        if code is None:
            return {"row": None, "windows": [], "account": "", "sessions": [], "accounts": people}
        row = person_by_code(rows, event.id, code)
        return {
            "row": row,
            "windows": windows_of(rows, row.id),
            "account": account_of_person(rows, row),
            "sessions": sessions_of_person(rows, event.id, row.id),
            "accounts": people,
        }

    values = await showing.with_event(request, read)
    event, row = values["event"], values["row"]
    stored = _typed(event, row, values["windows"], values.pop("account"))
    shown = stored if typed is None or is_stored else typed
    if is_stored and typed is not None:
        shown.errors |= typed.errors
    base = [row, values.pop("windows")]
    return showing.form_page(
        request,
        "person",
        shown,
        tongues=showing.tongues_of(event, *([row.name, row.biography] if row else [])),
        theirs=showing.theirs_of(shown, stored, base),
        seen=showing.seen_of(base),
        lines=max(_lines(shown), SPARE_WINDOWS),
        **values,
    )
