"""From a channel to the sockets of its members: bounded, and a stalled client costs the others nothing.

`publish` only appends to the members' mailboxes; each client has a writer task of its own that waits
for its own socket. A mailbox that runs over is emptied and its client told once to catch up from the
log, so what a slow reader costs is `messages` × frame references, shared with everybody else.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

from conference.live.counters import Counters
from conference.live.wire import Frame, resync_frame


class Mailbox:
    """The frames that wait for one client: at most `messages` and `size` bytes."""

    def __init__(self, messages: int, size: int, counters: Counters) -> None:
        self._limit_messages = messages
        self._limit_size = size
        self._counters = counters
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._lost = False  # a resync waits; until it is sent, anything else would be in vain
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def size(self) -> int:
        return self._size

    def put(self, frame: Frame) -> None:
        """Queue *frame*; on overflow everything gives way to one resync. Never blocks, never fails."""
        if self._lost:
            return
        if frame.ephemeral and (
            len(self._frames) * 2 >= self._limit_messages or self._size * 2 >= self._limit_size
        ):
            return
        if len(self._frames) >= self._limit_messages or self._size + frame.size > self._limit_size:
            self._counters.resyncs += 1
            self._lost = True
            frame = resync_frame()
            self._frames.clear()
            self._size = 0
        self._frames.append(frame)
        self._size += frame.size
        self._filled.set()

    async def take(self) -> Frame:
        """The next frame, as soon as there is one."""
        while not self._frames:
            self._filled.clear()
            await self._filled.wait()
        frame = self._frames.popleft()
        self._size -= frame.size
        if not self._frames:
            self._lost = False
        return frame

    async def write_to(self, send: Callable[[Frame], Awaitable[None]]) -> None:
        """The client's writer: one frame at a time, the next when the socket has taken it."""
        while True:
            frame = await self.take()
            await send(frame)
            self._counters.delivered += 1
            self._counters.delivered_bytes += frame.size


class Delivery:
    """Who is in which channel, in this process. The log stays the truth; this is its doorbell."""

    def __init__(self) -> None:
        self._members: defaultdict[str, set[Mailbox]] = defaultdict(set)

    def join(self, mailbox: Mailbox, channels: tuple[str, ...]) -> None:
        for channel in channels:
            self._members[channel].add(mailbox)

    def leave(self, mailbox: Mailbox, channels: tuple[str, ...]) -> None:
        for channel in channels:
            self._members[channel].discard(mailbox)
            if not self._members[channel]:
                del self._members[channel]

    def has(self, channel: str) -> bool:
        """Is anybody there? Saves building a frame nobody reads."""
        return channel in self._members

    def publish(self, channel: str, frame: Frame) -> None:
        """Put the one *frame* into every member's mailbox."""
        for mailbox in self._members.get(channel, ()):
            mailbox.put(frame)
