"""The lean mix in virtual time: whom it contains, how it sounds, what it costs."""

from __future__ import annotations

import random
from pathlib import Path

from conference.media.mixing import Mixdown
from conference.media.opus import ROUND, is_silence
from tests.media.rehearsal import Listener, Rehearsal, played
from tests.media.sounds import RATE, energy, same_speech, sharpest_step, speech, strength, tone, write_wave


def heard(listener: Listener) -> bytes:
    return played(listener.loudest_queue, listener.loudest_queue[0][1].timestamp)[0]


def lean_listener(hall: Rehearsal, name: str = "listener", sound: str = "lean") -> Listener:
    listener = Listener(hall, name)
    listener.use(sound)
    return listener


def test_two_who_speak_at_once_are_both_heard(tmp_path: Path) -> None:
    hall = Rehearsal()
    one, other = taking_turns(0, 2, 6), speech(6 * RATE, seed=4)
    hall.speak("a", one)
    hall.speak("b", other)
    listener = lean_listener(hall)
    hall.run(6)
    mix = heard(listener)
    write_wave(tmp_path / "mix.wav", mix)
    added = Mixdown()
    wanted = b"".join(
        added.round([one[2 * at : 2 * at + 2 * ROUND], other[2 * at : 2 * at + 2 * ROUND]])
        for at in range(0, 5 * RATE, ROUND)
    )
    assert same_speech(wanted, mix[2 * RATE : 8 * RATE], 300) > 0.9
    assert 0.5 < energy(mix[2 * RATE : 8 * RATE]) / energy(wanted[2 * RATE : 8 * RATE]) < 1.5
    assert sharpest_step(mix) < 2 * sharpest_step(wanted), "no clicks"


def test_the_mix_of_one_voice_is_that_voice() -> None:
    hall = Rehearsal()
    sound = speech(6 * RATE)
    microphone = hall.speak("a", sound)
    listener = lean_listener(hall)
    hall.run(6)
    queue = listener.loudest_queue
    mix, missing, doubled = played(queue)
    assert missing == doubled == 0
    # The mix starts when it was first wanted; where that is in the speech its buffer knows.
    assert microphone.track.taps, "awake"
    best = same_speech(sound, mix[RATE : 7 * RATE], 300)
    assert best > 0.95
    assert 0.5 < energy(mix[RATE : 9 * RATE]) / energy(sound[RATE : 9 * RATE]) < 1.5


def taking_turns(turn: int, turns: int, seconds: int) -> bytes:
    """Somebody who speaks for a second, then lets the others."""
    words = speech(RATE, seed=turn + 1)
    return b"".join(words if second % turns == turn else bytes(2 * RATE) for second in range(seconds))


def test_nobody_hears_their_own_voice_nor_one_that_is_not_for_them() -> None:
    hall = Rehearsal()
    names = ("a", "b", "c")
    for turn, name in enumerate(names):
        hall.speak(name, taking_turns(turn, 3, 7))
    hall.forbidden.add(("visitor", "c"))
    ears = {name: lean_listener(hall, name) for name in ("a", "visitor", "listener")}
    hall.run(7.2)
    for name, missing in (("a", "a"), ("visitor", "c"), ("listener", "")):
        mix = heard(ears[name])
        lag = len(mix) // 2 - int(RATE * (7.2 - 0.15))  # of the mixer, and of the listener's coming
        for second in range(2, 6):
            start = second * RATE + lag + RATE // 4
            loud = energy(mix[2 * start : 2 * start + RATE])
            speaker = names[second % 3]
            assert loud < 50_000 if speaker == missing else loud > 500_000, (name, speaker, loud)
    assert hall.sound.lean.encodes == 3, "one for each set left out"


def test_any_number_of_listeners_cost_one_encode_and_none_cost_nothing() -> None:
    hall = Rehearsal()
    microphone = hall.speak("a", speech(10 * RATE))
    audience = [lean_listener(hall, f"l{number}") for number in range(30)]
    hall.run(2)
    assert hall.sound.lean.encodes == 1
    assert len({tuple(p.payload for _, p in one.loudest_queue[:10]) for one in audience}) == 1
    assert 1 <= hall.sound.lean.rounds <= 34
    audience[0].use("saver")
    hall.run(1)
    assert hall.sound.lean.encodes == 2
    for one in audience:
        one.viewer.release_all()
    hall.run(2.5)
    assert not hall.sound.lean.awake
    assert microphone.track.taps == ()


