"""Reactions and signals in virtual time: what counts, what fades, what nobody can do alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from conference.stage.mood import AT_ONCE, HELD, Mood, Reaction, Signal

START = datetime(2025, 10, 25, 9, 0, tzinfo=UTC)
EVERYBODY = range(100)
SECOND = timedelta(seconds=1)


class Watch:
    """The time of a test, for both kinds of clock."""

    def __init__(self) -> None:
        self.now = START

    def monotonic(self) -> float:
        return self.now.timestamp()


def test_reactions_of_a_round_are_told_once() -> None:
    mood = Mood(Watch().monotonic)
    for who in range(3):
        mood.react(who, Reaction.APPLAUSE)
    mood.react(1, Reaction.HEART)
    assert mood.take_reactions() == {Reaction.APPLAUSE: 3, Reaction.HEART: 1}
    assert mood.take_reactions() == {}


def test_one_person_cannot_clap_for_a_whole_hall() -> None:
    watch = Watch()
    mood = Mood(watch.monotonic)
    taken = [mood.react(1, Reaction.APPLAUSE) for _ in range(1000)]
    assert sum(taken) == AT_ONCE
    assert mood.react(2, Reaction.APPLAUSE), "the others are heard as before"
    watch.now += 3 * SECOND
    assert sum(mood.react(1, Reaction.LAUGH) for _ in range(1000)) == 3


def test_a_signal_counts_once_for_a_person_and_fades_a_minute_after_it_was_last_given() -> None:
    mood = Mood(Watch().monotonic)
    for wait in (0, 10, 20):
        mood.signal(1, Signal.CANNOT_HEAR, True, START + wait * SECOND)
    last = START + 20 * SECOND
    assert mood.signals(EVERYBODY, last + HELD - SECOND) == {Signal.CANNOT_HEAR: 1}
    assert mood.signals(EVERYBODY, last + HELD) == {}


def test_signals_are_apart_and_can_be_taken_back() -> None:
    mood = Mood(Watch().monotonic)
    mood.signal(1, Signal.CANNOT_HEAR, True, START)
    mood.signal(1, Signal.TOO_FAST, True, START)
    mood.signal(1, Signal.CANNOT_HEAR, False, START)
    mood.signal(2, Signal.TOO_FAST, False, START)  # never given
    assert mood.signals(EVERYBODY, START) == {Signal.TOO_FAST: 1}


def test_who_has_left_signals_nothing() -> None:
    mood = Mood(Watch().monotonic)
    mood.signal(1, Signal.TOO_FAST, True, START)
    mood.signal(2, Signal.TOO_FAST, True, START)
    assert mood.signals({2}, START) == {Signal.TOO_FAST: 1}
    assert mood.signals({1, 2}, START) == {Signal.TOO_FAST: 1}, "coming back does not bring it back"


class Signals(RuleBasedStateMachine):
    """Any order of giving, taking back, leaving and waiting, against the plainest bookkeeping."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.mood = Mood(lambda: self.now.timestamp())
        self.present = set(range(6))
        self.given: dict[tuple[Signal, int], datetime] = {}

    @rule(who=st.integers(0, 5), signal=st.sampled_from(Signal), on=st.booleans())
    def says(self, who: int, signal: Signal, on: bool) -> None:
        if who not in self.present:
            return
        self.mood.signal(who, signal, on, self.now)
        if on:
            self.given[signal, who] = self.now
        else:
            self.given.pop((signal, who), None)

    @rule(seconds=st.integers(0, 45))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule(who=st.integers(0, 5))
    def comes_or_goes(self, who: int) -> None:
        self.present ^= {who}
        self.given = {key: at for key, at in self.given.items() if key[1] in self.present}

    @invariant()
    def everybody_counts_once_and_nobody_for_ever(self) -> None:
        found = self.mood.signals(self.present, self.now)
        for signal in Signal:
            held = {who for (kind, who), at in self.given.items() if kind is signal and self.now < at + HELD}
            assert found.get(signal, 0) == len(held) <= len(self.present)


TestSignals = Signals.TestCase
TestSignals.settings = settings(max_examples=25, stateful_step_count=25)
