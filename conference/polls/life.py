"""The life of a poll, as a table. Pure: no database, no time.

                      ┌──────── show ────────▶┐
    draft ──open──▶ open ◀─────── hide ──── open, results shown
      ▲               │ close                  │ close
      └── withdraw ───┤                        ▼
    (nobody answered) ├──────▶ closed ──show──▶ closed, results shown
                      ◀─ open ─┘   ◀── hide ───┘

Where *open* and *close* lead depends on when the poll's results are to be shown: `LIVE` from its opening,
`ON_CLOSE` from its closing, `BY_HAND` only when a moderator says so. Opened again, results that were
shown on closing are hidden again, so that late answers are not led by the early ones.
"""

from __future__ import annotations

from enum import StrEnum

from conference.errors import N_, Conflict


class Stage(StrEnum):
    """Where a poll is, and whether the room sees its results."""

    DRAFT = "draft"
    OPEN = "open"
    OPEN_SHOWN = "open-shown"
    CLOSED = "closed"
    CLOSED_SHOWN = "closed-shown"


class Step(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    SHOW = "show"
    HIDE = "hide"
    WITHDRAW = "withdraw"


class Results(StrEnum):
    """When the room sees the results."""

    LIVE = "live"
    ON_CLOSE = "on-close"
    BY_HAND = "by-hand"


OPEN = frozenset({Stage.OPEN, Stage.OPEN_SHOWN})
SHOWN = frozenset({Stage.OPEN_SHOWN, Stage.CLOSED_SHOWN})

# A step that leads to where the poll is already is no step and no error: two moderators tap at once.
TRANSITIONS: dict[tuple[Stage, Step], dict[Results, Stage]] = {
    (Stage.DRAFT, Step.OPEN): {
        Results.LIVE: Stage.OPEN_SHOWN,
        Results.ON_CLOSE: Stage.OPEN,
        Results.BY_HAND: Stage.OPEN,
    },
    (Stage.OPEN, Step.CLOSE): {
        Results.LIVE: Stage.CLOSED_SHOWN,
        Results.ON_CLOSE: Stage.CLOSED_SHOWN,
        Results.BY_HAND: Stage.CLOSED,
    },
    (Stage.OPEN_SHOWN, Step.CLOSE): dict.fromkeys(Results, Stage.CLOSED_SHOWN),
    (Stage.CLOSED, Step.OPEN): {
        Results.LIVE: Stage.OPEN_SHOWN,
        Results.ON_CLOSE: Stage.OPEN,
        Results.BY_HAND: Stage.OPEN,
    },
    (Stage.CLOSED_SHOWN, Step.OPEN): {
        Results.LIVE: Stage.OPEN_SHOWN,
        Results.ON_CLOSE: Stage.OPEN,
        Results.BY_HAND: Stage.OPEN,
    },
    (Stage.OPEN, Step.SHOW): dict.fromkeys(Results, Stage.OPEN_SHOWN),
    (Stage.CLOSED, Step.SHOW): dict.fromkeys(Results, Stage.CLOSED_SHOWN),
    (Stage.OPEN_SHOWN, Step.HIDE): dict.fromkeys(Results, Stage.OPEN),
    (Stage.CLOSED_SHOWN, Step.HIDE): dict.fromkeys(Results, Stage.CLOSED),
    (Stage.OPEN, Step.WITHDRAW): dict.fromkeys(Results, Stage.DRAFT),
    (Stage.OPEN_SHOWN, Step.WITHDRAW): dict.fromkeys(Results, Stage.DRAFT),
    # Repeats.
    (Stage.OPEN, Step.OPEN): dict.fromkeys(Results, Stage.OPEN),
    (Stage.OPEN_SHOWN, Step.OPEN): dict.fromkeys(Results, Stage.OPEN_SHOWN),
    (Stage.CLOSED, Step.CLOSE): dict.fromkeys(Results, Stage.CLOSED),
    (Stage.CLOSED_SHOWN, Step.CLOSE): dict.fromkeys(Results, Stage.CLOSED_SHOWN),
    (Stage.OPEN_SHOWN, Step.SHOW): dict.fromkeys(Results, Stage.OPEN_SHOWN),
    (Stage.CLOSED_SHOWN, Step.SHOW): dict.fromkeys(Results, Stage.CLOSED_SHOWN),
    (Stage.OPEN, Step.HIDE): dict.fromkeys(Results, Stage.OPEN),
    (Stage.CLOSED, Step.HIDE): dict.fromkeys(Results, Stage.CLOSED),
    (Stage.DRAFT, Step.WITHDRAW): dict.fromkeys(Results, Stage.DRAFT),
}


def after(stage: Stage, step: Step, results: Results) -> Stage:
    """The stage after *step*; `Conflict` when the step is not one of `TRANSITIONS`."""
    following = TRANSITIONS.get((stage, step))
    if following is None:
        raise Conflict(N_("This cannot be done with the poll as it is now."), code="polls.state")
    return following[results]
