"""One writer that commits in groups, and readers beside it, each in a thread with a connection of its own.

A shared connection loses committed rows when two coroutines interleave their transactions,
so there is exactly one writing connection (and among several processes one at a time). A *unit of work*
is a plain function: it gets a `Transaction`, cannot await anything, and either happens whole or not at all.
Units that wait together share one ``BEGIN IMMEDIATE … COMMIT`` (each under its own savepoint):
with ``synchronous=FULL`` the disk flush is the cost, and a group pays it once.

    asked = await database.write(lambda tx: ask(tx, …))     # returns after COMMIT
    page = await database.read(lambda rows: schedule(rows, event_id))

What others should hear of is registered with `Transaction.after_commit` and runs once the
commit is on disk, in the order of the units, never for a unit that failed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from conference.errors import N_, MajlisError, Unavailable
from conference.storage.groups import Groups, Waiting
from conference.storage.sqlite import WriteLock, prepare_sqlite

log = logging.getLogger("majlis.storage")

Result = TypeVar("Result")

READS_TOGETHER = 16  # in one transaction; each sees what was committed before it was asked for


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


class Database:
    """The database of one server. `open()` before use, `close()` at the end."""

    def __init__(self, url: str, *, readers: int = 4, batch: int = 64) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writes = Groups("database writer", 1, batch)
        self._reads = Groups("database reader", readers, READS_TOGETHER)
        self._lock: WriteLock | None = None
        self._subscribers: list[Callable[[object], None]] = []

    def subscribe(self, listener: Callable[[object], None]) -> None:
        """Call *listener* (quick, synchronous) with everything units of work `announce`, once committed."""
        self._subscribers.append(listener)

    def _publish(self, news: object) -> None:
        for listener in self._subscribers:
            listener(news)

    def _engine(self, *, writing: bool) -> Engine:
        # A driver that is awaited costs a change of threads for each statement instead of for each group.
        url = self.url.set(drivername="sqlite") if self.is_sqlite else self.url
        # A programme of a thousand sessions has ten thousand JSON values: the standard library takes longer.
        engine = create_engine(url, poolclass=NullPool, json_deserializer=msgspec.json.decode)
        if self.is_sqlite:
            prepare_sqlite(engine, writing=writing)
        return engine

    async def open(self) -> None:
        """Connect and start the writer; the folder of an SQLite file is made when missing."""
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self._lock = WriteLock(self.url.database)
        with (
            self._locked(),
            self._engine(writing=True).connect(),
        ):  # the file and its WAL exist before readers come
            pass
        self._writes.start(self._serve_writes)
        self._reads.start(self._serve_reads)

    async def close(self) -> None:
        """Finish what waits, then close every connection."""
        await self._writes.close()
        await self._reads.close()
        if self._lock is not None:
            self._lock.close()

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Run *work* in the writer; returns its result after COMMIT, raises what it raised.

        `Unavailable` when the database cannot take it (disk full, locked by another program):
        nothing of this unit was kept. A caller that is cancelled does not undo its unit.
        """
        if not self._writes.is_open:
            raise Unavailable(N_("The server is stopping. Try again in a moment."), code="storage.closed")
        result: Result = await self._writes.run(work)
        return result

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run *work* on one consistent view of the database (a single read transaction)."""
        if not self._reads.is_open:
            raise Unavailable(N_("The server is stopping. Try again in a moment."), code="storage.closed")
        result: Result = await self._reads.run(work)
        return result

    def _locked(self) -> AbstractContextManager[None]:
        return self._lock if self._lock is not None else nullcontext()

    def _serve_writes(self) -> None:
        with _connections(self._engine(writing=True)) as connection:
            while group := self._writes.take():
                try:
                    with self._locked(), connection() as writer:
                        _commit_group(writer, group, self._publish)
                except Exception as error:  # noqa: BLE001  # every waiting caller is told, the writer goes on
                    _fail(group, error)
                self._writes.settle(group)

    def _serve_reads(self) -> None:
        with _connections(self._engine(writing=False)) as connection:
            while group := self._reads.take():
                try:
                    with connection() as reader:
                        _read_group(reader, group)
                except Exception as error:  # noqa: BLE001  # every waiting caller is told, the reader goes on
                    _fail(group, error)
                self._reads.settle(group)


@contextmanager
def _connections(engine: Engine) -> Iterator[Callable[[], AbstractContextManager[Connection]]]:
    """The one connection of a thread, made when it is needed and made anew after a fault."""
    kept: Connection | None = None

    @contextmanager
    def connection() -> Iterator[Connection]:
        nonlocal kept
        if kept is None:
            kept = engine.connect()
        try:
            yield kept
        except BaseException:
            broken, kept = kept, None
            broken.invalidate()
            broken.close()
            raise

    try:
        yield connection
    finally:
        if kept is not None:
            kept.close()
        engine.dispose()


def _read_group(connection: Connection, group: list[Waiting]) -> None:
    transaction = connection.begin()
    for waiting in group:
        try:
            waiting.result = waiting.work(connection)
        except Exception as error:  # noqa: BLE001  # handed to who asked
            waiting.error = _unavailable(error) if isinstance(error, DBAPIError) else error
            transaction.rollback()  # some databases refuse everything after a failed statement
            transaction = connection.begin()
    transaction.rollback()


def _commit_group(connection: Connection, group: list[Waiting], publish: Callable[[object], None]) -> None:
    with connection.begin():
        # SQLAlchemy's own savepoints cost as much as all the statements of a vote.
        run = connection.connection.cursor().execute
        for waiting in group:
            run("SAVEPOINT unit")
            try:
                transaction = Transaction(connection, publish)
                waiting.result = waiting.work(transaction)
                waiting.told = transaction.told
                run("RELEASE unit")
            except Exception as error:
                if _lost(error):
                    raise
                run("ROLLBACK TO unit")
                run("RELEASE unit")
                waiting.error = _unavailable(error) if isinstance(error, OperationalError) else error


def _fail(group: list[Waiting], error: Exception) -> None:
    failure = _unavailable(error) if isinstance(error, DBAPIError) else error
    for waiting in group:
        waiting.error = waiting.error or failure


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
