"""Addresses from files. Old files have them without a scheme ("www.example.org"), which is kept as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conference.agenda.importing.fields import Field, shown, text_of
from conference.agenda.importing.notes import Notes
from conference.agenda.importing.raw import RawLink
from conference.errors import N_

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d)")  # "localhost:8000" has none
_KEPT_SCHEMES = frozenset(
    {"http", "https", "mailto", "ftp", "ftps", "tel", "irc", "ircs", "xmpp", "matrix", "geo"}
)


def web_address(address: str) -> str:
    """What a page may link to: http(s) and mailto as they are, "www.…" with a scheme, "" for anything else."""
    bare = re.sub(r"\s", "", address)
    scheme = _SCHEME.match(bare)
    if scheme:
        return bare if scheme[1].lower() in ("http", "https", "mailto") else ""
    host = re.split(r"[/?#]", bare, maxsplit=1)[0]
    return f"http://{bare}" if "." in host.strip(".") else ""


def address_of(field: Field, notes: Notes) -> str:
    """The address in *field*; "" (noted) if it would run a script or open a local file."""
    address = text_of(field)
    scheme = _SCHEME.match(re.sub(r"\s", "", address))
    if scheme and scheme[1].lower() not in _KEPT_SCHEMES:
        notes.add(
            field.place,
            N_("the address “%(address)s” is not one for the web; left out"),
            address=shown(address),
        )
        return ""
    return address


def links_of(raw: Iterable[RawLink], notes: Notes) -> list[dict[str, str]]:
    """The links with an address, each with what else the file says of it."""
    links = []
    for link in raw:
        address = address_of(link.url, notes)
        if not address:
            notes.add(link.url.place, N_("a link without an address; left out"))
            continue
        said = {
            "url": address,
            "title": text_of(link.title),
            "type": text_of(link.type),
            "service": text_of(link.service),
        }
        links.append({name: text for name, text in said.items() if text or name in ("url", "title")})
    return links
