"""The organizers' release page: what changed, what is wrong, who will be told what; one button."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta
from sqlalchemy import Connection

from conference.agenda.clash_pages import first_lines
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing.change_log import grouped
from conference.agenda.releasing.change_words import GROUPS, Voice, sentences
from conference.agenda.releasing.circle import unreachable
from conference.agenda.releasing.concerns import LISTENING
from conference.agenda.releasing.notices import Message, Round, Sender, messages_for
from conference.agenda.releasing.published import latest_release
from conference.agenda.releasing.releasing import Plan, Released, plan_release, release_draft
from conference.errors import N_, BadInput, Conflict
from conference.people.holding import held_count
from conference.people.pages import blank, field_errors, typed_in
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.serving.translation import explain, language_of
from conference.storage.database import Transaction

CLASHES_SHOWN = 5
PEOPLE_SHOWN = 60  # by name; the search finds the others


class ReleaseForm(msgspec.Struct):
    """`seen` is the digest of what the organizer looked at: nothing else is published under their hand."""

    seen: Annotated[str, Meta(max_length=64)]
    name: Annotated[str, Meta(max_length=80)] = ""
    comment: Annotated[str, Meta(max_length=2000, extra={"lines": True})] = ""
    quiet: bool = False


class Audience(msgspec.Struct, frozen=True):
    """Whom the release concerns, in numbers; some messages merge with one that waits, or undo it."""

    all: int
    taking_part: int
    clashing: int
    merging: int
    withdrawn: int
    unreachable: int


async def release_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/release``; ``?person=``: somebody's message, ``?find=``: a name."""
    return await _page(request)


async def make_release(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/release``"""
    slug, viewer, now = request.match_info["event"], request[VIEWER], request.app[CLOCK].now()
    sender = sender_of(request)

    def publish(tx: Transaction, form: ReleaseForm) -> Released:
        event = event_by_slug(tx.connection, slug)
        if plan_release(tx.connection, event.id).digest != form.seen:
            raise Conflict(
                N_("The draft was changed while you looked at it. Below it is as it is now."),
                code="agenda.draft-changed",
            )
        told = None if form.quiet else sender
        return release_draft(
            tx, event.id, name=form.name, comment=form.comment, by=viewer.account_id, at=now, sender=told
        )

    try:
        form = await read_form(request, ReleaseForm)
        made = await request.app[DATABASE].write(lambda tx: publish(tx, form))
    except (BadInput, Conflict) as error:
        return await _page(request, error)
    raise web.HTTPSeeOther(f"/{slug}/organize/release?done={made.release.number}")


def sender_of(request: web.Request) -> Sender:
    """What messages say of this server."""
    settings = request.app[SETTINGS]
    return Sender(site=settings.public_url, address=settings.mail.sender)


async def _page(request: web.Request, error: BadInput | Conflict | None = None) -> web.StreamResponse:
    sender, query, lang = sender_of(request), request.query, language_of(request)
    now = request.app[CLOCK].now()

    def read(rows: Connection) -> dict[str, Any]:
        event = event_by_slug(rows, request.match_info["event"])
        plan = plan_release(rows, event.id)
        found = Round([], [])
        if plan.is_new:
            found = messages_for(rows, plan.event, plan.previous, plan.after, comment="", sender=sender)
        return {
            "event": event,
            "plan": plan,
            "groups": [(kind, GROUPS[kind], group) for kind, group in grouped(plan.changes).items()],
            "audience": _audience(rows, plan, found),
            "people": _people(found.messages, query.get("find", "")),
            "previewed": _previewed(found.messages, query.get("person", "")),
            "find": query.get("find", "")[:80],
            "held": held_count(rows, event.id, now=now),
            "latest": latest_release(rows, event.id),
            "done": query.get("done", ""),
        }

    values = await request.app[DATABASE].read(read)
    counts, lines = await first_lines(request, values["event"], most=CLASHES_SHOWN)
    voice = Voice(lang, values["event"].zone, as_html=True)
    return render(
        request,
        "agenda/release_form.html",
        status=error.status if error else 200,
        say=lambda change: sentences(change, voice),
        counts=counts,
        clashes=lines,
        goes_at=now + timedelta(minutes=values["event"].holding_minutes),
        mail_works=bool(request.app[SETTINGS].mail.host),
        typed=await typed_in(request, error) if error else blank(),
        errors=field_errors(request, error),
        problem=explain(lang, error) if error and not error.field else None,
        **values,
    )


def _audience(rows: Connection, plan: Plan, found: Round) -> Audience:
    touched = {part.person.id for change in plan.changes for part in _parts(change.before, change.after)}
    part = [one for one in found.messages if any(not each.ties <= LISTENING for each in one.told.concerns)]
    return Audience(
        all=len(found.messages),
        taking_part=len(part),
        clashing=sum(bool(one.told.clashes) for one in found.messages),
        merging=sum(one.replaces is not None for one in found.messages),
        withdrawn=len(found.withdrawn),
        unreachable=unreachable(rows, plan.event.id, touched),
    )


def _parts(*sessions: Any) -> list[Any]:
    return [part for one in sessions if one is not None for part in one.parts]


def _people(messages: list[Message], wanted: str) -> list[Message]:
    """Who is told, those who take part first, then by name; only whose name holds *wanted*."""
    plain = wanted.strip().casefold()
    fitting = [one for one in messages if plain in one.account.name.casefold()]
    fitting.sort(key=lambda one: (_only_listens(one), one.account.name.casefold()))
    return fitting[:PEOPLE_SHOWN]


def _only_listens(message: Message) -> bool:
    return all(each.ties <= LISTENING for each in message.told.concerns)


def _previewed(messages: list[Message], public_id: str) -> Message | None:
    return next((one for one in messages if one.account.public_id == public_id), None)
