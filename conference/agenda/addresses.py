"""Web addresses in agenda entries. Old files have some without a scheme ("www.example.org")."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d)")  # "localhost:8000" has none
_FOLLOWED = frozenset({"http", "https", "mailto"})
_KEPT = _FOLLOWED | {"ftp", "ftps", "tel", "irc", "ircs", "xmpp", "matrix", "geo"}


def is_kept(address: str) -> bool:
    """Whether an address may be stored: not one that would run a script or open a local file."""
    scheme = _SCHEME.match(_bare(address))
    return scheme is None or scheme[1].lower() in _KEPT


def web_address(address: str) -> str:
    """What a page may link to: http(s) and mailto as they are, "www.…" with a scheme, "" for the rest."""
    bare = _bare(address)
    scheme = _SCHEME.match(bare)
    if scheme:
        return bare if scheme[1].lower() in _FOLLOWED else ""
    host = re.split(r"[/?#]", bare, maxsplit=1)[0]
    return f"http://{bare}" if "." in host.strip(".") else ""


def is_http(address: str) -> bool:
    """Whether *address* is absolute and http(s), as the exchange formats demand."""
    return re.match(r"https?://[^\s]+$", address) is not None


def _bare(address: str) -> str:
    return re.sub(r"\s", "", address)
