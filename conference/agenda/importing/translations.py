"""Texts in further languages, which our own exports carry beside the format: laid over what was gathered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from conference.agenda.checks import (
    check_event,
    check_person,
    check_room,
    check_session,
    check_track,
    check_type,
)
from conference.agenda.drafts import Programme
from conference.agenda.importing.fields import language_tag, refuse, shown, text_of
from conference.agenda.importing.json_tree import Node
from conference.agenda.importing.notes import Notes, checked
from conference.errors import N_

Draft = TypeVar("Draft")

_SESSION = ("title", "subtitle", "abstract", "description")


def add_translations(said: Node, programme: Programme, notes: Notes) -> None:
    """Complete the drafts of *programme* in place by ``schedule.conference.meta.majlis.translations``.

    Keys are those of `exporting.translations`; "" takes away what only stood in for a text. The event
    speaks the languages met from then on, too. What belongs to nothing in the file is noted; `BadInput`
    with its place for what is no text, too long, or under no language.
    """
    if said.value is None:
        return
    said.as_object()
    met: dict[str, None] = {}
    conference = said.child("conference")
    if conference.value is not None:
        met |= _lay(conference, programme.event, check_event, "title", "description")
    rooms = {one.slug: one for one in programme.rooms}
    tracks = {one.slug: one for one in programme.tracks}
    types = {text: one for one in programme.types for text in one.name.values()}
    people = {one.code: one for one in programme.people if one.code}
    sessions = {one.guid: one for one in programme.sessions}
    met |= _lay_all(said.child("rooms"), rooms, notes, check_room, "name", "description")
    met |= _lay_all(said.child("tracks"), tracks, notes, check_track, "name")
    met |= _lay_all(said.child("types"), types, notes, check_type, "name")
    met |= _lay_all(said.child("people"), people, notes, check_person, "name", "biography")
    met |= _lay_all(said.child("sessions"), sessions, notes, check_session, *_SESSION)
    programme.event.languages = list(dict.fromkeys([*programme.event.languages, *met]))


def _lay_all(
    entries: Node,
    drafts: Mapping[str, Draft],
    notes: Notes,
    check: Callable[[Draft], None],
    *names: str,
) -> dict[str, None]:
    """Lay every entry over its draft; the languages met, in their order."""
    met: dict[str, None] = {}
    if entries.value is None:
        return met
    for key in entries.as_object().value:
        draft, entry = drafts.get(key), entries.child(key)
        if draft is None:
            notes.add(entry.place, N_("translations of something that is not in this file; left out"))
        else:
            met |= _lay(entry, draft, check, *names)
    return met


def _lay(entry: Node, draft: Draft, check: Callable[[Draft], None], *names: str) -> dict[str, None]:
    entry.as_object()
    met: dict[str, None] = {}
    for name in names:
        texts = entry.child(name)
        if texts.value is None:
            continue
        more = dict(_texts(texts))
        # In front: the first text there is stands in for those that are missing, as where it came from.
        setattr(draft, name, {**more, **getattr(draft, name), **more})
        checked(draft, check, texts.place)
        met |= dict.fromkeys(tag for tag, text in more.items() if text)
    return met


def _texts(said: Node) -> Iterator[tuple[str, str]]:
    for tag, text in said.as_object().value.items():
        known, place = language_tag(tag), said.child(tag).place
        if known is None:
            refuse(
                place(), N_("%(place)s: “%(value)s” is not a language code like ar or en."), value=shown(tag)
            )
        if text is None:
            refuse(place(), N_("%(place)s: a text is expected here, not “%(value)s”."), value="null")
        yield known, text_of(said.field(tag))
