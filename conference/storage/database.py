"""One writer that commits in groups, and readers beside it.

A shared connection loses committed rows when two coroutines interleave their transactions,
so there is exactly one writing connection. A *unit of work* is a plain function: it gets a
`Transaction`, cannot await anything in the middle, and either happens whole or not at all.
Units that wait together share one ``BEGIN IMMEDIATE … COMMIT`` (each under its own savepoint):
with ``synchronous=FULL`` the disk flush is the cost, and a group pays it once.

    asked = await database.write(lambda tx: ask(tx, …))     # returns after COMMIT
    page = await database.read(lambda rows: schedule(rows, event_id))

What others should hear of is registered with `Transaction.after_commit` and runs once the
commit is on disk, in the order of the units, never for a unit that failed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from conference.errors import N_, MajlisError, Unavailable

log = logging.getLogger("majlis.storage")

Result = TypeVar("Result")

# SQLite before these has a WAL checkpoint race (fixed 3.51.3, 3.50.7, 3.44.6); one checkpointing
# writer avoids it, but whoever runs the server should know.
_fixed_versions = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


class Transaction:
    """What a unit of work writes with: the connection, and what to tell after the commit."""

    __slots__ = ("_after_commit", "_publish", "connection")

    def __init__(self, connection: Connection, publish: Callable[[object], None] | None = None) -> None:
        self.connection = connection
        self._publish = publish
        self._after_commit: list[Callable[[], None]] = []

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Run *tell* (quick, synchronous) once this unit's commit is on disk."""
        self._after_commit.append(tell)

    def announce(self, news: object) -> None:
        """Hand *news* to the subscribers of the database (`Database.subscribe`) after the commit."""
        if self._publish is not None:
            publish = self._publish
            self.after_commit(lambda: publish(news))

    def told(self) -> None:
        """Run what was registered; one failing listener does not silence the others."""
        for tell in self._after_commit:
            try:
                tell()
            except Exception:
                log.exception("a listener failed after a commit")


class _Waiting:
    __slots__ = ("error", "future", "result", "transaction", "work")

    def __init__(self, work: Callable[[Transaction], Any], future: asyncio.Future[Any]) -> None:
        self.work = work
        self.future = future
        self.transaction: Transaction | None = None
        self.result: Any = None
        self.error: BaseException | None = None


