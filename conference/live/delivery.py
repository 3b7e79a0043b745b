"""From a channel to the sockets of its members: bounded, and a stalled client costs the others nothing.

`publish` writes the bytes of one frame to the transport of every member. Where a transport is full the
frame waits in the client's mailbox (a reference, shared with everybody else), and a mailbox that runs over
is emptied: its client is told once to catch up from the log. Nobody waits for anybody.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from typing import Protocol

from conference.live.counters import Counters
from conference.live.websocket import LOOK_AGAIN, ROOM
from conference.live.wire import Frame, resync_frame


class Line(Protocol):
    """What a mailbox needs of an `asyncio.Transport`."""

    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def is_closing(self) -> bool: ...


class Mailbox:
    """One client's line, and the frames that wait for it: at most `messages` and `size` bytes."""

    __slots__ = ("_behind", "_counters", "_frames", "_line", "_lost", "_messages", "_packs", "_room", "_size")

    def __init__(
        self, line: Line, behind: Behind, messages: int, size: int, counters: Counters, *, packs: bool = False
    ) -> None:
        self._line = line
        self._packs = packs
        self._behind = behind
        self._messages = messages
        self._room = size
        self._counters = counters
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._lost = False  # a resync waits; until it is sent, anything else would be in vain

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def size(self) -> int:
        return self._size

    def put(self, frame: Frame) -> bool:
        """Write *frame* (True), or keep it until the line has room. Never blocks, never fails."""
        line = self._line
        if line.is_closing():
            return False
        if not self._frames and line.get_write_buffer_size() < ROOM:
            line.write(frame.packed if self._packs else frame.data)
            return True
        self._keep(frame)
        return False

    def _keep(self, frame: Frame) -> None:
        if self._lost:
            return
        if frame.ephemeral and (len(self._frames) * 2 >= self._messages or self._size * 2 >= self._room):
            return
        if len(self._frames) >= self._messages or self._size + frame.size > self._room:
            self._counters.resyncs += 1
            self.clear()
            self._lost = True
            frame = resync_frame()
        self._frames.append(frame)
        self._size += frame.size
        self._behind.add(self)

    def flush(self) -> bool:
        """Write what waits as far as the line has room; True when nothing is left."""
        line, frames = self._line, self._frames
        if line.is_closing():
            self.clear()
        while frames and line.get_write_buffer_size() < ROOM:
            frame = frames.popleft()
            self._size -= frame.size
            line.write(frame.packed if self._packs else frame.data)
            self._counters.delivered += 1
            self._counters.delivered_bytes += frame.size
        if not frames:
            self._lost = False
        return not frames

    def clear(self) -> None:
        """Forget what waits."""
        self._frames.clear()
        self._size = 0
        self._lost = False


class Behind:
    """The mailboxes that hold something; each is looked at again until it is empty."""

    def __init__(self) -> None:
        self._waiting: set[Mailbox] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, mailbox: Mailbox) -> None:
        self._waiting.add(mailbox)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look)

    def discard(self, mailbox: Mailbox) -> None:
        self._waiting.discard(mailbox)

    def _look(self) -> None:
        self._timer = None
        self._waiting = {mailbox for mailbox in self._waiting if not mailbox.flush()}
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look)

    def close(self) -> None:
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()


class Delivery:
    """Who is in which channel, in this process. The log stays the truth; this is its doorbell."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        # In the order they came, about as they lie in memory: the order of a set costs cache misses.
        self._members: defaultdict[str, dict[Mailbox, None]] = defaultdict(dict)

    def join(self, mailbox: Mailbox, channels: tuple[str, ...]) -> None:
        for channel in channels:
            self._members[channel][mailbox] = None

    def leave(self, mailbox: Mailbox, channels: tuple[str, ...]) -> None:
        for channel in channels:
            self._members[channel].pop(mailbox, None)
            if not self._members[channel]:
                del self._members[channel]

    def has(self, channel: str) -> bool:
        """Is anybody there? Saves building a frame nobody reads."""
        return channel in self._members

    def channels(self) -> list[str]:
        """Every channel somebody here is in."""
        return list(self._members)

    def publish(self, channel: str, frame: Frame) -> None:
        """The one *frame* to every member."""
        members = self._members.get(channel, ())
        self._count(frame, sum([mailbox.put(frame) for mailbox in members]))

    def send(self, mailbox: Mailbox, frame: Frame) -> None:
        """To one client alone."""
        self._count(frame, mailbox.put(frame))

    def _count(self, frame: Frame, written: int) -> None:
        self._counters.delivered += written
        self._counters.delivered_bytes += written * frame.size
