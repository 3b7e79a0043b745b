"""The small world of tests/live in the database of every chat test."""

from __future__ import annotations

from tests.live.conftest import furnished

__all__ = ["furnished"]
