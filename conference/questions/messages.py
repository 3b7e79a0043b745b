"""Every live message about questions. Fields at their default are left out on the wire.

Three views of a question for three channels: `ShownQuestion` to the room (never who asked anonymously),
`FiledQuestion` to the desk, `OwnQuestion` to the asker. Each is whole, so the newest of a channel counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from conference.live.messages import Announcement, Command
from conference.questions.moderation import State

QuestionId = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
# Far above the limits in asking.py, which answer in words.
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Counter = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


# -- everybody ------------------------------------------------------------------------------------


class AskQuestion(Command):
    """Ask the session; `anonymous` hides the name from the room, not from its moderators."""

    text: Text
    anonymous: bool = False


class VoteQuestion(Command):
    """Vote for a question, or take the vote back; the higher `counter` of one voter wins."""

    question: QuestionId
    on: bool
    counter: Counter


# -- moderators -----------------------------------------------------------------------------------


class ApproveQuestion(Command):
    """Show a waiting or declined question to the room."""

    question: QuestionId


class DeclineQuestion(Command):
    """Do not show a question, or no longer; the asker reads `reason`."""

    question: QuestionId
    reason: Text = ""


class AnswerQuestion(Command):
    """Mark a question as answered: in writing with `text`, live in the room without."""

    question: QuestionId
    text: Text = ""


class PinQuestion(Command):
    """Keep a shown question on top, or no longer."""

    question: QuestionId
    pinned: bool


class UndoModeration(Command):
    """Take the step that led to `version` back; refused when somebody has gone on from there."""

    question: QuestionId
    version: int


class ChangeQuestionRules(Command):
    """Change what is given: moderation on or off, anonymous questions, asking open or closed."""

    moderated: bool | None = None
    anonymous_allowed: bool | None = None
    open: bool | None = None


# -- what is so now -------------------------------------------------------------------------------


class ShownQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the room sees; `asker` is missing when asked anonymously."""

    id: str
    text: str
    asked_at: datetime
    asker: str | None = None
    answered: bool = False
    answer: str = ""
    pinned: bool = False
    votes: int = 0


class FiledQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What moderators see: also who asked anonymously, and what they can undo."""

    id: str
    text: str
    asked_at: datetime
    state: State
    version: int
    asker: str | None = None
    anonymous: bool = False
    reason: str = ""
    answer: str = ""
    pinned: bool = False
    undoable: bool = False


class OwnQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the asker sees of the question's way."""

    id: str
    text: str
    asked_at: datetime
    state: State
    anonymous: bool = False
    reason: str = ""
    answer: str = ""


class QuestionShown(Announcement):
    """To the room: this question is shown, like this."""

    question: ShownQuestion


class QuestionHidden(Announcement):
    """To the room: this question is not shown any more."""

    question: str


class QuestionFiled(Announcement):
    """To the desk: a question is new or changed."""

    question: FiledQuestion


class QuestionNoted(Announcement):
    """To the asker's tabs: a question of theirs in `session` is new or changed."""

    session: str
    question: OwnQuestion


class VotesCounted(Announcement):
    """To the room: the votes of these questions now, at most a few times a second."""

    votes: dict[str, int]


class QuestionRulesChanged(Announcement):
    """To the room: how questions may be asked here."""

    moderated: bool
    anonymous_allowed: bool
    open: bool


class VoteKept(Announcement):
    """Ephemeral, to the voter's tabs: how their vote for a question stands."""

    session: str
    question: str
    on: bool
    counter: int
