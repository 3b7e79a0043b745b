"""The buttons on a session's form: copy, split, merge, cancel, restore, take its time away, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from conference.agenda.checks import LONGEST_SESSION
from conference.agenda.drafting import acts
from conference.agenda.drafting.performing import perform
from conference.agenda.organizing import showing
from conference.agenda.organizing.session_pages import session_with
from conference.agenda.organizing.typed import Typed, read_typed
from conference.errors import N_, BadInput, Conflict, MajlisError, NotFound


def _copy(typed: Typed, named: dict[str, Any]) -> acts.Act:
    where = typed["copy_to"]
    if where == "all":
        return acts.Copy(**named, rooms="all")
    return acts.Copy(**named, rooms=[where]) if where else acts.Copy(**named)


def _split(typed: Typed, named: dict[str, Any]) -> acts.Act:
    minutes = typed.number("split_minutes", least=1, most=LONGEST_SESSION, needed=True)
    pause = typed.number("split_pause", least=0, most=LONGEST_SESSION)
    return acts.Split(**named, minutes=minutes or 1, pause=pause or 0)


def _merge(typed: Typed, named: dict[str, Any]) -> acts.Act:
    other, _, edition = typed["merge_other"].partition(" ")
    if not other or not edition.isdecimal():
        typed.choice("merge_other", {}, needed=True)
    return acts.Merge(**named, other=other, other_edition=int(edition) if edition.isdecimal() else 0)


#: Each act: how it is read, and what the page says then.
ACTS: dict[str, tuple[Callable[[Typed, dict[str, Any]], acts.Act], str]] = {
    "copy": (_copy, "copied"),
    "split": (_split, "split"),
    "merge": (_merge, "merged"),
    "cancel": (lambda typed, named: acts.Cancel(**named), "cancelled"),
    "restore": (lambda typed, named: acts.Restore(**named), "restored"),
    "unschedule": (lambda typed, named: acts.Unschedule(**named), "saved"),
    "delete": (lambda typed, named: acts.Delete(**named), "deleted"),
}


async def do(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/sessions/{session}/do/{act}``"""
    name, code = request.match_info["act"], request.match_info["session"]
    if name not in ACTS:
        raise NotFound(N_("There is no page at this address."), code="page.not-found")
    read, said = ACTS[name]
    typed = await read_typed(request)
    try:
        edition = typed.number("edition", least=0, most=2**31 - 1, needed=True)
        act = read(typed, {"session": code, "edition": edition or 0})
        typed.check()
        by, at = showing.account_of(request), showing.now_of(request)
        await showing.act(request, lambda tx, event: perform(tx, event, act, by=by, at=at))
    except (BadInput, Conflict) as error:
        return await session_with(request, code, error, _field(name, error, typed), typed)
    raise showing.done(request, "sessions" if name == "delete" else f"sessions/{code}", said)


def _field(name: str, error: MajlisError, typed: Typed) -> str:
    """Beside which field of the page the mistake stands; "" for its top."""
    if typed.errors:
        return next(iter(typed.errors))
    return f"{name}_{error.field}" if name in ("split", "merge") and error.field else ""
