"""The links of a file, each with an address that may be stored."""

from __future__ import annotations

from collections.abc import Iterable

from conference.agenda.addresses import is_kept
from conference.agenda.importing.fields import Field, shown, text_of
from conference.agenda.importing.notes import Notes
from conference.agenda.importing.raw import RawLink
from conference.errors import N_


def address_of(field: Field, notes: Notes) -> str:
    """The address in *field*; "" (noted) if it would run a script or open a local file."""
    address = text_of(field)
    if not is_kept(address):
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
        said = {"url": address, "title": text_of(link.title)}
        more = {"type": text_of(link.type).lower(), "service": text_of(link.service)}
        links.append(said | {name: text for name, text in more.items() if text})
    return links
