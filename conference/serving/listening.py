"""Listen, tell that it is ready, and stop cleanly on SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable

from aiohttp import web

from conference.errors import N_, BadInput, Unavailable


async def listen(app: web.Application, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve *app* until told to stop; *ready* hears the port once connections are accepted.

    The port is taken before the application starts, so that a busy one is told at once and nothing
    was started in vain. Raises `Unavailable` when it is busy, `BadInput` when it cannot be.
    """
    listening = _bind(host, port)
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=5.0)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    try:
        await runner.setup()
        await web.SockSite(runner, listening, backlog=1024).start()
        ready(listening.getsockname()[1])
        await stopping.wait()
    finally:
        await runner.cleanup()
        listening.close()


def _bind(host: str, port: int) -> socket.socket:
    # Numbers only: a name would be looked up, and a start must not wait for somebody's name server.
    numeric = "127.0.0.1" if host == "localhost" else host
    flags = socket.AI_PASSIVE | socket.AI_NUMERICHOST
    try:
        if not 0 <= port <= 65_535:
            raise OverflowError("ports go from 0 to 65535")
        family, kind, protocol, _, address = socket.getaddrinfo(
            numeric, port, type=socket.SOCK_STREAM, flags=flags
        )[0]
    except (OSError, OverflowError) as error:
        raise BadInput(
            N_("Majlis cannot listen on %(host)s port %(port)s: %(reason)s"),
            code="listen.address",
            host=host,
            port=port,
            reason=error,
        ) from error
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
        listening.setblocking(False)
    except (OSError, OverflowError) as error:
        listening.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise Unavailable(
                N_(
                    "Port %(port)s is in use by another program. Choose another one with --port, for example --port %(next)s."
                ),
                code="listen.busy",
                port=port,
                next=port + 1,
            ) from error
        raise BadInput(
            N_("Majlis cannot listen on %(host)s port %(port)s: %(reason)s"),
            code="listen.address",
            host=host,
            port=port,
            reason=error,
        ) from error
    return listening
