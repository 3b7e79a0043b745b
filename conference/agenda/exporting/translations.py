"""The texts that schedule JSON has no place for: it says each one once, in one language."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from conference.agenda.exporting.public import Edition
from conference.agenda.languages import text_in
from conference.agenda.rows import PersonRow, SessionDetails, Texts

#: Of an entry, its texts by the name they have in the file.
Entry = dict[str, Texts]


def translations_of(edition: Edition) -> dict[str, Any]:
    """What an importer cannot learn from the format's own fields: by kind, key, field and language.

    Rooms and tracks go by slug, types by the name they are exported under, people by code, sessions by
    guid. "" says that there is no text in a language, though the format shows one under it: a stand-in
    from another language. ``{}`` when the fields say everything.
    """
    event, sessions = edition.event, list(_sessions(edition))
    names = {edition.names}
    found: dict[str, Any] = {
        "conference": _rest(edition, names, title=event.title, description=event.description),
        "rooms": {
            room.slug: _rest(edition, names, name=room.name, description=room.description)
            for room in edition.schedule.rooms
        },
        "tracks": {track.slug: _rest(edition, names, name=track.name) for track in edition.schedule.tracks},
        "types": {name: _rest(edition, names, name=texts) for name, texts in _types(edition, sessions)},
        "people": {
            person.code: _rest(edition, said, name=person.name, biography=person.biography)
            for person, said in _people(edition, sessions)
        },
        "sessions": {
            edition.guid(one): _rest(
                edition,
                {_language(edition, one)},
                title=one.title,
                subtitle=one.subtitle,
                abstract=one.abstract,
                description=one.description,
            )
            for one in sessions
        },
    }
    conference = found.pop("conference")
    kinds = {kind: {key: entry for key, entry in entries.items() if entry} for kind, entries in found.items()}
    return {kind: entries for kind, entries in {"conference": conference, **kinds}.items() if entries}


def _sessions(edition: Edition) -> Iterator[SessionDetails]:
    """In the order of the file."""
    for day in edition.days():
        for _, sessions in edition.by_room(day):
            yield from sessions


def _language(edition: Edition, session: SessionDetails) -> str:
    """The language under which importers take the texts of *session* and of its people."""
    return edition.language or session.language or edition.names


def _types(edition: Edition, sessions: list[SessionDetails]) -> Iterator[tuple[str, Texts]]:
    """Each exported type with its texts; not those of breaks that go out as "break" instead."""
    seen = set()
    for one in sessions:
        name = edition.type_of(one)
        if one.type and name not in seen and name == edition.name(one.type.name):
            seen.add(name)
            yield name, one.type.name


def _people(edition: Edition, sessions: list[SessionDetails]) -> Iterator[tuple[PersonRow, set[str]]]:
    """Each person with the languages of all the sessions in which they stand."""
    said: dict[int, tuple[PersonRow, set[str]]] = {}
    for one in sessions:
        language = _language(edition, one)
        for person, _ in edition.people(one):
            said.setdefault(person.id, (person, set()))[1].add(language)
    yield from said.values()


def _rest(edition: Edition, said: Collection[str], **entry: Texts) -> Entry:
    """Of each text, what the format's field does not tell when it is given in the languages of *said*."""
    rests = {name: _missing(edition, texts, said) for name, texts in entry.items() if texts}
    return {name: rest for name, rest in rests.items() if rest}


def _missing(edition: Edition, texts: Texts, said: Collection[str]) -> Texts:
    if texts.keys() == said:
        return {}  # nearly all texts of programmes in one language
    rest = {tag: texts[tag] for tag in sorted(texts) if texts[tag] and tag not in said}
    stood_in = [tag for tag in sorted(said) if not texts.get(tag)]
    shown = text_in(texts, edition.event.language)
    if not (stood_in and shown):
        return rest
    if not texts.get(edition.names):
        # Whoever reads this again must choose the same one to stand in: the first there is.
        first = next(tag for tag in (edition.event.language, *texts) if texts.get(tag))
        rest = {first: texts[first], **rest}
    return rest | dict.fromkeys(stood_in, "")
