"""Every failure becomes one calm page (or JSON for scripts), in the reader's language.

What the person typed into a form comes back with the page, so a failure never loses it.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from conference.errors import N_, BadInput, Conflict, MajlisError, NotFound, TooMany, Unavailable
from conference.serving.pages import PAGES, render
from conference.serving.translation import explain, language_of

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Never shown again: what proves who somebody is, and what is not theirs to see.
_SECRET_FIELD = re.compile(r"token|password|secret|code|next", re.IGNORECASE)
_KEPT_FIELDS, _KEPT_TEXT = 20, 20_000

API = "/api/"  # for programs: always JSON, and in the shape that Django REST framework made usual


class Internal(MajlisError):
    """Our own mistake; `id` finds it in the log."""

    default_code = "internal"


@web.middleware
async def failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost edge for errors: maps each once; logs what nobody expected."""
    try:
        return await handler(request)
    except MajlisError as error:
        return await answer(request, error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return await answer(request, _as_ours(error), status=error.status, allow=error.headers.get("Allow"))
    except ConnectionResetError:
        raise
    except Exception:
        number = secrets.token_hex(4)
        log.exception("request failed: %s %s [%s]", request.method, _route(request), number)
        message = N_("Something went wrong on our side. Nothing is wrong with what you did.")
        return await answer(request, Internal(message, id=number), number=number)


def _route(request: web.Request) -> str:
    """The pattern of the address: the address itself may hold the token of a sign-in link."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unmatched"


async def answer(
    request: web.Request,
    error: MajlisError,
    *,
    status: int | None = None,
    allow: str | None = None,
    number: str | None = None,
) -> web.StreamResponse:
    """The page or the JSON that tells *error*."""
    status = status or error.status
    if prefers_json(request):
        response: web.Response = _json(request, error, status)
    else:
        typed = await _typed(request)
        response = _page(request, error, status, number, typed)
    if status == 401 and request.path.startswith(API):
        response.headers["WWW-Authenticate"] = 'Bearer realm="majlis"'
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    if allow:
        response.headers["Allow"] = allow
    response.headers["Cache-Control"] = "no-store"
    return response


def prefers_json(request: web.Request) -> bool:
    """Whether Accept names JSON and not HTML: our scripts do, browsers opening a page do not."""
    if request.path.startswith(API):
        return True
    accept = request.headers.get("Accept", "")
    return "application/json" in accept and "text/html" not in accept


def _json(request: web.Request, error: MajlisError, status: int) -> web.Response:
    said = explain(language_of(request), error)
    body: dict[str, object]
    if request.path.startswith(API):
        body = {"detail": said, "code": error.code, "field": error.field}
        if error.details is not None:
            body["details"] = error.details
    else:
        body = {"error": {"code": error.code, "message": said, "field": error.field}}
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


def _page(
    request: web.Request, error: MajlisError, status: int, number: str | None, typed: list[tuple[str, str]]
) -> web.Response:
    lang = language_of(request)
    try:
        return render(
            request,
            "errors/failure.html",
            status=status,
            error_status=status,
            code=error.code,
            message=explain(lang, error),
            number=number,
            typed=typed,
            repeatable=request.method == "GET",
            retry_after=error.retry_after if isinstance(error, TooMany) else None,
        )
    except Exception:  # the last edge: a page that cannot be made must not hide the failure it tells of
        log.exception("the page for a failure failed (pages built: %s)", PAGES in request.app)
        return web.Response(text=explain(lang, error), status=status)


async def _typed(request: web.Request) -> list[tuple[str, str]]:
    """What the person wrote in the form that failed: longer texts of theirs, never a secret."""
    if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
        return []
    try:
        form = await request.post()
    except (web.HTTPException, ValueError, LookupError, OSError):  # the body itself was the failure
        return []
    texts = [(name, value) for name, value in form.items() if isinstance(value, str) and value.strip()]
    kept = [(name, value[:_KEPT_TEXT]) for name, value in texts if not _SECRET_FIELD.search(name)]
    return kept[:_KEPT_FIELDS]


def _as_ours(error: web.HTTPException) -> MajlisError:
    match error.status:
        case 404:
            return NotFound(N_("There is no page at this address."), code="page.not-found")
        case 405:
            return Conflict(N_("This address cannot be used that way."), code="page.method")
        case 413:
            return BadInput(N_("That is larger than this server accepts."), code="page.too-large")
        case status if status >= 500:
            return Unavailable(N_("We cannot do this right now. Please try again in a moment."))
        case _:
            return BadInput(N_("The request could not be understood."), code="page.bad-request")
