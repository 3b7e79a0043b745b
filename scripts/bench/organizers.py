"""Several organizers who plan a large event at once through the JSON API, each on their own connection."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from sqlalchemy import select

from conference.agenda.clashes.problems import Kind
from conference.agenda.tables import session
from conference.people.accounts import create_account
from conference.people.api_tokens import TokenScope, make_token
from conference.people.grants import grant_role
from conference.people.permissions import Role
from conference.storage.database import Transaction
from scripts.bench.programme import Connection, Served

AT_ONCE = 4


class Organizer:
    """One of them, with a token."""

    def __init__(self, line: Connection, token: str, slug: str) -> None:
        self._line, self._event = line, f"/api/events/{slug}"
        self._headers = (f"Authorization: Bearer {token}", "Content-Type: application/json")

    async def move(self, code: str, starts_at: str, edition: int) -> float:
        """Seconds until a move was answered."""
        said = {"act": "place", "session": code, "starts_at": starts_at, "edition": edition}
        body = msgspec.json.encode(said)
        return (await self._line.ask("POST", f"{self._event}/acts", *self._headers, body=body))[0]

    async def clashes(self) -> dict[str, str]:
        """One clash of each kind there is: its id by its kind."""
        _, body = await self._line.ask("GET", f"{self._event}/clashes", *self._headers)
        listed: dict[str, Any] = msgspec.json.decode(body)
        return {one["kind"]: one["id"] for one in listed["problems"]}

    async def suggestions(self, clash: str) -> float:
        """Seconds until the suggestions for a clash were there."""
        path = f"{self._event}/clashes/{clash}/suggestions"
        return (await self._line.ask("GET", path, *self._headers))[0]


async def moves(event: Served, each: int) -> list[float]:
    """Seconds of each of the moves of four organizers, *each* for one of them, one after the other."""
    movable = await event.database.read(
        lambda rows: rows.execute(
            select(session.c.code, session.c.starts_at, session.c.edition)
            .where(session.c.event_id == event.event_id, session.c.kind == "session")
            .order_by(session.c.id)
            .limit(AT_ONCE * each)
        ).all()
    )
    together = [await _organizer(event, number) for number in range(AT_ONCE)]

    async def work(number: int) -> list[float]:
        mine = movable[number::AT_ONCE]
        # By a minute: the act is what is measured, not what it does to the plan.
        return [
            await together[number].move(
                code, starts_at.replace(minute=starts_at.minute ^ 1).isoformat(), edition
            )
            for code, starts_at, edition in mine
        ]

    return [took for theirs in await asyncio.gather(*map(work, range(AT_ONCE))) for took in theirs]


async def suggestions(event: Served, most: int) -> list[float]:
    """Seconds of the suggestions for a clash of each of *most* kinds that the event has."""
    organizer = await _organizer(event, AT_ONCE)
    found = await organizer.clashes()
    chosen = [found[kind] for kind in Kind if kind in found][:most]
    return [await organizer.suggestions(clash) for clash in chosen]


async def _organizer(event: Served, number: int) -> Organizer:
    now = event.clock.now()

    def make(tx: Transaction) -> str:
        account = create_account(tx, f"organizer-{number}@example.org", f"Organizer {number}", now=now)
        grant_role(tx, account.id, event.event_id, Role.ORGANIZER, now=now)
        return make_token(tx, account.id, "bench", frozenset(TokenScope), event_id=event.event_id, now=now)

    token = await event.database.write(make)
    line = Connection(*await asyncio.open_connection("127.0.0.1", event.port, limit=1 << 24))
    return Organizer(line, token, event.slug)
