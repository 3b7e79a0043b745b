"""Who comes into a live room and what they may read there: people and agenda joined for the live channel."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.scope import scope_of_session
from conference.clock import Clock
from conference.errors import N_, NotFound
from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.commands import Caller, Identity
from conference.people.accounts import account_by_id
from conference.people.permissions import TABLE, Capability, Scope, require, roles_in
from conference.people.sessions import opens_event
from conference.people.viewer import VIEWER
from conference.serving.translation import language_of
from conference.stage.entering import require_open_door
from conference.stage.standing import Place


def identify(request: web.Request) -> Identity | None:
    """Who sends a request, by the session middleware's word."""
    viewer = request[VIEWER]
    if viewer.account_id is None:
        return None
    return Identity(viewer.account_id, viewer.session_id, language_of(request))


def admitting(clock: Clock) -> Callable[[Connection, Identity, str, str], Caller]:
    """For `live.commands.Admit`: the caller in a room, with the channels that are theirs to read.

    Asks for the permission to be in the room, and whether its door is open for this person.
    """

    def admit(rows: Connection, identity: Identity, session_code: str, connection_id: str) -> Caller:
        scope = scope_of_session(rows, session_code)
        if not opens_event(rows, identity.browser_session_id, scope.event_id):
            raise NotFound(N_("There is no such session."), code="live.unknown-session")
        now = clock.now()
        require(rows, identity.account_id, Capability.ENTER_ROOM, scope, now=now)
        place = Place(
            event_id=scope.event_id or 0,
            session_id=scope.session_id or 0,
            code=session_code,
            is_public=scope.is_public,
        )
        require_open_door(rows, place, identity.account_id, now=now)
        person = account_by_id(rows, identity.account_id)
        roles = roles_in(rows, person.id, scope, now=now)
        channels = [session_channel(session_code), person_channel(person.public_id)]
        if roles & TABLE[Capability.MODERATE]:
            channels.append(desk_channel(session_code))
        return Caller(
            account_id=person.id,
            public_id=person.public_id,
            name=person.name,
            language=identity.language,
            connection_id=connection_id,
            scope=scope,
            session_code=session_code,
            roles=frozenset(role.value for role in roles),
            channels=tuple(channels),
        )

    return admit


def permitting(clock: Clock) -> Callable[[Connection, Caller, StrEnum], None]:
    """For `live.commands.Permit`: the capability of a command in the session's scope, read anew."""

    def permit(rows: Connection, caller: Caller, capability: StrEnum) -> None:
        scope = Scope(event_id=caller.event_id, session_id=caller.session_id, is_public=False)
        require(rows, caller.account_id, Capability(capability), scope, now=clock.now())

    return permit
