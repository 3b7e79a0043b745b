"""Who is looking: set on every request by the session middleware, anonymous when signed out."""

from __future__ import annotations

import msgspec
from aiohttp import web


class Viewer(msgspec.Struct, frozen=True):
    """The account behind a request and the browser session it came with.

    `session_id` is the row of `browser_session`, never a conference session. `language` and
    `zone` are the account's own choices and None when it made none. `only_event_id`: the session came
    from a personal link and counts in that event alone; elsewhere `access.py` makes the viewer anonymous.
    """

    account_id: int | None = None
    public_id: str = ""
    name: str = ""
    email: str = ""
    language: str | None = None
    zone: str | None = None
    session_id: int | None = None
    only_event_id: int | None = None

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None


ANONYMOUS = Viewer()

VIEWER: web.RequestKey[Viewer] = web.RequestKey("viewer", Viewer)
