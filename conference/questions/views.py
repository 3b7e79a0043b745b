"""A question as each channel may know it, and the small lists around the questions of a session.

Three views for three channels: `ShownQuestion` to the room (never who asked anonymously), `FiledQuestion` to
the desk, `OwnQuestion` to the asker. Each is whole, so the newest of a channel counts. Fields at their
default are left out on the wire.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from conference.questions.moderation import State


class Naming(StrEnum):
    """Under which name a question is shown to the room; moderators always see whose it is."""

    NAMED = "named"
    PSEUDONYM = "pseudonym"
    ANONYMOUS = "anonymous"


class Panellist(msgspec.Struct, frozen=True):
    """A presenter of the session: the account's public id and name."""

    person: str
    name: str


class Moment(msgspec.Struct, frozen=True):
    """A place in a recording: its public id, and whole seconds from its start."""

    recording: str
    seconds: int


class ShownQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the room sees. `asker` is the name or the pseudonym; missing when asked anonymously.

    `slide` was on the screen when it was asked; `merged` counts other questions that became part of this one.
    """

    id: str
    text: str
    asked_at: datetime
    asker: str | None = None
    pseudonym: bool = False
    slide: int | None = None
    edited: bool = False
    answered: bool = False
    answer: str = ""
    answered_at: datetime | None = None
    moment: Moment | None = None
    pinned: bool = False
    assigned: Panellist | None = None
    merged: int = 0
    votes: int = 0


class FiledQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What moderators see: also who asked anonymously, what was edited, and what they can undo.

    `person` is the asker's public id (missing once erased), `pseudonym` what the room reads in place of the
    name, `original` the text as it was asked when that has been edited since, `edits` how often that was,
    `flags` the kinds of patient identifiers that the text seems to hold (`identifiers.py`), `into` the id of
    the question it was merged into, `arrived_at` given when that was over a minute after `asked_at`.
    """

    id: str
    text: str
    asked_at: datetime
    state: State
    version: int
    asker: str | None = None
    person: str | None = None
    anonymous: bool = False
    pseudonym: str = ""
    slide: int | None = None
    arrived_at: datetime | None = None
    flags: tuple[str, ...] = ()
    original: str = ""
    edits: int = 0
    tags: tuple[str, ...] = ()
    reason: str = ""
    answer: str = ""
    answered_at: datetime | None = None
    moment: Moment | None = None
    pinned: bool = False
    assigned: Panellist | None = None
    into: str | None = None
    merged: int = 0
    undoable: bool = False


class OwnQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the asker sees of the question's way.

    `original` is their own text when a moderator has edited it; `into` and `into_text` are the question it
    was merged into (the text when the room sees it), whose answer or reason is told here as well.
    """

    id: str
    text: str
    asked_at: datetime
    state: State
    anonymous: bool = False
    pseudonym: str = ""
    slide: int | None = None
    original: str = ""
    reason: str = ""
    answered: bool = False
    answer: str = ""
    answered_at: datetime | None = None
    moment: Moment | None = None
    into: str | None = None
    into_text: str = ""
    merged: int = 0


class AnsweringNow(msgspec.Struct, frozen=True):
    """The question somebody is answering in the room, and since when."""

    question: str
    since: datetime