class Database:
    """The database of one server. `open()` before use, `close()` at the end."""

    def __init__(self, url: str, *, readers: int = 4, batch: int = 64) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._batch = batch
        self._readers = readers
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue()
        self._writer_engine: AsyncEngine | None = None
        self._reader_engine: AsyncEngine | None = None
        self._writer: asyncio.Task[None] | None = None
        self._closing = False
        self._subscribers: list[Callable[[object], None]] = []

    def subscribe(self, listener: Callable[[object], None]) -> None:
        """Call *listener* (quick, synchronous) with everything units of work `announce`, once committed."""
        self._subscribers.append(listener)

    def _publish(self, news: object) -> None:
        for listener in self._subscribers:
            listener(news)

    async def open(self) -> None:
        """Connect and start the writer; the folder of an SQLite file is made when missing."""
        if self.is_sqlite and self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self._writer_engine = create_async_engine(self.url, pool_size=1, max_overflow=0)
        self._reader_engine = create_async_engine(self.url, pool_size=self._readers, max_overflow=0)
        if self.is_sqlite:
            prepare_sqlite(self._writer_engine.sync_engine, writing=True)
            prepare_sqlite(self._reader_engine.sync_engine, writing=False)
        async with (
            self._writer_engine.connect() as connection
        ):  # the file and its WAL exist before readers come
            await connection.execute(text("SELECT 1"))
        self._writer = asyncio.create_task(self._write_forever(), name="database writer")

    async def close(self) -> None:
        """Finish what waits, then close every connection."""
        self._closing = True
        if self._writer:
            self._queue.put_nowait(None)
            await self._writer
            self._writer = None
        for engine in (self._writer_engine, self._reader_engine):
            if engine:
                await engine.dispose()

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Run *work* in the writer; returns its result after COMMIT, raises what it raised.

        `Unavailable` when the database cannot take it (disk full, locked by another program):
        nothing of this unit was kept. A caller that is cancelled does not undo its unit.
        """
        if self._writer is None or self._closing:
            raise Unavailable(N_("The server is stopping. Try again in a moment."), code="storage.closed")
        waiting = _Waiting(work, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        result: Result = await asyncio.shield(waiting.future)
        return result

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run *work* on one consistent view of the database (a single read transaction)."""
        assert self._reader_engine, "open() first"
        try:
            async with self._reader_engine.connect() as connection, connection.begin():
                return await connection.run_sync(work)
        except DBAPIError as error:
            raise _unavailable(error) from error

    async def _write_forever(self) -> None:
        assert self._writer_engine
        stopping = False
        while not stopping:
            first = await self._queue.get()
            if first is None:
                return
            group = [first]
            while len(group) < self._batch and not self._queue.empty():
                following = self._queue.get_nowait()
                if following is None:
                    stopping = True
                    break
                group.append(following)
            try:
                async with self._writer_engine.connect() as connection:
                    await connection.run_sync(_commit_group, group, self._publish)
            except Exception as error:  # noqa: BLE001  # every waiting caller is told, the writer goes on
                failure = _unavailable(error) if isinstance(error, DBAPIError) else error
                for waiting in group:
                    waiting.error = waiting.error or failure
            self._settle(group)

    @staticmethod
    def _settle(group: list[_Waiting]) -> None:
        for waiting in group:
            if waiting.error is not None:
                if not waiting.future.done():
                    waiting.future.set_exception(waiting.error)
                    waiting.future.exception()  # a caller that went away must not cause "never retrieved"
                continue
            if waiting.transaction is not None:
                waiting.transaction.told()
            if not waiting.future.done():
                waiting.future.set_result(waiting.result)


def _commit_group(connection: Connection, group: list[_Waiting], publish: Callable[[object], None]) -> None:
    with connection.begin():
        for waiting in group:
            savepoint = connection.begin_nested()
            try:
                waiting.transaction = Transaction(connection, publish)
                waiting.result = waiting.work(waiting.transaction)
                savepoint.commit()
            except Exception as error:
                if _lost(error):
                    raise
                savepoint.rollback()
                waiting.error = _unavailable(error) if isinstance(error, OperationalError) else error


def _lost(error: BaseException) -> bool:
    """True when SQLite has already rolled the whole transaction back (disk full, I/O error)."""
    return isinstance(error, OperationalError) and any(
        sign in str(error.orig).lower() for sign in ("full", "disk i/o", "cannot rollback")
    )


def _unavailable(error: DBAPIError) -> MajlisError:
    log.error("the database refused: %s", error.orig)
    if "full" in str(error.orig).lower():
        return Unavailable(
            N_("The server's disk is full. Nothing was saved; please tell the organizer."),
            code="storage.full",
        )
    return Unavailable(N_("The server could not save this just now. Please try again."), code="storage.busy")


def prepare_sqlite(engine: Any, *, writing: bool) -> None:
    """Set every new connection of a synchronous *engine* up: WAL, FULL, IMMEDIATE, foreign keys."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # pysqlite must not open transactions of its own
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=10000")
        if writing:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        else:
            cursor.execute("PRAGMA query_only=ON")
            cursor.execute("PRAGMA wal_autocheckpoint=0")  # only the writer checkpoints
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def version_warning(version: tuple[int, int, int]) -> str | None:
    """A sentence about SQLite's WAL checkpoint race when *version* has it, else nothing."""
    if version >= _fixed_versions[0]:
        return None
    if any(version[:2] == fixed[:2] and version >= fixed for fixed in _fixed_versions[1:]):
        return None
    shown = ".".join(map(str, version))
    return (
        f"SQLite {shown} is older than 3.51.3 (3.50.7, 3.44.6) and has a WAL checkpoint race; "
        "Majlis checkpoints from its one writer only, which avoids it. "
        "Do not write to the database with other programs."
    )
