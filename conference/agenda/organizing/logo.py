"""An event's logo: a small picture in the data folder, named by its content, without a camera's notes.

PNG (W3C), JPEG (ITU T.81) and WebP (RFC 9649) only, told by their first bytes and walked through to the end;
anything that could carry a script (SVG) is refused. Kept small: every visitor pays for it.
"""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import update

from conference.agenda.rows import EventRow
from conference.agenda.tables import event
from conference.errors import N_, BadInput
from conference.storage.database import Transaction

LARGEST = 64 * 1024  # bytes
_MOST_PIXELS = 2000  # each side
_NAME = re.compile(r"[0-9a-f]{24}\.(png|jpg|webp)")
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
# What is needed to draw; text, times and places a picture was taken are left out.
_PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"cHRM"})
_WEBP_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"})


async def keep_logo(folder: Path, data: bytes) -> str:
    """Store the picture below *folder*; returns its file's name. `BadInput` for what is no such picture."""
    kind, picture = clean_picture(data)
    name = f"{sha256(picture).hexdigest()[:24]}.{kind}"
    await asyncio.to_thread(_write, folder / "logos", name, picture)
    return name


def set_logo(tx: Transaction, row: EventRow, name: str, *, at: datetime) -> None:
    """Make the stored file *name* the event's logo; "" for none."""
    address = f"/{row.slug}/logo/{name}" if name else ""
    tx.connection.execute(update(event).where(event.c.id == row.id).values(logo=address, changed_at=at))


def find_logo(folder: Path, name: str) -> tuple[Path, str] | None:
    """The file and its media type, when *name* is one of ours and there."""
    known = _NAME.fullmatch(name)
    path = folder / "logos" / name
    return (path, _TYPES[known[1]]) if known and path.is_file() else None


def clean_picture(data: bytes) -> tuple[str, bytes]:
    """The kind ("png", "jpg", "webp") and the picture without metadata; `BadInput` for anything else."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return "png", _png(data)
        if data.startswith(b"\xff\xd8\xff"):
            return "jpg", _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return "webp", _webp(data)
    except (struct.error, IndexError):
        pass  # it ends in the middle
    raise _refused()


def _write(folder: Path, name: str, picture: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{name}.part"
    unfinished.write_bytes(picture)
    unfinished.replace(folder / name)


def _png(data: bytes) -> bytes:
    kept, place, names = [data[:8]], 8, []
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        chunk = data[place : place + length + 12]
        if len(chunk) != length + 12 or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
            raise _refused()
        names.append(name)
        if name == b"IHDR":
            _check_size(*struct.unpack_from(">II", chunk, 8))
        if name in _PNG_CHUNKS:
            kept.append(chunk)
        elif not name[0] & 32:  # a critical chunk we do not know
            raise _refused()
        place += len(chunk)
        if name == b"IEND":
            break
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names:
        raise _refused()
    return b"".join(kept)


def _jpeg(data: bytes) -> bytes:
    kept, place, sized = [data[:2]], 2, False
    while True:
        mark, kind, length = struct.unpack_from(">BBH", data, place)
        if mark != 0xFF or length < 2:
            raise _refused()
        segment = data[place : place + 2 + length]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", segment, 5)
            _check_size(width, height)
            sized = True
        place += len(segment)
        if not (0xE1 <= kind <= 0xEF or kind == 0xFE) or kind == 0xEE:  # APP14 says how colours are coded
            kept.append(segment)
        if kind == 0xDA:  # the scan: everything up to the end mark
            end = data.rfind(b"\xff\xd9")
            if not sized or end < place:
                raise _refused()
            return b"".join([*kept, data[place : end + 2]])


def _webp(data: bytes) -> bytes:
    kept: list[bytes] = []
    place, end = 12, 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise _refused()
    while place < end:
        name, length = struct.unpack_from("<4sI", data, place)
        chunk = data[place : place + 8 + length + length % 2]
        if len(chunk) < 8 + length:
            raise _refused()
        place += len(chunk)
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & 0b00110010]) + chunk[9:]  # no EXIF, no XMP any more
            width, height = (int.from_bytes(chunk[at : at + 3], "little") + 1 for at in (12, 15))
            _check_size(width, height)
        elif name == b"VP8 ":
            width, height = struct.unpack_from("<HH", chunk, 14)
            _check_size(width & 0x3FFF, height & 0x3FFF)
        elif name == b"VP8L":
            bits = struct.unpack_from("<I", chunk, 9)[0]
            _check_size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        if name in _WEBP_CHUNKS:
            kept.append(chunk)
    if not any(chunk[:4] in (b"VP8 ", b"VP8L") for chunk in kept):  # an animation has neither at this level
        raise _refused()
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS):
        raise BadInput(
            N_("The picture is larger than %(limit)d × %(limit)d pixels."),
            code="logo.pixels",
            field="file",
            limit=_MOST_PIXELS,
        )


def _refused() -> BadInput:
    return BadInput(N_("This is not a whole PNG, JPEG or WebP picture."), code="logo.kind", field="file")
