"""People of the programme for programs: who they are, where, when they can, and their account."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, select

from conference.agenda.api.answering import change_event, paged, read_draft, read_json
from conference.agenda.api.overlaying import overlaid
from conference.agenda.api.preconditions import check_match, tagged
from conference.agenda.drafting.acts import Moment
from conference.agenda.moments import moment_of
from conference.agenda.organizing.people import (
    PersonForm,
    Window,
    account_of_person,
    add_person,
    delete_person,
    person_draft,
    save_person,
    windows_of,
)
from conference.agenda.organizing.typed import Typed
from conference.agenda.reading import person_by_code
from conference.agenda.rows import EventRow, PersonRow, Texts
from conference.agenda.tables import availability, person
from conference.errors import N_, BadInput
from conference.people.tables import account
from conference.storage.database import Transaction


class Hours(msgspec.Struct, frozen=True):
    """From when until when somebody can."""

    starts_at: datetime
    ends_at: datetime


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the programme. `zone` is "" when it is the event's; `account` the public id of theirs,
    or ""; without any `availability` they can always."""

    code: str
    name: Texts
    biography: Texts
    zone: str
    is_remote: bool
    account: str
    availability: list[Hours]


class HoursIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when until when somebody can."""

    starts_at: Moment
    ends_at: Moment


class PersonFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of a person. In texts, a language not named stays and "" removes one; `availability`
    is the whole of it, [] for always; `account` must be one of this event's people."""

    name: Texts | UnsetType = UNSET
    biography: Texts | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    is_remote: bool | UnsetType = UNSET
    account: str | UnsetType = UNSET
    availability: Annotated[list[HoursIn], msgspec.Meta(max_length=60)] | UnsetType = UNSET


async def listed(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/people``: everybody of the programme, in no session too."""

    def read(rows: Connection, event: EventRow) -> list[Person]:
        fields = [person.c[name] for name in PersonRow.__struct_fields__]
        query = select(*fields).where(person.c.event_id == event.id).order_by(person.c.id)
        found = [PersonRow(**row) for row in rows.execute(query).mappings()]
        windows: dict[int, list[Window]] = {}
        all_windows = select(availability.c.person_id, availability.c.starts_at, availability.c.ends_at)
        here = all_windows.join(person).where(person.c.event_id == event.id)
        for person_id, starts_at, ends_at in rows.execute(here.order_by(availability.c.starts_at)):
            windows.setdefault(person_id, []).append(Window(starts_at, ends_at))
        linked = select(account.c.id, account.c.public_id).join(person, person.c.account_id == account.c.id)
        accounts: dict[int | None, str] = {
            account_id: public_id
            for account_id, public_id in rows.execute(linked.where(person.c.event_id == event.id))
        }
        return [_person(one, windows.get(one.id, []), accounts.get(one.account_id, "")) for one in found]

    return paged(request, await read_draft(request, read))


async def one(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/people/{person}``"""
    code = request.match_info["person"]
    return tagged(request, await read_draft(request, lambda rows, event: _found(rows, event.id, code)))


async def create(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/people``"""
    said = await read_json(request, PersonFields)

    def work(tx: Transaction, event: EventRow) -> Person:
        code = add_person(tx, event.id, _form(event, Typed(), [], said))
        return _found(tx.connection, event.id, code)

    made = await change_event(request, work)
    place = f"{request.rel_url.path.rstrip('/')}/{made.code}"
    return tagged(request, made, status=201, headers={"Location": place})


async def change(request: web.Request) -> web.Response:
    """``PATCH /api/events/{event}/people/{person}``"""
    said, code = await read_json(request, PersonFields), request.match_info["person"]

    def work(tx: Transaction, event: EventRow) -> Person:
        stored = _found(tx.connection, event.id, code)
        same = ("name", "biography", "zone", "is_remote", "account")
        typed = Typed.of(**{name: getattr(stored, name) for name in same})
        windows = [Window(each.starts_at, each.ends_at) for each in stored.availability]
        form = _form(event, typed, windows, said)
        check_match(request, stored, said)
        save_person(tx, event.id, code, form)
        return _found(tx.connection, event.id, code)

    return tagged(request, await change_event(request, work))


async def remove(request: web.Request) -> web.Response:
    """``DELETE /api/events/{event}/people/{person}``"""
    code = request.match_info["person"]

    def work(tx: Transaction, event: EventRow) -> None:
        check_match(request, _found(tx.connection, event.id, code))
        delete_person(tx, event.id, code)

    await change_event(request, work)
    return web.Response(status=204)


def _form(event: EventRow, stored: Typed, windows: list[Window], said: PersonFields) -> PersonForm:
    if said.availability is not UNSET:
        windows = [_window(event, number, each) for number, each in enumerate(said.availability)]
    plain = msgspec.structs.replace(said, availability=UNSET)
    typed = overlaid(stored, plain)
    draft = person_draft(typed)
    typed.check()
    return PersonForm(draft, windows, typed["account"])


def _window(event: EventRow, number: int, said: HoursIn) -> Window:
    field = f"availability[{number}]"
    starts = moment_of(said.starts_at, event.zone_info, field=f"{field}.starts_at")
    ends = moment_of(said.ends_at, event.zone_info, field=f"{field}.ends_at")
    if starts >= ends:
        raise BadInput(N_("This ends before it begins."), code="agenda.times", field=f"{field}.ends_at")
    return Window(starts, ends)


def _found(rows: Connection, event_id: int, code: str) -> Person:
    row = person_by_code(rows, event_id, code)
    return _person(row, windows_of(rows, row.id), account_of_person(rows, row))


def _person(row: PersonRow, windows: list[Window], account_id: str) -> Person:
    facts: dict[str, Any] = {
        name: getattr(row, name) for name in ("code", "name", "biography", "zone", "is_remote")
    }
    return Person(**facts, account=account_id, availability=[Hours(*_span(each)) for each in windows])


def _span(window: Window) -> tuple[datetime, datetime]:
    return window.starts_at, window.ends_at
