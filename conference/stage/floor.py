"""The floor: who is in the audience, who asks to speak, who is on stage. Pure rules, no I/O.

::

                 raise hand            invite             accept
    audience ──────────────▶ hand raised ─────▶ invited ─────────▶ on stage
       ▲  │ ◀────────────── (lower)                │                  │
       │  └──────────── invite ───────────────────▶│                  │
       │  └──────────── take the floor (presenters) ────────────────▶ │
       └──────── decline · send back · leave the floor ◀──────────────┘
    any of these ── remove ──▶ removed ── readmit ──▶ audience

`TABLE` is the whole truth: an act that is not in the row of a state is refused with a reason in words.
An act that leads to the same state is a repeat (two tabs, two chairs, a lost acknowledgement) and changes
nothing.
"""

from __future__ import annotations

from enum import StrEnum

from conference.errors import N_, Conflict


class Floor(StrEnum):
    """Where one person stands in one session."""

    AUDIENCE = "audience"
    HAND_RAISED = "hand-raised"
    INVITED = "invited"
    ON_STAGE = "on-stage"
    REMOVED = "removed"


class Act(StrEnum):
    """What moves a person. The first six are their own, the last four a moderator's."""

    RAISE_HAND = "raise-hand"
    LOWER_HAND = "lower-hand"
    TAKE_FLOOR = "take-floor"
    ACCEPT = "accept"
    DECLINE = "decline"
    LEAVE_FLOOR = "leave-floor"
    INVITE = "invite"
    SEND_BACK = "send-back"
    REMOVE = "remove"
    READMIT = "readmit"


class Source(StrEnum):
    """What a person on stage can send, and a moderator can stop."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"


_AUDIENCE, _HAND, _INVITED, _STAGE, _REMOVED = Floor

TABLE: dict[Floor, dict[Act, Floor]] = {
    _AUDIENCE: {
        Act.RAISE_HAND: _HAND,
        Act.LOWER_HAND: _AUDIENCE,
        Act.DECLINE: _AUDIENCE,
        Act.LEAVE_FLOOR: _AUDIENCE,
        Act.TAKE_FLOOR: _STAGE,
        Act.INVITE: _INVITED,
        Act.SEND_BACK: _AUDIENCE,
        Act.REMOVE: _REMOVED,
        Act.READMIT: _AUDIENCE,
    },
    _HAND: {
        Act.RAISE_HAND: _HAND,
        Act.LOWER_HAND: _AUDIENCE,
        Act.TAKE_FLOOR: _STAGE,
        Act.INVITE: _INVITED,
        Act.SEND_BACK: _AUDIENCE,
        Act.REMOVE: _REMOVED,
        Act.READMIT: _HAND,
    },
    _INVITED: {
        Act.RAISE_HAND: _INVITED,
        Act.LOWER_HAND: _AUDIENCE,
        Act.DECLINE: _AUDIENCE,
        Act.ACCEPT: _STAGE,
        Act.TAKE_FLOOR: _STAGE,
        Act.INVITE: _INVITED,
        Act.SEND_BACK: _AUDIENCE,
        Act.REMOVE: _REMOVED,
        Act.READMIT: _INVITED,
    },
    _STAGE: {
        Act.ACCEPT: _STAGE,
        Act.TAKE_FLOOR: _STAGE,
        Act.LEAVE_FLOOR: _AUDIENCE,
        Act.INVITE: _STAGE,
        Act.SEND_BACK: _AUDIENCE,
        Act.REMOVE: _REMOVED,
        Act.READMIT: _STAGE,
    },
    _REMOVED: {
        Act.REMOVE: _REMOVED,
        Act.READMIT: _AUDIENCE,
    },
}

_REASONS: dict[tuple[Floor, Act], str] = {
    (_AUDIENCE, Act.ACCEPT): N_("The invitation to the floor is no longer open. You can raise your hand."),
    (_HAND, Act.ACCEPT): N_("The invitation to the floor is no longer open. Your hand is still raised."),
    (_STAGE, Act.RAISE_HAND): N_("You are on the floor already: you can speak."),
}
_REMOVED_REASON = N_("A moderator has removed this person from the room.")
_OTHER_REASON = N_("That cannot be done now: the situation has just changed.")


def step(state: Floor, act: Act) -> Floor:
    """The state after *act*; raises `Conflict` with the reason when the act is not open in *state*."""
    after = TABLE[state].get(act)
    if after is not None:
        return after
    reason = _REMOVED_REASON if state is _REMOVED else _REASONS.get((state, act), _OTHER_REASON)
    raise Conflict(reason, code=f"stage.{act.value}-refused")


def may_publish(state: Floor) -> bool:
    """Only people on the floor are heard and seen."""
    return state is Floor.ON_STAGE


def require_on_stage(state: Floor) -> None:
    """Raise `Conflict` unless there is something of the person to stop."""
    if state is not Floor.ON_STAGE:
        raise Conflict(N_("This person is not on the floor."), code="stage.not-on-stage", field="person")
