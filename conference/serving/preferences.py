"""What a reader chooses for themselves, kept in cookies: language, time zone, light or dark."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from conference.errors import N_, BadInput
from conference.serving.context import ZONE
from conference.serving.pages import THEME_COOKIE, THEMES, remember
from conference.serving.times import known_zone
from conference.serving.translation import COOKIE as LANGUAGE_COOKIE
from conference.serving.translation import SUPPORTED

ZONE_COOKIE = "zone"

ZoneOfAccount = Callable[[web.Request], str | None]


def zone_middleware(of_account: ZoneOfAccount) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Set ``request[ZONE]``: the cookie's zone, else the account's (*of_account*), else ""."""

    @web.middleware
    async def choosing_zone(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        cookie = request.cookies.get(ZONE_COOKIE, "").replace("%2F", "/")
        request[ZONE] = known_zone(cookie) or known_zone(of_account(request))
        return await handler(request)

    return choosing_zone


async def choose_language(request: web.Request) -> web.StreamResponse:
    """``POST /language``: fields ``language`` and ``next``."""
    return await _choose(request, "language", LANGUAGE_COOKIE, lambda value: value in SUPPORTED)


async def choose_zone(request: web.Request) -> web.StreamResponse:
    """``POST /zone``: fields ``zone`` (IANA name) and ``next``."""
    return await _choose(request, "zone", ZONE_COOKIE, lambda value: bool(known_zone(value)))


async def choose_theme(request: web.Request) -> web.StreamResponse:
    """``POST /theme``: fields ``theme`` (light, dark or empty: as the device) and ``next``."""
    return await _choose(request, "theme", THEME_COOKIE, lambda value: value in ("", *THEMES))


async def _choose(
    request: web.Request, field: str, cookie: str, known: Callable[[str], bool]
) -> web.StreamResponse:
    form = await request.post()
    value = form.get(field)
    if not isinstance(value, str) or not known(value):
        raise BadInput(N_("That is not one of the choices."), code="preferences.unknown", field=field)
    response = web.Response(status=303, headers={"Location": own_path(form.get("next"))})
    remember(response, cookie, value)
    return response


def own_path(wanted: object) -> str:
    """*wanted* when it is a path on this site, else ``/``: a form must not send people elsewhere."""
    if not isinstance(wanted, str) or not wanted.startswith("/"):
        return "/"
    # Browsers read "//host" and "/\host" as another site, and drop tabs and line ends before they do.
    if wanted[1:2] in ("/", "\\") or any(ord(sign) < 33 or ord(sign) == 127 for sign in wanted):
        return "/"
    return wanted
