"""What a tab is really sent: every frame of its websocket, byte for byte, to look for what must not be there.

    async with watching(seminar, "sara") as sara:
        …                                    # what others do
        await sara.settled()                 # whatever had to reach her by now is in `sara.frames`
        sara.never_saw("Ali", "ali-public-id", declined_text)

A client library shows what it understood; this keeps what came, also what no client of ours would read.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from tests.live.seminar import GRACE, MORNING, Seminar, new_id, until


class Watch:
    """A tab in a room that acts like any other and keeps every frame. *code*: a session's, or ``/slug``."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, code: str) -> None:
        self.frames: list[str] = []
        self.code = code
        self.entered: dict[str, Any] = {}
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}

    async def read(self) -> None:
        """Keep what comes until the server hangs up; pings are answered and kept as well."""
        async for message in self._socket:
            text = message.data if isinstance(message.data, str) else repr(message.data)
            self.frames.append(text)
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith("43"):
                number, _, body = text[2:].partition("[")
                self._answers.pop(int(number)).set_result(msgspec.json.decode(body[:-1]))

    async def say(self, name: str, body: dict[str, Any]) -> Any:
        """Send an event; its acknowledgement."""
        number = next(self._numbers)
        self._answers[number] = answered = asyncio.get_running_loop().create_future()
        await self._socket.send_str(f"42{number}{msgspec.json.encode([name, body]).decode()}")
        async with asyncio.timeout(3 * GRACE):
            return await answered

    async def enter(self, last: dict[str, int] | None = None) -> dict[str, Any]:
        place = {"event": self.code[1:]} if self.code.startswith("/") else {"session": self.code}
        self.entered = await self.say("enter", {**place, "last": last or {}})
        return self.entered

    async def command(self, kind: str, client_id: str | None = None, **fields: Any) -> dict[str, Any]:
        message = {"client_id": client_id or new_id(), "type": kind, **fields}
        reply: dict[str, Any] = await self.say("command", message)
        return reply

    async def settled(self) -> None:
        """One line is in order: what was written to it before this question comes before its answer."""
        await self.say("catch_up", {"channel": "", "after": 0})

    async def saw(self, *texts: str) -> None:
        """Wait until each of *texts* was in a frame: what the absence of others is held against."""
        await until(lambda: all(any(text in frame for frame in self.frames) for text in texts))

    def events(self) -> list[dict[str, Any]]:
        """The durable and the ephemeral announcements, in the order they came."""
        return [
            msgspec.json.decode(frame[2:])[1]
            for frame in self.frames
            if frame.startswith(('42["event",', '42["ephemeral",'))
        ]

    def never_saw(self, *secrets: str) -> None:
        """Fail when one of *secrets* is anywhere in what came, as it is or escaped as JSON may be."""
        for secret in secrets:
            assert secret, "an empty text is in everything"
            ways = {secret, _escaped(secret), msgspec.json.encode(secret).decode()[1:-1]}
            found = [frame for frame in self.frames if any(way in frame for way in ways)]
            assert not found, f"{secret!r} was sent: {found[0][:400]}"


def _escaped(text: str) -> str:
    """Every character outside ASCII as JSON's ``\\uXXXX``."""
    return text.encode("ascii", "backslashreplace").decode()


@asynccontextmanager
async def watching(
    seminar: Seminar, name: str, code: str = MORNING, *, enter: bool = True, ticket: str | None = None
) -> AsyncIterator[Watch]:
    """*name*'s tab in the room of *code*, every frame kept from the first."""
    url = f"{seminar.url}/live/socket/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(url, headers={"Origin": seminar.url}) as socket:
            watch = Watch(socket, code)
            reading = asyncio.create_task(watch.read())
            try:
                await _until_frame(watch, lambda frame: frame.startswith("0"))
                await socket.send_str('40{"ticket":"' + (ticket or seminar.ticket(name)) + '"}')
                await _until_frame(watch, lambda frame: frame.startswith("40"))
                if enter:
                    await watch.enter()
                yield watch
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)


async def _until_frame(watch: Watch, wanted: Callable[[str], bool]) -> None:
    await until(lambda: any(map(wanted, watch.frames)))
