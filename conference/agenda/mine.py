"""A person's own agenda: what of it is on at the same time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from conference.agenda.rows import SessionRow

Listed = TypeVar("Listed", bound=SessionRow)


def clashing(sessions: Iterable[Listed]) -> dict[str, list[Listed]]:
    """For each session (by code) that overlaps others of *sessions*, those others, by start.

    Cancelled sessions and breaks overlap with nothing; one that begins when another ends does not either.
    """
    found: dict[str, list[Listed]] = {}
    running: list[Listed] = []
    held = (one for one in sessions if not one.is_break and not one.is_cancelled)
    for session in sorted(held, key=lambda one: (one.starts_at, one.code)):
        running = [one for one in running if one.ends_at > session.starts_at]
        for other in running:
            found.setdefault(other.code, []).append(session)
            found.setdefault(session.code, []).append(other)
        running.append(session)
    return found


def pairs(clashes: dict[str, list[Listed]]) -> int:
    """How many pairs there are."""
    return sum(map(len, clashes.values())) // 2
