"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) over HTTP: encoders and players with a bearer key.

POST an offer and get the answer, PATCH an ICE restart, DELETE. Cookies mean nothing
here and nothing here sets one, so other sites may call it (CORS without credentials); the token is the right.
Errors are problem details (RFC 9457), because machines read them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from conference.errors import N_, BadInput, Conflict, MajlisError, NotFound, NotSignedIn
from conference.media import errors as media
from conference.media.sdp import MAX_BYTES, SessionDescription, parse_sdp
from conference.media.sdp_fragment import MEDIA_TYPE as FRAGMENT
from conference.media.sdp_fragment import parse_fragment
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.translation import explain, language_of
from conference.stage.ingest import Machine, Machines
from conference.stage.ingest_keys import IngestKey, Purpose, key_of_token
from conference.stage.standing import Place

SDP = "application/sdp"
RETRY_SECONDS = 10
_UNPLAYABLE = N_("Offer to receive one sound (Opus) and one picture (VP8 or H264), nothing else.")
MACHINES: web.AppKey[Machines] = web.AppKey("machines", Machines)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(MajlisError):
    """A refusal that HTTP has a number of its own for."""

    default_code = "ingest.refused"

    def __init__(self, status: int, message: str, detail: str = "") -> None:
        super().__init__(message, code=f"ingest.{status}")
        self.status = status
        self.detail = detail


def answering(handler: Handler) -> Handler:
    """The edge: CORS on every answer, errors as problem details with the headers their status asks for."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except MajlisError as error:
            response = _problem(request, error)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Location, ETag, Link, Accept-Patch, Retry-After"
        return response

    return answered


def _problem(request: web.Request, error: MajlisError) -> web.Response:
    status = error.status
    if isinstance(error, (media.RoomFull, media.ServerFull)):
        status = 503
    elif isinstance(error, media.BadSdp):
        status = 400
    text = explain(language_of(request), error)
    body: dict[str, object] = {"status": status, "title": text, "code": error.code}
    detail = error.detail if isinstance(error, (media.BadSdp, Problem)) else ""
    if detail:
        body["detail"] = detail
    response = web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/problem+json"
    )
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="majlis"' + (
            ', error="invalid_token"' if "Authorization" in request.headers else ""
        )
    if status == 503 or isinstance(error, Conflict):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if status == 415:
        response.headers["Accept-Patch" if request.method == "PATCH" else "Accept-Post"] = (
            FRAGMENT if request.method == "PATCH" else SDP
        )
    return response


@answering
async def publish(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/session/{session}/whip`: 201 with the answer, Location and ETag."""
    key, place = await _key(request, Purpose.PUBLISH)
    sdp = await _body(request, SDP)
    offer = parse_sdp(sdp)
    sources = sources_of(offer)
    try:
        machine, answer = await request.app[MACHINES].publish(key, place, sdp, offer.ice_ufrag, sources)
    except media.BadSdp as error:  # it could be read, so it is what it asks for (RFC 9725 §4.4.3)
        raise _unacceptable(error.detail) from error
    return _created(request, machine, answer)


