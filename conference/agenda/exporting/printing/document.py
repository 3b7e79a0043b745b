"""What the printed programme says, in one language: plain values for `programme.typ`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from conference.agenda.checks import clean
from conference.agenda.exporting.public import Edition
from conference.agenda.grouping import Day, by_time
from conference.agenda.rows import PersonRow, SessionDetails, SessionRow
from conference.agenda.tables import SessionRole
from conference.agenda.track_colours import track_colours
from conference.errors import N_
from conference.serving.accent import DEFAULT_ACCENT, Colour, parse_colour, readable_on
from conference.serving.times import day_name, day_range, duration, language_name, place_name, utc_offset
from conference.serving.translation import direction, translate

WHITE = (255, 255, 255)


def document_of(edition: Edition) -> dict[str, Any]:
    """The programme in `edition.names`, every text in that language where there is one."""
    return _Document(edition).all()


class _Document:
    def __init__(self, edition: Edition) -> None:
        self.edition, self.event, self.lang = edition, edition.event, edition.names
        self.lang = self.lang if self.lang in ("ar", "en") else "en"
        self.colours = track_colours(edition.schedule.tracks)

    def all(self) -> dict[str, Any]:
        event, days = self.event, self.edition.days()
        shown = [one for day in days for one in day.sessions]
        name = self.edition.version_name
        version = self.say(N_("Version %(version)s"), version=name) if name else ""
        return {
            "lang": self.lang,
            "dir": direction(self.lang),
            "title": self.text(event.title),
            "description": self.text(event.description),
            "dates": day_range(event.starts, event.ends, self.lang),
            "venue": self.text(event.venue),
            "clock": self.say(N_("Times in %(place)s"), place=place_name(event.zone, self.lang)),
            "offset": utc_offset(days[0].starts, event.zone),
            "version": version,
            "address": f"{self.edition.address}/schedule",
            "accent": _ink(parse_colour(event.accent)),
            "page": self.say(N_("Page")),
            "days": [self.day(day) for day in days if day.sessions],
            "speakers_title": self.say(N_("Speakers")),
            "speakers": self.speakers(shown),
        }

    def day(self, day: Day[SessionDetails]) -> dict[str, Any]:
        return {
            "name": day_name(day.date, self.lang),
            "times": [
                {"time": self.clock(starts), "sessions": [self.session(one) for one in together]}
                for starts, together in by_time(day.sessions)
            ],
        }

    def session(self, session: SessionRow) -> dict[str, Any]:
        said = {
            "title": self.text(session.title, session.language),
            "until": self.say(N_("until %(time)s"), time=self.clock(session.ends_at)),
            "length": duration(session.minutes, self.lang),
            "is_break": session.is_break,
            "room": self.text(session.room.name) if session.room else "",
        }
        if session.is_break:
            return said
        track = session.track
        spoken = session.language if session.language not in (None, self.lang) else None
        return said | {
            "subtitle": self.text(session.subtitle, session.language),
            "people": self.names(session.speakers),
            "roles": [
                {"role": self.say(role), "names": self.names(people)}
                for role, people in (
                    (N_("Chair"), session.chairs),
                    (N_("Moderator"), session.moderators),
                    (N_("Interpreter"), session.people_in(SessionRole.INTERPRETER)),
                )
                if people
            ],
            "track": self.text(track.name) if track else "",
            "colour": _ink(self.colours.get(track.id) if track else None),
            "language": language_name(spoken, self.lang) if spoken else "",
            "code": session.code,
        }

    def speakers(self, sessions: Iterable[SessionRow]) -> list[dict[str, Any]]:
        """Everybody who speaks, by name, with the times and places of what they hold."""
        held: dict[int, tuple[PersonRow, list[SessionRow]]] = {}
        for session in sessions:
            for part in session.parts:
                if part.role is SessionRole.SPEAKER:
                    held.setdefault(part.person.id, (part.person, []))[1].append(session)
        named = [
            {"name": self.text(person.name), "codes": [one.code for one in theirs]}
            for person, theirs in held.values()
        ]
        return sorted(named, key=lambda one: str(one["name"]).casefold())

    def names(self, people: Iterable[PersonRow]) -> list[str]:
        return [self.text(person.name) for person in people]

    def text(self, texts: dict[str, str], spoken: str | None = None) -> str:
        """In the document's language, else in the *spoken* one, else in the event's."""
        wanted = texts.get(self.lang) or (texts.get(spoken) if spoken else "") or self.edition.name(texts)
        return clean(wanted)

    def clock(self, moment: datetime) -> str:
        return self.edition.local(moment).strftime("%H:%M")

    def say(self, msgid: str, **values: Any) -> str:
        return translate(self.lang, msgid, **values)


def _ink(colour: Colour | None) -> str:
    """*colour* dark enough to be read on white paper, the site's own for none."""
    wanted = colour or parse_colour(DEFAULT_ACCENT)
    assert wanted is not None
    return f"#{bytes(readable_on(wanted, WHITE)).hex()}"
