"""What every request can reach: set once by `app.py`, typed, never looked up by string."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from conference.clock import Clock
from conference.settings import Settings
from conference.storage.database import Database

SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
CLOCK: web.AppKey[Clock] = web.AppKey("clock", Clock)
DATABASE: web.AppKey[Database] = web.AppKey("database", Database)

LANGUAGE: web.RequestKey[str] = web.RequestKey("language", str)
# The reader's IANA zone as their browser or account told it; "" when nobody told.
ZONE: web.RequestKey[str] = web.RequestKey("zone", str)
# Set when the request proved itself by a token in its Authorization header: no cookie counts for it.
BY_TOKEN: web.RequestKey[bool] = web.RequestKey("by_token", bool)
# What a form must send back to prove that it came from our page.
FORM_TOKEN: web.RequestKey[str] = web.RequestKey("form_token", str)
# base64 of the SHA-256 of the one inlined <style> of this answer, for `style-src`.
STYLE_HASH: web.RequestKey[str] = web.RequestKey("style_hash", str)

# Set by the few answers that other sites may frame and fetch: no cookie is set with them.
EMBEDDED: web.RequestKey[bool] = web.RequestKey("embedded", bool)

# Names what a page shows besides its own subject: pages kept for several readers are told apart by it.
PAGE_STATE: web.RequestKey[str] = web.RequestKey("page_state", str)

PageValues = Callable[[web.Request], Mapping[str, Any]]
# Called for each page: what the domains above this one want every template to know (the viewer).
PAGE_VALUES: web.AppKey[list[PageValues]] = web.AppKey("page_values", list)
