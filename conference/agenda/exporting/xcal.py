"""xCal in the pentabarf dialect (namespace ``http://pentabarf.org``), as pretalx and frab serve it at
``schedule.xcal``: an old draft of iCalendar in XML that mobile programs still read.

Times are on the event's clock, named by ``x-wr-timezone``; not RFC 6321, which nobody here asks for.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conference import __version__
from conference.agenda.exporting.frab_xml import fit
from conference.agenda.exporting.ical_text import local
from conference.agenda.exporting.public import Edition, clock_length
from conference.agenda.rows import SessionDetails

XCAL, PENTABARF = "urn:ietf:params:xml:ns:xcal", "http://pentabarf.org"


def export_xcal(edition: Edition) -> bytes:
    """The sessions and breaks as UTF-8 XML, without cancelled ones; the same schedule, the same bytes."""
    root = Element("iCalendar", {"xmlns:xCal": XCAL, "xmlns:pentabarf": PENTABARF})
    calendar = SubElement(root, "vcalendar")
    for name, text in (
        ("version", "2.0"),
        ("prodid", f"-//Majlis//Majlis {__version__}//EN"),
        ("x-wr-caldesc", edition.name(edition.event.title)),
        ("x-wr-calname", edition.name(edition.event.title)),
        ("x-wr-timezone", edition.event.zone),
    ):
        _add(calendar, name, text)
    numbers = edition.numbers()
    for session in edition.schedule.sessions:
        if not session.is_cancelled:
            _add_session(calendar, edition, session, numbers[session.id])
    indent(root, space="")
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _add_session(calendar: Element, edition: Edition, session: SessionDetails, number: int) -> None:
    entry = SubElement(calendar, "vevent")
    title, subtitle = edition.text(session, session.title), edition.text(session, session.subtitle)
    starts, ends = edition.local(session.starts_at), edition.local(session.ends_at)
    texts = [edition.text(session, session.abstract), edition.text(session, session.description)]
    for name, text in (
        ("method", "PUBLISH"),
        ("uid", f"{edition.guid(session)}@@{urlsplit(edition.site).hostname or 'localhost'}"),
        ("pentabarf:event-id", str(number)),
        ("pentabarf:event-slug", session.slug or edition.code(session)),
        ("pentabarf:title", title),
        ("pentabarf:subtitle", subtitle),
        ("pentabarf:language-code", session.language or ""),
        ("dtstart", local(starts)),
        ("dtend", local(ends)),
        ("duration", clock_length(session.minutes)),
        ("summary", title),
        ("description", "\n\n".join(text for text in texts if text)),
        ("class", "PUBLIC"),
        ("status", "CONFIRMED"),
        ("category", edition.type_of(session)),
        ("url", session.url or edition.session_address(session)),
        ("location", edition.room_of(session)),
        *(("attendee", edition.text(session, person.name)) for person, _role in edition.people(session)),
    ):
        _add(entry, name, text)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = fit(text)
