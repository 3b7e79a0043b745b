"""Who may say what to whom, and for how long it is kept. Pure: no database, no clock of its own.

Who *runs* a session (its speakers, chairs and moderators, the organizers) may write to everybody as long as
there is a chat at all; slow mode does not hold for them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from conference.errors import N_, Conflict


class Mode(StrEnum):
    """How far a session's chat is open to its attendees."""

    OPEN = "open"
    MODERATORS = "moderators"  # frozen: what attendees write reaches the moderators alone
    READ_ONLY = "read-only"  # attendees read what those who run the session write
    OFF = "off"


class Audience(StrEnum):
    """For whom a message is."""

    ROOM = "room"
    DESK = "desk"  # the moderators, and the attendee it is from or for
    DIRECT = "direct"  # two people


class State(StrEnum):
    SHOWN = "shown"
    HIDDEN = "hidden"  # by a moderator, who can show it again
    DELETED = "deleted"  # by its author, for good


EDIT_FOR = timedelta(minutes=10)
MOST, MOST_WITHIN = 20, timedelta(minutes=1)  # of one person, whatever the session allows
LONGEST_PAUSE = 600  # seconds of slow mode
LONGEST_HISTORY = 3650  # days


def heard_by(wanted: Audience, mode: Mode, *, direct: bool, runs: bool) -> Audience:
    """Whom a message really reaches; `Conflict` when it may not be sent.

    While the chat is frozen a message to everybody goes to the moderators instead of being refused: it may
    have been written before, on a link that was down.
    """
    if mode is Mode.OFF:
        raise Conflict(N_("The chat of this session is off."), code="chat.off")
    if wanted is Audience.DIRECT and not direct:
        raise Conflict(N_("Direct messages are not open at this event."), code="chat.no-direct")
    if wanted is Audience.ROOM and not runs:
        if mode is Mode.READ_ONLY:
            raise Conflict(
                N_("In this session the chat is for reading. You can write to the moderators."),
                code="chat.read-only",
            )
        if mode is Mode.MODERATORS:
            return Audience.DESK
    return wanted


def pause_left(sent_last: datetime | None, slow_seconds: int, *, now: datetime) -> int:
    """Seconds until the next message may be sent in slow mode; 0 when it may."""
    if sent_last is None or not slow_seconds:
        return 0
    left = sent_last + timedelta(seconds=slow_seconds) - now
    # Up to the next whole second: "in 0 seconds" would be refused once more.
    return max(0, -(-left // timedelta(seconds=1)))


def require_pause(sent_last: datetime | None, slow_seconds: int, *, now: datetime) -> None:
    """`Conflict` ``chat.slow`` while slow mode asks for patience."""
    left = pause_left(sent_last, slow_seconds, now=now)
    if left:
        # No retry_after: an outbox that waits for a minute would hold up votes and questions behind it.
        raise Conflict(N_("Slow mode: you can write again in %(seconds)d s."), code="chat.slow", seconds=left)


def require_editable(state: State, sent_at: datetime, *, now: datetime) -> None:
    """`Conflict` unless its author may still change a message."""
    if state is not State.SHOWN:
        raise Conflict(N_("This message is not shown any more."), code="chat.state")
    if now - sent_at > EDIT_FOR:
        raise Conflict(N_("A message can be changed for ten minutes after it was sent."), code="chat.too-old")


def hidden_or_shown(state: State, *, hide: bool) -> State:
    """The state after a moderator hides a message, or shows it again; `Conflict` for a deleted one."""
    if state is State.DELETED:
        raise Conflict(N_("Its author has deleted this message."), code="chat.state")
    return State.HIDDEN if hide else State.SHOWN


def kept_since(history_days: int, *, now: datetime) -> datetime | None:
    """What was sent before this moment is erased; None when everything is kept (0 days: no limit)."""
    return now - timedelta(days=history_days) if history_days else None
