"""Clashes for programs and the planner: the list, what a move would change, and suggestions."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from conference.agenda.checks import check_minutes
from conference.agenda.clash_pages import suggestions_for
from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.keeping import CHECKERS, WHILE_DRAGGING, Current
from conference.agenda.clashes.plan import PlannedSession, minute_of, moment_of
from conference.agenda.clashes.problems import Problem, Severity
from conference.agenda.clashes.proposals import outcome, proposal
from conference.agenda.clashes.suggesting import Suggestion
from conference.agenda.clashes.wording import sentence
from conference.agenda.clashes.words import Words
from conference.agenda.drafting.acts import Code, Moment, Number, Slug
from conference.agenda.moments import moment_of as moment_said
from conference.errors import N_, BadInput, NotFound
from conference.people.access import SCOPE
from conference.serving.translation import language_of

#: Numbers of a sentence that programs may want by themselves.
NUMBERS = ("minutes", "needed", "people", "seats", "usual")


class ProblemOut(msgspec.Struct, frozen=True, kw_only=True):
    """A problem. `sessions` and `people` are codes, `room` is a slug; `text` says it in the reader's
    language, names of people, rooms and sessions between U+2068 and U+2069."""

    id: str
    kind: str
    severity: Severity
    sessions: tuple[str, ...]
    people: list[str]
    room: str | None
    starts_at: datetime
    text: str
    values: dict[str, int]


class ClashesOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with the draft as of its edit number `edit`, the gravest first, then by time."""

    edit: int
    counts: dict[str, int]
    problems: list[ProblemOut]


class MoveIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a session might be. What is left out is as it is; `starts_at` null takes it off the grid."""

    session: Code
    room: Slug | UnsetType | None = UNSET
    starts_at: Moment | UnsetType | None = UNSET
    minutes: Number | UnsetType = UNSET


class PreviewIn(MoveIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One move, or several at once (`moves`), such as a swap."""

    session: Code = ""
    moves: Annotated[list[MoveIn], Meta(max_length=100)] = []


class PreviewOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the moves would take away and bring. A problem whose numbers change is in both."""

    edit: int
    gone: list[ProblemOut]
    new: list[ProblemOut]


class MoveOut(msgspec.Struct, frozen=True, kw_only=True):
    """A session as a suggestion would place it; `edition` is that of the session it was made for."""

    session: str
    edition: int
    room: str | None
    starts_at: datetime
    minutes: int


class SuggestionOut(msgspec.Struct, frozen=True, kw_only=True):
    """`act`: "move", "swap" or "shorten". `text` says what to do, `outcome` what that solves and leaves."""

    act: str
    text: str
    outcome: str
    moves: list[MoveOut]
    gone: list[ProblemOut]
    new: list[ProblemOut]
    remains: list[ProblemOut]


class SuggestionsOut(msgspec.Struct, frozen=True):
    suggestions: list[SuggestionOut]


async def clashes(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/clashes``"""
    current = await request.app[CHECKERS].current(_event_id(request), at_most=WHILE_DRAGGING)
    words, found = Words(current.checker, language_of(request)), current.checker.problems()
    counts = {severity.value: sum(one.severity is severity for one in found) for severity in Severity}
    told = [_problem(words, one) for one in found]
    return _answer(request, ClashesOut(edit=current.edit, counts=counts, problems=told))


async def preview(request: web.Request) -> web.Response:
    """``POST /api/events/{event}/clashes/preview``: changes nothing."""
    said = await _body(request)
    current = await request.app[CHECKERS].current(_event_id(request), at_most=WHILE_DRAGGING)
    moves = [*([said] if said.session else []), *said.moves]
    if not moves:
        raise BadInput(N_("Name one session, or a list of moves."), code="agenda.no-move", field="session")
    placed = {one.code: one for one in (_placed(current.checker, move) for move in moves)}
    gone, new = current.checker.trial(*placed.values())
    words = Words(current.checker, language_of(request))
    told = ([_problem(words, one) for one in each] for each in (gone, new))
    return _answer(request, PreviewOut(edit=current.edit, gone=next(told), new=next(told)))


