"""The metadata every table registers with, and the column types that keep their promises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

# Named constraints, so that migrations can drop them on every database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment: aware `datetime` in Python, microseconds since 1970 (UTC) in the database.

    An integer sorts and compares the same on every database; a naive `datetime` is refused.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its zone: {value!r}")
        delta = value - _epoch
        return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else self.of(value)

    @staticmethod
    def of(value: int) -> datetime:
        """The moment that is *value* in the database."""
        seconds, micro = divmod(value, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)


_epoch = datetime(1970, 1, 1, tzinfo=UTC)


class Localized(TypeDecorator[dict[str, str]]):
    """A text in several languages, `{"ar": "…", "en": "…"}`; empty languages are left out."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, str] | None, dialect: Dialect) -> Any:
        return {lang: text for lang, text in (value or {}).items() if text}

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[str, str]:
        return dict(value or {})
