"""The life of a question, as a table. Pure: no database, no time.

    waiting ──approve──▶ approved ──answer──▶ answered
       │ ▲                  │ ▲
       │ └── undo ──┐       │ └── approve ──┐
       └─ decline ──▶ declined ◀─ decline ──┘        waiting ──answer──▶ answered (written, at once)

Undo takes the last step back, once. Who sees what: everybody approved and answered ones; the asker and
the moderators all.
"""

from __future__ import annotations

from enum import StrEnum

from conference.errors import N_, Conflict


class State(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    ANSWERED = "answered"


class Step(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    ANSWER = "answer"


VISIBLE = frozenset({State.APPROVED, State.ANSWERED})

TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.WAITING, Step.APPROVE): State.APPROVED,
    (State.WAITING, Step.DECLINE): State.DECLINED,
    (State.WAITING, Step.ANSWER): State.ANSWERED,
    (State.APPROVED, Step.DECLINE): State.DECLINED,
    (State.APPROVED, Step.ANSWER): State.ANSWERED,
    (State.DECLINED, Step.APPROVE): State.APPROVED,
    (State.ANSWERED, Step.DECLINE): State.DECLINED,
    # Repeats, as when two moderators tap at once: no step, no error.
    (State.APPROVED, Step.APPROVE): State.APPROVED,
    (State.DECLINED, Step.DECLINE): State.DECLINED,
    (State.ANSWERED, Step.ANSWER): State.ANSWERED,
}


def after(state: State, step: Step) -> State:
    """The state after *step*; `Conflict` when the step is not one of `TRANSITIONS`."""
    following = TRANSITIONS.get((state, step))
    if following is None:
        raise Conflict(N_("This cannot be done with the question as it is now."), code="questions.state")
    return following
