"""Thousands of websocket clients in one process: the least Socket.IO there can be.

A member connects, shows its ticket, enters, and counts what it hears; it can send commands and be told
when they are acknowledged.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
import uuid
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

_SEQ = re.compile(rb'"channel":"(session:[^"]*)","seq":(\d+)')
_numbers = itertools.count(1)


class Member(asyncio.Protocol):
    """One client; `heard` is how many broadcasts it got."""

    def __init__(self, host: str, path: str, login: str, enter: str | None) -> None:
        self._hello = (
            f"GET {path}?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        self._login, self._enter = login, enter
        self._buffer = b""
        self._upgraded = False
        self._asked: dict[int, Callable[[bytes], None]] = {}
        self._next = itertools.count(1)
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard = 0
        self.lost = False
        self.receipts: list[tuple[int, float]] | None = None
        self.entered: bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self.transport.write(self._hello.encode())

    def connection_lost(self, reason: Exception | None) -> None:
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("refused"))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._upgraded:
            head, found, buffer = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.transport.abort()
                return
            self._upgraded = True
        at, end = 0, len(buffer)
        while at + 2 <= end:
            length, start = buffer[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if start + length > end:
                break
            self._message(buffer[start : start + length])
            at = start + length
        self._buffer = buffer[at:]

    def _message(self, text: bytes) -> None:
        if text.startswith(b'42["event"'):
            self.heard += 1
            if self.receipts is not None and (found := _SEQ.search(text, 0, 90)):
                self.receipts.append((int(found[2]), time.monotonic()))
        elif text.startswith(b"43"):
            number, _, body = text[2:].partition(b"[")
            self._asked.pop(int(number))(body[:-1])
        elif text == b"2":
            self.say("3")
        elif text.startswith(b"0"):
            self.say(self._login)
        elif text.startswith(b"40"):
            if self._enter is None:
                self.ready.set_result(None)
            else:
                self.ask(self._enter, self._in)
        elif text.startswith(b"44"):
            self.transport.abort()

    def _in(self, answer: bytes) -> None:
        self.entered = answer
        self.ready.set_result(None)

    def say(self, text: str) -> None:
        """One masked text frame; a mask of zeros is one that costs nothing."""
        raw = text.encode()
        size = bytes((0x80 | len(raw),)) if len(raw) < 126 else b"\xfe" + len(raw).to_bytes(2, "big")
        self.transport.write(b"\x81" + size + b"\0\0\0\0" + raw)

    def ask(self, body: str, answered: Callable[[bytes], None]) -> None:
        """Send an event that is acknowledged."""
        number = next(self._next)
        self._asked[number] = answered
        self.say(f"42{number}{body}")

    def command(self, kind: str, answered: Callable[[bytes], None], **fields: Any) -> str:
        """Send a command; *answered* gets the JSON of its acknowledgement. Returns its client id."""
        client_id = str(uuid.UUID(int=(next(_numbers) << 64) | uuid.uuid4().int >> 64))
        self.ask(
            json.dumps(["command", {"client_id": client_id, "type": kind, **fields}], ensure_ascii=False),
            answered,
        )
        return client_id


async def gather(
    url: str, logins: list[str], *, path: str, enter: str | None, at_once: int = 64
) -> list[Member]:
    """A member for each of *logins*, connected and entered."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 0
    loop = asyncio.get_running_loop()
    door = asyncio.Semaphore(at_once)

    async def come(login: str) -> Member:
        async with door:
            _, member = await loop.create_connection(
                lambda: Member(address.netloc, path, login, enter), host, port
            )
            await member.ready
            return member

    return list(await asyncio.gather(*map(come, logins)))


def dismiss(members: list[Member]) -> None:
    for member in members:
        member.transport.abort()
