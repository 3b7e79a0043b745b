"""How often one may try to sign in: for each account and each client address, in a sliding window."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from conference.clock import Clock
from conference.errors import N_, TooMany
from conference.serving.addresses import client_address, limit_key
from conference.serving.context import SETTINGS
from conference.serving.limits import Window
from conference.settings import PeopleSettings

TRIES: web.AppKey[Window] = web.AppKey("tries", Window)


def sign_in_window(settings: PeopleSettings, clock: Clock) -> Window:
    """The one counter of a server, for `app[TRIES]`."""
    return Window(settings.sign_in_tries, timedelta(minutes=settings.sign_in_window_minutes), clock)


def count_try(request: web.Request, email: str) -> None:
    """Count a request for a link to a normalised address. Raises `TooMany`.

    By the address, not by an account: the limit must not tell who has one.
    """
    _take(request, f"account {email}", _address_key(request))


def count_bad_link(request: web.Request) -> None:
    """Count the opening of a link that opens nothing. Raises `TooMany`."""
    _take(request, _address_key(request))


def forgive(request: web.Request, email: str) -> None:
    """Somebody did sign in: in a hall, fifty people come from one address."""
    request.app[TRIES].give_back(f"account {email}")
    request.app[TRIES].give_back(_address_key(request))


def _take(request: web.Request, *keys: str) -> None:
    seconds = request.app[TRIES].take(*keys)
    if seconds:
        raise TooMany(
            N_("There were too many tries. Please wait %(minutes)d minutes and try again."),
            retry_after=seconds,
            code="people.too-many-tries",
            minutes=-(-seconds // 60),
        )


def _address_key(request: web.Request) -> str:
    return "address " + limit_key(client_address(request, request.app[SETTINGS].server.trusted_proxies))
