"""The organizers' pages: people of the event, and its outbox."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta
from sqlalchemy import Connection

from conference.errors import N_, BadInput, MajlisError
from conference.people import outbox
from conference.people.accounts import account_by_public_id
from conference.people.events import EVENTS, EventFacts, SessionFacts
from conference.people.grants import ban_person, events_of, grant_role, lift_ban, revoke_role
from conference.people.invitations import Invited, invite, send_personal_link
from conference.people.links import revoke_personal_links
from conference.people.pages import Email, event_here, field_errors
from conference.people.permissions import Role
from conference.people.roster import people_of_event
from conference.people.session_cookie import REVOCATIONS
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import FormErrors, read_form
from conference.serving.pages import render
from conference.serving.translation import explain, language_of
from conference.storage.database import Transaction

SessionCode = Annotated[str, Meta(max_length=12)]


class InviteForm(msgspec.Struct):
    email: Email
    role: Role
    name: Annotated[str, Meta(max_length=80)] = ""
    session: SessionCode = ""


class RoleForm(msgspec.Struct):
    person: str
    role: Role
    session: SessionCode = ""


class PersonForm(msgspec.Struct):
    person: str


class MailForm(msgspec.Struct):
    mail: str


async def people_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/people`."""
    return await _people_page(request)


async def invite_person(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/invite`: shows the personal link, once."""
    event = await event_here(request)
    try:
        form = await read_form(request, InviteForm)
        made = await request.app[DATABASE].write(lambda tx: _invite(request, tx, event, form))
    except BadInput as error:
        return await _people_page(request, error=error)
    return await _people_page(request, made=made)


async def give_role(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/grant`."""
    event, form, now = await event_here(request), await read_form(request, RoleForm), request.app[CLOCK].now()

    def give(tx: Transaction) -> None:
        person = _member(tx.connection, event, form.person)
        session_id = _session_id(request, tx.connection, event, form.session)
        grant_role(tx, person, event.id, form.role, session_id, now=now)

    return await _done(request, event, give)


async def take_role(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/revoke`."""
    event, form = await event_here(request), await read_form(request, RoleForm)

    def take(tx: Transaction) -> None:
        person = _member(tx.connection, event, form.person)
        session_id = _session_id(request, tx.connection, event, form.session)
        revoke_role(tx, person, event.id, form.role, session_id)
        tx.after_commit(lambda: request.app[REVOCATIONS].announce(person))

    return await _done(request, event, take)


async def make_link(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/link`: another personal link, mailed and shown once."""
    event, form = await event_here(request), await read_form(request, PersonForm)

    def make(tx: Transaction) -> Invited:
        person = account_by_public_id(tx.connection, form.person)
        _member(tx.connection, event, form.person)
        now = request.app[CLOCK].now()
        return send_personal_link(tx, event, person, public_url=request.app[SETTINGS].public_url, now=now)

    return await _people_page(request, made=await request.app[DATABASE].write(make))


async def take_links(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/take-links`: all personal links of a person, and what they opened."""
    event, form, now = (
        await event_here(request),
        await read_form(request, PersonForm),
        request.app[CLOCK].now(),
    )

    def take(tx: Transaction) -> None:
        person = _member(tx.connection, event, form.person)
        revoke_personal_links(tx, person, event.id, now)
        tx.after_commit(lambda: request.app[REVOCATIONS].announce(person))

    return await _done(request, event, take)


async def ban(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/ban`: from the whole event, until lifted."""
    event, form, now = (
        await event_here(request),
        await read_form(request, PersonForm),
        request.app[CLOCK].now(),
    )
    by = request[VIEWER].account_id

    def act(tx: Transaction) -> None:
        person = _member(tx.connection, event, form.person)
        ban_person(tx, person, event.id, by=by, now=now)
        tx.after_commit(lambda: request.app[REVOCATIONS].announce(person))

    return await _done(request, event, act)


async def unban(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/people/unban`."""
    event, form = await event_here(request), await read_form(request, PersonForm)
    return await _done(
        request, event, lambda tx: lift_ban(tx, _member(tx.connection, event, form.person), event.id)
    )


async def outbox_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/outbox`."""
    event, works = await event_here(request), _mail_works(request)
    mails = await request.app[DATABASE].read(
        lambda rows: outbox.mails_of(rows, event.id, with_keys=not works)
    )
    return render(request, "people/outbox.html", event=event, mails=mails, mail_works=works)


async def mail_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/outbox/{mail}`."""
    event, works, mail = await event_here(request), _mail_works(request), request.match_info["mail"]
    found = await request.app[DATABASE].read(
        lambda rows: outbox.mail_of(rows, event.id, mail, with_keys=not works)
    )
    return render(request, "people/mail.html", event=event, mail=found, mail_works=works)


async def send_again(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/outbox/again`."""
    event, form, now = await event_here(request), await read_form(request, MailForm), request.app[CLOCK].now()
    await request.app[DATABASE].write(lambda tx: outbox.try_again(tx, event.id, form.mail, now))
    return web.HTTPSeeOther(f"/{event.slug}/organize/outbox")


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


async def _done(request: web.Request, event: EventFacts, act: Any) -> web.StreamResponse:
    """Do *act* and show the list: afresh, or with what stood in the way."""
    try:
        await request.app[DATABASE].write(act)
    except MajlisError as error:
        return await _people_page(request, error=error)
    return web.HTTPSeeOther(f"/{event.slug}/organize/people")


async def _people_page(
    request: web.Request, *, error: MajlisError | None = None, made: Invited | None = None
) -> web.StreamResponse:
    event, events = await event_here(request), request.app[EVENTS]

    def everything(rows: Connection) -> dict[str, Any]:
        listed = events.sessions(rows, event.id)
        return {
            "people": people_of_event(rows, event.id),
            "sessions": listed,
            "by_id": {each.id: each for each in listed},
        }

    typed = error.typed if isinstance(error, FormErrors) else dict(await request.post()) if error else {}
    errors = field_errors(request, error)
    return render(
        request,
        "people/people.html",
        status=error.status if error else 200,
        event=event,
        roles=list(Role),
        typed=typed,
        errors=errors if "email" in typed else {},
        problem=explain(language_of(request), error) if error and "email" not in typed else None,
        made=made,
        mail_works=_mail_works(request),
        **await request.app[DATABASE].read(everything),
    )


def _member(rows: Connection, event: EventFacts, public_id: str) -> int:
    """The account, when it takes part in this event: organizers reach nobody else. Raises `BadInput`."""
    person = account_by_public_id(rows, public_id)
    if event.id not in events_of(rows, person.id):
        raise BadInput(N_("This person is not known here."), code="people.unknown", field="person")
    return person.id


def _session_id(request: web.Request, rows: Connection, event: EventFacts, code: str) -> int | None:
    if not code:
        return None
    listed: list[SessionFacts] = list(request.app[EVENTS].sessions(rows, event.id))
    found = next((each.id for each in listed if each.code == code), None)
    if found is None:
        raise BadInput(N_("Please choose one of the offered values."), field="session")
    return found


def _mail_works(request: web.Request) -> bool:
    return bool(request.app[SETTINGS].mail.host)
