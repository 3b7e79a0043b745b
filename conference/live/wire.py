"""Frames: the text of one Socket.IO message, built once and sent to every member of a channel as it is.

Socket.IO protocol 5: an EVENT packet is ``2["name",{…}]``. JSON is written in UTF-8, not as \\u escapes:
an Arabic question costs a third of the bytes on a link that is paid by the megabyte.
"""

from __future__ import annotations

from typing import Any

import msgspec
import socketio.packet

from conference.live.messages import Announcement
from conference.live.tables import LogEvent
from conference.live.websocket import packed, plain


class Json:
    """The two functions python-socketio wants, by msgspec."""

    @staticmethod
    def dumps(data: object, **_options: object) -> str:
        return msgspec.json.encode(data).decode()

    @staticmethod
    def loads(text: str) -> Any:
        return msgspec.json.decode(text)


class WirePacket(socketio.packet.Packet):  # type: ignore[misc]  # python-socketio is untyped
    """Socket.IO packets with our JSON, for one server only (`json=` would change every server and client)."""

    json = Json


class Frame:
    """One message ready to send; `size` in bytes; an `ephemeral` one may be dropped.

    `data` is the websocket frame of every client that takes plain ones, `packed` that of the others:
    each is made once, whatever the number of clients.
    """

    __slots__ = ("_packed", "data", "ephemeral", "size", "text")

    def __init__(self, name: str, body: str, *, ephemeral: bool = False) -> None:
        self.text = f'2["{name}",{body}]'
        self.data = plain(self._message())
        self.size = len(self.data)
        self.ephemeral = ephemeral
        self._packed: bytes | None = None

    @property
    def packed(self) -> bytes:
        if self._packed is None:
            self._packed = packed(self._message()) or self.data
        return self._packed

    def _message(self) -> bytes:
        return b"4" + self.text.encode()  # Engine.IO's MESSAGE


def event_body(event: LogEvent) -> str:
    """A logged event as one JSON object: `channel`, `seq`, `at`, and the announcement's type and fields."""
    envelope = msgspec.json.encode({"channel": event.channel, "seq": event.seq, "at": event.at}).decode()
    return f"{envelope[:-1]},{event.body[1:]}"


def event_frame(event: LogEvent) -> Frame:
    return Frame("event", event_body(event))


def ephemeral_frame(channel: str, body: str) -> Frame:
    """*body* is an announcement as JSON."""
    return Frame(
        "ephemeral", f'{{"channel":{msgspec.json.encode(channel).decode()},{body[1:]}', ephemeral=True
    )


def direct_frame(announcement: Announcement) -> Frame:
    """For one tab only: an ephemeral message of no channel, which is not dropped."""
    return Frame("ephemeral", msgspec.json.encode(announcement).decode())


def resync_frame() -> Frame:
    return Frame("resync", "{}")


def closed_frame(code: str, message: str) -> Frame:
    return Frame("closed", msgspec.json.encode({"code": code, "message": message}).decode())
