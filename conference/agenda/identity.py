"""Identifiers the exchange formats demand, derived from those we have: the same input, the same answer."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Container

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UNFIT = re.compile(r"[^a-z0-9]+")
_NAMESPACE = uuid.UUID("5d0ffb4e-3a1c-5c0b-9a35-6c2f1c1a7b60")  # ours alone, chosen once at random


def uuid_from(text: str) -> str:
    """The UUID (RFC 9562, version 5) named by *text*; never an e-mail address, which could be guessed."""
    return str(uuid.uuid5(_NAMESPACE, text))


def valid_uuid(guid: str) -> str:
    """*guid* when it is a UUID, else the one derived from it (31C3's guids are Base64)."""
    return guid if _UUID.fullmatch(guid) else uuid_from(guid)


def number_from(text: str, taken: Container[int] = ()) -> int:
    """A positive number below 2**31 made from *text*, the next free one when it is *taken*."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1
    while number == 0 or number in taken:
        number = (number + 1) % 2**31
    return number


def room_guid(event_slug: str, guid: str, slug: str) -> str:
    """The UUID a room is known by outside: its own, or one from its place in the event."""
    return valid_uuid(guid) if guid else uuid_from(f"room {event_slug} {slug}")


def person_guid(event_slug: str, guid: str, code: str) -> str:
    """The UUID a person is known by outside; made from their public code, never from what identifies them."""
    return valid_uuid(guid) if guid else uuid_from(f"person {event_slug} {code}")


def acronym_of(event_slug: str) -> str:
    """The event's slug in the letters the formats allow for an acronym: at least four, no hyphen."""
    acronym = _UNFIT.sub("_", event_slug.lower()).strip("_")
    return acronym if len(acronym) >= 4 else f"conf_{acronym}"


def derived_slug(event_slug: str, code: str, title: str = "") -> str:
    """``{event}-{code}-{title}``, a session slug that both formats accept."""
    words = _UNFIT.sub("-", title.lower()).strip("-")[:40].strip("-")
    return f"{acronym_of(event_slug)}-{code.lower()}" + (f"-{words}" if words else "")
