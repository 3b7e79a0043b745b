"""The town's running application at hand, with keys for its sessions and machines that use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy import select

from conference.agenda.tables import session
from conference.clock import ManualClock
from conference.media.engine import Engine, RoomStats
from conference.stage.ingest_keys import Life, Purpose, keys_of, make_key, revoke_key
from conference.stage.whip import MACHINES
from conference.storage.database import Database
from tests.flows.machine import Machine
from tests.flows.town import MORNING, OPEN
from tests.flows.visitor import LiveSocket, Site
from tests.world import until


class Hall:
    """The town with its application at hand, and keys for its sessions."""

    def __init__(self, app: web.Application, site: Site, database: Database, clock: ManualClock) -> None:
        self.app = app
        self.site = site
        self.database = database
        self.clock = clock
        self.machines: list[Machine] = []

    @property
    def engine(self) -> Engine:
        return self.app[MACHINES]._engine

    async def key(
        self, code: str = MORNING, label: str = "Operating theatre", purpose: Purpose = Purpose.PUBLISH,
        life: Life = Life.DAY,
    ) -> str:  # fmt: skip
        def work(tx: Any) -> str:
            session_id = tx.connection.execute(
                select(session.c.id).where(session.c.code == code)
            ).scalar_one()
            return make_key(tx, session_id, label, purpose, life, by=None, now=self.clock.now())[1]

        return await self.database.write(work)

    async def revoke_all(self) -> None:
        """As another server process would do it: only the database knows."""

        def work(tx: Any) -> None:
            for key in keys_of(tx.connection, 1):
                revoke_key(tx, 1, key.public_id, now=self.clock.now())

        await self.database.write(work)

    def machine(self, token: str, code: str = MORNING, act: str = "whip", event: str = OPEN) -> Machine:
        made = Machine(f"{self.site.url}/{event}/session/{code}/{act}", token)
        self.machines.append(made)
        return made

    async def stats(self) -> RoomStats:
        return await self.engine.stats(MORNING)

    async def publishes(self) -> bool:
        """Whether sound and picture of the one machine arrive."""
        tracks = [t for p in (await self.stats()).participants for t in p.tracks]
        return {t.source for t in tracks if t.packets > 5} == {"microphone", "camera"}


async def told(socket: LiveSocket, what: str, fits: Callable[[dict[str, Any]], bool]) -> None:
    async def heard() -> bool:
        return any(what in str(each) and fits(each) for each in socket.told)

    await until(heard, what)
