"""iCalendar (RFC 5545, RFC 7986): the programme for people's own calendars.

The UID of a session never changes; SEQUENCE and LAST-MODIFIED rise when it moves, and a cancelled
session stays with STATUS:CANCELLED, or calendars would go on showing it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from conference import __version__
from conference.agenda.exporting.ical_text import component, escaped, folded, local, utc
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.zone_rules import zone_component
from conference.agenda.rows import SessionDetails

REFRESH = "PT1H"  # how often programs are asked to look again
MEDIA_TYPE = "text/calendar; charset=utf-8"

#: PUBLISH for what people subscribe to; REQUEST and CANCEL (RFC 5546) ride along with notices by mail.
Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


def export_ics(
    edition: Edition,
    codes: Collection[str] | None = None,
    *,
    title: str = "",
    address: str = "",
    method: Method = "PUBLISH",
) -> bytes:
    """The sessions and breaks (only those of *codes*, when given) as one calendar, folded at 75 octets.

    *title* and *address* (of the page that shows the same) are the event's unless given. With CANCEL
    every entry is cancelled, whatever the programme says.
    """
    event = edition.event
    name = escaped(title or edition.name(event.title))
    body = [
        b"BEGIN:VCALENDAR\r\n",
        *map(
            folded,
            (
                "VERSION:2.0",
                f"PRODID:-//Majlis//Majlis {__version__}//EN",
                "CALSCALE:GREGORIAN",
                f"METHOD:{method}",
                f"NAME:{name}",
                f"X-WR-CALNAME:{name}",
                f"X-WR-TIMEZONE:{event.zone}",
                f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
                f"X-PUBLISHED-TTL:{REFRESH}",
                f"URL:{address or edition.address + '/schedule'}",
            ),
        ),
        _zone(event.zone, event.starts.year, event.ends.year),
    ]
    for session in edition.schedule.sessions:
        if codes is None or session.code in codes:
            body.append(component("VEVENT", _entry(edition, session, cancelled=method == "CANCEL")))
    return b"".join((*body, b"END:VCALENDAR\r\n"))


def uid_of(edition: Edition, session: SessionDetails) -> str:
    """The name calendars know a session by, for ever."""
    return f"majlis-{edition.event.slug}-{session.code}@{urlsplit(edition.site).hostname or 'localhost'}"


def _entry(edition: Edition, session: SessionDetails, *, cancelled: bool) -> Iterator[str]:
    address, zone = edition.session_address(session), edition.event.zone
    yield f"UID:{uid_of(edition, session)}"
    yield f"DTSTAMP:{utc(session.changed_at)}"
    yield f"LAST-MODIFIED:{utc(session.changed_at)}"
    yield f"SEQUENCE:{session.revision}"
    yield f"STATUS:{'CANCELLED' if cancelled or session.is_cancelled else 'CONFIRMED'}"
    yield f"DTSTART;TZID={zone}:{local(edition.local(session.starts_at))}"
    yield f"DTEND;TZID={zone}:{local(edition.local(session.ends_at))}"
    yield f"SUMMARY:{escaped(edition.text(session, session.title))}"
    for name, text in {
        "DESCRIPTION": escaped(_description(edition, session, address)),
        "LOCATION": escaped(edition.room_of(session) or edition.name(edition.event.venue)),
        "CATEGORIES": escaped(edition.name(session.track.name)) if session.track else "",
    }.items():
        if text:
            yield f"{name}:{text}"
    if session.is_break:
        yield "TRANSP:TRANSPARENT"
        return
    yield f"URL:{address}"
    yield f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:{address}/room"


def _description(edition: Edition, session: SessionDetails, address: str) -> str:
    people = ", ".join(edition.text(session, person.name) for person, _ in edition.people(session))
    subtitle, abstract = edition.text(session, session.subtitle), edition.text(session, session.abstract)
    parts = [subtitle, people, abstract, "" if session.is_break else address]
    return "\n\n".join(part for part in parts if part)


@lru_cache(maxsize=64)
def _zone(name: str, first_year: int, last_year: int) -> bytes:
    # From the year before the event to the year after it, so that no neighbouring reminder falls outside.
    first, last = datetime(first_year - 1, 1, 1, tzinfo=UTC), datetime(last_year + 2, 1, 1, tzinfo=UTC)
    ical: bytes = zone_component(name, first, last).to_ical()
    return ical
