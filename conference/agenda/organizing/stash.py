"""Uploaded files between their preview and the button that applies them: in the data folder, for a day."""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path

import msgspec

from conference.agenda.sheets.columns import Kind
from conference.errors import N_, NotFound

KEPT_SECONDS = 24 * 3600
MOST_FILES = 50  # of one server; the oldest goes first
_KEY = re.compile(r"[A-Za-z0-9_-]{24}")


class Kept(msgspec.Struct, frozen=True):
    """An uploaded file: whose event, its name as uploaded, and what was chosen with it."""

    event_id: int
    filename: str
    kind: Kind | None
    keeps_event: bool
    data: bytes


def keep(folder: Path, kept: Kept) -> str:
    """Store the file; returns the unguessable key it is found by. Forgets what is older than a day."""
    place = folder / "imports"
    place.mkdir(parents=True, exist_ok=True)
    files = sorted(place.glob("*.import"), key=lambda file: file.stat().st_mtime)
    too_many = len(files) - MOST_FILES + 1
    for number, file in enumerate(files):
        if number < too_many or time.time() - file.stat().st_mtime > KEPT_SECONDS:
            file.unlink(missing_ok=True)
    key = secrets.token_urlsafe(18)
    (place / f"{key}.import").write_bytes(msgspec.msgpack.encode(kept))
    return key


def kept_file(folder: Path, key: str, event_id: int) -> Kept:
    """The file of this key, of this event; `NotFound` otherwise."""
    if _KEY.fullmatch(key):
        try:
            kept = msgspec.msgpack.decode((folder / "imports" / f"{key}.import").read_bytes(), type=Kept)
        except (OSError, msgspec.DecodeError):
            pass  # forgotten, or never there
        else:
            if kept.event_id == event_id:
                return kept
    raise NotFound(N_("This file is no longer here. Upload it once more."), code="import.gone")


def forget(folder: Path, key: str) -> None:
    """Delete the file once it was applied."""
    if _KEY.fullmatch(key):
        (folder / "imports" / f"{key}.import").unlink(missing_ok=True)
