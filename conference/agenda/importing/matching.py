"""Which stored row a draft of the file is: several ways to recognise it, the surest first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from conference.agenda.drafts import PersonDraft, RoomDraft, SessionDraft, TrackDraft, TypeDraft
from conference.agenda.identity import person_guid, room_guid, valid_uuid

Draft = TypeVar("Draft")
Row = Mapping[str, Any]
#: The key of a draft and of a row; equal keys are the same thing, an empty key says nothing.
Way = tuple[Callable[[Draft], Hashable], Callable[[Row], Hashable]]


def matched(
    drafts: Sequence[Draft],
    rows: Sequence[Row],
    ways: Sequence[Way[Draft]],
    *,
    differ: Callable[[Draft, Row], bool] = lambda draft, row: False,
) -> dict[int, Row]:
    """The row of each draft that has one, by the draft's index; no row is given twice.

    A key that is not unique in the file or in the database recognises nothing; *differ* vetoes.
    """
    found: dict[int, Row] = {}
    free = list(rows)
    for draft_key, row_key in ways:
        keys = {index: draft_key(draft) for index, draft in enumerate(drafts) if index not in found}
        often = Counter(keys.values())
        stored = Counter(row_key(row) for row in free)
        by_key = {row_key(row): row for row in free if stored[row_key(row)] == 1}
        for index, key in keys.items():
            row = by_key.get(key) if key not in ("", None) and often[key] == 1 else None
            if row is not None and not differ(drafts[index], row):
                found[index] = row
                free.remove(row)
    return found


def match_rooms(drafts: Sequence[RoomDraft], rows: Sequence[Row], event_slug: str) -> dict[int, Row]:
    """By guid (DemoCon gives two rooms the same: then not), by name, by slug."""
    guids: Way[RoomDraft] = (
        lambda draft: draft.guid and valid_uuid(draft.guid),
        lambda row: room_guid(event_slug, row["guid"], row["slug"]),
    )
    return matched(drafts, rows, [guids, *_names(drafts), _SLUGS])


def match_named(drafts: Sequence[TrackDraft | TypeDraft], rows: Sequence[Row]) -> dict[int, Row]:
    """Tracks and types: by name, by slug."""
    return matched(drafts, rows, [*_names(drafts), _SLUGS])


def match_people(drafts: Sequence[PersonDraft], rows: Sequence[Row], event_slug: str) -> dict[int, Row]:
    """By guid, by code, by number, by name, unless the surer ones contradict."""
    ways: list[Way[PersonDraft]] = [
        (
            lambda draft: draft.guid and valid_uuid(draft.guid),
            lambda row: person_guid(event_slug, row["guid"], row["code"]),
        ),
        (lambda draft: draft.code, lambda row: row["code"]),
        (lambda draft: draft.external_id, lambda row: row["external_id"]),
        *_names(drafts),
    ]
    return matched(drafts, rows, ways, differ=_are_two_people)


def match_sessions(drafts: Sequence[SessionDraft], rows: Sequence[Row]) -> dict[int, Row]:
    """By guid, as stored or as exported, then by code."""
    ways: list[Way[SessionDraft]] = [
        (lambda draft: valid_uuid(draft.guid), lambda row: valid_uuid(row["guid"])),
        (lambda draft: draft.code, lambda row: row["source_code"] or row["code"]),
    ]
    return matched(drafts, rows, ways)


def _are_two_people(draft: PersonDraft, row: Row) -> bool:
    """Both have a guid, or else both a number, and these are not the same."""
    if draft.guid and row["guid"]:
        return valid_uuid(draft.guid) != valid_uuid(row["guid"])
    if draft.external_id and row["external_id"]:
        return bool(draft.external_id != row["external_id"])
    return False


def _names(drafts: Sequence[Any]) -> list[Way[Any]]:
    """By the name in each language of the file, then by the first name whatever its language."""
    languages = dict.fromkeys(language for draft in drafts for language in draft.name)
    return [*map(_name_in, languages), (lambda draft: _any(draft.name), lambda row: _any(row["name"]))]


def _name_in(language: str) -> Way[Any]:
    return (lambda draft: draft.name.get(language), lambda row: row["name"].get(language))


def _any(name: Mapping[str, str]) -> str:
    return next(filter(None, name.values()), "")


_SLUGS: Way[Any] = (lambda draft: draft.slug, lambda row: row["slug"])
