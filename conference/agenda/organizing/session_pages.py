"""The sessions of the draft: the list by day, the form of one, and of a new one."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.drafting import acts
from conference.agenda.drafting.performing import perform
from conference.agenda.drafting.shown_session import DraftSession
from conference.agenda.drafting.whole_draft import draft_of, draft_session
from conference.agenda.drafts import PersonDraft
from conference.agenda.editing import create_person
from conference.agenda.grouping import conference_day
from conference.agenda.organizing import showing
from conference.agenda.organizing.hours import days_of_event
from conference.agenda.organizing.people import everybody
from conference.agenda.organizing.session_form import (
    answers_to,
    fields_typed,
    labels_of,
    lines_of_people,
    name_in_script,
    typed_session,
)
from conference.agenda.organizing.typed import Typed, read_typed
from conference.agenda.reading import rooms_of, tracks_of, types_of
from conference.agenda.rows import EventRow
from conference.agenda.signing_up import fill_places, signed_up
from conference.agenda.tables import SessionRole
from conference.errors import BadInput, Conflict
from conference.serving.context import SETTINGS
from conference.serving.text import skeleton
from conference.serving.translation import language_of
from conference.storage.database import Transaction

WITHOUT_TIME = "none"


async def list_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/sessions``: one day (`?day=`), those without a time, or those found (`?q=`)."""
    wanted, day = request.query.get("q", "")[:80], request.query.get("day", "")[:10]

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        sessions = draft_of(rows, event, reader=None).sessions
        by_day: dict[date, list[DraftSession]] = {each: [] for each in days_of_event(event)}
        without_time = [one for one in sessions if one.starts_at is None]
        for one in sessions:
            if one.starts_at is not None:
                by_day.setdefault(conference_day(event, one.starts_at), []).append(one)
        listed = {str(each): found for each, found in by_day.items()} | {WITHOUT_TIME: without_time}
        shown = day if day in listed else next((key for key, found in listed.items() if found), "")
        found = [one for one in sessions if _fits(one, wanted)] if wanted.strip() else listed.get(shown, [])
        return {
            "sessions": found,
            "total": len(sessions),
            "days": [(each, len(held)) for each, held in sorted(by_day.items())],
            "without_time": len(without_time),
            "shown": "" if wanted.strip() else shown,
            "rooms": {room.slug: room.name for room in rooms_of(rows, event.id)},
        }

    values = await showing.with_event(request, read)
    return showing.form_page(request, "sessions", Typed(), wanted=wanted, **values)


async def new_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/sessions/new``; `?room=`, `?day=`, `?time=`, `?kind=` fill the form."""
    asked = {name: request.query.get(name, "")[:64] for name in ("room", "day", "time", "kind")}
    typed = Typed.of(
        kind="break" if asked["kind"] == "break" else "session",
        room=asked["room"],
        starts_day=asked["day"],
        starts_time=asked["time"],
        is_cme=asked["kind"] != "break",
    )
    return await _page(request, None, typed)


async def create(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/sessions/new``"""
    typed, lang = await read_typed(request), language_of(request)

    def work(tx: Transaction, event: EventRow) -> str:
        fields = _read(tx, event, typed, lang, is_new=True)
        done = perform(tx, event, acts.Create(**fields), **_by(request))
        return done.changes[0].code

    try:
        code = await showing.act(request, work)
    except BadInput as error:
        typed.refuse(error, _field(error))
        return await _page(request, None, typed)
    raise showing.done(request, f"sessions/{code}", "added")


