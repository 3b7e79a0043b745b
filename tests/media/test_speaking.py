"""Who is speaking, in the test's own time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.media.speaking import SpeakerDetector, VoiceGate


def test_two_loud_windows_start_and_silence_ends_a_speaker() -> None:
    detector = SpeakerDetector()
    assert detector.window({"a": 30}, 0.0) is None
    assert detector.window({"a": 30}, 0.2) == ["a"]
    assert detector.window({"a": 127}, 0.4) is None, "a breath"
    assert detector.window({"a": 30}, 0.6) is None
    assert detector.window({"a": 127}, 1.5) == []


def test_a_cough_starts_nobody() -> None:
    detector = SpeakerDetector()
    for at in range(10):
        assert detector.window({"a": 20 if at % 2 else 127}, at * 0.2) is None


def test_the_loudest_comes_first_and_order_alone_is_no_news() -> None:
    detector = SpeakerDetector()
    detector.window({"a": 40, "b": 20}, 0.0)
    assert detector.window({"a": 40, "b": 20}, 0.2) == ["b", "a"]
    assert detector.window({"a": 10, "b": 40}, 0.4) is None


def test_who_leaves_stops_speaking() -> None:
    detector = SpeakerDetector()
    detector.window({"a": 20}, 0.0)
    assert detector.window({"a": 20}, 0.2) == ["a"]
    assert detector.window({}, 0.4) == []


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 127)), max_size=400))
def test_the_gate_keeps_three_places_and_cuts_no_beginning(packets: list[tuple[int, int]]) -> None:
    gate = VoiceGate()
    loud_at: dict[int, float] = {}
    begun: dict[int, float] = {}
    for step, (key, level) in enumerate(packets):
        now = step * 0.02
        heard = gate.hears(key, level, now)
        assert len(gate.heard_now) <= 3
        if level <= 60:
            if now - loud_at.get(key, -1.0) >= 0.4:
                begun[key] = now
            loud_at[key] = now
        if now - begun.get(key, -2.0) < 0.99:
            assert heard, "whoever begins is heard from the first packet, for a second"
        if key in gate.heard_now:
            assert heard


def test_with_three_microphones_everything_passes_even_breath() -> None:
    gate = VoiceGate()
    assert all(gate.hears(key, 100 + key, step * 0.02) for step in range(100) for key in range(3))


def test_a_fourth_that_only_hums_is_not_forwarded_and_a_louder_one_takes_the_faintest_place() -> None:
    gate = VoiceGate()
    for step in range(200):
        now = step * 0.02
        for key, level in enumerate((20, 25, 50)):
            gate.hears(key, level, now)
        assert not gate.hears(3, 75, now)
    for step in range(200, 400):
        now = step * 0.02
        for key, level in enumerate((20, 25, 50)):
            gate.hears(key, level, now)
        assert gate.hears(3, 30, now), "the first second as a beginning, then by its place"
    assert set(gate.heard_now) == {0, 1, 3}


@given(st.integers(0, 5))
def test_equally_loud_voices_do_not_take_turns(margin: int) -> None:
    gate = VoiceGate()
    changes, before = 0, gate.heard_now
    for step in range(500):
        for key in range(5):
            level = 30 + (margin if (step + key) % 2 else 0)
            gate.hears(key, level, step * 0.02)
        changes += gate.heard_now != before
        before = gate.heard_now
    assert changes <= 1


def test_who_closes_the_microphone_leaves_the_place() -> None:
    gate = VoiceGate()
    for key in range(3):
        gate.hears(key, 20, 0.0)
    for at in range(200):
        gate.hears(3, 75, at * 0.02)
    gate.forget(0)
    assert gate.hears(3, 75, 4.0)
