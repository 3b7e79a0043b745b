"""The organizers' pages about people: everybody in the event, and one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta
from sqlalchemy import Connection

from conference.errors import N_, BadInput, Conflict, MajlisError, NotFound
from conference.people.accounts import account_by_public_id
from conference.people.events import EVENTS, EventFacts, SessionFacts
from conference.people.grants import ban_person, events_of, grant_role, lift_ban, revoke_role
from conference.people.invitations import Invited, invite, send_personal_link
from conference.people.links import revoke_personal_links
from conference.people.pages import Email, blank, event_here, field_errors, typed_in
from conference.people.permissions import Role
from conference.people.roster import PersonListed, fits, people_of_event
from conference.people.session_cookie import REVOCATIONS
from conference.people.tables import Account
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.serving.translation import explain, language_of
from conference.storage.database import Transaction

Form = TypeVar("Form", bound=msgspec.Struct)
SessionCode = Annotated[str, Meta(max_length=12)]


class InviteForm(msgspec.Struct):
    email: Email
    role: Role
    name: Annotated[str, Meta(max_length=80)] = ""
    session: SessionCode = ""


class RoleForm(msgspec.Struct):
    role: Role
    session: SessionCode = ""


class NoForm(msgspec.Struct):
    """A button and nothing else."""


async def people_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/people`: everybody, or who fits `?q=`."""
    return await _people_page(request)


async def invite_person(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people`: shows the personal link, once."""
    event = await event_here(request)
    try:
        form = await read_form(request, InviteForm)
        made = await request.app[DATABASE].write(lambda tx: _invite(request, tx, event, form))
    except BadInput as error:
        return await _people_page(request, error=error)
    return await _people_page(request, made=made)


async def person_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/people/{person}`."""
    return await _person_page(request)


async def give_role(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/{person}/grant`."""
    now = request.app[CLOCK].now()

    def give(tx: Transaction, event: EventFacts, person: Account, form: RoleForm) -> None:
        session_id = _session_id(request, tx.connection, event, form.session)
        grant_role(tx, person.id, event.id, form.role, session_id, now=now)

    return await _change(request, RoleForm, give)


async def take_role(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/{person}/revoke`."""

    def take(tx: Transaction, event: EventFacts, person: Account, form: RoleForm) -> None:
        session_id = _session_id(request, tx.connection, event, form.session)
        revoke_role(tx, person.id, event.id, form.role, session_id)

    return await _change(request, RoleForm, take)


async def make_link(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/{person}/link`: another personal link, mailed and shown once."""
    event, public_url = await event_here(request), request.app[SETTINGS].public_url
    name, now = request.match_info["person"], request.app[CLOCK].now()

    def make(tx: Transaction) -> Invited:
        person = _member(tx.connection, event, name)
        return send_personal_link(tx, event, person, public_url=public_url, now=now)

    made = await request.app[DATABASE].write(make)
    return await _person_page(request, made=made)


async def take_links(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/{person}/take-links`: all links, and the sessions they began."""
    now = request.app[CLOCK].now()

    def take(tx: Transaction, event: EventFacts, person: Account, _form: NoForm) -> None:
        revoke_personal_links(tx, person.id, event.id, now)

    return await _change(request, NoForm, take)


async def ban(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/{person}/ban`: from the whole event, until lifted."""
    by, now = request[VIEWER].account_id, request.app[CLOCK].now()

    def act(tx: Transaction, event: EventFacts, person: Account, _form: NoForm) -> None:
        ban_person(tx, person.id, event.id, by=by, now=now)

    return await _change(request, NoForm, act)


async def unban(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/{person}/unban`."""

    def act(tx: Transaction, event: EventFacts, person: Account, _form: NoForm) -> None:
        lift_ban(tx, person.id, event.id)

    return await _change(request, NoForm, act)


async def _change(
    request: web.Request, kind: type[Form], act: Callable[[Transaction, EventFacts, Account, Form], None]
) -> web.StreamResponse:
    """Do *act* to the person of the address, tell the live rooms, and show the person again."""
    event, name = await event_here(request), request.match_info["person"]

    def change(tx: Transaction, form: Form) -> bool:
        person = _member(tx.connection, event, name)
        act(tx, event, person, form)
        tx.after_commit(lambda: request.app[REVOCATIONS].announce(person.id))
        return event.id in events_of(tx.connection, person.id)

    try:
        form = await read_form(request, kind)
        stays = await request.app[DATABASE].write(lambda tx: change(tx, form))
    except (BadInput, Conflict) as error:
        return await _person_page(request, error=error)
    raise web.HTTPSeeOther(f"/{event.slug}/organize/people" + (f"/{name}" if stays else ""))


def _invite(request: web.Request, tx: Transaction, event: EventFacts, form: InviteForm) -> Invited:
    return invite(
        tx,
        event,
        form.email,
        form.role,
        name=form.name,
        session_id=_session_id(request, tx.connection, event, form.session),
        language=language_of(request),
        public_url=request.app[SETTINGS].public_url,
        now=request.app[CLOCK].now(),
        by=request[VIEWER].account_id,
    )


async def _people_page(
    request: web.Request, *, error: BadInput | None = None, made: Invited | None = None
) -> web.StreamResponse:
    event, events, wanted = await event_here(request), request.app[EVENTS], request.query.get("q", "")[:80]
    people, listed = await request.app[DATABASE].read(
        lambda rows: (people_of_event(rows, event.id), events.sessions(rows, event.id))
    )
    return render(
        request,
        "people/people.html",
        status=error.status if error else 200,
        event=event,
        people=[person for person in people if fits(person, wanted)],
        total=len(people),
        wanted=wanted,
        sessions=listed,
        typed=await typed_in(request, error) if error else blank(),
        errors=field_errors(request, error),
        made=made,
        mail_works=bool(request.app[SETTINGS].mail.host),
    )


async def _person_page(
    request: web.Request, *, error: MajlisError | None = None, made: Invited | None = None
) -> web.StreamResponse:
    event, events, name = await event_here(request), request.app[EVENTS], request.match_info["person"]

    def looked_up(rows: Connection) -> tuple[PersonListed, Sequence[SessionFacts]]:
        person = _member(rows, event, name)
        return people_of_event(rows, event.id, only=person.id)[0], events.sessions(rows, event.id)

    person, listed = await request.app[DATABASE].read(looked_up)
    return render(
        request,
        "people/person.html",
        status=error.status if error else 200,
        event=event,
        person=person,
        sessions=listed,
        titles={session.id: session for session in listed},
        problem=explain(language_of(request), error) if error else None,
        made=made,
        mail_works=bool(request.app[SETTINGS].mail.host),
    )


def _member(rows: Connection, event: EventFacts, public_id: str) -> Account:
    """The account, when it takes part in this event: organizers reach nobody else. Raises `NotFound`."""
    person = account_by_public_id(rows, public_id)
    if event.id not in events_of(rows, person.id):
        raise NotFound(N_("This person is not known here."), code="people.unknown")
    return person


def _session_id(request: web.Request, rows: Connection, event: EventFacts, code: str) -> int | None:
    if not code:
        return None
    listed = request.app[EVENTS].sessions(rows, event.id)
    found = next((each.id for each in listed if each.code == code), None)
    if found is None:
        raise BadInput(N_("Please choose one of the offered values."), field="session")
    return found
