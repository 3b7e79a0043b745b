"""The estimate, from feedback made up packet by packet; the whole controller is judged in `test_links.py`."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from conference.media.bandwidth import MAXIMUM, MINIMUM, Estimator
from conference.media.heard import Ack
from conference.media.reported import ReportEstimator


def collapsed(estimator: Estimator | ReportEstimator) -> bool:
    return estimator.collapsed


class Path:
    """Sends a packet every `size * 8 / rate` seconds; `delay` and `lost` say what becomes of it."""

    def __init__(self, estimator: Estimator) -> None:
        self.estimator = estimator
        self.now = 10.0
        self.number = 0

    def run(
        self,
        seconds: float,
        rate: float,
        delay: Callable[[float], float] = lambda at: 0.05,
        lost: Callable[[int], bool] = lambda n: False,
        size: int = 1000,
    ) -> None:
        end = self.now + seconds
        start = self.now
        pending: list[Ack] = []
        while self.now < end:
            self.number += 1
            wait = delay(self.now - start)
            pending.append((self.now, size, None if lost(self.number) else self.now + wait + 500.0))
            self.now += size * 8 / rate
            if self.now - pending[0][0] > 0.06:
                self.estimator.feedback(pending, self.now + wait)
                pending = []


def test_what_came_through_is_believed() -> None:
    estimator = Estimator()
    Path(estimator).run(3.0, 2_000_000)
    assert 1_800_000 < estimator.bitrate < 2_300_000
    assert not collapsed(estimator)


def test_a_growing_queue_lowers_it_to_what_comes_out() -> None:
    estimator = Estimator(2_000_000)
    path = Path(estimator)
    path.run(2.0, 1_000_000)
    # 1 Mbit/s into 800 kbit/s: the delay grows by a quarter of a second each second.
    path.run(1.0, 1_000_000, lambda at: 0.05 + 0.25 * at)
    assert estimator.draining
    assert 550_000 < estimator.bitrate < 800_000


def test_every_tenth_packet_lost_changes_nothing() -> None:
    estimator = Estimator()
    Path(estimator).run(20.0, 1_500_000, lost=lambda n: n % 10 == 3)
    assert estimator.bitrate > 1_300_000
    assert estimator.overuses == 0
    assert 0.08 < estimator.usual_loss < 0.12


def test_most_packets_lost_lowers_it_to_what_comes_through() -> None:
    estimator = Estimator()
    path = Path(estimator)
    path.run(5.0, 1_500_000)
    path.run(1.2, 1_500_000, lost=lambda n: n % 5 != 0)
    assert estimator.overuses > 0
    assert estimator.bitrate < 600_000


def test_a_collapse_of_few_packets_passes_too() -> None:
    estimator = Estimator(80_000)
    path = Path(estimator)
    path.run(4.0, 20_000, size=150)
    while not collapsed(estimator):
        path.run(0.3, 20_000, size=150, lost=lambda n: n % 10 > 0)
    path.run(5.0, 20_000, size=150)
    assert not collapsed(estimator)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([20_000, 100_000, 400_000, 2_000_000]),  # bit/s
            st.sampled_from([0.0, 0.02, 0.1, 0.3, 0.45, 0.7, 0.9, 1.0]),  # lost
            st.sampled_from([0.0, 0.1, 0.5]),  # seconds the delay grows in a second
            st.sampled_from([0.3, 1.0, 3.0]),  # seconds
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([None, 40_000, 200_000, 1_000_000]),
)
def test_whatever_was_a_clear_path_ends_it(
    phases: list[tuple[int, float, float, float]], known: int | None
) -> None:
    estimator = Estimator(known)
    path = Path(estimator)
    for rate, lost, grows, seconds in phases:
        path.run(
            seconds,
            rate,
            lambda at, grows=grows: 0.05 + grows * at,  # type: ignore[misc]  # bound to this phase
            lambda n, lost=lost: n * 7919 % 100 < 100 * lost,  # type: ignore[misc]  # the same
            size=200,
        )
    path.run(15.0, 20_000, size=150)
    assert not collapsed(estimator)
    assert not estimator.draining


def test_silence_while_sending_is_a_collapse_and_a_clear_way_here_takes_it_back() -> None:
    estimator = Estimator()
    path = Path(estimator)
    path.run(5.0, 1_500_000)
    good = estimator.bitrate
    since = path.now
    while not collapsed(estimator):
        path.now += 0.05
        estimator.tick(path.now, since)
        assert path.now - since < 2.0
    assert estimator.bitrate <= 40_000
    path.run(0.5, 1_500_000)
    assert not collapsed(estimator)
    assert estimator.bitrate > 0.8 * good


def test_a_silence_that_was_nothing_has_to_be_longer_the_next_time() -> None:
    estimator = Estimator()
    path = Path(estimator)
    path.run(5.0, 1_500_000)
    short = estimator.silence
    since = path.now
    for _ in range(10):
        path.now += 0.05
        estimator.tick(path.now, since)
    assert collapsed(estimator)
    path.run(1.0, 1_500_000)
    assert not collapsed(estimator)
    assert estimator.silence > short + 0.15
    path.run(90.0, 1_500_000)
    assert estimator.silence < short + 0.1


def test_what_is_heard_of_alone_had_no_queue_of_ours_before_it() -> None:
    """Nothing but a ping a second, over a way that trembles: none of it comes as fast as the fastest did."""
    estimator = Estimator()
    path = Path(estimator)
    path.run(5.0, 1_500_000)
    since = path.now
    while not collapsed(estimator):
        path.now += 0.1
        estimator.tick(path.now, since)
    estimator.busy_at = path.now
    path.now += 1.0
    for late in (0.4, 0.3, 0.5):
        estimator.feedback([(path.now, 327, path.now + late + 500.0)], path.now + late + 0.05)
        path.now += 1.0
    assert not estimator.draining
    assert not collapsed(estimator)


def test_the_first_news_after_a_pause_is_no_collapse_unless_the_next_is_as_bad() -> None:
    """A radio slept for a third of a second; its first report tells only of the oldest of what then came."""
    for then, ends in ((0.0, False), (0.4, True)):
        estimator = Estimator()
        path = Path(estimator)
        path.run(5.0, 1_500_000)
        slept = path.now
        sent = [slept + n * 0.005 for n in range(66)]
        awake = slept + 0.33
        estimator.feedback([(at, 1000, awake + 500.0) for at in sent[:4]], awake + 0.05)
        assert not estimator.draining
        estimator.feedback([(at, 1000, awake + then + 500.0) for at in sent[4:]], awake + then + 0.1)
        assert estimator.draining is ends


def test_a_look_that_comes_late_is_no_silence() -> None:
    """A busy machine keeps us from reading; what lies unread in the socket cannot be missed yet."""
    estimator = Estimator()
    path = Path(estimator)
    path.run(5.0, 1_500_000)
    estimator.tick(path.now, path.now)
    estimator.tick(path.now + 3.0, path.now)
    assert not collapsed(estimator)


def test_silence_while_nothing_is_sent_means_nothing() -> None:
    estimator = Estimator()
    path = Path(estimator)
    path.run(5.0, 1_500_000)
    for _ in range(100):
        path.now += 0.1
        estimator.tick(path.now, None)
    assert not collapsed(estimator)


def test_a_longer_way_is_told_from_a_queue() -> None:
    estimator = Estimator()
    path = Path(estimator)
    path.run(5.0, 1_500_000)
    path.run(4.0, 60_000, lambda at: 0.35, size=150)
    assert not estimator.draining
    assert estimator.queue < 0.05


@given(
    st.lists(st.tuples(st.floats(0, 2), st.integers(40, 1500), st.none() | st.floats(-5, 5)), max_size=80),
    st.integers(1, 9),
)
def test_no_feedback_breaks_it(steps: list[tuple[float, int, float | None]], grouped: int) -> None:
    """Clocks that jump, packets that overtake, feedback of nothing: the estimate stays within its limits."""
    estimator = Estimator()
    now = 1.0
    acks: list[Ack] = []
    for wait, size, delay in steps:
        now += wait
        acks.append((now, size, None if delay is None else now + delay))
        if len(acks) >= grouped:
            estimator.feedback(acks, now + 0.1)
            acks = []
        estimator.tick(now, now - 1)
        assert MINIMUM <= estimator.bitrate <= MAXIMUM
        assert estimator.queue >= 0


def test_reports_alone_find_a_lower_rate_and_a_collapse() -> None:
    estimator = ReportEstimator()
    now = 0.0
    for _ in range(10):
        now += 1
        estimator.report(0.01, 0.08, 2_000_000, now)
    good = estimator.bitrate
    for _ in range(5):
        now += 1
        estimator.report(0.35, 0.08, 1_500_000, now)
    assert estimator.bitrate < 0.7 * good
    now += 2
    estimator.report(0.05, 1.5, 900_000, now)
    assert collapsed(estimator)
    low = estimator.bitrate
    for _ in range(20):
        now += 1
        estimator.report(0.0, 0.08, 60_000, now)
    assert not collapsed(estimator)
    assert estimator.bitrate > 2 * low
    estimator.tick(now + 10, now)
    assert collapsed(estimator)
    estimator.told(30_000)
    assert estimator.bitrate <= 30_000
