"""What every form page of the organizers does: read the event, show the form, tell what was saved."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.checks import clean
from conference.agenda.drafting.edit_log import tell_desk
from conference.agenda.organizing.typed import Typed
from conference.agenda.reading import event_by_slug
from conference.agenda.rows import EventRow
from conference.errors import N_, Conflict
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.serving.pages import render
from conference.serving.translation import SUPPORTED, language_of, translate
from conference.storage.database import Transaction

Result = TypeVar("Result")

#: What a page says after it was sent here by an act that worked: `?said=` and the sentence.
SAID = {
    "saved": N_("Saved."),
    "added": N_("Added."),
    "deleted": N_("Deleted."),
    "made": N_("The event is made. Set its rooms, tracks and hours next."),
    "copied": N_("Copied."),
    "split": N_("Split in two."),
    "merged": N_("Merged."),
    "cancelled": N_("Cancelled."),
    "restored": N_("Restored."),
    "imported": N_("The file was applied as you saw it."),
    "announced": N_("Announced."),
    "withdrawn": N_("Withdrawn."),
}
STALE = N_("Somebody else changed this while you wrote. Nothing is lost.")


def tongues_of(event: EventRow, *texts: dict[str, str]) -> list[str]:
    """The languages a text is asked for: the event's own, Arabic and English, and those it has already."""
    return list(
        dict.fromkeys([event.language, *SUPPORTED, *event.languages, *(tag for one in texts for tag in one)])
    )


async def with_event(
    request: web.Request, read: Callable[[Connection, EventRow], dict[str, Any]]
) -> dict[str, Any]:
    """What *read* gives for the event of the address, and that event, in one view of the database."""

    def reading(rows: Connection) -> dict[str, Any]:
        event = event_by_slug(rows, request.match_info["event"])
        return {"event": event} | read(rows, event)

    return await request.app[DATABASE].read(reading)


async def act(request: web.Request, work: Callable[[Transaction, EventRow], Result]) -> Result:
    """Run *work* in the writer with the event of the address, as it is at that moment."""
    return await request.app[DATABASE].write(
        lambda tx: work(tx, event_by_slug(tx.connection, request.match_info["event"]))
    )


async def change(request: web.Request, work: Callable[[Transaction, EventRow], Result]) -> Result:
    """As `act`, for what is not an act on sessions: the other organizers are told to read the draft again."""

    def working(tx: Transaction, event: EventRow) -> Result:
        result = work(tx, event)
        tell_desk(tx, event.id, "settings", by=account_of(request), at=now_of(request))
        return result

    return await act(request, working)


def form_page(
    request: web.Request,
    template: str,
    typed: Typed,
    *,
    tongues: list[str] | None = None,
    theirs: dict[str, str] | None = None,
    **values: Any,
) -> web.Response:
    """The page with its form: 200 as stored or after an act, else the status of the first mistake."""
    lang = language_of(request)
    first = next(iter(typed.errors.values()), None)
    said = SAID.get(request.query.get("said", "")) if request.method == "GET" else None
    return render(
        request,
        f"agenda/organizing/{template}.html",
        status=first.status if first else 200,
        typed=typed,
        errors=typed.told(lang),
        theirs=theirs or {},
        tongues=tongues or [],
        said=translate(lang, said) if said else "",
        **values,
    )


def done(request: web.Request, path: str, said: str = "saved") -> web.HTTPSeeOther:
    """Where to go after an act: *path* below the event's organizing pages, or an address of its own."""
    address = path if path.startswith("/") else f"/{request.match_info['event']}/organize/{path}"
    address, mark, fragment = address.partition("#")
    joined = "&" if "?" in address else "?"
    return web.HTTPSeeOther(f"{address}{joined}said={said}{mark}{fragment}")


def seen_of(stored: object) -> str:
    """A short digest of a stored thing as a form shows it: a later form tells by it what it was based on."""
    return sha256(msgspec.json.encode(stored, order="sorted")).hexdigest()[:16]


def check_seen(typed: Typed, stored: object) -> None:
    """`Conflict` when the form was made from something else than what is stored now."""
    if typed["seen"] and typed["seen"] != seen_of(stored):
        raise Conflict(STALE, code="agenda.stale")


def differing(typed: Typed, stored: Typed) -> dict[str, str]:
    """The fields of *stored* that are not as typed: what somebody else stored meanwhile."""
    both = [name for name in stored.values if name in typed.values]
    # Browsers send line ends of their own (HTML, "constructing the entry list").
    return {name: stored[name] for name in both if clean(typed[name]) != clean(stored[name])}


def theirs_of(typed: Typed, stored: Typed, row: object) -> dict[str, str]:
    """What to show beside a stale form's fields; nothing for one that is based on what is stored."""
    return differing(typed, stored) if typed["seen"] and typed["seen"] != seen_of(row) else {}


def account_of(request: web.Request) -> int:
    """The organizer's account; routes that come here demand one."""
    account_id = request[VIEWER].account_id
    assert account_id is not None
    return account_id


def now_of(request: web.Request) -> Any:
    return request.app[CLOCK].now()
