"""Names for addresses: slugs of events, rooms, tracks and types; codes of sessions and people."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container

from conference.errors import N_, BadInput

#: The first words of the server's own addresses, and those it may want; no event can be called so.
# fmt: off
RESERVED_SLUGS = frozenset(
    {
        "about", "account", "accounts", "admin", "api", "assets", "auth", "calendar", "docs", "event",
        "events", "favicon", "feed", "fonts", "health", "healthz", "help", "home", "images", "imprint",
        "join", "language", "legal", "live", "login", "logout", "mail", "me", "media", "metrics",
        "new", "organize", "organizer", "privacy", "public", "register", "robots", "schedule",
        "search", "session", "sessions", "sign-in", "sign-out", "sign-up", "socket", "speaker",
        "speakers", "static", "status", "terms", "theme", "upload", "uploads", "user", "users", "well-known",
        "www", "zone",
    }
)
# fmt: on

_EVENT_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])")
_SESSION_CODE = re.compile(r"[0-9A-Z]{6}")

# pretalx's alphabet: no letters or digits that are mistaken for one another when read aloud.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ3789"


def check_event_slug(slug: str) -> str:
    """*slug* when it can be an event's address, else `BadInput`."""
    if not _EVENT_SLUG.fullmatch(slug):
        raise BadInput(
            N_("“%(slug)s” cannot be an address: use small Latin letters, digits and hyphens, at most 64."),
            code="agenda.bad-slug",
            field="slug",
            slug=slug[:80],
        )
    if slug in RESERVED_SLUGS:
        raise BadInput(
            N_("“%(slug)s” is an address this server needs itself. Choose another."),
            code="agenda.reserved-slug",
            field="slug",
            slug=slug,
        )
    return slug


def slug_of(name: str, *, prefix: str) -> str:
    """A slug made from *name*; ``{prefix}-{hash}`` where nothing Latin is left of it (Arabic, for one)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    if len(slug) > 1:  # the formats want two signs at least
        return slug
    return f"{prefix}-{slug or hashlib.sha256(name.encode()).hexdigest()[:6]}"


def free_slug(wanted: str, taken: Container[str]) -> str:
    """*wanted*, or the first of ``wanted-2``, ``wanted-3`` … that is not taken."""
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def is_session_code(text: str) -> bool:
    """Whether *text* has the form of a session's code, ``[0-9A-Z]{6}``."""
    return _SESSION_CODE.fullmatch(text) is not None


def free_code(seed: str, taken: Container[str]) -> str:
    """A code of six signs that is the same every time for one *seed* (so that a rebuilt database keeps
    its addresses), or the next of its series that is not taken."""
    attempt = 0
    while True:
        number = int.from_bytes(hashlib.sha256(f"{seed}#{attempt}".encode()).digest())
        code = ""
        for _ in range(6):
            number, place = divmod(number, len(_ALPHABET))
            code += _ALPHABET[place]
        if code not in taken:
            return code
        attempt += 1
