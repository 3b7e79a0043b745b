"""iCalendar as text (RFC 5545 §3.1, §3.3.11): content lines, escaped and folded by octets.

Written here because a calendar of a thousand sessions takes icalendar's general writer over a second;
what it reads back is what tests compare.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from conference.agenda.checks import clean

FOLD = 75  # octets of a line, its end not counted

_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def escaped(text: str) -> str:
    """*text* as a TEXT value: without controls and bidi overrides, its special signs marked."""
    return clean(text).translate(_ESCAPES)


def folded(line: str) -> bytes:
    """*line* with its end, broken so that no piece is over 75 octets and no character is cut in two."""
    data = line.encode()
    if len(data) <= FOLD:
        return data + b"\r\n"
    pieces: list[bytes] = []
    start, room = 0, FOLD
    while len(data) - start > room:
        end = start + room
        while data[end] & 0xC0 == 0x80:  # within a character of several octets
            end -= 1
        pieces.append(data[start:end])
        start, room = end, FOLD - 1  # the space that continues a line counts
    pieces.append(data[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


def component(name: str, lines: Iterable[str]) -> bytes:
    """``BEGIN:name`` … ``END:name`` around *lines*."""
    return b"".join(map(folded, (f"BEGIN:{name}", *lines, f"END:{name}")))


def utc(moment: datetime) -> str:
    """``20251025T060000Z``."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def local(moment: datetime) -> str:
    """``20251025T090000``, for a property that names its zone by TZID."""
    return moment.strftime("%Y%m%dT%H%M%S")
