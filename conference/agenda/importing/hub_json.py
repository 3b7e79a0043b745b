"""The hub's schedule v2, still a draft (https://c3voc.de/schema/schedule2): one flat list of events,
people on their own, a start and an end instead of a day and a length."""

from __future__ import annotations

import msgspec

from conference.agenda.importing.json_tree import Node
from conference.agenda.importing.raw import RawPerson, RawSchedule, RawSession
from conference.agenda.importing.schedule_json import (
    json_links,
    json_person,
    json_room,
    json_track,
    read_schedule_json,
)


def is_hub_schedule(schedule: Node) -> bool:
    return isinstance(schedule.child("events").value, list)


def read_hub_json(schedule: Node) -> RawSchedule:
    """What the object under "schedule" says."""
    conference = schedule.child("conference").as_object()
    listed = list(conference.objects("tracks"))
    tracks = {str(track.child("slug").value): track for track in listed}
    people = {str(person.child("guid").value): person for person in schedule.objects("persons")}
    return msgspec.structs.replace(
        read_schedule_json(schedule),
        language=conference.child("defaults").field("language"),
        day_ends=[day.field("end") for day in conference.objects("days")],
        tracks=[
            msgspec.structs.replace(json_track(track), colour=track.child("colors").field("light"))
            for track in listed
        ],
        sessions=[_session(event, tracks, people) for event in schedule.objects("events")],
    )


def _session(event: Node, tracks: dict[str, Node], people: dict[str, Node]) -> RawSession:
    track = tracks.get(str(event.child("track").child("slug").value))
    said = {name: event.field(name) for name in _FIELDS} | {"date": event.field("start")}
    said["track"] = track.field("name") if track else event.child("track").field("name")
    said["logo"] = event.child("logo").field("url")
    links = []
    for link in json_links(event, "links"):
        own = _OWN_FIELDS.get(str(link.type.value).upper())
        if own:
            said[own] = link.url
        else:
            links.append(link)
    room = event.child("room")
    return RawSession(
        place=event.place,
        said=said,
        room=json_room(room.as_object()) if room.value is not None else None,
        persons=[_participant(one, people) for one in event.objects("participants")],
        links=links,
        attachments=json_links(event, "attachments"),
    )


def _participant(participant: Node, people: dict[str, Node]) -> RawPerson:
    """The person with this guid in "persons", else what the participant says of itself."""
    known = people.get(str(participant.child("guid").value), participant)
    return msgspec.structs.replace(
        json_person(known), role=participant.field("role"), place=participant.place
    )


_OWN_FIELDS = {"ORIGIN": "origin_url", "FEEDBACK": "feedback_url"}
_FIELDS = (
    *("id", "guid", "code", "title", "subtitle", "abstract", "description", "language", "type"),
    *("duration", "end", "slug", "url"),
)