def test_the_mix_stays_within_its_bitrate_headers_and_all() -> None:
    for sound, most in (("lean", 22_500), ("saver", 15_500)):
        hall = Rehearsal()
        hall.speak("a", speech(10 * RATE))
        hall.speak("b", speech(10 * RATE, seed=2))
        listener = lean_listener(hall, sound=sound)
        hall.run(10)
        sizes = [len(packet) + 20 + 8 + 16 for packet in listener.ear.raw]  # IPv4, UDP, the SRTP tag
        queue = listener.loudest_queue
        seconds = queue[-1][0] - queue[0][0]
        assert sum(sizes) * 8 / seconds < most


def test_while_nobody_speaks_hardly_anything_is_sent_and_the_next_word_is_whole() -> None:
    hall = Rehearsal()
    sound = tone(2 * RATE, 500, 8000) + bytes(2 * 6 * RATE) + tone(2 * RATE, 500, 8000)
    microphone = hall.speak("a", sound)
    microphone.level = lambda number: 20 if number < 100 or number >= 400 else 127
    listener = lean_listener(hall)
    hall.run(10)
    start = microphone.start
    silent = [p for at, p in listener.loudest_queue if start + 5 < at < start + 8]
    assert len(silent) <= 9
    assert all(is_silence(p.payload) for p in silent)
    mix = heard(listener)
    first = next(
        at for at in range(4 * RATE, len(mix) // 2, 480) if energy(mix[2 * at : 2 * at + 960]) > 10**6
    )
    assert energy(mix[2 * first : 2 * first + 2 * RATE]) > 2 * 10**7
    assert sharpest_step(mix[2 * first - 2 * RATE :]) < 3000, "it rises, it does not burst in"


def test_of_many_microphones_the_loudest_three_are_mixed_and_a_louder_word_is_not_cut() -> None:
    hall = Rehearsal()
    for name in ("a", "b", "c"):
        hall.speak(name, bytes(2 * 6 * RATE)).level = lambda number: 25
    hall.speak("noise", speech(6 * RATE, seed=2)).level = lambda number: 45
    loud = hall.speak("d", bytes(2 * 3 * RATE) + speech(3 * RATE))
    loud.level = lambda number: 127 if number < 150 else 12
    listener = lean_listener(hall)
    hall.run(6.2)
    mix = heard(listener)
    assert energy(mix[RATE : 5 * RATE]) < 50_000, "the fourth is not in it"
    parts = [energy(mix[at : at + 24000]) > 500_000 for at in range(0, len(mix) - 24000, 4800)]
    begun = parts.index(True)
    assert all(parts[begun:-6]), "from its first syllable to the end"
    # It has been in the mix for as long as it speaks, but for the time a sound is on its way.
    assert len(parts) - begun > (6.2 - 3.0 - 0.5) / 0.05


def test_a_bad_link_from_the_speaker_is_mended_as_well_as_can_be() -> None:
    chance = random.Random(5)
    hall = Rehearsal()
    sound = speech(12 * RATE)
    microphone = hall.speak("a", sound)
    microphone.delay = lambda number: chance.random() * 0.08
    microphone.lost = lambda number: chance.random() < 0.03
    listener = lean_listener(hall)
    hall.run(12)
    queue = listener.loudest_queue
    mix, missing, doubled = played(queue)
    assert missing == doubled == 0
    late = mix[2 * 4 * RATE : 2 * 10 * RATE]
    assert same_speech(sound[8 * RATE :], late, 200) > 0.85


def test_coming_going_and_muting_leave_no_clicks() -> None:
    hall = Rehearsal()
    listener = lean_listener(hall)
    hall.speak("a", tone(8 * RATE, 300, 5000))
    b = hall.speak("b", tone(8 * RATE, 420, 5000))
    hall.run(2)
    b.track.set_muted(True)
    hall.run(2)
    b.track.set_muted(False)
    hall.run(2)
    hall.leave(b)
    hall.run(1)
    mix = heard(listener)
    assert strength(mix[-RATE:], 300) > 3000
    assert strength(mix[-RATE:], 420) < 300
    alone = sharpest_step(tone(RATE, 300, 5000)) + sharpest_step(tone(RATE, 420, 5000))
    assert sharpest_step(mix[RATE:]) < 3 * alone
