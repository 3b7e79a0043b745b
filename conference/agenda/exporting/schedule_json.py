"""Schedule JSON, valid against https://c3voc.de/schedule/schema.json. Its people are of the pretalx kind
(`name`, `code`), with `public_name` beside for readers of the frab kind."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from conference import __version__
from conference.agenda.exporting.public import (
    Edition,
    clock_length,
    day_text,
    last_minute,
)
from conference.agenda.exporting.translations import translations_of
from conference.agenda.grouping import Day
from conference.agenda.identity import acronym_of, derived_slug, room_guid
from conference.agenda.rows import PersonRow, RoomRow, SessionDetails, TrackRow

SCHEMA = "https://c3voc.de/schedule/schema.json"
_SLUG = re.compile(r"[a-z0-9_-]+[a-z0-9]")
_ZONE = re.compile(r"([A-Z][a-z]+/[A-Z][a-z]+.*)|UTC")
_REFERENCE_TYPES = frozenset(["slides", "paper", "web", "blog", "article", "media", "related", "activitypub"])


def export_json(edition: Edition) -> bytes:
    """The schedule as UTF-8 JSON; the same schedule gives the same bytes."""
    event = edition.event
    days = edition.days()
    conference: dict[str, Any] = {
        "acronym": acronym_of(event.slug),
        "title": edition.name(event.title),
        "description": edition.name(event.description),
        "start": day_text(event.starts),
        "end": day_text(event.ends),
        "daysCount": len(days),
        "timeslot_duration": clock_length(event.timeslot_minutes),
        "time_zone_name": event.zone if _ZONE.fullmatch(event.zone) else "",
        "logo": event.logo,
        "colors": {"primary": event.accent} if event.accent else {},
        "url": event.url or edition.address,
        "rooms": [_room(edition, room) for room in edition.schedule.rooms],
        "tracks": [_track(edition, track) for track in edition.schedule.tracks],
        # What the format cannot say: in which language the names are, and the texts when not each its own;
        # the texts in all other languages; and some facts of sessions.
        "meta": {"majlis": {"language": edition.names, "text_language": edition.language} | _ours(edition)},
        "days": _days(edition, days),
    }
    schedule = {
        "version": edition.version_name,
        "base_url": event.base_url or f"{edition.address}/",
        "conference": {
            name: value for name, value in conference.items() if value not in ("", {}) or name == "title"
        },
    }
    generator = {"name": "Majlis", "version": __version__}
    return msgspec.json.encode({"$schema": SCHEMA, "generator": generator, "schedule": schedule})


def _ours(edition: Edition) -> dict[str, Any]:
    """Places, signing up and continuing education of the sessions in which they are not as usual, by guid;
    and the texts in further languages."""
    said = {
        edition.guid(one): {
            **({} if one.is_cme else {"is_cme": False}),
            **({} if one.capacity is None else {"capacity": one.capacity}),
            **({"takes_sign_ups": True} if one.takes_sign_ups else {}),
        }
        for day in edition.days()
        for one in day.sessions
    }
    sessions = {guid: facts for guid, facts in said.items() if facts}
    ours = {"sessions": sessions, "translations": translations_of(edition)}
    return {name: value for name, value in ours.items() if value}


def _room(edition: Edition, room: RoomRow) -> dict[str, Any]:
    return {
        "name": edition.name(room.name),
        "slug": room.slug,
        "guid": room_guid(edition.event.slug, room.guid, room.slug),
        "description": edition.name(room.description) or None,
        "capacity": room.capacity,
    }


def _track(edition: Edition, track: TrackRow) -> dict[str, Any]:
    colour = {"color": track.colour} if track.colour else {}
    return {"name": edition.name(track.name), "slug": track.slug, **colour}


def _days(edition: Edition, days: list[Day[SessionDetails]]) -> list[dict[str, Any]]:
    numbers, people = edition.numbers(), People(edition)
    return [
        {
            "index": day.index,
            "date": day_text(day.date),
            "day_start": day.starts.isoformat(),
            "day_end": last_minute(day.ends).isoformat(),
            "rooms": {
                name: [_session(edition, session, numbers[session.id], people) for session in sessions]
                for name, sessions in _by_name(edition, day).items()
            },
        }
        for day in days
    ]


def _by_name(edition: Edition, day: Day[SessionDetails]) -> dict[str, list[SessionDetails]]:
    """The day's sessions by the name of their room; two rooms of one name in this language stand together."""
    named: dict[str, list[SessionDetails]] = {}
    for room, sessions in edition.by_room(day):
        named.setdefault(edition.name(room.name) if room else "", []).extend(sessions)
    return named


def _session(edition: Edition, session: SessionDetails, number: int, people: People) -> dict[str, Any]:
    starts = edition.local(session.starts_at)
    slug = session.slug if _SLUG.fullmatch(session.slug) else session.slug.lower()
    title = edition.text(session, session.title)
    said = {
        "guid": edition.guid(session),
        "code": edition.code(session),
        "id": number,
        "logo": session.logo,
        "date": starts.isoformat(),
        "start": starts.strftime("%H:%M"),
        "duration": clock_length(session.minutes),
        "end": edition.local(session.ends_at).isoformat(),
        "room": edition.room_of(session),
        "slug": slug
        if _SLUG.fullmatch(slug)
        else derived_slug(edition.event.slug, edition.code(session), title),
        "url": session.url or edition.session_address(session),
        "title": title,
        "subtitle": edition.text(session, session.subtitle),
        "track": edition.name(session.track.name) if session.track else None,
        "type": edition.type_of(session),
        "language": session.language,
        "abstract": edition.text(session, session.abstract),
        "description": edition.text(session, session.description),
        "recording_license": session.recording_license,
        "do_not_record": session.do_not_record,
        "persons": [people.of(session, person, role) for person, role in edition.people(session)],
        "links": [_reference(link) for link in session.links],
        "attachments": [_reference(link) for link in session.attachments],
    }
    more = {"feedback_url": session.feedback_url, "origin_url": session.origin_url}
    return said | {name: address for name, address in more.items() if address}


class People:
    """The people of one export: somebody with several sessions in one language is put together once."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._made: dict[tuple[int, str, str | None], dict[str, Any]] = {}

    def of(self, session: SessionDetails, person: PersonRow, role: str) -> dict[str, Any]:
        """The person as they stand in the entry of *session*."""
        key = (person.id, role, session.language)  # all of the session that is in it
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = _person(self._edition, session, person, role)
        return made


def _person(edition: Edition, session: SessionDetails, person: PersonRow, role: str) -> dict[str, Any]:
    name = edition.text(session, person.name)
    return {
        "code": person.code,
        "guid": edition.person_guid(person),
        "name": name,
        "public_name": name,  # without an "id", or the schema would take it for both kinds
        "biography": edition.text(session, person.biography) or None,
        "avatar": person.avatar or None,
        "url": person.url or edition.person_address(person),
        "links": [_reference(link) for link in person.links],
        "role": role,
    }


def _reference(link: dict[str, str]) -> dict[str, str]:
    kind = link.get("type", "").lower()
    said = {"url": link["url"], "title": link.get("title", "")}
    return said | ({"type": kind} if kind in _REFERENCE_TYPES else {})
