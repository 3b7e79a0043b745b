"""The life of a question, as a table. Pure: no database, no time.

    waiting ──approve──▶ approved ──answer──▶ answered        waiting ──answer──▶ answered (written, at once)
       │                  │  ▲                  │
       └───decline──▶ declined │ ◀──decline─────┤      declined, hidden, answered ──approve──▶ approved
                          └─hide─▶ hidden ◀─hide┘
    waiting, approved, declined, hidden ──merge──▶ merged (part of another question)

Undo takes the last step back, once; a merged question can be taken out again for as long as it is merged. Who
sees what: everybody approved and answered ones; the asker and the moderators all.
"""

from __future__ import annotations

from enum import StrEnum

from conference.errors import N_, Conflict


class State(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    ANSWERED = "answered"
    HIDDEN = "hidden"
    MERGED = "merged"


class Step(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    ANSWER = "answer"
    HIDE = "hide"
    MERGE = "merge"


VISIBLE = frozenset({State.APPROVED, State.ANSWERED})

#: What others may be merged into.
TAKES_OTHERS = frozenset({State.WAITING, State.APPROVED, State.ANSWERED})

TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.WAITING, Step.APPROVE): State.APPROVED,
    (State.WAITING, Step.DECLINE): State.DECLINED,
    (State.WAITING, Step.ANSWER): State.ANSWERED,
    (State.WAITING, Step.MERGE): State.MERGED,
    (State.APPROVED, Step.DECLINE): State.DECLINED,
    (State.APPROVED, Step.ANSWER): State.ANSWERED,
    (State.APPROVED, Step.HIDE): State.HIDDEN,
    (State.APPROVED, Step.MERGE): State.MERGED,
    (State.DECLINED, Step.APPROVE): State.APPROVED,
    (State.DECLINED, Step.MERGE): State.MERGED,
    (State.ANSWERED, Step.APPROVE): State.APPROVED,
    (State.ANSWERED, Step.DECLINE): State.DECLINED,
    (State.ANSWERED, Step.HIDE): State.HIDDEN,
    (State.HIDDEN, Step.APPROVE): State.APPROVED,
    (State.HIDDEN, Step.DECLINE): State.DECLINED,
    (State.HIDDEN, Step.MERGE): State.MERGED,
    # Repeats, as when two moderators tap at once: no step, no error.
    (State.APPROVED, Step.APPROVE): State.APPROVED,
    (State.DECLINED, Step.DECLINE): State.DECLINED,
    (State.ANSWERED, Step.ANSWER): State.ANSWERED,
    (State.HIDDEN, Step.HIDE): State.HIDDEN,
}


def after(state: State, step: Step) -> State:
    """The state after *step*; `Conflict` when the step is not one of `TRANSITIONS`."""
    following = TRANSITIONS.get((state, step))
    if following is None:
        raise Conflict(N_("This cannot be done with the question as it is now."), code="questions.state")
    return following
