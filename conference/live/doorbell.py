"""The bell between processes that serve the same rooms: Redis, and nothing that matters is in it.

A ring says that the log has grown. What is ephemeral goes along as it is; when Redis is away it is lost,
as ephemeral news may be, and the log is looked at a little later (`following.py`).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from conference.errors import N_, BadInput

log = logging.getLogger("majlis.live")

AGAIN_SECONDS = 1.0  # between two attempts to reach Redis
WAITING = 256  # ephemeral news that wait for the wire; the oldest give way


class Told(msgspec.Struct, array_like=True, frozen=True):
    """What goes over the wire: from which process, and for an ephemeral announcement its channel and JSON."""

    origin: str
    channel: str = ""
    body: str = ""


class Doorbell:
    """One process's end of the bell at the Redis of *url*, for those who use the same *name*."""

    def __init__(self, url: str, name: str = "majlis") -> None:
        try:
            from redis.asyncio import Redis
        except ImportError as error:
            raise BadInput(
                N_("live.redis_url needs the Redis client: pip install 'majlis[redis]'."),
                code="live.no-redis",
            ) from error
        self.origin = secrets.token_hex(8)
        self._redis: Any = Redis.from_url(url, socket_connect_timeout=5)
        self._name = f"{name}:live"
        self._out: deque[Told] = deque(maxlen=WAITING)
        self._ring = False
        self._waiting = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._heard: Callable[[], None] = lambda: None
        self._told: Callable[[str, str], None] = lambda channel, body: None

    async def start(self, heard: Callable[[], None], told: Callable[[str, str], None]) -> None:
        """Call *heard* when another process has written, *told* with its ephemeral news."""
        self._heard, self._told = heard, told
        self._tasks = [
            asyncio.create_task(self._again_and_again(self._listen), name="live doorbell, listening"),
            asyncio.create_task(self._again_and_again(self._speak), name="live doorbell, ringing"),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()

    def ring(self) -> None:
        """The log has grown. Many at once are one."""
        self._ring = True
        self._waiting.set()

    def tell(self, channel: str, body: str) -> None:
        """An ephemeral announcement for the other processes' clients."""
        self._out.append(Told(self.origin, channel, body))
        self._waiting.set()

    async def _again_and_again(self, work: Callable[[], Any]) -> None:
        from redis.exceptions import RedisError

        well = True
        while True:
            try:
                await work()
                well = True
            except (RedisError, OSError) as error:
                if well:
                    log.warning("Redis does not answer (%s); events of other processes come later", error)
                well = False
                await asyncio.sleep(AGAIN_SECONDS)

    async def _speak(self) -> None:
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            while self._ring or self._out:
                told = self._out.popleft() if self._out else Told(self.origin)
                self._ring = False  # whatever is told rings, too
                await self._redis.publish(self._name, msgspec.json.encode(told))

    async def _listen(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(self._name)
            self._heard()  # what was rung while nobody listened
            async for message in pubsub.listen():
                told = msgspec.json.decode(message["data"], type=Told)
                if told.origin == self.origin:
                    continue
                self._heard()
                if told.channel:
                    self._told(told.channel, told.body)
