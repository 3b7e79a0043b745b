"""The feed of releases (Atom, RFC 4287): what changed with each, in words. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as Xml

import msgspec

from conference.agenda.checks import clean
from conference.agenda.identity import uuid_from
from conference.agenda.releasing.change_log import Change, Renamed, grouped
from conference.agenda.releasing.change_words import GROUPS, Voice, renaming, sentences
from conference.agenda.releasing.published import ReleaseRow
from conference.agenda.rows import EventRow, SessionDetails
from conference.errors import N_

ATOM = "http://www.w3.org/2005/Atom"
SHOWN = 100  # changes in one entry; the page it links to has all


class Entry(msgspec.Struct, frozen=True):
    """A release and what it changed."""

    release: ReleaseRow
    changes: list[Change[SessionDetails]]
    is_first: bool = False
    rooms: list[Renamed] = []


def feed_of(event: EventRow, entries: list[Entry], *, site: str, lang: str) -> bytes:
    """The feed as UTF-8; *entries* newest first. Its times are those of the event's clock."""
    voice, here = Voice(lang, event.zone), f"{site}/{event.slug}/schedule"
    feed = Xml.Element("feed", {"xmlns": ATOM, "xml:lang": lang})
    title = voice.say(N_("Changes of the programme: %(event)s"), event=voice.text(event.title))
    _text(feed, "title", title)
    _text(feed, "id", f"urn:uuid:{uuid_from(f'feed {event.slug}')}")
    _text(feed, "updated", _moment(entries[0].release.made_at if entries else event.changed_at))
    Xml.SubElement(feed, "link", {"rel": "self", "href": f"{here}/feed.xml?lang={lang}"})
    Xml.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": f"{here}/changes"})
    author = Xml.SubElement(feed, "author")
    _text(author, "name", voice.text(event.title))
    for one in entries:
        _entry(feed, event, one, here, voice)
    body: bytes = Xml.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _entry(feed: Xml.Element, event: EventRow, one: Entry, here: str, voice: Voice) -> None:
    release = one.release
    entry = Xml.SubElement(feed, "entry")
    _text(entry, "title", voice.say(N_("Release %(name)s"), name=release.name))
    _text(entry, "id", f"urn:uuid:{uuid_from(f'release {event.slug} {release.number}')}")
    _text(entry, "updated", _moment(release.made_at))
    address = f"{here}/changes?to={quote(release.name, safe='')}"
    Xml.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address})
    _text(entry, "content", "\n".join(_lines(one, voice)))


def _lines(one: Entry, voice: Voice) -> list[str]:
    lines = [one.release.comment] if one.release.comment else []
    if one.is_first:
        return [*lines, voice.say(N_("The programme was published."))]
    for kind, changes in grouped(one.changes[:SHOWN]).items():
        lines.append(voice.say(GROUPS[kind]))
        for change in changes:
            told = " ".join(sentences(change, voice))
            lines.append(f"• {voice.text(change.session.title)}: {told}")
    lines += [f"• {renaming(room, voice)}" for room in one.rooms]
    if not one.changes and not one.rooms:
        lines.append(voice.say(N_("Only texts were changed.")))
    return lines


def _text(parent: Xml.Element, name: str, text: str) -> None:
    # Control characters have no place in XML 1.0, and a title may have come from a file that had some.
    Xml.SubElement(parent, name).text = clean(text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
