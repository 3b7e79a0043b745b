"""Schedule JSON as pretalx and frab write it (https://c3voc.de/schedule/schema.json)."""

from __future__ import annotations

from collections.abc import Iterator

from conference.agenda.importing.fields import Field, day_of, refuse
from conference.agenda.importing.json_tree import Node
from conference.agenda.importing.raw import RawLink, RawPerson, RawRoom, RawSchedule, RawSession, RawTrack
from conference.errors import N_


def read_schedule_json(schedule: Node) -> RawSchedule:
    """What the object under "schedule" says."""
    conference = schedule.child("conference").as_object()
    days = list(conference.objects("days"))
    ours = conference.at("meta", "majlis", "sessions")
    return RawSchedule(
        place=conference.place,
        version=schedule.field("version"),
        base_url=schedule.field("base_url"),
        acronym=conference.field("acronym"),
        title=conference.field("title"),
        description=conference.field("description"),
        starts=conference.field("start"),
        ends=conference.field("end"),
        timeslot=conference.field("timeslot_duration"),
        zone=conference.field("time_zone_name"),
        colour=conference.child("colors").field("primary"),
        logo=conference.field("logo"),
        url=conference.field("url"),
        dates=[day.field("date") for day in days],
        day_ends=[day.field("day_end") for day in days],
        rooms=[json_room(room) for room in conference.objects("rooms")],
        tracks=[json_track(track) for track in conference.objects("tracks")],
        language=conference.at("meta", "majlis").field("language"),
        text_language=conference.at("meta", "majlis").field("text_language"),
        translations=conference.at("meta", "majlis", "translations"),
        sessions=[session for day in days for session in _sessions(day, ours)],
    )


def json_room(room: Node) -> RawRoom:
    return RawRoom(**{name: room.field(name) for name in ("name", "guid", "slug", "description", "capacity")})


def json_track(track: Node) -> RawTrack:
    return RawTrack(name=track.field("name"), slug=track.field("slug"), colour=track.field("color"))


def json_links(owner: Node, name: str) -> list[RawLink]:
    """Links and attachments: objects with "url", or plain addresses as old files have them."""
    listed = owner.child(name)
    if listed.value is None:
        return []
    if not isinstance(listed.value, list):
        refuse(listed.place(), N_("%(place)s: a list is expected here."))
    links = []
    for index, value in enumerate(listed.value):
        node = Node(value, listed.source, listed.file, (*listed.path, index))
        if isinstance(value, str):
            links.append(RawLink(url=Field(value, node.place)))
            continue
        url = node.as_object().field("url" if value.get("url") else "href")
        links.append(
            RawLink(
                url=url, title=node.field("title"), type=node.field("type"), service=node.field("service")
            )
        )
    return links


def json_person(person: Node) -> RawPerson:
    """Both kinds: `public_name` with `id` (frab), `name` with `code` (pretalx)."""
    return RawPerson(
        place=person.place,
        name=person.field("name") if person.child("name").value else person.field("public_name"),
        **{name: person.field(name) for name in ("id", "guid", "code", "role", "biography", "url")},
        avatar=_address(person, "avatar"),
        links=json_links(person, "links"),
    )


def _address(owner: Node, name: str) -> Field:
    """A text, or an object with "url" (v2)."""
    found = owner.child(name)
    return found.field("url") if isinstance(found.value, dict) else owner.field(name)


def _sessions(day: Node, ours: Node) -> Iterator[RawSession]:
    rooms = day.child("rooms")
    if rooms.value is None:
        return
    for name in rooms.as_object().value:
        for event in rooms.objects(name):
            yield _session(event, day.field("date"), Field(name, rooms.child(name).place), ours)


def _session(event: Node, day: Field, room: Field, ours: Node) -> RawSession:
    named = event.field("room")
    more = ours.child(str(event.child("guid").value))
    return RawSession(
        place=event.place,
        day=day_of(day) if day.value else None,
        room=RawRoom(name=named if named.value else room),
        said={name: event.field(name) for name in _FIELDS}
        | {"logo": _address(event, "logo")}
        | {name: more.field(name) for name in _OURS},
        persons=[json_person(person) for person in event.objects("persons")],
        links=json_links(event, "links"),
        attachments=json_links(event, "attachments"),
        names_no_room=named.value == "",
    )


# What our own exports say beside the format, under "meta".
_OURS = ("is_cme", "capacity", "takes_sign_ups")
_FIELDS = (
    *("id", "guid", "code", "title", "subtitle", "abstract", "description", "language", "track", "type"),
    *("date", "start", "duration", "end", "slug", "url", "origin_url", "feedback_url"),
    *("recording_license", "recording_url", "do_not_record"),
)
