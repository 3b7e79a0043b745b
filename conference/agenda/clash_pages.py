"""Clashes for organizers: all of them by gravity and day, and for each what would mend it, with one tap."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Annotated

import msgspec
from aiohttp import web
from markupsafe import Markup
from msgspec import UNSET, Meta

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.keeping import CHECKERS
from conference.agenda.clashes.plan import local, moment_of
from conference.agenda.clashes.problems import Problem, Severity
from conference.agenda.clashes.proposals import outcome, proposal
from conference.agenda.clashes.suggesting import Act, Suggestion, suggest
from conference.agenda.clashes.wording import sentence
from conference.agenda.clashes.words import LinkedWords
from conference.agenda.drafting import acts
from conference.agenda.drafting.performing import perform
from conference.agenda.reading import event_by_slug
from conference.agenda.rows import EventRow
from conference.errors import N_, Conflict
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.serving.translation import language_of

ON_A_PAGE = 100
#: On a phone the button stands under its sentence.
LIST_STYLES = (
    "@media(max-width:47.99rem){.clash .entry-end{grid-column:2/-1;margin-block-start:var(--space-2)}}"
)
OFFER_STYLES = ".offer form,.offer details{margin-block-start:var(--space-3)}"


class Line(msgspec.Struct, frozen=True):
    """A problem as the page shows it; `text` is HTML with links."""

    id: str
    severity: Severity
    at: datetime
    text: Markup


class Offer(msgspec.Struct, frozen=True):
    """A suggestion as the page shows it; `fields` are what its form sends."""

    text: Markup
    outcome: str
    fields: dict[str, str]
    new: list[Line]
    remains: list[Line]


class ApplyForm(msgspec.Struct):
    """One suggestion: where to move `session`, whom to swap it with (`other`), or how long it shall be."""

    act: Act
    session: Annotated[str, Meta(max_length=16)]
    edition: int
    starts_at: Annotated[str, Meta(max_length=40)] = ""
    room: Annotated[str, Meta(max_length=64)] = ""
    minutes: int | None = None
    other: Annotated[str, Meta(max_length=16)] = ""
    other_edition: int | None = None


class UndoForm(msgspec.Struct):
    edit: int


async def clashes_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/clashes``; ``?show=error|warning|hint``, else the gravest there is."""
    event, checker, _ = await _here(request)
    found = checker.problems()
    counts = _counts(found)
    gravest = found[0].severity.value if found else Severity.ERROR.value
    wanted = request.query.get("show", "")
    shown = wanted if wanted in counts else gravest
    chosen = [one for one in found if one.severity == shown]
    skip = _number(request.query.get("skip", ""))
    return render(
        request,
        "agenda/clashes.html",
        page_styles=LIST_STYLES,
        event=event,
        counts=counts,
        shown=shown,
        days=_by_day(request, event, checker, chosen[skip : skip + ON_A_PAGE]),
        skip=skip,
        more=skip + ON_A_PAGE if len(chosen) > skip + ON_A_PAGE else None,
        done=_number(request.query.get("done", "")),
        cleared="cleared" in request.query,
    )


async def clash_page(request: web.Request, *, told: str = "", status: int = 200) -> web.StreamResponse:
    """``GET /{event}/organize/clashes/{found}``: one problem and what would mend it."""
    event, checker, words = await _here(request)
    problem = checker.by_id(request.match_info["found"])
    if problem is None:
        # Somebody mended it meanwhile, or this very page did: the list says so, an error would not.
        raise web.HTTPSeeOther(f"/{event.slug}/organize/clashes?cleared")
    line = _line(words, problem)
    suggestions, copy = await suggestions_for(checker, problem)
    its_words = LinkedWords(copy, language_of(request), event.slug)
    return render(
        request,
        "agenda/clash.html",
        status=status,
        page_styles=OFFER_STYLES,
        event=event,
        line=line,
        told=told,
        offers=[_offer(its_words, one) for one in suggestions],
    )


