"""Take a port, listen, tell that it is ready, and stop cleanly on SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from conference.errors import N_, BadInput, MajlisError, Unavailable


@contextmanager
def taken_port(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to *host* and *port* (0: the system chooses), not yet listening.

    Taken before anything else is made, so that a busy port is told at once and nothing was started in
    vain. Raises `Unavailable` when it is busy, `BadInput` when it cannot be.
    """
    # Numbers only: a name would be looked up, and a start must not wait for somebody's name server.
    numeric = "127.0.0.1" if host == "localhost" else host
    flags = socket.AI_PASSIVE | socket.AI_NUMERICHOST
    try:
        if not 0 <= port <= 65_535:
            raise OverflowError("ports go from 0 to 65535")
        found = socket.getaddrinfo(numeric, port, type=socket.SOCK_STREAM, flags=flags)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise _cannot(host, port, error) from error
    with bound:
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError as error:
            raise _cannot(host, port, error) from error
        yield bound


def _cannot(host: str, port: int, error: Exception) -> MajlisError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return Unavailable(
            N_("Port %(port)s is in use by another program. Choose another, for example --port %(next)s."),
            code="listen.busy",
            port=port,
            next=port + 1,
        )
    return BadInput(
        N_("Majlis cannot listen on %(host)s port %(port)s: %(reason)s"),
        code="listen.address",
        host=host,
        port=port,
        reason=error,
    )


async def listen(app: web.Application, bound: socket.socket, ready: Callable[[], None]) -> signal.Signals:
    """Serve *app* on *bound* until told to stop; *ready* is called once connections are accepted.

    Returns the signal that told so: a person's Ctrl-C (SIGINT) means more than a restart (SIGTERM).
    """
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=5.0)
    loop = asyncio.get_running_loop()
    stopping: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.put_nowait, name)
    try:
        await runner.setup()
        await web.SockSite(runner, bound, backlog=1024).start()
        ready()
        return await stopping.get()
    finally:
        await runner.cleanup()
