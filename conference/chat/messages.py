"""Every live message about the chat. Fields at their default are left out on the wire.

A message is told whole each time, with its `version`: of two views the newer counts, and of two of one
version the fuller (the desk's, then a person's own, then the room's). So it never matters how channels
interleave, nor whether a view came by the log or was asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from conference.chat.rules import LONGEST_PAUSE, Audience, Mode, State
from conference.live.messages import Announcement, Command

MessageId = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
PersonId = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
# Far above the limits in sending.py, which answer in words.
Text = Annotated[str, msgspec.Meta(max_length=8000)]
People = Annotated[list[PersonId], msgspec.Meta(max_length=10)]
Tag = Annotated[str, msgspec.Meta(pattern="^[a-z]{2,3}$")]


# -- everybody ------------------------------------------------------------------------------------


class SendChat(Command):
    """Say something to everybody (`room`), to the moderators (`desk`) or to one `person` (`direct`)."""

    text: Text
    to: Audience = Audience.ROOM
    person: PersonId | None = None
    reply: MessageId | None = None
    mentions: People = msgspec.field(default_factory=list)


class EditChat(Command):
    """Change one's own message, for ten minutes."""

    message: MessageId
    text: Text
    mentions: People = msgspec.field(default_factory=list)


class DeleteChat(Command):
    """Take one's own message back. Moderators go on seeing what was said to the room or to them."""

    message: MessageId


class ListChat(Command):
    """The last messages one may read here, those `before` a message, or the named `messages`."""

    before: MessageId | None = None
    messages: Annotated[list[MessageId], msgspec.Meta(max_length=30)] = msgspec.field(default_factory=list)


class BlockPerson(Command):
    """Take no direct messages from a person any more, or take them again."""

    person: PersonId
    blocked: bool


# -- moderators -----------------------------------------------------------------------------------


class HideChat(Command):
    """Hide a message from the room, or show it again."""

    message: MessageId
    hidden: bool


class ChangeChatRules(Command):
    """Change what is given for this session; `as_event` goes back to what holds for the event."""

    mode: Mode | None = None
    slow_seconds: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_PAUSE)] | None = None
    as_event: bool = False


# -- organizers -----------------------------------------------------------------------------------


class Announce(Command):
    """Tell the whole event something, in one language or more: `{"ar": …, "en": …}`."""

    text: Annotated[dict[Tag, Text], msgspec.Meta(max_length=8)]


class WithdrawAnnouncement(Command):
    """Take an announcement back: it is shown to nobody any more."""

    announcement: MessageId


# -- what is so now -------------------------------------------------------------------------------


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A person by public id, with the name they had."""

    person: str
    name: str


class ChatView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message as one of its readers may see it.

    `reply` is the message it quotes; `receiver` whom it is for when it is not for everybody; `role` as what
    its author spoke (none: attendee). `before` (earlier texts, oldest first) is for the desk alone. The
    text of a deleted message is empty, except for the desk.
    """

    id: str
    at: datetime
    text: str
    version: int = 1
    to: Audience = Audience.ROOM
    person: str | None = None
    name: str | None = None
    role: str = ""
    receiver: Named | None = None
    reply: str | None = None
    mentions: list[Named] = []
    edited: bool = False
    state: State = State.SHOWN
    before: list[str] = []


class AnnouncementView(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole event is told, by language."""

    id: str
    at: datetime
    text: dict[str, str]


class ChatShown(Announcement):
    """To the room: this message is shown, like this."""

    message: ChatView


class ChatGone(Announcement):
    """A message is not shown any more. Also what the log holds in the place of a text that was taken out."""

    message: str
    version: int


class ChatFiled(Announcement):
    """To the desk: a message for it, or what the room must not see of one."""

    message: ChatView


class ChatNoted(Announcement):
    """To one person's tabs: a message from or for them; `session` is null when it is direct."""

    event: str
    session: str | None
    message: ChatView


class ChatErased(Announcement):
    """The history of `event` ends here: what was said `before` is erased."""

    event: str
    before: datetime


class ChatRulesChanged(Announcement):
    """To the room: how one may write here; `own` when this session was changed by hand."""

    mode: Mode
    slow_seconds: int
    direct: bool
    history_days: int
    own: bool


class PeopleBlocked(Announcement):
    """To one person's tabs: from whom they take no direct messages."""

    people: list[str]


class AnnouncementMade(Announcement):
    """To the event: it is told this until it is withdrawn."""

    announcement: AnnouncementView


class AnnouncementWithdrawn(Announcement):
    """To the event: this is told no longer."""

    announcement: str
