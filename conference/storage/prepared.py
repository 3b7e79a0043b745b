"""Statements on the hottest paths: compiled once, then handed to the driver as they are.

Building, caching and decoding a statement costs SQLAlchemy ten times what SQLite takes to run it. What is
given up is the conversion of results: a row is what the driver gives (on SQLite a truth value is 0 or 1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement


class _Compiled(NamedTuple):
    text: str
    binds: list[tuple[str, Callable[[Any], Any] | None]]  # in their order: name and conversion
    fixed: dict[str, Any]  # values that are part of the statement
    positional: bool


class Prepared:
    """*statement* with `bindparam`s, each of which is given by name when it is run."""

    def __init__(self, statement: ClauseElement | Callable[[str], ClauseElement]) -> None:
        """A function gets the name of the dialect, for what each database spells its own way."""
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **values: Any) -> list[Any]:
        """Run it; every row of the result. Errors are SQLAlchemy's `DBAPIError`s, as of any statement."""
        cursor = self._run(connection, values)
        try:
            found: list[Any] = cursor.fetchall()
            return found
        finally:
            cursor.close()

    def run(self, connection: Connection, **values: Any) -> None:
        """Run it for its effect."""
        self._run(connection, values).close()

    def _run(self, connection: Connection, values: dict[str, Any]) -> Any:
        known = self._compiled.get(connection.dialect.name) or self._compile(connection)
        given: Any = [
            known.fixed[name] if name in known.fixed else convert(values[name]) if convert else values[name]
            for name, convert in known.binds
        ]
        if not known.positional:
            given = {name: value for (name, _), value in zip(known.binds, given, strict=True)}
        cursor = connection.connection.cursor()
        try:
            cursor.execute(known.text, given)
        except Exception as error:
            cursor.close()
            dbapi: Any = connection.dialect.loaded_dbapi
            if not isinstance(error, dbapi.Error):
                raise
            raise DBAPIError.instance(known.text, given, error, dbapi.Error) from error
        return cursor

    def _compile(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        statement = self._statement
        if not isinstance(statement, ClauseElement):
            statement = statement(dialect.name)
        compiled: Any = statement.compile(dialect=dialect)
        names = compiled.positiontup if compiled.positional else list(compiled.binds)
        types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
        binds = [(name, types[name].bind_processor(dialect)) for name in names]
        fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        found = _Compiled(str(compiled), binds, fixed, bool(compiled.positional))
        self._compiled[dialect.name] = found
        return found
