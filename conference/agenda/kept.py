"""What is made from a programme and asked for again and again: exports, the printed programme, public pages.

Made once for each state of the programme, whoever and however many ask at the same time; the least wanted
goes when the room is needed.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from aiohttp import web

LIMIT = 24 << 20  # bytes of everything together; all files of a thousand sessions take about 15 MB


class Kept:
    """Bytes by key, at most *limit* of them; keys name what they were made from, so nothing grows stale."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit, self._size = limit, 0
        self._found: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, asyncio.Future[bytes]] = {}

    @property
    def size(self) -> int:
        """Bytes kept now."""
        return self._size

    async def get(self, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """What *make* gives, made once; all who wait for it get the same, also its error."""
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        if key not in self._making:
            making = asyncio.ensure_future(make())
            self._making[key] = making
            making.add_done_callback(lambda done: self._made(key, done))
        # Shielded: one reader who hangs up must not take it from the others.
        return await asyncio.shield(self._making[key])

    def _made(self, key: Hashable, done: asyncio.Future[bytes]) -> None:
        self._making.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        data = done.result()
        if len(data) > self._limit // 4:
            return  # one of these must not drive everything else out
        self._found[key] = data
        self._size += len(data)
        while self._size > self._limit:
            _, gone = self._found.popitem(last=False)
            self._size -= len(gone)


KEPT: web.AppKey[Kept] = web.AppKey("kept", Kept)