@answering
async def play(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/session/{session}/whep`: 201 with the answer, Location and ETag. We never answer with an
    offer of our own (406, which the draft has for a player's offer that cannot be answered)."""
    key, place = await _key(request, Purpose.PLAY)
    sdp = await _body(request, SDP)
    offer = parse_sdp(sdp)
    try:
        machine, answer = await request.app[MACHINES].play(key, place, sdp, offer.ice_ufrag)
    except media.BadSdp as error:
        raise Problem(406, _UNPLAYABLE, error.detail) from error
    return _created(request, machine, answer)


@answering
async def patch(request: web.Request) -> web.StreamResponse:
    """`PATCH …/{resource}`: 204 for candidates, which an ICE-lite agent does not need; 200 for a restart."""
    machine = await _machine(request)
    text = await _body(request, FRAGMENT)
    match = request.headers.getall("If-Match", [])
    if not match:
        raise Problem(428, N_("The request must say which connection it means (If-Match)."))
    fragment = parse_fragment(text)
    if not etag_matches(",".join(match), machine.etag):
        raise Problem(412, N_("The connection was restarted in the meantime."))
    ours = await request.app[MACHINES].patch(machine, fragment)
    if ours is None:
        return web.Response(status=204)
    return web.Response(
        body=ours.encode(), status=200, content_type=FRAGMENT, headers={"ETag": f'"{machine.etag}"'}
    )


@answering
async def hang_up(request: web.Request) -> web.StreamResponse:
    """`DELETE …/{resource}`. An ETag is not looked at (RFC 9725 §4.3)."""
    machine = await _machine(request)
    await request.app[MACHINES].end(machine.resource)
    return web.Response(status=200)


@answering
async def endpoint_options(request: web.Request) -> web.StreamResponse:
    """`OPTIONS` of the two endpoints: a browser's preflight, and what may be posted."""
    return web.Response(status=200, headers={"Accept-Post": SDP, **_preflight("OPTIONS, POST")})


@answering
async def session_options(request: web.Request) -> web.StreamResponse:
    """`OPTIONS` of a session's address."""
    return web.Response(
        status=200, headers={"Accept-Patch": FRAGMENT, **_preflight("OPTIONS, PATCH, DELETE")}
    )


def _preflight(methods: str) -> dict[str, str]:
    return {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
        "Access-Control-Max-Age": "86400",
    }


def _created(request: web.Request, machine: Machine, answer: str) -> web.Response:
    location = f"{request.app[SETTINGS].public_url}{request.path}/{machine.resource}"
    return web.Response(
        body=answer.encode(),
        status=201,
        content_type=SDP,
        headers={"Location": location, "ETag": f'"{machine.etag}"', "Accept-Patch": FRAGMENT},
    )


# -- what comes in ------------------------------------------------------------------------------------


async def _key(request: web.Request, purpose: Purpose) -> tuple[IngestKey, Place]:
    """The key the request carries. One answer for everything that is not good here (RFC 6750 §3)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        names, now = request.match_info, request.app[CLOCK].now()
        found = await request.app[DATABASE].read(
            lambda rows: key_of_token(rows, token.strip(), names["event"], names["session"], purpose, now)
        )
        if found is not None:
            return found
    raise NotSignedIn(N_("This needs a key that the organizers make for this session."), code="ingest.key")


async def _machine(request: web.Request) -> Machine:
    """The session of the address, for the key it was made with and nobody else."""
    purpose = Purpose.PUBLISH if "/whip/" in request.path else Purpose.PLAY
    key, _ = await _key(request, purpose)
    found = request.app[MACHINES].find(request.match_info["resource"])
    if found is None or found.key.id != key.id:
        raise NotFound(N_("There is no such connection (any more)."), code="ingest.no-such-connection")
    return found


async def _body(request: web.Request, media_type: str) -> str:
    if request.content_type != media_type:
        raise Problem(415, N_("The request is of a kind that is not understood here."))
    if (request.content_length or 0) > MAX_BYTES:
        raise Problem(413, N_("That is larger than this server accepts."))
    data = await request.content.read(MAX_BYTES + 1)
    while data and not request.content.at_eof() and len(data) <= MAX_BYTES:
        data += await request.content.read(MAX_BYTES + 1 - len(data))
    if len(data) > MAX_BYTES:
        raise Problem(413, N_("That is larger than this server accepts."))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadInput(N_("The request could not be understood."), code="ingest.not-text") from error


def etag_matches(header: str, etag: str) -> bool:
    """If-Match by strong comparison (RFC 9110 §13.1.1)."""
    tags = [tag.strip() for tag in header.split(",")]
    return "*" in tags or f'"{etag}"' in tags or '"*"' in tags  # quoted in the RFC's own example


def sources_of(offer: SessionDescription) -> dict[str, str]:
    """What each sending m-line of an encoder's offer is: one sound, one picture, nothing else (§4.4.2)."""
    found: dict[str, str] = {}
    for section in offer.media:
        source = {"audio": "microphone", "video": "camera"}.get(section.kind)
        sends = section.direction in ("sendonly", "sendrecv") and not section.rejected
        if source is None or not sends:
            raise _unacceptable(f"line {section.line}: neither sound nor picture to be sent")
        if source in found.values():
            raise _unacceptable(f"line {section.line}: a second media section of kind {section.kind}")
        found[section.mid] = source
    return found


def _unacceptable(detail: str) -> Problem:
    return Problem(406, N_("Offer one sound (Opus) and one picture (VP8 or H264), nothing else."), detail)
