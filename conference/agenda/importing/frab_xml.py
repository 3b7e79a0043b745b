"""frab/pentabarf schedule XML, `application/vnd.c3voc.schedule+xml` (https://c3voc.de/schedule/schema.xsd)."""

from __future__ import annotations

from collections.abc import Iterator

from conference.agenda.importing.fields import Field, day_of, refuse
from conference.agenda.importing.raw import (
    NOTHING,
    RawLink,
    RawPerson,
    RawRoom,
    RawSchedule,
    RawSession,
    RawTrack,
)
from conference.agenda.importing.xml_tree import Element, read_xml
from conference.errors import N_


def read_frab_xml(data: bytes, file: str) -> RawSchedule:
    """What the file says; `BadInput` when it is not well-formed or not a schedule."""
    root = read_xml(data, file)
    if root.name != "schedule":
        refuse(
            root.place(),
            N_("%(place)s: the outermost element is “%(name)s”, so this is not a schedule."),
            name=root.name[:40],
        )
    conference = root.first("conference")
    if conference is None:
        refuse(root.place(), N_("%(place)s: the schedule has no “conference” element."))
    colour = conference.first("color")
    days = list(root.all("day"))
    return RawSchedule(
        place=conference.place,
        version=root.field("version"),
        base_url=conference.field("base_url"),
        acronym=conference.field("acronym"),
        title=conference.field("title"),
        starts=conference.field("start"),
        ends=conference.field("end"),
        timeslot=conference.field("timeslot_duration"),
        zone=conference.field("time_zone_name"),
        colour=colour.attribute("primary") if colour else NOTHING,
        logo=conference.field("logo"),
        url=conference.field("url"),
        dates=[day.attribute("date") for day in days],
        day_ends=[day.attribute("end") for day in days],
        rooms=[_room(room) for day in days for room in day.all("room")],
        tracks=[
            RawTrack(name=_named(track), slug=track.attribute("slug"), colour=track.attribute("color"))
            for track in conference.all("track")
        ],
        sessions=[session for day in days for session in _sessions(day)],
    )


def _named(element: Element) -> Field:
    return element.attribute("name") if "name" in element.attributes else Field(element.text, element.place)


def _room(element: Element) -> RawRoom:
    return RawRoom(name=element.attribute("name"), guid=element.attribute("guid"))


def _sessions(day: Element) -> Iterator[RawSession]:
    date = day.attribute("date")
    for room in day.all("room"):
        for event in room.all("event"):
            yield _session(event, date, _room(room))


def _session(event: Element, day: Field, room: RawRoom) -> RawSession:
    recording = event.first("recording")
    named = event.field("room")
    said = {name: event.field(name) for name in _TEXTS} | {
        name: event.attribute(name) for name in _ATTRIBUTES
    }
    if recording:
        said |= {ours: recording.field(theirs) for theirs, ours in _RECORDING.items()}
    return RawSession(
        place=event.place,
        said=said,
        day=day_of(day) if day.value else None,
        room=RawRoom(name=named) if named.value and named.value != room.name.value else room,
        names_no_room=named.value == "",
        persons=[
            RawPerson(
                place=person.place,
                name=Field(person.text, person.place),
                id=person.attribute("id"),
                guid=person.attribute("guid"),
            )
            for person in _within(event, "persons", "person")
        ],
        links=[_link(link) for link in _within(event, "links", "link")],
        attachments=[_link(link) for link in _within(event, "attachments", "attachment")],
    )


_ATTRIBUTES = ("id", "guid", "code")
_TEXTS = (
    *("title", "subtitle", "abstract", "description", "language", "track", "type", "slug", "logo"),
    *("date", "start", "duration", "url", "origin_url", "feedback_url"),
)
_RECORDING = {"license": "recording_license", "optout": "do_not_record", "url": "recording_url"}


def _within(event: Element, group: str, name: str) -> list[Element]:
    return [element for container in event.all(group) for element in container.all(name)]


def _link(element: Element) -> RawLink:
    return RawLink(
        url=element.attribute("href"),
        title=Field(element.text, element.place),
        type=element.attribute("type"),
        service=element.attribute("service"),
    )
