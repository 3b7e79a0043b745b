"""A TCP relay in front of the engine, on the port number of a UDP relay; it can be cut and mended."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.media.studio import Relay


class TcpRelay:
    """Passes bytes both ways to the UDP relay's target. `cut` ends all connections and refuses new ones."""

    def __init__(self, relay: Relay) -> None:
        self.accepted = 0
        self._relay = relay
        self._server: asyncio.Server | None = None
        self._open = True
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def beside(cls, host: str) -> tuple[Relay, TcpRelay]:
        """A pair with the same port number, which the system must have free for both."""
        for _ in range(20):
            relay = Relay(host)
            tcp = cls(relay)
            try:
                tcp._server = await asyncio.start_server(tcp._pass_on, host, relay.port)
            except OSError:
                relay.close()
            else:
                return relay, tcp
        raise AssertionError("no port is free for both UDP and TCP")

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            if self._open:
                self.accepted += 1
                await self._between(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*self._relay.target)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pump(reader, far_writer))
                    both.create_task(_pump(far_reader, writer))
            finally:
                far_writer.close()

    def cut(self) -> None:
        self._open = False
        for task in self._tasks:
            task.cancel()

    def mend(self) -> None:
        self._open = True

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
