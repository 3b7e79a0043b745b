"""Reception state: gaps, repairs, padding holes and reports, without a network."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conference.media.incoming import IncomingStream
from conference.media.track import Track


def stream() -> IncomingStream:
    return IncomingStream(Track("speaker", "camera", "0"), 1, 96, True)


def test_a_gap_is_asked_for_at_once_and_again_until_given_up() -> None:
    source = stream()
    source.receive(65534, 0, 100, 0.0)
    index, lost = source.receive(2, 0, 100, 0.0)
    assert [n & 0xFFFF for n in lost] == [65535, 0, 1]
    assert source.recover(0, 100, 0.0) == index - 2
    assert source.recover(0, 100, 0.0) is None, "a second copy"
    assert source.overdue(0.05) == []
    assert len(source.overdue(0.2)) == 2
    for n in range(3, 20):
        source.overdue(n * 0.2)
    assert source.overdue(100.0) == []


def test_a_wide_gap_wants_a_key_frame_instead() -> None:
    source = stream()
    source.receive(1, 0, 100, 0.0)
    _, lost = source.receive(1000, 0, 100, 0.0)
    assert lost == []
    assert source.key_wanted


def test_an_overtaken_packet_is_not_lost() -> None:
    source = stream()
    source.receive(1, 0, 100, 0.0)
    source.receive(3, 0, 100, 0.0)
    source.receive(2, 0, 100, 0.0)
    assert source.overdue(1.0) == []
    assert source.lost == 0


@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_padding_in_order_leaves_no_hole(kinds: list[bool]) -> None:
    """True is a packet with payload, False padding: what is forwarded is numbered without a gap."""
    source = stream()
    places = []
    for number, media in enumerate(kinds):
        index, _ = source.receive((65500 + number) & 0xFFFF, 0, 100, 0.0)
        if media:
            places.append(source.place(index))
        else:
            source.drop_hole(index)
    assert all(b == a + 1 for a, b in pairwise(places))


@given(st.lists(st.booleans(), min_size=8, max_size=60), st.randoms(use_true_random=False))
def test_two_packets_never_share_a_place(kinds: list[bool], random: object) -> None:
    source = stream()
    order = list(range(len(kinds)))
    for i in range(0, len(order) - 3, 4):  # local reordering, as networks do
        part = order[i : i + 4]
        random.shuffle(part)  # type: ignore[attr-defined]
        order[i : i + 4] = part
    places = []
    for number in order:
        index, _ = source.receive(100 + number, 0, 100, 0.0)
        if kinds[number]:
            places.append((index, source.place(index)))
        else:
            source.drop_hole(index)
    assert len({place for _, place in places}) == len(places)


def test_reports_tell_loss_since_the_last_one() -> None:
    source = stream()
    assert source.report(0.0) is None
    for sequence in (1, 2, 3, 5):
        source.receive(sequence, 0, 100, 0.0)
    block = source.report(1.0)
    assert block is not None
    assert (block.fraction_lost, block.lost) == (256 // 5, 1)
    for sequence in (6, 7):
        source.receive(sequence, 0, 100, 0.0)
    block = source.report(2.0)
    assert block is not None
    assert (block.fraction_lost, block.lost) == (0, 1)


def test_a_copy_is_told_from_a_packet_that_was_overtaken() -> None:
    source = stream()
    assert source.receive(10, 0, 100, 0.0)[0] >= 0
    assert source.receive(12, 0, 100, 0.0)[0] >= 0
    assert source.receive(12, 0, 100, 0.0)[0] == -1
    late, _ = source.receive(11, 0, 100, 0.0)
    assert late >= 0
    assert source.receive(11, 0, 100, 0.0)[0] == -1
    early, _ = source.receive(8, 0, 100, 0.0)
    assert early == late - 3, "the first packet may be overtaken as well"
    assert source.receive(9, 0, 100, 0.0)[0] == late - 2
    assert source.receive(8, 0, 100, 0.0)[0] == -1
    assert (source.received, source.lost) == (5, 0)


def test_requests_become_rarer_when_repairs_take_long() -> None:
    source = stream()
    for number in range(0, 100, 2):
        source.receive(number, 0, 100, number / 10)
        if number:
            assert source.recover(number - 1, 100, number / 10 + 0.6) is not None
    source.receive(200, 0, 100, 20.0)
    asked = [at for at in range(1, 40) if source.overdue(20.0 + at / 20)]
    assert asked
    assert asked[0] / 20 > 0.5, "not before an answer can be there"


def test_padding_that_comes_too_late_to_close_its_place_says_so() -> None:
    source = stream()
    source.receive(1, 0, 100, 0.0)
    source.place(source.receive(2, 0, 100, 0.0)[0])
    overtaken, _ = source.receive(4, 0, 100, 0.0)
    source.place(overtaken)
    index, _ = source.receive(3, 0, 100, 0.0)
    assert not source.drop_hole(index)
    assert source.drop_hole(source.receive(5, 0, 100, 0.0)[0])
    after, _ = source.receive(6, 0, 100, 0.0)
    assert source.place(after) == source.place(overtaken) + 1
