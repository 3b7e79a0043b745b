"""Trying out a connection at a room's door, over HTTP; the browser's side is `web/src/stage/link_test.ts`."""

from __future__ import annotations

import secrets
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web

from conference.errors import N_, BadInput, NotSignedIn
from conference.media.errors import MediaError
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE
from conference.stage.checking import LARGEST_DOWN, LARGEST_UP, Checks
from conference.stage.link_notes import LinkFound, note_link, sending_of, verdict_of
from conference.stage.messages import Mid, Sdp
from conference.stage.pages import visitor_of
from conference.stage.publishing import explained

CHECKS: web.AppKey[Checks] = web.AppKey("link checks", Checks)
LARGEST_MESSAGE = 40_000

Message = TypeVar("Message", bound=msgspec.Struct)


class PublishCheck(msgspec.Struct, forbid_unknown_fields=True):
    sdp: Sdp
    sources: Annotated[dict[Mid, str], msgspec.Meta(max_length=2)]


class AnswerCheck(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    sdp: Sdp


async def send_bytes(request: web.Request) -> web.StreamResponse:
    """`GET …/room/check/bytes?size=`: so many bytes that no proxy can make smaller."""
    await _person(request)
    asked = request.query.get("size", "")
    size = min(int(asked), LARGEST_DOWN) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1
    return web.Response(
        body=secrets.token_bytes(size),
        content_type="application/octet-stream",
        headers={"Cache-Control": "no-store, no-transform"},
    )


async def take_bytes(request: web.Request) -> web.StreamResponse:
    """`POST …/room/check/bytes`: answered once all of it is here."""
    await _person(request)
    await _read(request, LARGEST_UP)
    return web.json_response({}, headers={"Cache-Control": "no-store"})


async def begin(request: web.Request) -> web.StreamResponse:
    """`POST …/room/check/begin` → `{ice_servers}`, for both connections."""
    await _person(request)
    return web.json_response({"ice_servers": request.app[CHECKS].ice_servers()})


async def publish(request: web.Request) -> web.StreamResponse:
    """`POST …/room/check/publish`: `{sdp, sources}` → `{sdp}`."""
    account_id = await _person(request)
    offer = await _message(request, PublishCheck)
    try:
        sdp = await request.app[CHECKS].publish(account_id, offer.sdp, offer.sources)
    except MediaError as error:
        raise explained(error) from error
    return web.json_response({"sdp": sdp})


async def subscribe(request: web.Request) -> web.StreamResponse:
    """`POST …/room/check/subscribe` → `{version, sdp}`."""
    account_id = await _person(request)
    try:
        offer = await request.app[CHECKS].subscribe(account_id)
    except MediaError as error:
        raise explained(error) from error
    return web.json_response({"version": offer.version, "sdp": offer.sdp})


async def answer(request: web.Request) -> web.StreamResponse:
    """`POST …/room/check/answer`: `{version, sdp}`."""
    account_id = await _person(request)
    given = await _message(request, AnswerCheck)
    try:
        await request.app[CHECKS].answer(account_id, given.version, given.sdp)
    except MediaError as error:
        raise explained(error) from error
    return web.json_response({})


async def result(request: web.Request) -> web.StreamResponse:
    """`POST …/room/check/result`: what was found is kept for the organizers → `{verdict, sending}`."""
    account_id = await _person(request)
    found = await _message(request, LinkFound)
    place = (await visitor_of(request)).place
    now = request.app[CLOCK].now()
    await request.app[CHECKS].end(account_id)
    await request.app[DATABASE].write(lambda tx: note_link(tx, place, account_id, found, now=now))
    return web.json_response({"verdict": verdict_of(found), "sending": sending_of(found)})


async def _person(request: web.Request) -> int:
    """Who asks, if they may be in this room once its door is open; raises what is missing."""
    visitor = await visitor_of(request)
    if visitor.missing is not None:
        raise visitor.missing
    account_id = request[VIEWER].account_id
    if account_id is None:
        raise NotSignedIn(N_("Please sign in first."))
    return account_id


async def _message(request: web.Request, kind: type[Message]) -> Message:
    try:
        return msgspec.json.decode(await _read(request, LARGEST_MESSAGE), type=kind)
    except msgspec.DecodeError as error:
        raise BadInput(N_("The message could not be understood."), code="stage.malformed") from error


async def _read(request: web.Request, most: int) -> bytes:
    taken = bytearray()
    async for part in request.content.iter_any():
        taken += part
        if len(taken) > most:
            raise BadInput(N_("The message could not be understood."), code="stage.malformed")
    return bytes(taken)
