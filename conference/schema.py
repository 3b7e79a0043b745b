"""Every table of the product in one place: for migrations, checks and tests."""

from __future__ import annotations

import importlib
import importlib.util

from conference.storage.columns import metadata

for _domain in ("live", "people", "agenda", "stage", "questions", "polls", "chat"):
    if importlib.util.find_spec(f"conference.{_domain}.tables"):
        importlib.import_module(f"conference.{_domain}.tables")

__all__ = ["metadata"]
