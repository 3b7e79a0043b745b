"""The small world of tests/live in the database of every poll test."""

from __future__ import annotations

from tests.live.conftest import furnished

__all__ = ["furnished"]
