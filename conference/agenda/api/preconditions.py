"""No lost update over HTTP: what can be changed has an ETag, and a change names it (RFC 9110 §13)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
from aiohttp import web

from conference.agenda.api.answering import answer
from conference.errors import N_, BadInput, Conflict

STALE = N_("Somebody else changed this meanwhile. Nothing was done.")


class PreconditionFailed(Conflict):
    """The ETag is of an older state."""

    status = 412


class PreconditionRequired(BadInput):
    """A change must say which state it is of (RFC 6585 §3)."""

    status = 428


def tag_of(shown: object) -> str:
    """The ETag of a thing as it is shown."""
    return f'"{sha256(msgspec.json.encode(shown, order="sorted")).hexdigest()[:24]}"'


def tagged(
    request: web.Request, shown: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """*shown* with its ETag; an empty 304 for a GET that knows it."""
    tag = tag_of(shown)
    kept = {"ETag": tag, **(headers or {})}
    if request.method != "GET":
        return answer(shown, status=status, headers={"Cache-Control": "no-store"} | kept)
    kept |= {"Cache-Control": "private, max-age=0, must-revalidate"}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=kept)
    return answer(shown, headers=kept)


def check_match(request: web.Request, shown: object, yours: object = None) -> None:
    """Refuse a change of something else than what is *shown* now; ``*`` is whatever there is.

    `PreconditionRequired` without an ``If-Match``, `PreconditionFailed` with both versions in its details.
    """
    said = request.headers.get("If-Match", "").strip()
    if not said:
        raise PreconditionRequired(
            N_("Send the ETag of what you change as If-Match, so that nobody's change is lost."),
            code="api.if-match",
        )
    if said != "*" and tag_of(shown) not in [one.strip() for one in said.split(",")]:
        details: dict[str, Any] = {"theirs": msgspec.to_builtins(shown), "etag": tag_of(shown)}
        if yours is not None:
            details["yours"] = msgspec.to_builtins(yours)
        raise PreconditionFailed(STALE, code="agenda.stale", details=details)
