"""Layers on their way to a viewer: what it sees is one stream without gaps that can be decoded."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conference.media.rtcp import SenderReport
from conference.media.vp8 import read_descriptor
from tests.media.simulcast import Hall, Path, Shown, Viewer

# Shrinking seconds of traffic takes minutes and tells little more than the seed.
NO_SHRINK = (Phase.explicit, Phase.reuse, Phase.generate)
Choice = tuple[float, int | None, int]

choices = st.lists(
    st.tuples(st.floats(0.05, 0.8), st.sampled_from([None, 0, 1, 2, 2]), st.integers(0, 2)), max_size=6
)
paths = st.builds(
    Path,
    loss=st.sampled_from([0.0, 0.0, 0.05, 0.2]),
    reorder=st.sampled_from([0.0, 0.1, 0.4]),
    duplicate=st.sampled_from([0.0, 0.1]),
)


def played(seed: int, path: Path, wishes: list[Choice], padding: float = 0.1) -> tuple[Hall, Viewer]:
    hall = Hall(Random(seed), path)
    hall.padding = padding
    viewer = hall.viewer()
    hall.run(0.5)
    for seconds, layer, temporal in wishes:
        viewer.out.choose(layer, temporal)
        hall.run(seconds)
    viewer.out.choose(1, 2)
    hall.run(1.0)
    # A calm end: what is missing has time to come.
    hall.path = Path(delay=path.delay)
    hall.run(1.5)
    return hall, viewer


@settings(max_examples=50, deadline=None, phases=NO_SHRINK)
@given(st.integers(0, 2**32), paths, choices)
def test_whatever_is_chosen_over_whatever_path_the_viewer_has_one_stream(
    seed: int, path: Path, wishes: list[Choice]
) -> None:
    """The path repairs what it loses, so in the end nothing may be missing."""
    _, viewer = played(seed, path, wishes)
    viewer.repair()  # what arrived during a pause was not sent then
    numbers = sorted(viewer.numbered())
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    shown = viewer.pictures()
    assert len(shown) > 20
    assert_pictures_have_what_they_need(shown)
    assert_numbers_go_on(shown, undisturbed=path.loss == path.reorder == 0)
    assert_everything_can_be_sent_again(viewer)


def assert_pictures_have_what_they_need(shown: list[Shown]) -> None:
    whole = {id(s.picture) for s in shown if s.whole}
    cut = {id(a.picture) for a, b in pairwise(shown) if b.picture.key}  # by a switch or a pause
    for one in shown:
        assert one.whole or id(one.picture) in cut or one is shown[-1], one
        for needed in one.picture.needs:
            assert id(needed) in whole, f"{one.picture} without {needed}"


def assert_numbers_go_on(shown: list[Shown], *, undisturbed: bool) -> None:
    for before, after in pairwise(shown):
        assert 0 < (after.timestamp - before.timestamp & 0xFFFFFFFF) < 90_000 * 10  # pauses included
        ahead = after.picture_id - before.picture_id & 0x7FFF
        if undisturbed:
            assert ahead == 1
        else:
            assert 1 <= ahead < 100  # a picture that is left out may have been missing when it was its turn
        assert after.tl0 - before.tl0 & 0xFF == (1 if after.picture.temporal == 0 else 0)


def assert_everything_can_be_sent_again(viewer: Viewer) -> None:
    """A NACK finds the packet, also behind drops and switches, with the numbers the viewer knows it by."""
    sent = viewer.numbered()
    recent = list(range(max(min(sent), max(sent) - 150), max(sent) + 1))
    viewer.hall.run(0.5)
    again = viewer.ask_again(recent)
    assert list(again) == recent
    for number, packet in again.items():
        assert packet.payload == sent[number].payload
        assert packet.timestamp == sent[number].timestamp


@settings(max_examples=20, deadline=None, phases=NO_SHRINK)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.02, 0.1]), choices)
def test_gaps_are_no_more_than_what_was_lost_for_good(seed: int, loss: float, wishes: list[Choice]) -> None:
    hall, viewer = played(seed, Path(loss=loss, repairs=False), wishes, padding=0.0)
    numbers = sorted(viewer.numbered())
    missing = numbers[-1] - numbers[0] + 1 - len(numbers)
    assert missing <= hall.never_arrived


def kept(shown: list[Shown], layers: int) -> bool:
    return all(s.picture.temporal <= layers for s in shown)


def test_temporal_layers_are_left_out_at_once_and_come_back_at_a_sync_point() -> None:
    hall = Hall(Random(1))
    viewer = hall.viewer()
    hall.run(1.0)
    keys = sum(s.picture.key for s in viewer.pictures())
    viewer.out.choose(2, 0)
    hall.run(0.1)  # what is under way
    before = len(viewer.pictures())
    hall.run(1.0)
    shown = viewer.pictures()[before:]
    assert kept(shown, 0)
    assert 6 <= len(shown) <= 9, "a quarter of the pictures"
    viewer.out.choose(2, 1)
    hall.run(1.0)
    viewer.out.choose(2, 2)
    hall.run(1.0)
    last = viewer.pictures()[-8:]
    assert {s.picture.temporal for s in last} == {0, 1, 2}
    assert sum(s.picture.key for s in viewer.pictures()) == keys, "no key frame was needed for it"


def test_a_switch_waits_for_the_key_frame_and_the_old_layer_goes_on() -> None:
    hall = Hall(Random(2))
    viewer = hall.viewer()
    viewer.out.choose(0)
    hall.run(1.0)
    assert viewer.out.layer == 0
    plis = hall.publisher.tracks["0"].streams[2].plis
    viewer.out.choose(2)
    assert (viewer.out.layer, viewer.out.wanted) == (0, 2)
    hall.run(1.0)
    assert viewer.out.layer == 2
    assert hall.track.streams[2].plis == plis + 1
    shown = viewer.pictures()
    turn = next(i for i, s in enumerate(shown) if s.picture.rid == "f")
    assert shown[turn].picture.key
    assert [s.picture.rid for s in shown] == ["q"] * turn + ["f"] * (len(shown) - turn)
    # One clock: the picture after the switch is as much later as it was taken later.
    for before, after in pairwise(shown):
        step = (after.timestamp - before.timestamp & 0xFFFFFFFF) / 90_000
        assert step == pytest.approx(after.picture.at - before.picture.at, abs=0.001)


def test_the_sender_report_follows_a_switch_with_the_new_relation() -> None:
    hall = Hall(Random(3))
    viewer = hall.viewer()
    viewer.out.choose(0)
    hall.run(2.0)
    viewer.out.choose(2)
    hall.run(0.5)
    report = next(r for r in reversed(viewer.line.rtcp) if isinstance(r, SenderReport))
    last = viewer.pictures()[-1]
    behind = (last.picture.at + 3_900_000_000 - report.ntp / (1 << 32)) * 90_000
    assert last.timestamp - report.rtp_timestamp == pytest.approx(behind, abs=100)


def test_a_pause_sends_nothing_and_resumes_with_a_key_frame() -> None:
    hall = Hall(Random(4))
    viewer = hall.viewer()
    hall.run(1.0)
    viewer.out.choose(None)
    assert viewer.out.layer is None
    before = len(viewer.line.rtp)
    hall.run(1.0)
    assert len(viewer.line.rtp) == before
    viewer.out.choose(1)
    hall.run(1.0)
    packets = viewer.numbered()
    assert sorted(packets) == list(range(min(packets), max(packets) + 1))
    resumed = viewer.line.rtp[before]
    assert not resumed.payload[read_descriptor(resumed.payload).size] & 1


def test_without_the_wanted_layer_the_best_below_is_sent_until_it_comes_back() -> None:
    hall = Hall(Random(5))
    viewer = hall.viewer()
    hall.run(1.0)
    assert viewer.out.layer == 2
    hall.encoders["f"].active = False
    hall.run(2.0)
    assert (viewer.out.layer, viewer.out.wanted) == (1, 2)
    hall.encoders["f"].active = True
    hall.run(0.5)
    assert viewer.out.layer == 2
    for encoder in hall.encoders.values():
        encoder.active = False
    hall.run(2.0)
    hall.encoders["q"].active = True
    hall.run(1.0)
    assert viewer.out.layer == 0


def test_a_newcomer_takes_the_first_picture_it_can_get() -> None:
    hall = Hall(Random(6))
    hall.run(1.0)
    hall.encoders["f"].active = False
    viewer = hall.viewer()
    hall.run(1.5)
    assert viewer.out.layer == 1


def test_key_frames_are_asked_of_the_layer_that_is_meant_only() -> None:
    hall = Hall(Random(7))
    low, high = hall.viewer(), hall.viewer()
    low.out.choose(0)
    hall.run(2.0)
    plis = [s.plis for s in hall.track.streams]
    low.out.lost_picture()
    hall.run(0.3)
    assert [s.plis for s in hall.track.streams] == [plis[0] + 1, plis[1], plis[2]]
    assert high.out.layer == 2


def test_a_wish_for_a_key_frame_outlives_throttling_and_loss() -> None:
    hall = Hall(Random(8))
    viewer = hall.viewer()
    hall.run(1.0)
    keys = sum(s.picture.key for s in viewer.pictures())
    stream = hall.track.streams[2]
    plis = stream.plis
    obey = hall.uplink.on_rtcp
    hall.uplink.on_rtcp = lambda packet: None  # requests are lost
    for _ in range(10):
        viewer.out.lost_picture()
    hall.run(1.1)
    assert 3 <= stream.plis - plis <= 6, "repeated, not swallowed and not for each wish"
    hall.uplink.on_rtcp = obey
    hall.run(1.0)
    assert sum(s.picture.key for s in viewer.pictures()) > keys
    plis = stream.plis
    hall.run(1.0)
    assert stream.plis == plis, "fulfilled"


def test_muting_and_unmuting_leaves_no_gap() -> None:
    hall = Hall(Random(9), Path(reorder=0.2))
    viewer = hall.viewer()
    hall.run(1.0)
    hall.track.set_muted(True)
    hall.run(1.0)
    hall.track.set_muted(False)
    hall.path = Path()
    hall.run(1.0)
    packets = viewer.numbered()
    assert sorted(packets) == list(range(min(packets), max(packets) + 1))
    assert viewer.out.layer == 2


def test_another_track_takes_over_in_the_same_stream() -> None:
    first, second = Hall(Random(10)), Hall(Random(11))
    viewer = first.viewer()
    first.run(1.0)
    second.run(1.0)
    sent = len(viewer.numbered())
    viewer.out.retarget(second.track)
    assert first.track.outgoing == ()
    first.run(0.5)
    assert len(viewer.numbered()) == sent
    second.run(0.5)
    viewer.hall = second
    packets = viewer.numbered()
    assert len(packets) > sent
    assert sorted(packets) == list(range(min(packets), max(packets) + 1))
    ids = [read_descriptor(packets[n].payload).picture_id for n in sorted(packets)]
    assert all(
        isinstance(a, int) and isinstance(b, int) and (b - a) & 0x7FFF in (0, 1) for a, b in pairwise(ids)
    )


def test_a_source_that_comes_anew_under_the_same_rid_replaces_the_old_one() -> None:
    hall = Hall(Random(12))
    viewer = hall.viewer()
    hall.run(1.0)
    old = hall.encoders["f"]
    fresh = hall.encoders["f"] = type(old)("f", Random(99))
    fresh.number = 100_000
    hall.run(1.0)
    assert [s.rid for s in hall.track.streams] == ["q", "h", "f"]
    assert hall.track.streams[2].ssrc == fresh.ssrc
    assert viewer.out.layer == 2
    assert viewer.pictures()[-1].picture.number > 100_000
