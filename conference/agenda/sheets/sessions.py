"""Lines of sessions: which stored session each means, and what it changes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from conference.agenda.checks import check_person, check_session
from conference.agenda.drafting.stored_sessions import Stored
from conference.agenda.drafts import PartDraft, PersonDraft, SessionDraft
from conference.agenda.identity import uuid_from
from conference.agenda.importing.fields import refuse
from conference.agenda.importing.notes import Notes, checked
from conference.agenda.languages import text_in as text_among
from conference.agenda.sheets.lists import Lists
from conference.agenda.sheets.rows import Known, Row, plain
from conference.agenda.sheets.times import language_of, times_of
from conference.agenda.sheets.values import names_in, number_in, texts_in, truth_in
from conference.agenda.sheets.workbook import Cell
from conference.agenda.tables import SessionKind, SessionRole
from conference.errors import N_

_ROLES = {
    "speakers": SessionRole.SPEAKER,
    "chairs": SessionRole.CHAIR,
    "moderators": SessionRole.MODERATOR,
    "interpreters": SessionRole.INTERPRETER,
    "technicians": SessionRole.TECHNICIAN,
}
_TRUTHS = ("do_not_record", "is_cme", "takes_sign_ups")


class SessionLines:
    """The sessions read so far, by guid."""

    def __init__(self, known: Known, lists: Lists, notes: Notes) -> None:
        self.known, self.lists, self.notes = known, lists, notes
        self.sessions: dict[str, SessionDraft] = {}
        self.titles: Counter[str] = Counter()

    def read(self, row: Row) -> None:
        stored = self._session(row)
        draft = self._as_stored(stored) if stored else self._blank(row)
        if draft.guid in self.sessions:
            refuse(row.place, N_("%(place)s: this session is in the file twice."))
        changes: dict[str, Any] = {
            field: {**getattr(draft, field), **row.texts[field]}
            for field in ("title", "subtitle", "abstract", "description")
            if field in row.texts
        }
        changes |= self.lists.places(row)
        changes |= times_of(
            self.known.event, self.lists.types, self.notes, row, draft, changes.get("type", draft.type)
        )
        changes |= {field: truth_in(row.cells[field]) for field in _TRUTHS if field in row.cells}
        if "capacity" in row.cells:
            changes["capacity"] = number_in(row.cells["capacity"]) or 0
        if "notes" in row.cells:
            changes["notes"] = row.text("notes")
        if "language" in row.cells:
            changes["language"] = language_of(row)
        changes["parts"] = self._parts(row, draft)
        made = msgspec.structs.replace(draft, **changes)
        if not any(made.title.values()):
            refuse(row.place, N_("%(place)s: the session has no title."))
        if made.starts_at and made.room is None and made.kind is not SessionKind.BREAK:
            self.notes.add(lambda: row.place, N_("the session has no room"))
        self.sessions[made.guid] = checked(made, check_session, lambda: row.place)

    def _session(self, row: Row) -> Stored | None:
        """The stored session a row means, if it means one."""
        guid, code, number = row.text("guid"), row.text("code"), row.text("id")
        found = list(self.known.sessions.values())
        if guid or code or number:
            named = [
                one
                for one in found
                if (guid and one.planned.guid == guid)
                or (code and code in (one.planned.code, one.planned.source_code))
                or (number.isdecimal() and one.planned.external_id == int(number))
            ]
            return named[0] if named else None
        title = row.texts.get("title", {})
        key = plain(text_among(title, "en", "ar"))
        self.titles[key] += 1
        derived = self._derived_guid(key)
        same = [one for one in found if one.planned.guid == derived]
        same = same or [
            one
            for one in found
            if any(
                plain(text) == plain(title.get(tag, ""))
                for tag, text in one.planned.title.items()
                if title.get(tag)
            )
        ]
        return same[0] if len(same) == 1 and same[0].planned.guid not in self.sessions else None

    def _derived_guid(self, title: str) -> str:
        """Of a session that the file gives nothing but a title: the same again at the next import."""
        return uuid_from(f"sheet {self.known.event.slug} {title} {self.titles[title]}")

    def _blank(self, row: Row) -> SessionDraft:
        key = plain(text_among(row.texts.get("title", {}), "en", "ar"))
        guid = row.text("guid") or (
            uuid_from(f"sheet {self.known.event.slug} code {row.text('code') or row.text('id')}")
            if row.text("code") or row.text("id")
            else self._derived_guid(key)
        )
        number = row.text("id")
        return SessionDraft(
            title={},
            starts_at=None,
            minutes=30,
            guid=guid,
            code=row.text("code").upper(),
            external_id=int(number) if number.isdecimal() and 0 < int(number) < 2**31 else None,
        )

    def _as_stored(self, stored: Stored) -> SessionDraft:
        planned = stored.planned
        same = {
            name: getattr(planned, name) for name in SessionDraft.__struct_fields__ if hasattr(planned, name)
        }
        slugs = {
            field: self.by_id_of(field, getattr(planned, f"{field}_id"))
            for field in ("room", "track", "type")
        }
        codes = {one.id: one.code for one in self.known.people}
        parts = [
            PartDraft(codes[part.person_id], part.role) for part in planned.parts if part.person_id in codes
        ]
        kept = {"notes": None, "is_cme": None, "capacity": None, "takes_sign_ups": None}
        return SessionDraft(**(same | slugs | kept | {"parts": parts}))

    def by_id_of(self, field: str, row_id: int | None) -> str | None:
        rows: Mapping[str, list[Any]] = {
            "room": self.known.rooms,
            "track": self.known.tracks,
            "type": self.known.types,
        }
        return next((row.slug for row in rows[field] if row.id == row_id), None)

    def _parts(self, row: Row, draft: SessionDraft) -> list[PartDraft]:
        """Roles whose column is filled are as there, the others as stored."""
        said = {role for field, role in _ROLES.items() if field in row.cells}
        parts = [part for part in draft.parts if part.role not in said]
        for field, role in _ROLES.items():
            for name in names_in(row.cells[field]) if field in row.cells else []:
                texts = texts_in(Cell(name, row.cells[field].place), None)
                key = self.lists.person(_code_in(name), "", texts)
                if key is None:
                    key = self.lists.key(texts)
                    self.lists.people[key] = checked(
                        PersonDraft(key=key, name=texts),
                        check_person,
                        lambda: row.cells[field].place,  # noqa: B023
                    )
                parts.append(PartDraft(key, role))
        order = list(_ROLES.values())
        return sorted(parts, key=lambda part: order.index(part.role or SessionRole.SPEAKER))


def _code_in(name: str) -> str:
    """The code in ``Name (CODE)``, as the session form writes it."""
    return name.rpartition("(")[2].removesuffix(")") if name.endswith(")") else ""
