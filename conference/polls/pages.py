"""The page of a session's polls, for those who run it, with or without JavaScript; and exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta
from sqlalchemy import Connection

from conference.agenda.reading import event_by_slug, session_by_code
from conference.agenda.rows import EventRow, SessionDetails
from conference.errors import N_, MajlisError, NotFound
from conference.people.pages import blank, field_errors, typed_in
from conference.people.permissions import Capability, Scope, allowed
from conference.people.viewer import VIEWER
from conference.polls import exporting, making
from conference.polls.content import DEFAULT_POINTS, Kind, Wording
from conference.polls.life import Results, Stage, Step
from conference.polls.reading import filed_polls, poll_by_public_id, polls_of
from conference.polls.running import take_step
from conference.polls.tables import PollRow
from conference.polls.telling import Desk
from conference.serving.context import CLOCK, DATABASE
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.serving.spreadsheet_text import MEDIA_TYPE
from conference.serving.translation import explain, language_of
from conference.storage.database import Transaction

RIGHT = "*"  # what the right option of a quiz begins with, where options are typed as lines
Work = Callable[[Transaction, Desk], object]


class PollForm(msgspec.Struct):
    """A poll as typed: one option in each line."""

    kind: Kind
    question: Annotated[str, Meta(max_length=2000, extra={"lines": True})]
    options: Annotated[str, Meta(max_length=4000, extra={"lines": True})] = ""
    least: Annotated[int, Meta(ge=0, le=100)] = 1
    most: Annotated[int, Meta(ge=0, le=100)] = 0
    points: Annotated[int, Meta(ge=0, le=100)] = DEFAULT_POINTS
    low: Annotated[str, Meta(max_length=200)] = ""
    high: Annotated[str, Meta(max_length=200)] = ""
    anonymous: bool = False
    results: Results = Results.ON_CLOSE
    version: int = 0

    def wording(self) -> Wording:
        lines = [line.strip() for line in self.options.split("\n")]
        quiz = self.kind is Kind.QUIZ
        right = [place for place, line in enumerate(lines) if line.startswith(RIGHT)] if quiz else []
        options = [
            line.removeprefix(RIGHT).strip() if place in right else line for place, line in enumerate(lines)
        ]
        return Wording(
            kind=self.kind, question=self.question, options=options, least=self.least, most=self.most,
            points=self.points, low=self.low, high=self.high, right=right,
        )  # fmt: skip

    def manner(self) -> making.Manner:
        return making.Manner(self.anonymous, self.results)


def polls_on_session(rows: Connection, request: web.Request, session: SessionDetails) -> dict[str, Any]:
    """`{"prepares_polls": True}` for whoever runs the session. A value for `agenda.pages.SESSION_PARTS`."""
    if session.is_break or session.is_cancelled:
        return {}
    scope = Scope(event_id=session.event_id, session_id=session.id, is_public=False)
    now = request.app[CLOCK].now()
    runs = allowed(rows, request[VIEWER].account_id, Capability.MODERATE, scope, now=now)
    return {"prepares_polls": True} if runs else {}


async def polls_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/session/{session}/polls`: all polls with what can be done to them, and a form."""
    return await _polls_page(request)


