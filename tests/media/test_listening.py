"""Going over between single microphones and the mix: one play-out queue, nothing missing, nothing twice."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.rehearsal import Listener, Rehearsal, numbers_are_continuous, played
from tests.media.sounds import RATE, energy, same_speech, speech, strength, tone

_ALIGNED = 480  # samples a hand-over may be off: half a packet of 20 ms


def test_speech_goes_on_through_every_change() -> None:
    hall = Rehearsal()
    sound = speech(16 * RATE)
    microphone = hall.speak("a", sound)
    listener = Listener(hall, "listener")
    for wish in ("lean", "saver", "full", "lean", "full"):
        hall.run(2.5)
        listener.use(wish)
    hall.run(3.4)
    queue = listener.loudest_queue
    assert len(listener.ear.heard) == 1, "all of it in one queue"
    assert numbers_are_continuous(queue)
    heard, missing, doubled = played(queue, microphone.base)
    assert missing <= 5 * _ALIGNED
    assert doubled <= 5 * _ALIGNED
    assert len(heard) > 2 * 15 * RATE
    for second in range(1, 15):
        one, other = (part[2 * second * RATE : 2 * (second + 1) * RATE] for part in (sound, heard))
        assert same_speech(one, other) > 0.8, f"second {second}"
        assert 0.4 < energy(other) / energy(one) < 1.6
    kinds = {len(packet.payload) > 0 for _, packet in queue}
    assert kinds == {True}


@settings(max_examples=6, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 1.2), st.sampled_from(["full", "lean", "saver", "none"])), max_size=4),
    st.integers(0, 1000),
)
def test_any_changes_at_any_time_keep_one_timeline(changes: list[tuple[float, str]], seed: int) -> None:
    chance = random.Random(seed)
    hall = Rehearsal()
    microphone = hall.speak("a", tone(9 * RATE, 500))
    microphone.delay = lambda number: chance.random() * 0.03
    other = hall.speak("b", bytes(2 * 9 * RATE))
    other.level = lambda number: 127
    listener = Listener(hall, "listener")
    hall.run(0.5)
    for wait, sound in changes:
        hall.run(wait / 2)
        listener.use(sound)
    hall.run(0.5)
    listener.use("full")
    hall.run(3.5)
    for queue in listener.ear.heard.values():
        numbers = sorted({packet.sequence for _, packet in queue})
        assert len(numbers) == len(queue), "no number twice"
    assert {track.participant_id for track in listener.viewer.watched} == {"a", "b"}
    latest = max(at for queue in listener.ear.heard.values() for at, _ in queue)
    assert latest > hall.now - 0.1, "sound flows at the end"
    assert "~mix" not in "".join(track.track_id for track in listener.viewer.watched)


def test_a_listener_who_begins_lean_is_offered_the_mix_at_once_and_no_microphone() -> None:
    hall = Rehearsal()
    hall.speak("a", speech(4 * RATE))
    hall.speak("b", speech(4 * RATE, seed=2))
    listener = Listener(hall, "listener")
    listener.use("lean")
    hall.run(3)
    assert len(listener.offers) == 1
    assert "room~mix" in listener.offers[0]
    assert len(listener.ear.heard) == 1
    late = hall.speak("c", speech(RATE, seed=3))
    hall.run(0.5)
    assert late.track in listener.viewer.watched, "it counts as seen, without an m-line"
    assert len(listener.offers) == 1


def test_the_mix_outlives_the_speaker_whose_queue_it_took() -> None:
    hall = Rehearsal()
    first = hall.speak("a", tone(8 * RATE, 400, 8000))
    listener = Listener(hall, "listener")
    hall.run(1)
    listener.use("lean")
    hall.run(1)
    hall.leave(first)
    hall.speak("b", tone(6 * RATE, 900, 8000))
    hall.run(2)
    heard, _, _ = played(listener.loudest_queue, first.base)
    assert strength(heard[-RATE:], 900) > 4000
    listener.use("full")
    hall.run(3.5)
    assert [track.participant_id for track in listener.viewer.watched] == ["b"]
    assert "b~microphone" in listener.offers[-1]
    assert "room~mix" not in listener.offers[-1]
    assert listener.ear.raw


def test_going_back_waits_for_a_pause_in_the_speech() -> None:
    hall = Rehearsal()
    microphone = hall.speak("a", speech(9 * RATE))
    microphone.level = lambda number: 127 if 200 <= number < 215 else 20
    listener = Listener(hall, "listener")
    hall.run(1)
    listener.use("lean")
    hall.run(1)
    listener.use("full")
    hall.run(1)
    assert listener.viewer.outgoing[0].track is not microphone.track, "still the mix: somebody speaks"
    hall.run(2.0)
    assert listener.viewer.outgoing[0].track is microphone.track, "after the pause of the fourth second"


def test_no_sound_means_no_packets_and_sound_comes_back() -> None:
    hall = Rehearsal()
    hall.speak("a", speech(9 * RATE))
    listener = Listener(hall, "listener")
    count = 0
    for before in ("full", "lean"):
        listener.use(before)
        hall.run(1.5)
        listener.use("none")
        hall.run(0.1)
        count = len(listener.ear.raw)
        hall.run(1)
        assert len(listener.ear.raw) == count
    listener.use("lean")
    hall.run(1)
    assert len(listener.ear.raw) > count + 10
