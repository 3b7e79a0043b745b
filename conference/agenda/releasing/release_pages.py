"""The organizers' release page: what changed, what is wrong, who will be told what; one button."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta
from sqlalchemy import Connection

from conference.agenda.clash_pages import first_lines
from conference.agenda.reading import event_by_slug
from conference.agenda.releasing.audience import Audience, Ground, audience_of, ground_of
from conference.agenda.releasing.change_log import grouped
from conference.agenda.releasing.change_words import GROUPS, Voice, sentences
from conference.agenda.releasing.circle import accounts_by_id, unreachable
from conference.agenda.releasing.concerns import LISTENING, Told
from conference.agenda.releasing.notices import Composer, Message, Sender
from conference.agenda.releasing.planning import Plan, plan_release
from conference.agenda.releasing.releasing import publish
from conference.agenda.releasing.telling import TELLING
from conference.errors import BadInput, Conflict
from conference.people.holding import held_count
from conference.people.pages import blank, field_errors, typed_in
from conference.people.tables import Account
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.serving.translation import explain, language_of

CLASHES_SHOWN = 5
PEOPLE_SHOWN = 60  # by name; the search finds the others


class ReleaseForm(msgspec.Struct):
    """`seen` is the digest of what the organizer looked at: nothing else is published under their hand."""

    seen: Annotated[str, Meta(max_length=64)]
    name: Annotated[str, Meta(max_length=80)] = ""
    comment: Annotated[str, Meta(max_length=2000, extra={"lines": True})] = ""
    quiet: bool = False


class InNumbers(msgspec.Struct, frozen=True):
    """Whom the release concerns, in numbers; some messages merge with one that waits, or undo it."""

    all: int
    taking_part: int
    clashing: int
    merging: int
    withdrawn: int
    unreachable: int


class Addressee(msgspec.Struct, frozen=True):
    """Somebody who will be told something."""

    account: Account
    told: Told


class Seen(msgspec.Struct, frozen=True):
    """The page's own reading: the plan, whom it concerns with their accounts, and what stands beside it."""

    plan: Plan
    audience: Audience
    accounts: dict[int, Account]
    unreachable: int
    held: int


async def release_page(request: web.Request) -> web.StreamResponse:
    """``GET /{event}/organize/release``; ``?person=``: somebody's message, ``?find=``: a name."""
    return await _page(request)


async def make_release(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/organize/release``"""
    slug, viewer, now = request.match_info["event"], request[VIEWER], request.app[CLOCK].now()
    sender = sender_of(request)

    try:
        form = await read_form(request, ReleaseForm)
        event = await request.app[DATABASE].read(lambda rows: event_by_slug(rows, slug))
        made = await publish(
            request.app[DATABASE],
            event.id,
            name=form.name,
            comment=form.comment,
            by=viewer.account_id,
            at=now,
            sender=None if form.quiet else sender,
            seen=form.seen,
        )
    except (BadInput, Conflict) as error:
        return await _page(request, error)
    await request.app[TELLING].tell(made.release.id)
    raise web.HTTPSeeOther(f"/{slug}/organize/release?done={made.release.number}")


def sender_of(request: web.Request) -> Sender:
    """What messages say of this server."""
    settings = request.app[SETTINGS]
    return Sender(site=settings.public_url, address=settings.mail.sender)


async def _page(request: web.Request, error: BadInput | Conflict | None = None) -> web.StreamResponse:
    query, lang, now = request.query, language_of(request), request.app[CLOCK].now()
    seen = await _seen(request)
    plan, event = seen.plan, seen.plan.event
    told = [
        Addressee(seen.accounts[key], one.told)
        for key, one in seen.audience.told.items()
        if key in seen.accounts
    ]
    counts, lines = await first_lines(request, event, most=CLASHES_SHOWN)
    voice = Voice(lang, event.zone, as_html=True)
    return render(
        request,
        "agenda/release_form.html",
        status=error.status if error else 200,
        say=lambda change: sentences(change, voice),
        counts=counts,
        clashes=lines,
        goes_at=now + timedelta(minutes=event.holding_minutes),
        mail_works=bool(request.app[SETTINGS].mail.host),
        typed=await typed_in(request, error) if error else blank(),
        errors=field_errors(request, error),
        problem=explain(lang, error) if error and not error.field else None,
        event=event,
        plan=plan,
        groups=[(kind, GROUPS[kind], group) for kind, group in grouped(plan.changes).items()],
        audience=_in_numbers(seen),
        people=_people(told, query.get("find", "")),
        previewed=_previewed(request, seen, query.get("person", "")),
        find=query.get("find", "")[:80],
        held=seen.held,
        latest=plan.previous,
        done=query.get("done", ""),
    )


async def _seen(request: web.Request) -> Seen:
    """The plan is read in the database; whom it concerns is worked out beside it, which may take a while."""
    database, slug, now = request.app[DATABASE], request.match_info["event"], request.app[CLOCK].now()

    def read(rows: Connection) -> tuple[Plan, Ground | None, int]:
        plan = plan_release(rows, event_by_slug(rows, slug).id)
        previous = plan.previous.id if plan.previous else None
        ground = ground_of(rows, plan.event, previous) if plan.is_new else None
        return plan, ground, held_count(rows, plan.event.id, now=now)

    plan, ground, held = await database.read(read)
    audience = Audience({}, [])
    if ground is not None:
        audience = await asyncio.to_thread(audience_of, ground, plan.after.sessions)
    touched = {part.person.id for change in plan.changes for part in _parts(change.before, change.after)}

    def read_people(rows: Connection) -> tuple[dict[int, Account], int]:
        return accounts_by_id(rows, audience.told), unreachable(rows, plan.event.id, touched)

    accounts, missing = await database.read(read_people)
    return Seen(plan, audience, accounts, missing, held)


def _in_numbers(seen: Seen) -> InNumbers:
    told = seen.audience.told.values()
    return InNumbers(
        all=len(told),
        taking_part=sum(not _only_listens(one.told) for one in told),
        clashing=sum(bool(one.told.clashes) for one in told),
        merging=sum(one.replaces is not None for one in told),
        withdrawn=len(seen.audience.withdrawn),
        unreachable=seen.unreachable,
    )


def _parts(*sessions: Any) -> list[Any]:
    return [part for one in sessions if one is not None for part in one.parts]


def _people(told: list[Addressee], wanted: str) -> list[Addressee]:
    """Who is told, those who take part first, then by name; only whose name holds *wanted*."""
    plain = wanted.strip().casefold()
    fitting = [one for one in told if plain in one.account.name.casefold()]
    fitting.sort(key=lambda one: (_only_listens(one.told), one.account.name.casefold()))
    return fitting[:PEOPLE_SHOWN]


def _only_listens(told: Told) -> bool:
    return all(each.ties <= LISTENING for each in told.concerns)


def _previewed(request: web.Request, seen: Seen, public_id: str) -> Message | None:
    """The message somebody would get."""
    account = next((one for one in seen.accounts.values() if one.public_id == public_id), None)
    if account is None:
        return None
    composer = Composer(seen.plan.event, seen.plan.after, comment="", sender=sender_of(request))
    return composer.message(account, seen.audience.told[account.id])
