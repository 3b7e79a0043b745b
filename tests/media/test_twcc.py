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


@given(
    st.integers(0, 0xFFFF),
    st.lists(
        st.tuples(
            st.integers(1, 30),  # packets
            st.sampled_from([0.0, 0.004, 0.004, 0.06, 0.07, 9.0]),  # seconds between them
            st.sampled_from(["", "", "", "", "one is lost", "two are swapped", "one comes twice", "python"]),
        ),
        max_size=30,
    ),
)
def test_what_was_noted_elsewhere_is_reported_as_if_it_had_been_here(
    start: int, batches: list[tuple[int, float, str]]
) -> None:
    here, told = ArrivalLog(), ArrivalLog()
    noted: list[tuple[int, float]] = []

    def take_noted() -> tuple[list[int], list[float]]:
        taken = noted[:]
        noted.clear()
        return [number for number, _ in taken], [at for _, at in taken]

    told.noted = take_noted
    sequence, now = start, 1000.0
    for count, pause, what in batches:
        numbers = [sequence + n & 0xFFFF for n in range(1, count + 1)]
        sequence += count
        middle = count // 2
        if what == "one is lost":
            del numbers[middle]
        elif what == "two are swapped":
            numbers[middle:] = reversed(numbers[middle:])
        elif what == "one comes twice":
            numbers.insert(middle, numbers[middle])
        for number in numbers:
            now += pause
            here.add(number, now)
            if what == "python":
                told.add(number, now)
            else:
                noted.append((number, now))
        assert told.take(1, 2) == here.take(1, 2)
