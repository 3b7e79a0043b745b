"""What viewers can be given of a room's tracks, and who has the floor."""

from __future__ import annotations

from conference.media.incoming import IncomingStream
from conference.media.offering import Offering
from conference.media.track import Track


def camera(*rids: str) -> Track:
    return Track("ada", "camera", "0", rids=rids)


def stream(track: Track, layer: int, bitrate: int, now: float) -> IncomingStream:
    """A source of the track that has sent `bitrate` for the second before `now`."""
    source = IncomingStream(track, 1000 + layer, 96, repairable=True)
    source.layer = layer
    track.streams.append(source)
    feed(source, bitrate, now)
    return source


def feed(source: IncomingStream, bitrate: int, now: float) -> None:
    packets = max(2, bitrate // 8000)
    for n in range(packets):
        at = now - 1.2 + 1.2 * n / packets
        source.receive(n & 0xFFFF, int(at * 90_000) & 0xFFFFFFFF, int(1.2 * bitrate / 8 / packets), at)
        source.rate.note(int(1.2 * bitrate / 8 / packets), True, 0, at)


def test_a_layer_costs_what_it_sends_and_one_that_sleeps_what_is_usual() -> None:
    track = camera("q", "h", "f")
    stream(track, 0, 200_000, 10.0)
    offering = Offering()
    offering.review([track], 10.0)
    layers = offering.tracks[track].layers
    assert len(layers) == 3
    assert 150_000 < layers[0].bitrate < 280_000
    assert layers[1].bitrate == 450_000
    assert layers[2].bitrate == 1_400_000
    assert [layer.width for layer in layers[1:]] == [640, 1280]


def test_what_has_not_changed_keeps_its_record() -> None:
    track = camera("q", "h", "f")
    offering = Offering()
    offering.review([track], 10.0)
    before, version = offering.tracks[track], offering.version
    offering.review([track], 11.0)
    assert offering.tracks[track] is before
    assert offering.version == version
    offering.review([], 12.0)
    assert offering.tracks == {}
    assert offering.version > version


def test_muted_tracks_are_not_offered() -> None:
    track = camera()
    track.set_muted(True)
    offering = Offering()
    offering.review([track], 1.0)
    assert offering.tracks == {}


def test_a_layer_that_was_asked_for_and_does_not_come_is_taken_out_for_a_while() -> None:
    track = camera("q", "h", "f")
    track.demand.change(0, 0b100)
    offering = Offering()
    now = 10.0
    while now < 16:
        offering.review([track], now)
        now += 0.5
    assert len(offering.tracks[track].layers) == 2
    track.demand.change(0b100, 0)
    while now < 50:
        offering.review([track], now)
        now += 0.5
    assert len(offering.tracks[track].layers) == 3


def test_the_floor_changes_hands_after_a_second_of_speaking_and_stays_in_silence() -> None:
    offering = Offering()
    offering.hear(["ada"], 0.0)
    assert offering.speakers[:1] == ("ada",)
    offering.hear([], 1.0)
    offering.hear(["bo"], 2.0)
    offering.hear([], 2.4)
    assert offering.speakers[:1] == ("ada",), "a cough"
    for tenth in range(12):
        offering.hear(["bo"], 3.0 + tenth / 10)
    assert offering.speakers == ("bo", "ada")
