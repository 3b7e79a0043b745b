"""Renewing one worker from outside: no new rooms for it, an end with the last, and a fresh one instead."""

from __future__ import annotations

import asyncio
from pathlib import Path

from conference.media.worker.link import WorkerLink
from conference.media.worker.messages import Drain

_ANSWER_SECONDS = 10.0
_RETRY_SECONDS = 0.2
_FRESH_SECONDS = 60.0


async def renew(path: Path, limit: float) -> bool:
    """Drain the worker at *path* and wait for the next one; False when nobody answers there.

    Also returns when no next one comes within a minute: then nobody looks after the workers.
    """
    link = WorkerLink(path, "operator")
    try:
        await link.connect(_ANSWER_SECONDS)
    except OSError:
        return False
    try:
        await link.ask(Drain(limit))
        await link.lost.wait()
    finally:
        await link.close()
    for _ in range(int(_FRESH_SECONDS / _RETRY_SECONDS)):
        fresh = WorkerLink(path, "operator")
        try:
            await fresh.connect(_ANSWER_SECONDS)
        except OSError:
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        await fresh.close()
        break
    return True
