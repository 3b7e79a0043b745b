"""Messages over a stream: four bytes of length (big endian), then that many bytes of MessagePack."""

from __future__ import annotations

import asyncio
import struct
from typing import TypeVar

import msgspec

from conference.media.worker.messages import Message, encoder

MAX_FRAME = 8 << 20  # the statistics of a full room are the largest, about 1 kB a person
MAX_UNSENT = 16 << 20

M = TypeVar("M")
_LENGTH = struct.Struct("!I")


class BadFrame(ConnectionError):
    """The other side does not speak as agreed; nothing after it can be trusted."""


def frame(message: Message) -> bytes:
    data = encoder.encode(message)
    return _LENGTH.pack(len(data)) + data


def decoded(data: bytes, decoder: msgspec.msgpack.Decoder[M]) -> M:
    """Raises BadFrame."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadFrame(f"not a message: {error}") from error


async def read_message(reader: asyncio.StreamReader, decoder: msgspec.msgpack.Decoder[M]) -> M:
    """The next message. Raises BadFrame, or IncompleteReadError / OSError at the end of the stream."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > MAX_FRAME:
        raise BadFrame(f"a frame of {length} bytes")
    return decoded(await reader.readexactly(length), decoder)


def write_message(writer: asyncio.StreamWriter, message: Message) -> None:
    """Queue *message*; a side that does not read what it is sent is cut off rather than waited for."""
    transport = writer.transport
    if transport.is_closing():
        return
    transport.write(frame(message))
    if transport.get_write_buffer_size() > MAX_UNSENT:
        transport.abort()
