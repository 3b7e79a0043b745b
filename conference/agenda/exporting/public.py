"""What the public formats say of a schedule, in plain values that are the same at every export.

Nothing else goes out: no accounts, no internal ids, no cancelled sessions (except in calendars, which
must hear of them).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import quote

import msgspec

from conference.agenda.breaks import means_break
from conference.agenda.grouping import Day, day_on, days_of
from conference.agenda.identity import number_from, person_guid, valid_uuid
from conference.agenda.languages import text_in
from conference.agenda.rows import EventRow, FullSchedule, PersonRow, RoomRow, SessionDetails
from conference.agenda.tables import SessionRole


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule as it goes out: under which address, and in which language.

    `language` "" gives every session in its own language, which is how importers understand the
    formats; names of rooms, tracks and types are always in `names`, the event's language by default.
    `version` is the name of the release; a draft that goes out has the one its event came with.
    """

    schedule: FullSchedule
    site: str
    language: str = ""
    version: str = ""

    @property
    def event(self) -> EventRow:
        return self.schedule.event

    @property
    def version_name(self) -> str:
        return self.version or self.event.version

    @property
    def names(self) -> str:
        return self.language or self.event.language

    @property
    def address(self) -> str:
        return f"{self.site}/{self.event.slug}"

    def name(self, texts: dict[str, str]) -> str:
        """The name of a room, track, type or of the event."""
        return text_in(texts, self.names, self.event.language)

    def text(self, session: SessionDetails, texts: dict[str, str]) -> str:
        """A text of a session or of its people."""
        return text_in(texts, self.language or session.language, self.event.language)

    def session_address(self, session: SessionDetails) -> str:
        return f"{self.address}/session/{session.code}"

    def person_address(self, person: PersonRow) -> str:
        return f"{self.address}/speaker/{quote(person.code)}"

    def days(self) -> list[Day[SessionDetails]]:
        """The days with sessions; without any session, the first day of the event."""
        shown = [one for one in self.schedule.sessions if not one.is_cancelled]
        return days_of(self.event, shown) or [
            day_on(self.event, self.event.starts, [], first=self.event.starts)
        ]

    def by_room(self, day: Day[SessionDetails]) -> list[tuple[RoomRow | None, list[SessionDetails]]]:
        """Every room with its sessions of the day. What is in all rooms stands with the first one; the room
        of the entry itself is then empty (see `room_of`)."""
        rooms: list[RoomRow | None] = list(self.schedule.rooms) or [None]
        grouped: dict[int | None, list[SessionDetails]] = {room.id if room else None: [] for room in rooms}
        first = next(iter(grouped))
        for session in day.sessions:
            grouped[session.room.id if session.room else first].append(session)
        return [
            (room, grouped[room.id if room else None]) for room in rooms if grouped[room.id if room else None]
        ]

    def room_of(self, session: SessionDetails) -> str:
        return self.name(session.room.name) if session.room else ""

    def type_of(self, session: SessionDetails) -> str:
        """The type's name; a break is always called so that others recognise it."""
        name = self.name(session.type.name) if session.type else ""
        return "break" if session.is_break and not means_break(name) else name

    def numbers(self) -> dict[int, int]:
        """The "id" of each session by its internal id: the imported one where it is unique, else derived."""
        taken: dict[int, int] = {}
        for session in self.schedule.sessions:
            if session.external_id and session.external_id not in taken:
                taken[session.external_id] = session.id
        numbers = {session_id: number for number, session_id in taken.items()}
        for session in self.schedule.sessions:
            if session.id not in numbers:
                number = number_from(session.guid, taken)
                taken[number], numbers[session.id] = session.id, number
        return numbers

    def guid(self, session: SessionDetails) -> str:
        return valid_uuid(session.guid)

    def person_guid(self, person: PersonRow) -> str:
        return person_guid(self.event.slug, person.guid, person.code)

    def people(self, session: SessionDetails) -> list[tuple[PersonRow, str]]:
        """Each person once with their first role, speakers before the others; nobody behind the scenes."""
        public = (part for part in session.parts if part.role is not SessionRole.TECHNICIAN)
        parts = sorted(public, key=lambda part: part.role is not SessionRole.SPEAKER)
        first: dict[int, tuple[PersonRow, str]] = {}
        for part in parts:
            first.setdefault(part.person.id, (part.person, part.role.value))
        return list(first.values())

    def code(self, session: SessionDetails) -> str:
        return session.source_code or session.code

    def local(self, moment: datetime) -> datetime:
        """On the event's clock, to the minute."""
        return moment.astimezone(self.event.zone_info)


def clock_length(minutes: int) -> str:
    """``HH:MM``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def last_minute(ends: datetime) -> datetime:
    """A day's end as pretalx writes it: the minute before the next day's start."""
    return ends - timedelta(minutes=1)


def day_text(day: date) -> str:
    return day.isoformat()
