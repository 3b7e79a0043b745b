"""What every handler of the API does the same way: bodies in, answers and pages of lists out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.drafting.edit_log import tell_desk
from conference.agenda.reading import event_by_id
from conference.agenda.rows import EventRow
from conference.errors import N_, BadInput, NotFound
from conference.people.access import SCOPE
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.storage.database import Transaction

Body = TypeVar("Body")
Item = TypeVar("Item")
Result = TypeVar("Result")

LARGEST_PAGE = 50
_place = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """A part of a list; `next` and `previous` are the addresses of the parts beside it."""

    count: int
    next: str | None
    previous: str | None
    results: list[Item]


async def read_json(request: web.Request, kind: type[Body]) -> Body:
    """The body as *kind*; `BadInput` with the field for what does not fit."""
    if request.content_type not in ("application/json", "application/merge-patch+json"):
        raise BadInput(N_("Send the body as application/json."), code="api.media-type")
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.ValidationError as error:
        found = _place.search(str(error))
        raise BadInput(
            N_("This does not fit: %(problem)s"),
            code="api.field",
            field=found["field"] if found and found["field"] else None,
            problem=_place.sub("", str(error))[:200],
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            N_("The body is not JSON: %(problem)s"), code="api.body", problem=str(error)[:200]
        ) from error


def answer(value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """*value* as JSON. Answers to GET may be kept and asked for again with ``If-None-Match``: the
    compression layer gives them an ETag."""
    kept = {"Cache-Control": "private, no-cache"}
    body = msgspec.json.encode(value)
    return web.Response(
        body=body, status=status, content_type="application/json", headers=kept | (headers or {})
    )


def paged(request: web.Request, listed: Sequence[Item]) -> web.Response:
    """The part of *listed* that ``page`` (from 1) and ``page_size`` (at most 50) ask for."""
    page, size = _number(request, "page", 1, 10**6), _number(request, "page_size", LARGEST_PAGE, LARGEST_PAGE)
    pages = max(1, -(-len(listed) // size))
    if page > pages:
        raise NotFound(N_("There is no such page of this list."), code="api.page")
    part = Page(
        count=len(listed),
        next=_address(request, page + 1) if page < pages else None,
        previous=_address(request, page - 1) if page > 1 else None,
        results=list(listed[(page - 1) * size : page * size]),
    )
    return answer(part)


async def read_draft(request: web.Request, work: Callable[[Connection, EventRow], Result]) -> Result:
    """Run *work* on the event of the address."""
    event_id = event_id_of(request)
    return await request.app[DATABASE].read(lambda rows: work(rows, event_by_id(rows, event_id)))


async def write_event(request: web.Request, work: Callable[[Transaction, EventRow], Result]) -> Result:
    """Run *work* in the writer on the event of the address, as it is at that moment."""
    event_id = event_id_of(request)
    return await request.app[DATABASE].write(lambda tx: work(tx, event_by_id(tx.connection, event_id)))


async def change_event(request: web.Request, work: Callable[[Transaction, EventRow], Result]) -> Result:
    """As `write_event`, for what is no act on sessions: the other organizers read the draft again."""

    def working(tx: Transaction, event: EventRow) -> Result:
        result = work(tx, event)
        tell_desk(tx, event.id, "settings", by=account_of(request), at=request.app[CLOCK].now())
        return result

    return await write_event(request, working)


def event_id_of(request: web.Request) -> int:
    event_id = request[SCOPE].event_id
    assert event_id is not None, "the route names an event"
    return event_id


def account_of(request: web.Request) -> int:
    account_id = request[VIEWER].account_id
    assert account_id is not None, "the route demands an account"
    return account_id


def _number(request: web.Request, name: str, usual: int, most: int) -> int:
    said = request.query.get(name, "")
    if not said:
        return usual
    if not said.isascii() or not said.isdecimal() or len(said) > 9 or int(said) < 1:
        raise BadInput(N_("This is a whole number from 1."), code="api.number", field=name)
    return min(int(said), most)


def _address(request: web.Request, page: int) -> str:
    return str(request.rel_url.update_query(page=page))