async def apply(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/clashes/{found}``: do what a suggestion says, unless its sessions changed."""
    form = await read_form(request, ApplyForm)
    act, by, at = _act(form), request[VIEWER].account_id, request.app[CLOCK].now()
    slug = request.match_info["event"]
    try:
        done = await request.app[DATABASE].write(
            lambda tx: perform(tx, event_by_slug(tx.connection, slug), act, by=by, at=at)
        )
    except Conflict as error:
        if error.code != "agenda.stale":
            raise
        told = N_(
            "Somebody changed these sessions meanwhile, so nothing was done. These are the suggestions now."
        )
        return await clash_page(request, told=told, status=409)
    raise web.HTTPSeeOther(f"/{slug}/organize/clashes?done={done.edit or 0}")


async def undo(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/clashes/undo``: take back what a suggestion did."""
    form = await read_form(request, UndoForm)
    by, at, slug = request[VIEWER].account_id, request.app[CLOCK].now(), request.match_info["event"]
    await request.app[DATABASE].write(
        lambda tx: perform(tx, event_by_slug(tx.connection, slug), acts.Undo(edit=form.edit), by=by, at=at)
    )
    raise web.HTTPSeeOther(f"/{slug}/organize/clashes")


async def first_lines(
    request: web.Request, event: EventRow, *, most: int
) -> tuple[dict[str, int], list[Line]]:
    """How many problems of each severity there are, and the first errors and warnings, for other pages."""
    current = await request.app[CHECKERS].current(event.id)
    words = LinkedWords(current.checker, language_of(request), event.slug)
    found = current.checker.problems()
    grave = [one for one in found if one.severity is not Severity.HINT]
    return _counts(found), [_line(words, one) for one in grave[:most]]


async def suggestions_for(checker: Checker, problem: Problem) -> tuple[list[Suggestion], Checker]:
    """The suggestions, and the checker they were tried on: a copy, in a thread: nobody else waits."""
    sessions = tuple(checker.sessions.values())
    plan = msgspec.structs.replace(checker.plan, sessions=sessions)

    def tried() -> tuple[list[Suggestion], Checker]:
        copy = Checker(plan)
        return suggest(copy, problem), copy

    return await asyncio.to_thread(tried)


async def _here(request: web.Request) -> tuple[EventRow, Checker, LinkedWords]:
    slug = request.match_info["event"]
    event = await request.app[DATABASE].read(lambda rows: event_by_slug(rows, slug))
    current = await request.app[CHECKERS].current(event.id)
    return event, current.checker, LinkedWords(current.checker, language_of(request), event.slug)


def _counts(problems: list[Problem]) -> dict[str, int]:
    return {severity.value: sum(one.severity is severity for one in problems) for severity in Severity}


def _by_day(
    request: web.Request, event: EventRow, checker: Checker, problems: list[Problem]
) -> list[tuple[date, list[Line]]]:
    words = LinkedWords(checker, language_of(request), event.slug)
    lines = [(local(one.at, checker.zone).date(), _line(words, one)) for one in problems]
    return [(day, [line for _, line in here]) for day, here in groupby(lines, key=lambda one: one[0])]


def _line(words: LinkedWords, problem: Problem) -> Line:
    # The sentence is our own text with every name escaped by `LinkedWords`.
    text = Markup(sentence(words, problem))  # noqa: S704  # as said above
    return Line(problem.id, problem.severity, moment_of(problem.at), text)


def _offer(words: LinkedWords, suggestion: Suggestion) -> Offer:
    brought = {one.key for one in suggestion.new}
    return Offer(
        text=Markup(proposal(words, suggestion)),  # noqa: S704  # as in `_line`
        outcome=outcome(words, suggestion),
        fields=_fields(words.checker, suggestion),
        new=[_line(words, one) for one in suggestion.new],
        remains=[_line(words, one) for one in suggestion.remains if one.key not in brought],
    )


def _fields(checker: Checker, suggestion: Suggestion) -> dict[str, str]:
    first = suggestion.moves[0]
    room = checker.plan.rooms.get(first.room) if first.room is not None else None
    fields = {"act": suggestion.act.value, "session": first.code, "edition": str(first.edition)}
    if suggestion.act is Act.SWAP:
        other = suggestion.moves[1]
        return fields | {"other": other.code, "other_edition": str(other.edition)}
    if suggestion.act is Act.SHORTEN:
        return fields | {"minutes": str(first.minutes)}
    starts = moment_of(first.starts or 0).astimezone(UTC)
    return fields | {"starts_at": starts.isoformat(), "room": room.slug if room else ""}


def _act(form: ApplyForm) -> acts.Act:
    match form.act:
        case Act.SWAP:
            return acts.Swap(
                one=form.session,
                one_edition=form.edition,
                other=form.other,
                other_edition=form.other_edition or 0,
            )
        case Act.SHORTEN:
            return acts.Resize(session=form.session, edition=form.edition, minutes=form.minutes or 0)
    room = form.room or UNSET
    return acts.Place(session=form.session, edition=form.edition, starts_at=form.starts_at, room=room)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
