"""When padding is sent and when not: it is paid for by the megabyte."""

from __future__ import annotations

from conference.media.bandwidth import Estimator
from conference.media.probing import MINUTE_LIMIT, PROBE_SIZE, SCARCE_LIMIT, Prober


def known(bitrate: int) -> tuple[Estimator, Prober]:
    estimator = Estimator(bitrate)
    return estimator, Prober(estimator)


def step(prober: Prober, now: float, next_rate: int, best_rate: int, sending: int) -> int:
    """A look while as much media flows as is said to."""
    return prober.step(now, next_rate, best_rate, sending, int(sending / 8 * now) + prober.spent)


def fills(prober: Prober) -> bool:
    return prober.filling


def answer(prober: Prober, sent: float, packets: int, rate: float, now: float) -> None:
    apart = PROBE_SIZE * 8 / rate
    prober.acked([(sent, PROBE_SIZE, sent + 5 + n * apart) for n in range(packets)], now)


def test_nothing_is_sent_where_nothing_can_be_gained() -> None:
    _, prober = known(500_000)
    assert sum(step(prober, n * 0.1, 0, 0, 100_000) for n in range(600)) == 0


def test_nothing_is_sent_on_a_collapsed_link() -> None:
    estimator, prober = known(50_000)
    estimator.collapsed = estimator.draining = True
    assert sum(step(prober, n * 0.1, 200_000, 2_000_000, 30_000) for n in range(600)) == 0


def test_a_weak_link_costs_a_train_now_and_then() -> None:
    _, prober = known(54_000)
    now = total = 0.0
    while now < 600:
        now += 0.1
        size = step(prober, now, 76_000, 1_800_000, 25_000)
        total += size
        if size:
            answer(prober, now, size // PROBE_SIZE, 64_000, now + 0.3)
    assert 0 < total <= 10 * SCARCE_LIMIT
    assert prober.failures == 0


def test_a_path_that_has_just_become_scarce_is_not_charged_for_the_time_before() -> None:
    estimator, prober = known(600_000)
    now = 0.0
    while now < 59:
        now += 0.1
        size = step(prober, now, 3_000_000, 8_000_000, 500_000)
        if size:
            answer(prober, now, size // PROBE_SIZE, 700_000, now + 0.3)
    assert prober.spent > SCARCE_LIMIT
    estimator.bitrate = 40_000
    spent = prober.spent
    while now < 70:
        now += 0.1
        step(prober, now, 76_000, 1_800_000, 25_000)
    assert prober.spent > spent


def test_a_path_that_became_wide_is_filled_after_two_trains_and_believed() -> None:
    estimator, prober = known(54_000)
    now = 0.0
    trains = 0
    while not fills(prober):
        now += 0.1
        size = step(prober, now, 250_000, 1_800_000, 25_000)
        if size:
            trains += 1
            answer(prober, now, size // PROBE_SIZE, 5_000_000, now + 0.05)
        assert now < 30
    assert trains == 2
    filled = 0
    while fills(prober):
        now += 0.05
        filled += step(prober, now, 250_000, 1_800_000, 25_000)
        assert now < 60
    assert 10_000 < filled < 60_000, "eight times what was known, for half a second"
    estimator.proven(430_000)
    for _ in range(20):
        now += 0.1
        step(prober, now, 0, 0, 25_000)
    assert prober.successes == 1


def test_a_fill_makes_up_for_a_picture_that_has_just_gone() -> None:
    _, prober = known(2_200_000)
    now, at_start, filled = 0.0, 0, 0
    while not fills(prober):
        now += 0.1
        at_start = prober.spent
        size = prober.step(now, 2_400_000, 2_400_000, 1_500_000, prober.spent)  # measured over half a second
        if size:
            answer(prober, now, size // PROBE_SIZE, 50_000_000, now + 0.05)
        assert now < 30
    begun = now
    while fills(prober):
        now += 0.05
        filled += prober.step(now, 2_400_000, 2_400_000, 1_500_000, prober.spent)
    rate = filled * 8 / (now - begun)
    assert 2_400_000 < rate < 2_600_000, "nothing else flows, so the fill is all of it"
    assert prober.spent == at_start + filled


def test_a_fill_ends_when_a_queue_shows() -> None:
    estimator, prober = known(400_000)
    now = 0.0
    while not fills(prober):
        now += 0.1
        size = step(prober, now, 900_000, 1_800_000, 100_000)
        if size:
            answer(prober, now, size // PROBE_SIZE, 3_000_000, now + 0.05)
        assert now < 30
    step(prober, now + 0.05, 900_000, 1_800_000, 100_000)
    estimator.queue = 0.3
    assert step(prober, now + 0.1, 900_000, 1_800_000, 100_000) == 0
    assert not fills(prober)
    assert prober.failures == 1


def test_a_minute_of_probes_has_a_limit() -> None:
    estimator, prober = known(300_000)
    now, log = 0.0, []
    while now < 300:
        now += 0.05
        size = step(prober, now, 900_000, 8_000_000, 100_000)
        if size:
            log.append((now, size))
            answer(prober, now, size // PROBE_SIZE, 20_000_000, now + 0.05)
    assert estimator.bitrate == 300_000
    for start, _ in log:
        assert sum(size for at, size in log if start <= at < start + 59) <= MINUTE_LIMIT + 60_000
