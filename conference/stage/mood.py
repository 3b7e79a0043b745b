"""What a room shows without words: reactions, and signals that something is wrong. Pure; time is handed in.

A reaction is of the moment: it is counted, told once and forgotten. A signal holds while the person holds
it, for `HELD` at most; one person's signal counts once, however often and from however many tabs they give
it. Neither is ever in the database, and nobody is told whose they are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from enum import StrEnum

from conference.live.rate import Bucket

HELD = timedelta(seconds=60)
A_SECOND, AT_ONCE = 1, 6  # reactions of one person: over time, and in a burst of applause


class Reaction(StrEnum):
    """The whole set: small, so that each is known by sight and none needs to be read twice."""

    APPLAUSE = "applause"
    THANKS = "thanks"
    HEART = "heart"
    LAUGH = "laugh"
    SURPRISE = "surprise"


class Signal(StrEnum):
    """What a speaker can mend if they are told."""

    TOO_FAST = "too-fast"
    CANNOT_HEAR = "cannot-hear"
    CANNOT_SEE = "cannot-see"


class Mood:
    """One room's. *monotonic* (seconds) is for the rate of reactions alone."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._reactions: Counter[Reaction] = Counter()
        self._buckets: dict[int, Bucket] = {}
        self._signals: defaultdict[Signal, dict[int, datetime]] = defaultdict(dict)  # until when, by account

    def react(self, account_id: int, reaction: Reaction) -> bool:
        """Count it; False when this person has reacted too often just now."""
        if len(self._buckets) > 5_000:  # full buckets remember nothing worth keeping
            self._buckets.clear()
        bucket = self._buckets.get(account_id)
        if bucket is None:
            bucket = self._buckets[account_id] = Bucket(A_SECOND, AT_ONCE, self._monotonic)
        if not bucket.take():
            return False
        self._reactions[reaction] += 1
        return True

    def signal(self, account_id: int, signal: Signal, on: bool, now: datetime) -> None:
        """Give it, give it again (it holds from now), or take it back."""
        if on:
            self._signals[signal][account_id] = now + HELD
        else:
            self._signals[signal].pop(account_id, None)

    def take_reactions(self) -> dict[Reaction, int]:
        """What was counted since it was last taken."""
        taken, self._reactions = self._reactions, Counter()
        return dict(taken)

    def signals(self, present: Collection[int], now: datetime) -> dict[Signal, int]:
        """How many of the accounts that are *present* hold each signal; who left holds none any more."""
        held: dict[Signal, int] = {}
        for signal, people in self._signals.items():
            for account_id in [one for one, until in people.items() if until <= now or one not in present]:
                del people[account_id]
            if people:
                held[signal] = len(people)
        return held
