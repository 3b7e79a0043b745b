"""Which edit undo and redo mean when they are not told. Pure.

An undo is an edit of its own that names the one it takes back; a redo takes an undo back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

UNDO, REDO = "undo", "redo"


class Entry(NamedTuple):
    """An edit in the log: the name of its act, and the edit it took back."""

    id: int
    act: str
    undoes: int | None


def undoable(entries: Sequence[Entry]) -> Entry | None:
    """The newest edit or redo that still stands, of one person's *entries*, oldest first."""
    return next((entry for entry in _standing(entries) if entry.act != UNDO), None)


def redoable(entries: Sequence[Entry]) -> Entry | None:
    """The newest undo that still stands, unless something was edited after it: then nothing can be redone."""
    found = next((entry for entry in _standing(entries) if entry.act == UNDO), None)
    if found is None or any(entry.id > found.id and entry.act not in (UNDO, REDO) for entry in entries):
        return None
    return found


def _standing(entries: Sequence[Entry]) -> list[Entry]:
    taken = {entry.undoes for entry in entries}
    return [entry for entry in reversed(entries) if entry.id not in taken]
