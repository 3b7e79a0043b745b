"""Who is speaking, in the test's own time."""

from __future__ import annotations

from conference.media.speaking import SpeakerDetector


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