async def suggestions(request: web.Request) -> web.Response:
    """``GET /api/events/{event}/clashes/{clash}/suggestions``"""
    current: Current = await request.app[CHECKERS].current(_event_id(request), at_most=WHILE_DRAGGING)
    problem = current.checker.by_id(request.match_info["clash"])
    if problem is None:
        raise NotFound(N_("There is no such clash any more."), code="agenda.no-clash")
    found, copy = await suggestions_for(current.checker, problem)
    words = Words(copy, language_of(request))
    return _answer(request, SuggestionsOut([_suggestion(words, one) for one in found]))


def _event_id(request: web.Request) -> int:
    event_id = request[SCOPE].event_id
    assert event_id is not None, "the route names an event"
    return event_id


async def _body(request: web.Request) -> PreviewIn:
    try:
        return msgspec.json.decode(await request.read(), type=PreviewIn)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            N_("The body must be a JSON object: %(problem)s"), code="api.body", problem=str(error)
        ) from error


def _placed(checker: Checker, move: MoveIn) -> PlannedSession:
    was = checker.sessions.get(move.session)
    if was is None:
        raise NotFound(N_("There is no such session in this event."), code="agenda.no-session")
    changed = was
    if move.room is not UNSET:
        changed = msgspec.structs.replace(changed, room=_room(checker, move.room))
    if move.starts_at is not UNSET:
        changed = msgspec.structs.replace(changed, starts=_start(checker, move.starts_at))
    if move.minutes is not UNSET:
        check_minutes(move.minutes)
        changed = msgspec.structs.replace(changed, minutes=move.minutes)
    return changed


def _start(checker: Checker, said: str | None) -> int | None:
    return None if said is None else minute_of(moment_said(said, checker.zone, field="starts_at"))


def _room(checker: Checker, slug: str | None) -> int | None:
    if slug is None:
        return None
    found = next((one.id for one in checker.plan.rooms.values() if one.slug == slug), None)
    if found is None:
        raise BadInput(
            N_("There is no room “%(room)s” in this event."), code="agenda.no-room", field="room", room=slug
        )
    return found


def _problem(words: Words, problem: Problem) -> ProblemOut:
    plan = words.checker.plan
    return ProblemOut(
        id=problem.id,
        kind=problem.kind.value,
        severity=problem.severity,
        sessions=problem.sessions,
        people=[plan.people[key].code for key in problem.people if key in plan.people],
        room=_slug(words, problem.room),
        starts_at=moment_of(problem.at),
        text=sentence(words, problem),
        values={name: problem.values[name] for name in NUMBERS if name in problem.values},
    )


def _suggestion(words: Words, suggestion: Suggestion) -> SuggestionOut:
    return SuggestionOut(
        act=suggestion.act.value,
        text=proposal(words, suggestion),
        outcome=outcome(words, suggestion),
        moves=[
            MoveOut(
                session=one.code,
                edition=one.edition,
                room=_slug(words, one.room),
                starts_at=moment_of(one.starts or 0),
                minutes=one.minutes,
            )
            for one in suggestion.moves
        ],
        gone=[_problem(words, one) for one in suggestion.gone],
        new=[_problem(words, one) for one in suggestion.new],
        remains=[_problem(words, one) for one in suggestion.remains],
    )


def _slug(words: Words, room: int | None) -> str | None:
    known = words.checker.plan.rooms.get(room) if room is not None else None
    return known.slug if known else None


def _answer(request: web.Request, told: msgspec.Struct) -> web.Response:
    body = msgspec.json.encode(told)
    etag = hashlib.sha256(body).hexdigest()[:24]
    headers = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}
    matches = request.if_none_match or ()
    if request.method == "GET" and any(one.value in (etag, "*") for one in matches):
        answer = web.Response(status=304, headers=headers)
    else:
        answer = web.Response(body=body, content_type="application/json", headers=headers)
    answer.etag = etag
    return answer
