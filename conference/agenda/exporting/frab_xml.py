"""frab/pentabarf schedule XML, valid against https://c3voc.de/schedule/schema.xsd."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conference import __version__
from conference.agenda.addresses import is_http
from conference.agenda.exporting.public import Edition, clock_length, day_text, last_minute
from conference.agenda.grouping import Day
from conference.agenda.identity import acronym_of, number_from, room_guid
from conference.agenda.rows import RoomRow, SessionDetails

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2
_SLUG = re.compile(r"[a-z0-9_]{4,}-[a-z0-9_-]{4,}")
_TRACK_SLUG = re.compile(r"[a-z][a-z0-9-]+")


def export_xml(edition: Edition) -> bytes:
    """The schedule as UTF-8 XML; the same schedule gives the same bytes."""
    event = edition.event
    root = Element("schedule")
    SubElement(root, "generator", name="Majlis", version=__version__)
    _add(root, "url", _http(f"{edition.address}/schedule/export/schedule.xml"))
    _add(root, "version", edition.version_name or "1", needed=True)
    conference = SubElement(root, "conference")
    days = edition.days()
    for name, text in {
        "title": edition.name(event.title),
        "acronym": event.slug if len(event.slug) >= 4 else acronym_of(event.slug),
        "start": day_text(event.starts),
        "end": day_text(event.ends),
        "days": str(len(days)),
        "timeslot_duration": clock_length(event.timeslot_minutes),
        "base_url": _http(event.base_url or f"{edition.address}/"),
        "logo": _http(event.logo),
        "url": _http(event.url or edition.address),
        "time_zone_name": event.zone,
    }.items():
        _add(conference, name, text)
    if event.accent:
        SubElement(conference, "color", primary=event.accent)
    for track in edition.schedule.tracks:
        attributes = {"name": fit(edition.name(track.name)), "color": track.colour, "slug": track.slug}
        if not _TRACK_SLUG.fullmatch(track.slug):
            attributes["slug"] = ""
        SubElement(conference, "track", {name: text for name, text in attributes.items() if text})
    numbers = edition.numbers()
    for day in days:
        _add_day(root, edition, day, numbers)
    indent(root, space="")
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _add_day(root: Element, edition: Edition, day: Day[SessionDetails], numbers: dict[int, int]) -> None:
    element = SubElement(
        root,
        "day",
        index=str(day.index),
        date=day_text(day.date),
        start=day.starts.isoformat(),
        end=last_minute(day.ends).isoformat(),
    )
    for room, sessions in edition.by_room(day):
        here = SubElement(element, "room", _room(edition, room))
        for session in sessions:
            _add_session(here, edition, session, numbers[session.id])


def _room(edition: Edition, room: RoomRow | None) -> dict[str, str]:
    if room is None:
        return {"name": ""}
    return {
        "name": fit(edition.name(room.name)),
        "guid": room_guid(edition.event.slug, room.guid, room.slug),
    }


def _add_session(parent: Element, edition: Edition, session: SessionDetails, number: int) -> None:
    attributes = {"id": str(number), "guid": edition.guid(session), "code": edition.code(session)}
    element = SubElement(parent, "event", attributes)
    starts = edition.local(session.starts_at)
    for name, text in {
        "room": edition.room_of(session),
        "title": edition.text(session, session.title),
        "subtitle": edition.text(session, session.subtitle),
        "type": edition.type_of(session),
        "date": starts.isoformat(),
        "start": starts.strftime("%H:%M"),
        "duration": clock_length(session.minutes),
        "abstract": edition.text(session, session.abstract),
        "track": edition.name(session.track.name) if session.track else "",
        "language": session.language or "",
        "description": edition.text(session, session.description),
    }.items():
        _add(element, name, text, needed=True)
    for name, text in {
        "slug": session.slug if _SLUG.fullmatch(session.slug) else "",
        "logo": _http(session.logo),
        "url": _http(session.url or edition.session_address(session)),
        "feedback_url": _http(session.feedback_url),
        "origin_url": _http(session.origin_url),
    }.items():
        _add(element, name, text)
    recording = SubElement(element, "recording")
    _add(recording, "license", session.recording_license, needed=True)
    _add(recording, "optout", "true" if session.do_not_record else "false")
    _add(recording, "url", _http(session.recording_url))
    _add_people(element, edition, session)
    _add_references(element, "links", "link", session.links)
    _add_references(element, "attachments", "attachment", session.attachments)


def _add_people(parent: Element, edition: Edition, session: SessionDetails) -> None:
    persons = SubElement(parent, "persons")
    for person, _role in edition.people(session):
        guid = edition.person_guid(person)
        number = person.external_id or number_from(guid)
        element = SubElement(persons, "person", id=str(number), guid=guid)
        element.text = fit(edition.text(session, person.name))


def _add_references(parent: Element, group: str, name: str, references: list[dict[str, str]]) -> None:
    container = SubElement(parent, group)
    for reference in references:
        attributes = {"href": reference["url"], "type": reference.get("type", "")}
        if name == "link":
            attributes["service"] = reference.get("service", "")
        element = SubElement(container, name, {key: fit(text) for key, text in attributes.items() if text})
        element.text = fit(reference.get("title", ""))


def _add(parent: Element, name: str, text: str, *, needed: bool = False) -> None:
    """An element with *text*; without one only when the schema needs it."""
    if text or needed:
        SubElement(parent, name).text = fit(text)


def _http(address: str) -> str:
    """Addresses the schema accepts; others are left out."""
    return address if is_http(address) else ""


def fit(text: str) -> str:
    """*text* without the characters XML cannot hold."""
    return _NOT_XML.sub("", text)
