"""Every live message about questions: what people wish, and what is told. The views are in `views.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from conference.live.messages import Announcement, Command
from conference.questions.moderation import State
from conference.questions.views import (
    AnsweringNow,
    FiledQuestion,
    Naming,
    OwnQuestion,
    Panellist,
    ShownQuestion,
)

QuestionId = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
PersonId = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
# Far above the limits of the acts, which answer in words.
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Short = Annotated[str, msgspec.Meta(max_length=400)]
Counter = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Slide = Annotated[int, msgspec.Meta(ge=1, le=9999)]
Several = Annotated[list[QuestionId], msgspec.Meta(min_length=1, max_length=50)]


# -- everybody ------------------------------------------------------------------------------------


class AskQuestion(Command):
    """Ask the session. `name` is how the room knows the asker; its moderators always see who it was.

    `pseudonym` (up to 40 characters) is kept for this person and session: empty means the one used before,
    or else a number. `asked_at` is the device's moment in server time, for a question that waited out an
    outage, and `slide` the one on the screen then. `anonymous` is the older way to say `name: anonymous`.
    """

    text: Text
    name: Naming = Naming.NAMED
    pseudonym: Short = ""
    asked_at: datetime | None = None
    slide: Slide | None = None
    anonymous: bool = False


class VoteQuestion(Command):
    """Vote for a question, or take the vote back; the higher `counter` of one voter wins."""

    question: QuestionId
    on: bool
    counter: Counter


class SearchQuestions(Command):
    """What the caller may see that holds every word of `text`, Arabic normalised. Changes nothing."""

    text: Short


class FindSimilar(Command):
    """What the caller may see that seems to ask the same as `text`, the most alike first. Changes nothing."""

    text: Text
    but: QuestionId | None = None  # the question the text is of


class ListQuestions(Command):
    """More of one state than the snapshot held: up to 50 that were asked before `before`. Changes nothing."""

    state: State
    before: QuestionId | None = None


# -- presenters -----------------------------------------------------------------------------------


class AnswerNow(Command):
    """Say that this question is being answered in the room, or no longer; one at a time in a session."""

    question: QuestionId
    on: bool = True


class AnswerQuestion(Command):
    """Mark a question as answered: in writing with `text`, live in the room without.

    Presenters who do not moderate answer what the room sees.
    """

    question: QuestionId
    text: Text = ""


# -- moderators -----------------------------------------------------------------------------------


class ApproveQuestion(Command):
    """Show a waiting, declined or hidden question to the room."""

    question: QuestionId


class DeclineQuestion(Command):
    """Do not show a question, or no longer; the asker reads `reason`."""

    question: QuestionId
    reason: Text = ""


class HideQuestion(Command):
    """Take a question from the room's sight for now, without a word to its asker."""

    question: QuestionId


class PinQuestion(Command):
    """Keep a shown question on top, or no longer."""

    question: QuestionId
    pinned: bool


class UndoModeration(Command):
    """Take the step that led to `version` back; refused when somebody has gone on from there.

    It takes a merged question out of the one it was merged into, with the votes it brought.
    """

    question: QuestionId
    version: int


class EditQuestion(Command):
    """Change the words the room reads; the original is kept. `edits` is the count the editor saw.

    The original text itself, given again, undoes every edit.
    """

    question: QuestionId
    text: Text
    edits: int


class MergeQuestions(Command):
    """Make `questions` part of `into`: votes add up, each voter once, and each asker is told."""

    into: QuestionId
    questions: Several


class TagQuestion(Command):
    """The tags of a question, all of them (up to 8, of 30 characters); for the desk and the exports."""

    question: QuestionId
    tags: Annotated[list[Short], msgspec.Meta(max_length=20)]


class AssignQuestion(Command):
    """Ask one presenter of the session to answer, or (null) nobody in particular."""

    question: QuestionId
    person: PersonId | None = None


class LineUpQuestion(Command):
    """Put a shown question at `place` (from 0) of what is asked next; null takes it out of the line."""

    question: QuestionId
    place: Annotated[int, msgspec.Meta(ge=0, le=999)] | None = None


class BlockAsker(Command):
    """Take no more questions from a person in this session, or take them again."""

    person: PersonId
    blocked: bool = True


class ChangeQuestionRules(Command):
    """Change what is given: moderation, which names are allowed, when and whether one may ask."""

    moderated: bool | None = None
    anonymous_allowed: bool | None = None
    pseudonyms_allowed: bool | None = None
    open: bool | None = None
    paused: bool | None = None
    ahead: bool | None = None
    afterwards: bool | None = None


class SetQuestionTime(Command):
    """Questions go on for so many minutes from now; null: until the session's end."""

    minutes: Annotated[int, msgspec.Meta(ge=0, le=600)] | None = None


# -- what is so now -------------------------------------------------------------------------------


class QuestionShown(Announcement):
    """To the room: this question is shown, like this."""

    question: ShownQuestion


class QuestionHidden(Announcement):
    """To the room: this question is not shown any more; `into` when it became part of another."""

    question: str
    into: str | None = None


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
    """To the room: how questions may be asked here, and (`until`) how long they go on if not to the end."""

    moderated: bool
    anonymous_allowed: bool
    open: bool
    pseudonyms_allowed: bool = True
    paused: bool = False
    ahead: bool = True
    afterwards: bool = True
    until: datetime | None = None


class QuestionsLinedUp(Announcement):
    """To the room: what is asked next, in order; the whole line."""

    questions: list[str]


class QuestionBeingAnswered(Announcement):
    """To the room: the question that somebody answers now, or (null) none."""

    now: AnsweringNow | None


class AskersBlocked(Announcement):
    """To the desk: everybody whose questions are not taken here."""

    people: list[Panellist]


class VoteKept(Announcement):
    """Ephemeral, to the voter's tabs: how their vote for a question stands."""

    session: str
    question: str
    on: bool
    counter: int
