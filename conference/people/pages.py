"""Pages everybody meets: signing in and out, registering. One's own account: account_pages.py."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from conference.errors import BadInput, Gone, MajlisError, TooMany
from conference.people import registration, sessions, sign_in
from conference.people.access import ROLES, SCOPE
from conference.people.accounts import account_by_id, normal_email
from conference.people.events import EVENTS, EventFacts
from conference.people.links import LinkState, SeenLink, magic_link_seen, personal_link_seen
from conference.people.session_cookie import REVOCATIONS, forget_browser, sign_in_browser
from conference.people.tries import count_bad_link, count_try, forgive
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import FormErrors, read_form
from conference.serving.pages import render
from conference.serving.preferences import own_path
from conference.serving.translation import explain, language_of, translate
from conference.storage.database import Transaction

PATH_LIMIT = 500
Email = Annotated[str, Meta(max_length=254)]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Next = Annotated[str, Meta(max_length=PATH_LIMIT)]


class SignInForm(msgspec.Struct):
    email: Email
    next: Next = "/"


class RegisterForm(msgspec.Struct):
    email: Email
    name: Name


async def sign_in_page(request: web.Request) -> web.StreamResponse:
    """`GET /sign-in`."""
    path = next_path(request.query.get("next"))
    if request[VIEWER].signed_in:
        raise web.HTTPSeeOther(path if path != "/" else "/me")
    return render(request, "people/sign_in.html", typed=blank(next=path), errors=blank(), problem=None)


async def request_link(request: web.Request) -> web.StreamResponse:
    """`POST /sign-in`: the same answer whoever asks."""
    try:
        form = await read_form(request, SignInForm)
        email = normal_email(form.email)
        count_try(request, email)
    except (BadInput, TooMany) as error:
        return await _again(request, "people/sign_in.html", error)
    lang, terms, now = language_of(request), link_terms(request), request.app[CLOCK].now()
    path = next_path(form.next)
    await request.app[DATABASE].write(
        lambda tx: sign_in.ask_for_link(tx, email, next_path=path, language=lang, terms=terms, now=now)
    )
    return render(request, "people/link_sent.html", email=email, terms=terms, again="/sign-in")


async def magic_link_page(request: web.Request) -> web.StreamResponse:
    """`GET /sign-in/{token}`: changes nothing, because mail scanners open links."""
    token, now = request.match_info["token"], request.app[CLOCK].now()
    seen = await request.app[DATABASE].read(lambda rows: magic_link_seen(rows, token, now))
    return _link_page(request, seen)


async def open_magic_link(request: web.Request) -> web.StreamResponse:
    """`POST /sign-in/{token}`: uses the link up."""
    token, now = request.match_info["token"], request.app[CLOCK].now()
    try:
        opened = await request.app[DATABASE].write(
            lambda tx: _enter(request, tx, sign_in.open_magic_link(tx, token, now=now))
        )
    except Gone:
        return await magic_link_page(request)
    return await _entered(request, opened)


async def personal_link_page(request: web.Request) -> web.StreamResponse:
    """`GET /join/{token}`."""
    token, now = request.match_info["token"], request.app[CLOCK].now()
    seen = await request.app[DATABASE].read(lambda rows: personal_link_seen(rows, token, now))
    return _link_page(request, seen)


async def open_personal_link(request: web.Request) -> web.StreamResponse:
    """`POST /join/{token}`."""
    token, now = request.match_info["token"], request.app[CLOCK].now()
    try:
        opened = await request.app[DATABASE].write(
            lambda tx: _enter(request, tx, sign_in.open_personal_link(tx, token, now=now))
        )
    except Gone:
        return await personal_link_page(request)
    return await _entered(request, opened)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """`POST /sign-out`: this browser."""
    viewer = request[VIEWER]
    if viewer.account_id is not None and viewer.session_id is not None:
        session_id, account_id = viewer.session_id, viewer.account_id
        await request.app[DATABASE].write(lambda tx: sessions.end_session_by_id(tx, session_id))
        request.app[REVOCATIONS].announce(account_id, session_id)
    forget_browser(request)
    raise web.HTTPSeeOther("/")


async def register_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/register`."""
    event = await event_here(request)
    return render(
        request,
        "people/register.html",
        event=event,
        typed=blank(),
        errors=blank(),
        problem=None,
        is_member=bool(request[ROLES]),
    )


