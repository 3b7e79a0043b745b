"""The mix itself: how loud, how like its inputs, and without clicks."""

from __future__ import annotations

from conference.media.jitter import Piece
from conference.media.mixing import Mixdown, Voice
from conference.media.opus import ROUND
from tests.media.sounds import encode, energy, likeness, sharpest_step, speech, strength, tone

ROUNDS = 12


def rounds(sound: bytes) -> list[bytes]:
    return [sound[2 * at : 2 * (at + ROUND)] for at in range(0, len(sound) // 2, ROUND)]


def test_one_voice_comes_through_as_it_is_five_milliseconds_later() -> None:
    sound = speech(ROUNDS * ROUND)
    mixdown = Mixdown()
    mixed = b"".join(mixdown.round([part]) for part in rounds(sound))
    likely, delay = likeness(sound, mixed, range(0, 400, 5))
    assert likely > 0.99
    assert delay == Mixdown.delay


def test_two_voices_stay_as_loud_as_alone_and_loud_ones_do_not_clip() -> None:
    quiet = [rounds(tone(ROUNDS * ROUND, f, 8000)) for f in (400, 1000)]
    mixdown = Mixdown()
    mixed = b"".join(mixdown.round(list(parts)) for parts in zip(*quiet, strict=True))[4 * ROUND :]
    assert abs(strength(mixed, 400) - 8000) < 300
    assert abs(strength(mixed, 1000) - 8000) < 300
    loud = [rounds(tone(ROUNDS * ROUND, f, 30000)) for f in (400, 1000, 1700)]
    mixdown = Mixdown()
    mixed = b"".join(mixdown.round(list(parts)) for parts in zip(*loud, strict=True))[4 * ROUND :]
    assert max(memoryview(mixed).cast("h")) < 30_000, "limited"
    parts = [strength(mixed, f) for f in (400, 1000, 1700)]
    assert min(parts) > 0.9 * max(parts), "and still all three, evenly"
    assert strength(mixed, 2000) + strength(mixed, 600) < 0.1 * min(parts), (
        "clipping would put others beside them"
    )


def test_a_voice_enters_and_leaves_without_a_click() -> None:
    packets = encode(tone(ROUNDS * ROUND, 300, 12000))
    own = sharpest_step(tone(ROUND, 300, 12000))
    voice = Voice()
    heard = [bytes(2 * ROUND)]
    pieces = [Piece(packet, 960) for packet in packets]
    for number in range(5):
        # From the middle of a loud tone, and ending in the middle of it.
        at = 10 + 3 * number
        heard.append(voice.round(pieces[at : at + 3], leaving=number == 4))
    heard.append(bytes(2 * ROUND))
    assert energy(heard[3]) > 1_000_000
    assert sharpest_step(b"".join(heard)) < 1.6 * own


def test_packets_longer_than_a_round_are_carried_over() -> None:
    sound = tone(ROUNDS * ROUND, 440)
    packets = encode(sound, frame=1920)  # 40 ms: a round and a half make two
    voice = Voice()
    shares = [packets[0:2], packets[2:3], packets[3:5], packets[5:6], packets[6:8], packets[8:9]]
    heard = b"".join(voice.round([Piece(p, 1920) for p in share]) for share in shares)
    assert len(heard) == 2 * 6 * ROUND
    assert likeness(sound[: 2 * 5 * ROUND], heard, range(200, 500, 2))[0] > 0.95
