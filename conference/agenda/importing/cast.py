"""The people of a file, each once, however often they are named."""

from __future__ import annotations

import re

from conference.agenda.checks import check_person
from conference.agenda.drafts import PartDraft, PersonDraft
from conference.agenda.identity import number_from
from conference.agenda.importing.fields import number_of, text_of, texts_of
from conference.agenda.importing.links import address_of, links_of
from conference.agenda.importing.notes import Notes, checked
from conference.agenda.importing.raw import RawPerson
from conference.agenda.tables import SessionRole
from conference.errors import N_

_CODE = re.compile(r"[0-9A-Z]{1,16}")
_ROLES = {
    "chair": SessionRole.CHAIR,
    "host": SessionRole.CHAIR,
    "moderator": SessionRole.MODERATOR,
    "interpreter": SessionRole.INTERPRETER,
    "": None,  # not said
}


class Cast:
    """Known by guid, else code, else number, else name: the first of these that the file gives."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.people: dict[str, PersonDraft] = {}

    def part(self, raw: RawPerson, language: str) -> PartDraft | None:
        """The part in a session whose texts are in *language*; None (noted) for a person without a name."""
        person = self._draft(raw, language)
        if not any(person.name.values()):
            self.notes.add(raw.place, N_("a person without a name; left out"))
            return None
        known = self.people.setdefault(person.key, person)
        if known is not person:
            known.name = {**person.name, **known.name}
            known.biography = {**person.biography, **{k: text for k, text in known.biography.items() if text}}
        return PartDraft(known.key, _ROLES.get(text_of(raw.role).lower(), SessionRole.SPEAKER))

    def _draft(self, raw: RawPerson, language: str) -> PersonDraft:
        name = texts_of(raw.name, language)
        guid, code, number = text_of(raw.guid), text_of(raw.code), number_of(raw.id)
        if guid and number == number_from(guid):
            number = None  # one of our exports made it up because the format demands one
        identities = {"guid": guid, "code": code, "id": number, "name": "".join(name.values())}
        key = next((f"{kind} {value}" for kind, value in identities.items() if value), "")
        person = PersonDraft(
            key=key,
            name=name,
            code=code if _CODE.fullmatch(code) else "",
            guid=guid,
            external_id=number,
            biography=texts_of(raw.biography, language),
            avatar=address_of(raw.avatar, self.notes),
            url=address_of(raw.url, self.notes),
            links=links_of(raw.links, self.notes),
        )
        return checked(person, check_person, raw.place) if any(name.values()) else person
