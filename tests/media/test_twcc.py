"""Transport-wide feedback: what the log reports is what arrived, to a quarter of a millisecond."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.media.errors import MalformedPacket
from conference.media.rtcp import TransportFeedback, parse_rtcp
from conference.media.twcc import TICK, ArrivalLog, Feedback, parse_feedback


def read(packets: list[bytes]) -> list[Feedback]:
    found = []
    for packet in packets:
        (feedback,), malformed = parse_rtcp(packet)
        assert malformed == 0
        assert isinstance(feedback, TransportFeedback)
        found.append(parse_feedback(feedback.body))
    return found


@given(
    st.integers(0, 0xFFFF),
    st.lists(st.tuples(st.integers(0, 30), st.floats(0, 12)), min_size=1, max_size=80),
)
def test_feedback_tells_arrivals_and_losses(start: int, steps: list[tuple[int, float]]) -> None:
    log = ArrivalLog()
    arrivals: dict[int, float] = {}
    index, now = start, 1000.0
    for skipped, wait in steps:
        index += 1 + skipped
        now += wait
        arrivals[index & 0xFFFF] = now
        log.add(index & 0xFFFF, now)
    reported: dict[int, int | None] = {}
    for feedback in read(log.take(1, 2)):
        reported.update(feedback.arrivals)
    assert {n for n, tick in reported.items() if tick is not None} == set(arrivals)
    ticks = {n: tick for n, tick in reported.items() if tick is not None}
    first = min(ticks.values())
    for number, tick in ticks.items():
        passed = arrivals[number] - min(arrivals.values())
        assert abs((tick - first) * TICK - passed) <= 2 * TICK


def test_a_loss_between_two_reports_is_reported() -> None:
    log = ArrivalLog()
    for number in (10, 11):
        log.add(number, 1.0)
    assert [n for n, _ in read(log.take(1, 2))[0].arrivals] == [10, 11]
    log.add(14, 1.1)
    (feedback,) = read(log.take(1, 2))
    assert [(n, t is not None) for n, t in feedback.arrivals] == [(12, False), (13, False), (14, True)]
    assert feedback.count == 1


def test_nothing_arrived_is_nothing_to_say() -> None:
    assert ArrivalLog().take(1, 2) == []


@given(st.binary(max_size=60))
def test_noise_is_refused_cleanly(data: bytes) -> None:
    try:
        parse_feedback(data)
    except MalformedPacket:
        pass