async def session_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/sessions/{session}``"""
    return await _page(request, request.match_info["session"], None)


async def save(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/sessions/{session}``; a stale edition shows both versions."""
    typed, lang, code = await read_typed(request), language_of(request), request.match_info["session"]

    def work(tx: Transaction, event: EventRow) -> None:
        edition = typed.number("edition", least=0, most=2**31 - 1, needed=True) or 0
        fields = _read(tx, event, typed, lang, is_new=False)
        perform(tx, event, acts.Edit(session=code, edition=edition, **fields), **_by(request))
        fill_places(
            tx, event.id, code, public_url=request.app[SETTINGS].public_url, at=showing.now_of(request)
        )

    try:
        await showing.act(request, work)
    except (BadInput, Conflict) as error:
        typed.refuse(error, _field(error))
        return await _page(request, code, typed)
    raise showing.done(request, f"sessions/{code}")


async def session_with(
    request: web.Request, code: str, error: BadInput | Conflict, field: str, sent: Typed
) -> web.StreamResponse:
    """The session's page as it is stored, with what went wrong with one of its buttons and what was sent."""
    return await _page(request, code, None, failed=(error, field, sent))


def _by(request: web.Request) -> dict[str, Any]:
    return {"by": showing.account_of(request), "at": showing.now_of(request)}


def _field(error: BadInput | Conflict) -> str | None:
    """Where the form shows what the act calls by another name."""
    return {"starts_at": "starts_time", "people": "who_0"}.get(error.field or "", error.field)


def _read(tx: Transaction, event: EventRow, typed: Typed, lang: str, *, is_new: bool) -> dict[str, Any]:
    people = [one.person for one in everybody(tx.connection, event.id)]

    def newcomer(name: str) -> str:
        person_id = create_person(tx, event.id, PersonDraft(key=name, name=name_in_script(name)))
        return next(
            one.person.code for one in everybody(tx.connection, event.id) if one.person.id == person_id
        )

    fields = fields_typed(typed, event, answers_to(people, labels_of(people, lang)), newcomer, is_new=is_new)
    typed.check()
    return fields


async def _page(
    request: web.Request,
    code: str | None,
    typed: Typed | None,
    *,
    failed: tuple[BadInput | Conflict, str, Typed] | None = None,
) -> web.StreamResponse:
    """The form of the session *code* (None: a new one), as typed or as stored."""
    lang = language_of(request)

    def read(rows: Connection, event: EventRow) -> dict[str, Any]:
        row = draft_session(rows, event.id, code) if code else None
        same_day = [
            one
            for one in draft_of(rows, event, reader=None).sessions
            if row and one.code != code and one.kind == row.kind and one.state == row.state
            and (not row.starts_at or not one.starts_at or one.starts_at.date() == row.starts_at.date())
        ]  # fmt: skip
        return {
            "row": row,
            "people": [one.person for one in everybody(rows, event.id)],
            "rooms": rooms_of(rows, event.id),
            "tracks": tracks_of(rows, event.id),
            "types": types_of(rows, event.id),
            "mergeable": same_day[:60],
            "signed_up": signed_up(rows, event.id, code) if code else [],
        }

    values = await showing.with_event(request, read)
    event, row = values["event"], values["row"]
    labels = labels_of(values["people"], lang)
    stored = typed_session(event, row, labels) if row else Typed()
    shown = typed or stored
    if failed:
        error, field, sent = failed
        shown.values |= {name: sent.values[name] for name in sent.values if name != "edition"}
        shown.refuse(error, field)
    is_stale = bool(row and shown["edition"] and shown["edition"] != str(row.edition))
    texts = [row.title, row.subtitle, row.abstract, row.description] if row else []
    return showing.form_page(
        request,
        "session",
        shown,
        tongues=showing.tongues_of(event, *texts),
        theirs=showing.differing(shown, stored) if is_stale else {},
        labels=sorted(labels.values(), key=str.casefold),
        lines=lines_of_people(shown),
        roles=[role.value for role in SessionRole],
        **values,
    )


def _fits(one: DraftSession, wanted: str) -> bool:
    plain = skeleton(wanted)
    said = [one.code, *one.title.values(), *(name for part in one.people for name in part.name.values())]
    return bool(plain) and any(plain in skeleton(text) for text in said)
