"""Join tickets: what a browser shows a socket instead of its cookie.

A page of another site can open a socket here with the visitor's cookie but cannot read a ticket, which
is handed out over the cookie *and* the form token. Single use, one minute, in memory: after a restart
browsers fetch a new one.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec

from conference.clock import Clock
from conference.live.commands import Identity


class _Issued(msgspec.Struct, frozen=True):
    identity: Identity
    until: datetime


class Tickets:
    """The tickets that were handed out and not used yet."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        self._clock = clock
        self._life = timedelta(seconds=seconds)
        self._issued: dict[str, _Issued] = {}

    def issue(self, identity: Identity) -> str:
        """A new ticket for *identity* (192 random bits)."""
        self._sweep()
        ticket = secrets.token_urlsafe(24)
        self._issued[ticket] = _Issued(identity, self._clock.now() + self._life)
        return ticket

    def redeem(self, ticket: str) -> Identity | None:
        """Whose ticket it is, once; nothing when unknown, used or expired."""
        issued = self._issued.pop(ticket, None)
        return issued.identity if issued and self._clock.now() < issued.until else None

    def revoke(self, account_id: int, browser_session_id: int | None) -> None:
        """Forget the tickets of one browser session, or (None) of the whole account."""
        self._issued = {
            ticket: issued
            for ticket, issued in self._issued.items()
            if not issued.identity.belongs_to(account_id, browser_session_id)
        }

    def _sweep(self) -> None:
        # Issued in the order they expire, so the old ones are at the front.
        now = self._clock.now()
        for ticket in list(self._issued):
            if self._issued[ticket].until > now:
                return
            del self._issued[ticket]
