"""A problem: which rule, how grave, and whom it concerns. What it says in words is in `wording`."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any

import msgspec


class Severity(StrEnum):
    """ERROR: it cannot be held so. WARNING: somebody will be harmed. HINT: worth a look."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Kind(StrEnum):
    """The rules. The names are part of the JSON API and stay."""

    ROOM_OVERLAP = "room_overlap"
    PERSON_OVERLAP = "person_overlap"
    UNAVAILABLE = "unavailable"
    ROOM_CLOSED = "room_closed"
    OVER_CAPACITY = "over_capacity"
    ROOM_CHANGEOVER = "room_changeover"
    PERSON_CHANGEOVER = "person_changeover"
    STARRED_BOTH = "starred_both"
    NIGHT = "night"
    PRAYER = "prayer"
    HOLIDAY = "holiday"
    SHUTDOWN = "shutdown"
    MORE_STARS_THAN_SEATS = "more_stars_than_seats"
    SAME_TRACK = "same_track"
    LONGER_THAN_TYPE = "longer_than_type"
    NO_BREAK = "no_break"


#: How grave each rule's finding is.
SEVERITY = {
    Kind.ROOM_OVERLAP: Severity.ERROR,
    Kind.PERSON_OVERLAP: Severity.ERROR,
    Kind.UNAVAILABLE: Severity.ERROR,
    Kind.ROOM_CLOSED: Severity.ERROR,
    Kind.OVER_CAPACITY: Severity.ERROR,
    Kind.ROOM_CHANGEOVER: Severity.WARNING,
    Kind.PERSON_CHANGEOVER: Severity.WARNING,
    Kind.STARRED_BOTH: Severity.WARNING,
    Kind.NIGHT: Severity.WARNING,
    Kind.PRAYER: Severity.WARNING,
    Kind.HOLIDAY: Severity.WARNING,
    Kind.SHUTDOWN: Severity.WARNING,
    Kind.MORE_STARS_THAN_SEATS: Severity.HINT,
    Kind.SAME_TRACK: Severity.HINT,
    Kind.LONGER_THAN_TYPE: Severity.HINT,
    Kind.NO_BREAK: Severity.HINT,
}

#: What a problem costs when changes are compared. Ten hints weigh a warning, ten warnings an error.
HARM = {Severity.ERROR: 100, Severity.WARNING: 10, Severity.HINT: 1}


class Problem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One finding. `sessions` are codes in order, `people` and `room` internal ids.

    `at` is the minute it begins (UTC); `values` what the sentence needs (minutes, counts, roles, names).
    """

    kind: Kind
    sessions: tuple[str, ...]
    at: int
    people: tuple[int, ...] = ()
    room: int | None = None
    values: dict[str, Any] = {}
    detail: str = ""  # tells two findings of one rule about the same session apart

    @property
    def severity(self) -> Severity:
        return SEVERITY[self.kind]

    @property
    def harm(self) -> int:
        return HARM[SEVERITY[self.kind]]

    @property
    def key(self) -> tuple[Kind, tuple[str, ...], tuple[int, ...], int | None, str]:
        """What makes it the same problem while its numbers change."""
        return (self.kind, self.sessions, self.people, self.room, self.detail)

    @property
    def id(self) -> str:
        """A short name for addresses; the same as long as the `key` is."""
        return hashlib.sha256(repr(self.key).encode()).hexdigest()[:12]

    @property
    def rank(self) -> tuple[int, int, str, tuple[str, ...], tuple[int, ...], int, str]:
        """Order of lists: the gravest first, then by time."""
        return (-self.harm, self.at, self.kind.value, self.sessions, self.people, self.room or 0, self.detail)


def harm_of(problems: list[Problem]) -> int:
    """What these problems cost together."""
    return sum(HARM[SEVERITY[one.kind]] for one in problems)
