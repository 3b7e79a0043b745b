"""What every request can reach: set once by `app.py`, typed, never looked up by string."""

from __future__ import annotations

from aiohttp import web

from conference.clock import Clock
from conference.settings import Settings
from conference.storage.database import Database

SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
CLOCK: web.AppKey[Clock] = web.AppKey("clock", Clock)  # type: ignore[type-abstract]  # a Protocol names the type
DATABASE: web.AppKey[Database] = web.AppKey("database", Database)
LANGUAGE: web.RequestKey[str] = web.RequestKey("language", str)
