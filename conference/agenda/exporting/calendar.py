"""iCalendar (RFC 5545, RFC 7986): the programme for people's own calendars.

The UID of a session never changes; SEQUENCE and LAST-MODIFIED rise when it moves, and a cancelled
session stays with STATUS:CANCELLED, or calendars would go on showing it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import icalendar

from conference import __version__
from conference.agenda.checks import clean
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.zone_rules import zone_component
from conference.agenda.rows import SessionDetails

_JOIN: Any = {"value": "URI", "feature": ["AUDIO", "VIDEO"]}
REFRESH = timedelta(hours=1)
MEDIA_TYPE = "text/calendar; charset=utf-8"


def export_ics(edition: Edition, codes: Collection[str] | None = None) -> bytes:
    """The sessions and breaks (only those of *codes*, when given) as one calendar, folded at 75 octets."""
    event = edition.event
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//Majlis//Majlis {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    title = clean(edition.name(event.title))
    for name in ("name", "x-wr-calname"):
        calendar.add(name, title)
    calendar.add("x-wr-timezone", event.zone)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("url", f"{edition.address}/schedule")
    # From the year before the event to the year after it, so that no neighbouring reminder falls outside.
    first, last = (
        datetime(event.starts.year - 1, 1, 1, tzinfo=UTC),
        datetime(event.ends.year + 2, 1, 1, tzinfo=UTC),
    )
    calendar.add_component(zone_component(event.zone, first, last))
    for session in edition.schedule.sessions:
        if codes is None or session.code in codes:
            calendar.add_component(_entry(edition, session))
    ical: bytes = calendar.to_ical()
    return ical


def _entry(edition: Edition, session: SessionDetails) -> icalendar.Event:
    address = edition.session_address(session)
    host = urlsplit(edition.site).hostname or "localhost"
    entry = icalendar.Event()
    entry.add("uid", f"majlis-{edition.event.slug}-{session.code}@{host}")
    entry.add("dtstamp", session.changed_at)
    entry.add("last-modified", session.changed_at)
    entry.add("sequence", session.revision)
    entry.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    entry.add("dtstart", edition.local(session.starts_at))
    entry.add("dtend", edition.local(session.ends_at))
    entry.add("summary", clean(edition.text(session, session.title)))
    for name, text in {
        "description": _description(edition, session, address),
        "location": clean(edition.room_of(session) or edition.name(edition.event.venue)),
    }.items():
        if text:
            entry.add(name, text)
    if session.track:
        entry.add("categories", [clean(edition.name(session.track.name))])
    if session.is_break:
        entry.add("transp", "TRANSPARENT")
        return entry
    entry.add("url", address)
    entry.add("conference", f"{address}/room", parameters=_JOIN)
    return entry


def _description(edition: Edition, session: SessionDetails, address: str) -> str:
    people = ", ".join(edition.text(session, person.name) for person, _ in edition.people(session))
    subtitle, abstract = edition.text(session, session.subtitle), edition.text(session, session.abstract)
    parts = [subtitle, people, abstract, "" if session.is_break else address]
    return clean("\n\n".join(part for part in parts if part))
