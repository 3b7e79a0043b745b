"""Who comes into a live room and what they may read there: people and agenda joined for the live channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.scope import resolve_scope, scope_of_session
from conference.clock import Clock
from conference.errors import N_, NotFound
from conference.live.channels import (
    desk_channel,
    event_channel,
    event_desk_channel,
    person_channel,
    session_channel,
    stage_channel,
)
from conference.live.commands import Caller, Identity
from conference.live.commands import Place as LivePlace
from conference.people.accounts import account_by_id
from conference.people.permissions import HIDDEN, TABLE, Capability, Role, Scope, require, roles_in
from conference.people.sessions import opens_event
from conference.people.viewer import VIEWER
from conference.serving.translation import language_of
from conference.stage.entering import require_on_programme, require_open_door
from conference.stage.standing import Place


def identify(request: web.Request) -> Identity | None:
    """Who sends a request, by the session middleware's word."""
    viewer = request[VIEWER]
    if viewer.account_id is None:
        return None
    return Identity(viewer.account_id, viewer.session_id, language_of(request))


def admitting(clock: Clock, *, door: bool = True) -> Callable[[Connection, Identity, LivePlace, str], Caller]:
    """For `live.commands.Admit`: the caller in a place, with the channels that are theirs to read.

    A live room: asks for the permission to be in it, and whether its *door* is open for this person; without
    the door, for what may be sent from outside.
    An event: whoever may see it.
    """

    def admit(rows: Connection, identity: Identity, place: LivePlace, connection_id: str) -> Caller:
        if place.kind == "event":
            return _to_event(rows, identity, place.name, connection_id, clock.now())
        return _to_session(rows, identity, place.name, connection_id, clock.now(), door=door)

    return admit


def _to_session(
    rows: Connection, identity: Identity, session_code: str, connection_id: str, now: datetime, *, door: bool
) -> Caller:
    scope = scope_of_session(rows, session_code)
    if not opens_event(rows, identity.browser_session_id, scope.event_id):
        raise NotFound(N_("There is no such session."), code="live.unknown-session")
    require(rows, identity.account_id, Capability.ENTER_ROOM, scope, now=now)
    place = Place(
        event_id=scope.event_id or 0,
        session_id=scope.session_id or 0,
        code=session_code,
        is_public=scope.is_public,
    )
    (require_open_door if door else require_on_programme)(rows, place, identity.account_id, now=now)
    roles = roles_in(rows, identity.account_id, scope, now=now)
    # What concerns the whole event (announcements, a new programme) is heard in its rooms, too.
    channels = [session_channel(session_code), event_channel(place.event_id)]
    if roles & TABLE[Capability.TAKE_FLOOR]:
        channels.append(stage_channel(session_code))
    if roles & TABLE[Capability.MODERATE]:
        channels.append(desk_channel(session_code))
    return _caller(rows, identity, connection_id, scope, roles, channels, session_code)


def _to_event(rows: Connection, identity: Identity, slug: str, connection_id: str, now: datetime) -> Caller:
    scope = resolve_scope(rows, {"event": slug})
    assert scope.event_id is not None
    if not opens_event(rows, identity.browser_session_id, scope.event_id):
        raise NotFound(HIDDEN)
    require(rows, identity.account_id, Capability.SEE_EVENT, scope, now=now)
    roles = roles_in(rows, identity.account_id, scope, now=now)
    channels = [event_channel(scope.event_id)]
    if roles & TABLE[Capability.ORGANIZE]:
        channels.append(event_desk_channel(scope.event_id))
    return _caller(rows, identity, connection_id, scope, roles, channels)


def _caller(
    rows: Connection,
    identity: Identity,
    connection_id: str,
    scope: Scope,
    roles: frozenset[Role],
    channels: Sequence[str],
    session_code: str = "",
) -> Caller:
    person = account_by_id(rows, identity.account_id)
    return Caller(
        account_id=person.id,
        public_id=person.public_id,
        name=person.name,
        language=identity.language,
        connection_id=connection_id,
        scope=scope,
        session_code=session_code,
        roles=frozenset(role.value for role in roles),
        channels=(*channels, person_channel(person.public_id)),
    )


def permitting(clock: Clock) -> Callable[[Connection, Caller, StrEnum], None]:
    """For `live.commands.Permit`: the capability of a command in the caller's place, read anew."""

    def permit(rows: Connection, caller: Caller, capability: StrEnum) -> None:
        scope = Scope(event_id=caller.event_id, session_id=caller.scope.session_id, is_public=False)
        require(rows, caller.account_id, Capability(capability), scope, now=clock.now())

    return permit
