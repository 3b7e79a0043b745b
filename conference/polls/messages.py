"""Every live message about polls. Fields at their default are left out on the wire.

Two views of a poll for two channels: `ShownPoll` to the room (never a draft, never results that are hidden,
never who answered), `FiledPoll` to the desk. Each is whole, so the newest of a channel counts; between two
of them the counts alone are told. What a person has answered is told to that person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from conference.live.messages import Announcement, Command
from conference.polls.answers import Answer
from conference.polls.content import DEFAULT_POINTS, Kind, Option
from conference.polls.life import Results, Stage
from conference.polls.tally import Tally

PollId = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
OptionId = Annotated[str, msgspec.Meta(min_length=1, max_length=4)]
GroupId = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
# Far above the limits in content.py and answers.py, which answer in words.
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Number = Annotated[int, msgspec.Meta(ge=0, le=100)]
Counter = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
# 128 random bits as the device wrote them (base64url); none for a poll with names.
Ballot = Annotated[str, msgspec.Meta(max_length=64)]


class PollWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A poll as it was typed (`content.Wording`), and how it is held; `right` holds places in `options`."""

    kind: Kind
    question: Text
    options: Annotated[tuple[Text, ...], msgspec.Meta(max_length=50)] = ()
    least: Number = 1
    most: Number = 0
    points: Number = DEFAULT_POINTS
    low: Text = ""
    high: Text = ""
    right: Annotated[tuple[Number, ...], msgspec.Meta(max_length=50)] = ()
    anonymous: bool = True
    results: Results = Results.ON_CLOSE


# -- everybody ------------------------------------------------------------------------------------


class AnswerPoll(Command):
    """Answer an open poll, or change one's answer; the higher `counter` of one person wins.

    `choices`: the options chosen, or all of them in one's order; `value`: a step of a scale; `text`: a short
    text. `ballot`: for an anonymous poll the secret by which this device can change its answer.
    """

    poll: PollId
    counter: Counter
    choices: Annotated[tuple[OptionId, ...], msgspec.Meta(max_length=20)] = ()
    value: Number = 0
    text: Text = ""
    ballot: Ballot = ""


# -- moderators -----------------------------------------------------------------------------------


class MakePoll(Command):
    """Make a poll, and (`open`) open it at once."""

    words: PollWords
    open: bool = False


class EditPoll(Command):
    """Write a draft anew; refused when somebody has changed it since `version`."""

    poll: PollId
    version: int
    words: PollWords


class CopyPoll(Command):
    """A new draft with the words of another poll of this session, after it."""

    poll: PollId


class MovePoll(Command):
    """Put a poll before another one, or (null) at the end."""

    poll: PollId
    before: PollId | None = None


class DeletePoll(Command):
    """Take a draft away for good."""

    poll: PollId


class OpenPoll(Command):
    """Let people answer; also again, after it was closed."""

    poll: PollId


class ClosePoll(Command):
    """No more answers."""

    poll: PollId


class ShowResults(Command):
    """Let the room see the results, from now on."""

    poll: PollId


class HideResults(Command):
    """Keep the results from the room."""

    poll: PollId


class WithdrawPoll(Command):
    """Make an open poll a draft again, while nobody has answered."""

    poll: PollId


class GroupAnswers(Command):
    """Count several groups of short texts as one, called `label`."""

    poll: PollId
    groups: Annotated[list[GroupId], msgspec.Meta(min_length=1, max_length=100)]
    label: Text


class SplitAnswers(Command):
    """Take a group that was put together apart again."""

    poll: PollId
    group: GroupId


class HideAnswers(Command):
    """Keep a group of short texts from the room, or show it again."""

    poll: PollId
    group: GroupId
    hidden: bool


class ListAnswers(Command):
    """Who answered what in a poll with names; answered to the one who asks, told to nobody."""

    poll: PollId


# -- what is so now -------------------------------------------------------------------------------


class _Poll(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    kind: Kind
    question: str
    options: tuple[Option, ...] = ()
    least: int = 1
    most: int = 1
    points: int = 0
    low: str = ""
    high: str = ""
    anonymous: bool = False
    opened_at: datetime | None = None
    shown_at: datetime | None = None
    answered: int = 0


class ShownPoll(_Poll, frozen=True, kw_only=True, omit_defaults=True):
    """What the room sees. `tally` is missing while the results are hidden; `right` (of a quiz) until it is
    closed and its results are shown."""

    open: bool = False
    tally: Tally | None = None
    right: tuple[str, ...] | None = None


class FiledPoll(_Poll, frozen=True, kw_only=True, omit_defaults=True):
    """What moderators see: drafts, results at any time, the right answer of a quiz, hidden groups."""

    position: int
    stage: Stage
    version: int
    results: Results
    tally: Tally = Tally()
    right: tuple[str, ...] = ()


class OwnAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a person's answer stands. Of an anonymous one nothing is known but that it was given."""

    counter: int = 0
    answer: Answer | None = None


class RoomCount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many have answered, and the results when the room sees them."""

    answered: int
    tally: Tally | None = None


class PollShown(Announcement):
    """To the room: this poll is there, like this."""

    poll: ShownPoll


class PollGone(Announcement):
    """To the room: this poll is not there any more."""

    poll: str


class PollFiled(Announcement):
    """To the desk: a poll is new or changed."""

    poll: FiledPoll


class PollRemoved(Announcement):
    """To the desk: this draft was deleted."""

    poll: str


class PollsMoved(Announcement):
    """To the desk: the order of all polls."""

    order: list[str]


class PollsCounted(Announcement):
    """To the room: how these polls stand now, at most a few times a second."""

    polls: dict[str, RoomCount]


class PollsTallied(Announcement):
    """To the desk: the same with all results."""

    polls: dict[str, Tally]


class AnswerKept(Announcement):
    """Ephemeral, to the person's tabs: an answer of theirs in `session` was kept."""

    session: str
    poll: str
    own: OwnAnswer
