"""A server from its start to its end, with the media workers beside it."""

from __future__ import annotations

import logging
import signal
import socket
import sqlite3
from collections.abc import Callable

from conference.app import compose
from conference.clock import Clock
from conference.media.collecting import calm_collector
from conference.media_plane import media_supervisor
from conference.serving.listening import listen
from conference.settings import Settings
from conference.storage.database import Database
from conference.storage.sqlite import version_warning

log = logging.getLogger("majlis")


async def serve(
    settings: Settings,
    clock: Clock,
    database: Database,
    bound: socket.socket,
    ready: Callable[[], None],
    *,
    keep_workers: bool = True,
) -> None:
    """Run the server on *bound* until it is told to stop; *ready* is called once it accepts connections.

    Media workers outlive a SIGTERM, which may be a restart, so that nobody's sound is interrupted; a person's
    Ctrl-C ends them, and so does every end when *keep_workers* is false.
    """
    warning = version_warning(sqlite3.sqlite_version_info) if database.is_sqlite else None
    if warning:
        log.warning(warning)
    supervisor = media_supervisor(settings)
    told = signal.SIGTERM
    try:
        if supervisor.sockets:
            await supervisor.start()
        app = compose(settings, clock, database, supervisor.sockets)
        calm_collector()
        told = await listen(app, bound, ready)
    finally:
        if told == signal.SIGINT or not keep_workers:
            await supervisor.end_workers()
        await supervisor.close()
