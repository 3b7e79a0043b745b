"""Feedback summed up: the same in C and in Python, whatever the path did and whatever the viewer sent."""

from __future__ import annotations

from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media import compiled
from conference.media.arrivals import Arrivals
from conference.media.errors import MalformedPacket
from conference.media.heard import Heard, sum_up
from conference.media.rtcp import TransportFeedback, parse_rtcp
from conference.media.send_log import SendLog
from conference.media.twcc import ArrivalLog

needs_library = pytest.mark.skipif(compiled.LIBRARY is None, reason="the compiled loop is not there")


def in_python() -> SendLog:
    log = SendLog()
    log._reader = None
    return log


def hear(log: SendLog, body: bytes, open_until: float) -> Any:
    try:
        return log.hear(body, open_until, acks=True)
    except MalformedPacket:
        return None


packets = st.lists(
    st.tuples(
        st.integers(0, 1400),  # size
        st.sampled_from([0.0, 0.001, 0.004, 0.03, 0.4, 9.0]),  # seconds to the next
        st.one_of(st.none(), st.floats(0.0, 0.3)),  # on its way; None: lost
        st.sampled_from([0, 0, 0, 1, 2]),  # a report: 1 arrives, 2 is lost
    ),
    max_size=200,
)


@needs_library
@given(packets, st.integers(0, 1 << 25))
def test_both_hear_the_same_over_any_path(
    events: list[tuple[int, float, float | None, int]], day: int
) -> None:
    native, plain, far = SendLog(), in_python(), ArrivalLog()
    far.add(0, float(day))  # the far clock begins anywhere; this packet is none of ours
    now, open_until = 1000.0, -1e300
    for size, pause, delay, report in events:
        now += pause
        number = native.note(size, now)
        assert plain.note(size, now) == number
        if delay is not None:
            far.add(int.from_bytes(number, "big"), day + now + delay)
        for packet in far.take(1, 2) if report else []:
            (feedback,), _ = parse_rtcp(packet)
            assert isinstance(feedback, TransportFeedback)
            if report == 1:
                ours = native.hear(feedback.body, open_until, acks=True)
                assert ours == plain.hear(feedback.body, open_until, acks=True)
                open_until = ours[0].groups[-1][0] + 0.02 if ours[0].groups else open_until
    assert native.state == plain.state


@needs_library
@given(st.lists(st.binary(max_size=60), max_size=5), st.integers(0, 3000))
def test_both_make_the_same_of_noise(bodies: list[bytes], sent: int) -> None:
    native, plain = SendLog(), in_python()
    for n in range(sent):
        native.note(100, float(n))
        plain.note(100, float(n))
    for body in bodies:
        assert hear(native, body, 50.0) == hear(plain, body, 50.0)
    assert native.state == plain.state


@needs_library
def test_a_feedback_of_more_packets_than_c_has_room_for_is_read_in_python() -> None:
    native, plain = SendLog(), in_python()
    for log in (native, plain):
        for n in range(5000):
            log.note(100, float(n))
    body = (1).to_bytes(2, "big") + (4000).to_bytes(2, "big") + bytes(4) + (4000).to_bytes(2, "big")
    heard, skipped, acks = native.hear(body, 0.0, acks=True)
    assert (heard, skipped, acks) == plain.hear(body, 0.0, acks=True)
    assert heard.packets == heard.lost > 1000


def test_arrivals_of_a_group_are_one_and_the_first_may_belong_to_an_earlier_one() -> None:
    acks = [(1.0, 10, 5.0), (1.1, 20, None), (1.2, 30, None), (1.3, 40, 5.019), (1.31, 50, 5.025)]
    assert sum_up(acks, 5.02) == Heard(
        5, 2, 1, 1.0, 1.31, 100, (1.31, 5.025),
        [(5.0, 5.019, 5.019 - 1.3, 50.0), (5.025, 5.025, 5.025 - 1.31, 50.0)],
    )  # fmt: skip
    assert sum_up([], 0.0).newest is None


@given(st.lists(st.floats(0.0, 0.025), min_size=30, max_size=120), st.integers(1, 30))
def test_calm_arrivals_judged_late_and_as_one_tell_the_same(delays: list[float], together: int) -> None:
    """What waited while all was well, for seconds, and the same judged as it came."""
    groups = [(n * 0.025 + d, n * 0.025 + d + 0.01, d, 2000.0) for n, d in enumerate(delays)]
    groups.sort()
    waited, followed = Arrivals(), Arrivals()
    for begin in range(0, len(groups), together):
        part = groups[begin : begin + together]
        followed.take(part)
        followed.measure(part[-1][1], part[-1][1], calm=True)
    waited.take(groups)
    waited.measure(groups[-1][1], groups[-1][1], calm=True)
    assert waited.floor == min(delays) == followed.floor
    assert (waited.queue, waited.growth) == (followed.queue, followed.growth)
    assert waited.acked == followed.acked > 0


def test_a_log_shares_its_arrays_without_copies() -> None:
    log = SendLog()
    log.note(100, 2.0)
    assert isinstance(log.state, array)
    assert log.state[0] == 2
    assert log.unheard_since == 2.0
