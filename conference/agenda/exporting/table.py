"""The schedule as a table (RFC 4180) for spreadsheets: a row for each session, both languages side by side.

How its cells are written is `serving.spreadsheet_text`: titles are written by strangers.
"""

from __future__ import annotations

from conference.agenda.exporting.public import Edition
from conference.agenda.rows import SessionDetails, Texts
from conference.agenda.tables import SessionRole
from conference.serving.spreadsheet_text import csv_bytes


def export_csv(edition: Edition) -> bytes:
    """UTF-8 with a mark, lines by CR LF; columns named as `COLUMNS`, texts in ``ar`` and ``en`` columns."""
    sessions = (session for session in edition.schedule.sessions if not session.is_cancelled)
    return csv_bytes([columns(edition), *(_row(edition, session) for session in sessions)])


def columns(edition: Edition) -> list[str]:
    """The head of the table; languages are those of the event."""
    texts = [f"{name}_{tag}" for name in ("title", "subtitle", "abstract") for tag in _languages(edition)]
    return [
        *("code", "guid", "date", "start", "end", "minutes", "zone", "room", "track", "type", "language"),
        *texts,
        *(role.value for role in _ROLES),
        "url",
    ]


_ROLES = (SessionRole.SPEAKER, SessionRole.CHAIR, SessionRole.MODERATOR, SessionRole.INTERPRETER)


def _languages(edition: Edition) -> list[str]:
    return list(edition.event.languages) or [edition.event.language]


def _row(edition: Edition, session: SessionDetails) -> list[str]:
    starts, ends = edition.local(session.starts_at), edition.local(session.ends_at)
    texts: tuple[Texts, ...] = (session.title, session.subtitle, session.abstract)
    return [
        edition.code(session),
        edition.guid(session),
        starts.strftime("%Y-%m-%d"),
        starts.strftime("%H:%M"),
        ends.strftime("%H:%M"),
        str(session.minutes),
        edition.event.zone,
        edition.room_of(session),
        edition.name(session.track.name) if session.track else "",
        edition.type_of(session),
        session.language or "",
        *(text.get(tag, "") for text in texts for tag in _languages(edition)),
        *(
            "; ".join(edition.text(session, person.name) for person in session.people_in(role))
            for role in _ROLES
        ),
        edition.session_address(session),
    ]
