"""`/me/tokens`: tokens for programs, made and taken back by their owner; each is shown once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.errors import N_, BadInput, NotAllowed
from conference.people.api_tokens import ApiToken, TokenScope, make_token, revoke_token, tokens_of
from conference.people.events import EVENTS, EventFacts
from conference.people.grants import events_of
from conference.people.pages import blank, field_errors, typed_in
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.serving.forms import NOT_OFFERED, read_form
from conference.serving.pages import render

SCOPES = {
    TokenScope.READ: N_("Read the draft, clashes and releases"),
    TokenScope.WRITE: N_("Change the draft"),
    TokenScope.RELEASE: N_("Release"),
}


class TokenForm(msgspec.Struct):
    """`event` is a slug, "" for every event."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    event: str = ""
    write: bool = False
    release: bool = False

    @property
    def scopes(self) -> frozenset[TokenScope]:
        wanted = {TokenScope.WRITE: self.write, TokenScope.RELEASE: self.release}
        return frozenset({TokenScope.READ, *(scope for scope, is_wanted in wanted.items() if is_wanted)})


class RevokeForm(msgspec.Struct):
    token: str


async def tokens_page(request: web.Request) -> web.StreamResponse:
    """`GET /me/tokens`."""
    return await _page(request)


async def make(request: web.Request) -> web.StreamResponse:
    """`POST /me/tokens`: the new token, shown this once."""
    account_id, now = _owner(request), request.app[CLOCK].now()
    try:
        form = await read_form(request, TokenForm)
        mine = {
            event.slug: event.id for event in await request.app[DATABASE].read(_events(request, account_id))
        }
        if form.event and form.event not in mine:
            raise BadInput(NOT_OFFERED, field="event")
        secret = await request.app[DATABASE].write(
            lambda tx: make_token(
                tx, account_id, form.name, form.scopes, event_id=mine.get(form.event), now=now
            )
        )
    except BadInput as error:
        return await _page(request, error=error)
    return await _page(request, made=secret)


async def revoke(request: web.Request) -> web.StreamResponse:
    """`POST /me/tokens/revoke`: it ends at once."""
    account_id, form = _owner(request), await read_form(request, RevokeForm)
    now = request.app[CLOCK].now()
    await request.app[DATABASE].write(lambda tx: revoke_token(tx, account_id, form.token, now=now))
    raise web.HTTPSeeOther("/me/tokens")


def _owner(request: web.Request) -> int:
    """The account, when the session is its own: a personal link opens one event and makes no keys to more."""
    viewer = request[VIEWER]
    assert viewer.account_id is not None, "the route demands SIGNED_IN"
    if viewer.only_event_id is not None:
        raise NotAllowed(
            N_("To change this, sign in with a link sent to your e-mail address."), code="people.narrow"
        )
    return viewer.account_id


def _events(request: web.Request, account_id: int) -> Callable[[Connection], list[EventFacts]]:
    """Reads the events that the account has to do with."""
    facts = request.app[EVENTS]

    def read(rows: Connection) -> list[EventFacts]:
        return [facts.by_id(rows, event_id) for event_id in sorted(events_of(rows, account_id))]

    return read


async def _page(request: web.Request, *, made: str = "", error: BadInput | None = None) -> web.StreamResponse:
    account_id = request[VIEWER].account_id
    assert account_id is not None, "the route demands SIGNED_IN"

    def read(rows: Connection) -> tuple[list[ApiToken], list[EventFacts]]:
        return tokens_of(rows, account_id), _events(request, account_id)(rows)

    tokens, events = await request.app[DATABASE].read(read)
    return render(
        request,
        "people/tokens.html",
        status=error.status if error else 200,
        tokens=tokens,
        titles={event.id: event.title for event in events},
        events=events,
        scopes=SCOPES,
        made=made,
        typed=await typed_in(request, error) if error else blank(),
        errors=field_errors(request, error),
    )