async def register(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/register`: at once when signed in, else by a link to the given address."""
    event, viewer, now = await event_here(request), request[VIEWER], request.app[CLOCK].now()
    if viewer.account_id is not None:
        account_id = viewer.account_id
        await request.app[DATABASE].write(
            lambda tx: registration.register_signed_in(tx, account_id, event, now=now)
        )
        raise web.HTTPSeeOther(f"/{event.slug}/")
    try:
        email = await _register_by_email(request, event)
    except (BadInput, TooMany) as error:
        return await _again(request, "people/register.html", error, event=event, is_member=False)
    again = f"/{event.slug}/register"
    return render(
        request, "people/link_sent.html", email=email, terms=link_terms(request), again=again, event=event
    )


async def _register_by_email(request: web.Request, event: EventFacts) -> str:
    form = await read_form(request, RegisterForm)
    email, events, lang = normal_email(form.email), request.app[EVENTS], language_of(request)
    count_try(request, email)
    terms, now = link_terms(request), request.app[CLOCK].now()
    await request.app[DATABASE].write(
        lambda tx: registration.register_by_email(
            tx, event, events, email=email, name=form.name, language=lang, terms=terms, now=now
        )
    )
    return email


def _enter(request: web.Request, tx: Transaction, opened: sign_in.Opened) -> tuple[sign_in.Opened, str]:
    sign_in_browser(
        request,
        tx,
        opened.account_id,
        only_event_id=opened.only_event_id,
        personal_link_id=opened.personal_link_id,
    )
    return opened, account_by_id(tx.connection, opened.account_id).email


async def _entered(request: web.Request, result: tuple[sign_in.Opened, str]) -> web.StreamResponse:
    opened, email = result
    if opened.personal_link_id is None:
        forgive(request, email)
    raise web.HTTPSeeOther(next_path(opened.next_path))


def _link_page(request: web.Request, seen: SeenLink) -> web.StreamResponse:
    viewer = request[VIEWER]
    if seen.state is LinkState.GOOD:
        return render(request, "people/confirm.html", seen=seen)
    if seen.state is LinkState.USED and viewer.signed_in and viewer.email == seen.email:
        raise web.HTTPSeeOther(next_path(seen.next_path))  # the mail's link once more, already inside
    if seen.state is LinkState.EXPIRED:
        count_bad_link(request)
    return render(request, "people/link_gone.html", status=410, seen=seen)


async def _again(
    request: web.Request, template: str, error: MajlisError, **values: Any
) -> web.StreamResponse:
    """The form once more: what was typed, the error at its field or (`problem`) above the form."""
    errors = field_errors(request, error)
    problem = None if errors else explain(language_of(request), error)
    typed = await typed_in(request, error)
    response = render(
        request, template, status=error.status, typed=typed, errors=errors, problem=problem, **values
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


async def typed_in(request: web.Request, error: MajlisError) -> dict[str, str]:
    """What was typed, also when it was a later check that refused it."""
    if isinstance(error, FormErrors):
        return blank(**error.typed)
    if request.content_type != "application/x-www-form-urlencoded":
        return blank()  # no page of ours sent it
    try:
        posted = await request.post()
    except (ValueError, LookupError):  # in a charset nobody knows
        return blank()
    return blank(**{name: value for name, value in posted.items() if isinstance(value, str)})


def field_errors(request: web.Request, error: MajlisError | None) -> dict[str, str]:
    """Field → sentence in the reader's language."""
    lang = language_of(request)
    if isinstance(error, FormErrors):
        return blank(**{field: translate(lang, msgid) for field, msgid in error.errors.items()})
    return blank(**{error.field: explain(lang, error)}) if error and error.field else blank()


def blank(**given: str) -> dict[str, str]:
    """Texts by field, empty for those not given: templates name fields that nobody typed yet."""
    return defaultdict(str, given)


def next_path(wanted: str | None) -> str:
    """Where to go after signing in: a path of ours, else the start page."""
    return own_path(wanted) if wanted and len(wanted) <= PATH_LIMIT else "/"


def link_terms(request: web.Request) -> sign_in.LinkTerms:
    """Links are made from the settings, never from the Host header: that one is the attacker's to write."""
    settings = request.app[SETTINGS]
    return sign_in.LinkTerms(
        public_url=settings.public_url,
        minutes=settings.people.sign_in_minutes,
        mail_works=bool(settings.mail.host),
    )


async def event_here(request: web.Request) -> EventFacts:
    """The event of the address, after the access check found it."""
    event_id = request[SCOPE].event_id
    assert event_id is not None, "the route names an event"
    events = request.app[EVENTS]
    return await request.app[DATABASE].read(lambda rows: events.by_id(rows, event_id))
