"""Calendar entries that ride along with a notice (iTIP, RFC 5546; by mail: RFC 6047).

What is still held goes out as METHOD:REQUEST, what is gone as METHOD:CANCEL: one calendar object has one
method. Both name the person as attendee who need not answer, so that mail programs take them over.
"""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import parseaddr
from urllib.parse import quote

from msgspec import structs

from conference.agenda.exporting.calendar import Method, export_ics
from conference.agenda.exporting.ical_text import folded
from conference.agenda.exporting.public import Edition
from conference.agenda.releasing.change_log import Kind
from conference.agenda.releasing.concerns import Concern
from conference.agenda.rows import FullSchedule, SessionDetails
from conference.serving.mail import CalendarPart

#: No text can hold these: a folded line goes on with a space.
BEGIN, END = b"BEGIN:VEVENT\r\n", b"END:VCALENDAR\r\n"
GONE = frozenset({Kind.CANCELLED, Kind.LEFT})


class Entries:
    """Makes the calendar parts of one release's messages; each entry only once in each language."""

    def __init__(self, after: FullSchedule, *, site: str, sender: str) -> None:
        self._after, self._site = after, site
        self._organizer = parseaddr(sender)[1] or "noreply@localhost"
        self._heads: dict[tuple[Method, str], bytes] = {}
        self._entries: dict[tuple[Method, str, str, int], bytes] = {}

    def parts(self, concerns: Iterable[Concern], *, to: str, language: str) -> list[CalendarPart]:
        """What brings one person's calendar up to date: at most a REQUEST and a CANCEL."""
        held = [one.after for one in concerns if isinstance(one.after, SessionDetails)]
        gone = [
            structs.replace(one.before, revision=one.before.revision + 1)
            for one in concerns
            if one.kinds[0] in GONE and isinstance(one.before, SessionDetails)
        ]
        wanted: list[tuple[Method, list[SessionDetails]]] = [("REQUEST", held), ("CANCEL", gone)]
        return [
            CalendarPart(method, addressed(self._calendar(method, language, found), self._organizer, to))
            for method, found in wanted
            if found
        ]

    def _calendar(self, method: Method, language: str, sessions: list[SessionDetails]) -> bytes:
        head = self._heads.get((method, language))
        if head is None:
            head = self._heads[method, language] = self._export(method, language, []).removesuffix(END)
        entries = [self._entry(method, language, one) for one in sessions]
        return b"".join((head, *entries, END))

    def _entry(self, method: Method, language: str, session: SessionDetails) -> bytes:
        key = (method, language, session.code, session.revision)
        if key not in self._entries:
            whole = self._export(method, language, [session])
            self._entries[key] = whole[whole.index(BEGIN) :].removesuffix(END)
        return self._entries[key]

    def _export(self, method: Method, language: str, sessions: list[SessionDetails]) -> bytes:
        schedule = structs.replace(self._after, sessions=sessions)
        return export_ics(Edition(schedule=schedule, site=self._site, language=language), method=method)


def addressed(calendar: bytes, organizer: str, attendee: str) -> str:
    """*calendar* with ORGANIZER and ATTENDEE in each entry (RFC 5546 §3.2.2, §3.2.5), as text."""
    to = quote(attendee, safe="@!$&'*+-=^_`{|}~.")
    lines = folded(f"ORGANIZER:mailto:{organizer}")
    lines += folded(f"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{to}")
    return calendar.replace(BEGIN, BEGIN + lines).decode()
