"""The log of what was sent, against feedback written by the other side of the same protocol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.errors import MalformedPacket
from conference.media.heard import Ack
from conference.media.rtcp import TransportFeedback, parse_rtcp
from conference.media.send_log import OVERHEAD, SendLog
from conference.media.twcc import TICK, ArrivalLog


def bodies(log: ArrivalLog) -> list[bytes]:
    found = []
    for packet in log.take(1, 2):
        (feedback,), _ = parse_rtcp(packet)
        assert isinstance(feedback, TransportFeedback)
        found.append(feedback.body)
    return found


@given(st.lists(st.tuples(st.integers(80, 1400), st.booleans()), min_size=1, max_size=300))
def test_each_packet_is_acknowledged_once_with_its_size_and_time(packets: list[tuple[int, bool]]) -> None:
    log, far = SendLog(), ArrivalLog()
    sent: list[tuple[float, int, float | None]] = []
    acks: list[Ack] = []
    for n, (size, arrives) in enumerate(packets):
        now = 100 + n * 0.01
        number = int.from_bytes(log.note(size - OVERHEAD, now), "big")
        if arrives:
            far.add(number, now + 7.03)
        sent.append((now, size, now + 7.03 if arrives else None))
        if n % 25 == 24:
            for body in bodies(far):
                acks += log.on_feedback(body)[0]
                assert log.on_feedback(body)[0] == [], "the same report counts once"
    for body in bodies(far):
        acks += log.on_feedback(body)[0]
    reached = [n for n, (_, _, arrival) in enumerate(sent) if arrival is not None]
    first, last = (reached[0], reached[-1]) if reached else (0, -1)
    expected = sent[first : last + 1]
    assert [(at, size, arrival is None) for at, size, arrival in acks] == [
        (t, s, x is None) for t, s, x in expected
    ]
    offsets = [arrival - at for at, _, arrival in acks if arrival is not None]
    assert not offsets or max(offsets) - min(offsets) < 3 * TICK
    assert log.total == sum(size for size, _ in packets)


def test_a_lost_report_is_not_lost_packets() -> None:
    log, far = SendLog(), ArrivalLog()
    for n in range(30):
        far.add(int.from_bytes(log.note(500 - OVERHEAD, n * 0.01), "big"), n * 0.01 + 5)
        if n == 9:
            log.on_feedback(bodies(far)[0])
        if n == 19:
            bodies(far)  # never arrives
    acks, skipped = log.on_feedback(bodies(far)[0])
    assert len(acks) == 10
    assert skipped == 10 * 500


def test_numbers_wrap_and_old_reports_are_passed_over() -> None:
    log, far = SendLog(), ArrivalLog()
    old = b""
    for n in range(70_000):
        number = int.from_bytes(log.note(100, n * 0.001), "big")
        if n % 1000 == 0:
            far.add(number, n * 0.001 + 1)
            (body,) = bodies(far)
            old = old or body
            acks, _ = log.on_feedback(body)
            assert acks[-1][0] == pytest.approx(n * 0.001)
    assert log.on_feedback(old)[0] == []


@given(st.binary(max_size=40))
def test_noise_is_refused_cleanly(data: bytes) -> None:
    log = SendLog()
    for n in range(10):
        log.note(100, n)
    try:
        log.on_feedback(data)
    except MalformedPacket:
        pass


def oldest(log: SendLog) -> float | None:
    return log.unheard_since


def test_unheard_since_is_the_oldest_packet_nobody_spoke_of() -> None:
    log, far = SendLog(), ArrivalLog()
    assert oldest(log) is None
    for n in range(4):
        number = int.from_bytes(log.note(100, 1.0 + n), "big")
        if n < 2:
            far.add(number, 2.0 + n)
    assert oldest(log) == 1.0
    log.on_feedback(bodies(far)[0])
    assert oldest(log) == 3.0
