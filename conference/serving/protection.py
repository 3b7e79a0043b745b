"""Against forged requests from other sites (CSRF): where it came from, and a form token.

Both must fit on every method that changes something. The token of somebody signed in belongs to
their session (set by the session middleware before this one); a visitor's is derived from a
cookie of their own, so that the sign-in form too is protected (login CSRF).
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from hashlib import sha256
from urllib.parse import urlsplit

from aiohttp import web

from conference.errors import N_, NotAllowed
from conference.serving.context import BY_TOKEN, EMBEDDED, FORM_TOKEN, SETTINGS
from conference.serving.cookies import keep_secret_cookie
from conference.serving.routing import takes_bearer, takes_files

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "form_token"
HEADER = "X-Form-Token"

_new_visit: web.RequestKey[str] = web.RequestKey("new_visit", str)
_visit = re.compile(r"[A-Za-z0-9_-]{32}")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def protection_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set ``request[FORM_TOKEN]``; refuse (`NotAllowed`) what was not sent from a page of ours."""
    if FORM_TOKEN not in request:
        request[FORM_TOKEN] = _visitor_token(request)
    # A browser adds no bearer token by itself, and where no method is there is nothing to forge.
    exempt = (
        takes_bearer(request)
        or request.get(BY_TOKEN, False)
        or isinstance(request.match_info.http_exception, web.HTTPMethodNotAllowed)
    )
    if request.method not in SAFE_METHODS and not exempt:
        if not is_own_origin(request):
            raise NotAllowed(
                N_("This request came from another site and was not carried out."), code="form.foreign"
            )
        # The token of a form with files is its first part: `uploads.read_upload` looks at it once the
        # sender's rights are known, because nobody else may make us read that much.
        if not takes_files(request) or request.content_type != "multipart/form-data":
            check_token(request, await _sent_token(request))
    return await handler(request)


def check_token(request: web.Request, sent: str) -> None:
    """Raise `NotAllowed` unless *sent* is the form token of this visitor or session."""
    if not hmac.compare_digest(sent.encode(errors="replace"), request[FORM_TOKEN].encode()):
        raise NotAllowed(
            N_("This page was open for a long time. Go back, load it again and send it once more."),
            code="form.stale",
        )


async def keep_visit(request: web.Request, response: web.StreamResponse) -> None:
    """For `app.on_response_prepare`: the visitor's cookie, with pages only (an image needs no form)."""
    if _new_visit in request and response.content_type == "text/html" and not request.get(EMBEDDED):
        is_https = request.app[SETTINGS].public_url.startswith("https:")
        keep_secret_cookie(response, visit_cookie(is_https), request[_new_visit], is_https=is_https)


def visit_cookie(is_https: bool) -> str:
    """`__Host-`: no other host, not even one under the same domain, can set it (RFC 6265bis §4.1.3)."""
    return "__Host-majlis-visit" if is_https else "majlis-visit"


def is_own_origin(request: web.Request) -> bool:
    """Whether Origin and Sec-Fetch-Site (where sent) say that the request is from our own pages."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True  # old browsers; the form token decides
    settings = request.app[SETTINGS]
    if origin == origin_of(settings.public_url):
        return True
    # Tried out without a public address: people open it as localhost, 127.0.0.1 or by its address in the LAN.
    return not settings.server.public_url and origin == f"http://{request.headers.get('Host', '')}"


def origin_of(url: str) -> str:
    """Scheme, host and port (RFC 6454), the default port left out as browsers do."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, default) else "")


def _visitor_token(request: web.Request) -> str:
    name = visit_cookie(request.app[SETTINGS].public_url.startswith("https:"))
    visit = request.cookies.get(name, "")
    if not _visit.fullmatch(visit):
        visit = request[_new_visit] = secrets.token_urlsafe(24)
    # The page shows a derived value: whoever sees the page's source does not get the cookie.
    return hmac.digest(visit.encode(), b"majlis form token", sha256).hex()[:32]


async def _sent_token(request: web.Request) -> str:
    sent: object = request.headers.get(HEADER)
    if sent is None and request.content_type == "application/x-www-form-urlencoded":
        try:
            sent = (await request.post()).get(FIELD)
        except (ValueError, LookupError):
            sent = None
    return sent if isinstance(sent, str) else ""