async def make(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/session/{session}/polls`: a new draft."""
    try:
        form = await read_form(request, PollForm)
        await _write(
            request,
            lambda tx, desk: making.make(
                tx, desk, form.wording(), form.manner(), now=request.app[CLOCK].now()
            ),
        )
    except MajlisError as error:
        return await _polls_page(request, error=error)
    raise _back(request)


async def draft_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/session/{session}/polls/{poll}`: a draft to be changed."""
    return await _draft_page(request)


async def save(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/session/{session}/polls/{poll}`: the draft anew."""
    public_id, now = request.match_info["poll"], request.app[CLOCK].now()
    try:
        form = await read_form(request, PollForm)
        await _write(
            request,
            lambda tx, desk: making.edit(
                tx, desk, public_id, form.version, form.wording(), form.manner(), now=now
            ),
        )
    except MajlisError as error:
        return await _draft_page(request, error=error)
    raise _back(request, public_id)


async def act(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/session/{session}/polls/{poll}/{act}`: a step of its life, or copy, up, down, delete."""
    public_id, name, now = request.match_info["poll"], request.match_info["act"], request.app[CLOCK].now()

    def work(tx: Transaction, desk: Desk) -> str:
        match name:
            case "copy":
                return making.copy(tx, desk, public_id, now=now).poll
            case "delete":
                making.remove(tx, desk, public_id, now=now)
                return ""
            case "up" | "down":
                order = [row.public_id for row in polls_of(tx.connection, desk.session_id)]
                making.move(tx, desk, public_id, _before(order, public_id, name), now=now)
            case _:
                take_step(tx, desk, public_id, Step(name), now=now)
        return public_id

    try:
        shown = await _write(request, work)
    except NotFound:
        raise
    except MajlisError as error:
        return await _polls_page(request, error=error)
    raise _back(request, shown)


def _before(order: list[str], public_id: str, way: str) -> str | None:
    """Before which poll it goes: up by one, or down by one (None: to the end)."""
    if public_id not in order:
        raise NotFound(N_("There is no such poll in this session."), code="polls.unknown")
    place = order.index(public_id)
    if way == "up":
        return order[max(0, place - 1)]
    return order[place + 2] if place + 2 < len(order) else None


async def export(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/session/{session}/polls/{file}`: export.csv, answers.csv or export.json, to keep."""
    code, name, now = request.match_info["session"], request.match_info["file"], request.app[CLOCK].now()

    def read(rows: Connection) -> bytes:
        polls = exporting.polls_to_export(rows, _look_up(rows, request)[1].id)
        if name == "export.json":
            return exporting.export_json(polls, code, at=now)
        return exporting.answers_csv(polls) if name == "answers.csv" else exporting.results_csv(polls)

    body = await request.app[DATABASE].read(read)
    is_csv, kind = name.endswith(".csv"), "polls-answers" if name == "answers.csv" else "polls"
    return web.Response(
        body=body,
        content_type=MEDIA_TYPE if is_csv else "application/json",
        charset="utf-8" if is_csv else None,
        headers={
            "Content-Disposition": f'attachment; filename="{kind}-{code}.{name.rsplit(".", 1)[1]}"',
            "Cache-Control": "no-store",
        },
    )


async def _write(request: web.Request, work: Work) -> Any:
    account_id = request[VIEWER].account_id

    def unit(tx: Transaction) -> object:
        _, session = _look_up(tx.connection, request)
        return work(tx, Desk(session.id, session.code, account_id))

    return await request.app[DATABASE].write(unit)


def _look_up(rows: Connection, request: web.Request) -> tuple[EventRow, SessionDetails]:
    event = event_by_slug(rows, request.match_info["event"])
    return event, session_by_code(rows, event.id, request.match_info["session"])


def _back(request: web.Request, public_id: str = "") -> web.HTTPSeeOther:
    names = request.match_info
    place = f"#poll-{public_id}" if public_id else ""
    return web.HTTPSeeOther(f"/{names['event']}/session/{names['session']}/polls{place}")


async def _polls_page(request: web.Request, *, error: MajlisError | None = None) -> web.StreamResponse:
    def read(rows: Connection) -> dict[str, Any]:
        event, session = _look_up(rows, request)
        return {"event": event, "session": session, "polls": filed_polls(rows, session.id)}

    return render(
        request,
        "polls/polls.html",
        status=error.status if error else 200,
        **await request.app[DATABASE].read(read),
        **await _typed(request, error),
    )


async def _draft_page(request: web.Request, *, error: MajlisError | None = None) -> web.StreamResponse:
    def read(rows: Connection) -> tuple[EventRow, SessionDetails, PollRow]:
        event, session = _look_up(rows, request)
        return event, session, poll_by_public_id(rows, session.id, request.match_info["poll"])

    event, session, row = await request.app[DATABASE].read(read)
    if row.stage is not Stage.DRAFT and error is None:
        raise _back(request, row.public_id)
    values = await _typed(request, error)
    if error is None:
        values["typed"] = blank(**_as_typed(row))
    return render(
        request, "polls/draft.html", status=error.status if error else 200, event=event, session=session,
        poll=row, **values,
    )  # fmt: skip


async def _typed(request: web.Request, error: MajlisError | None) -> dict[str, Any]:
    """What stood in the form that was refused, and why."""
    errors = field_errors(request, error)
    general = explain(language_of(request), error) if error and not error.field else ""
    return {
        "errors": errors,
        "general": general,
        "typed": await typed_in(request, error) if error else blank(anonymous="yes"),
    }


def _as_typed(row: PollRow) -> dict[str, str]:
    content = row.content
    lines = [f"{RIGHT} {each.text}" if each.id in content.right else each.text for each in content.options]
    return {
        "kind": content.kind.value, "question": content.question, "options": "\n".join(lines),
        "least": str(content.least), "most": str(content.most if content.kind is Kind.MULTIPLE else 0),
        "points": str(content.points or DEFAULT_POINTS), "low": content.low, "high": content.high,
        "anonymous": "yes" if row.anonymous else "", "results": row.results.value,
        "version": str(row.version),
    }  # fmt: skip
