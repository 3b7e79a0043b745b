"""The loop's own figures, in virtual time."""

from __future__ import annotations

from conference.media.counters import Counters
from conference.media.pulse import Pulse


def test_bitrate_is_of_the_last_second_and_cost_of_the_last_few() -> None:
    counters = Counters()
    pulse = Pulse(counters)
    for second in range(20):
        counters.bytes_out += 125_000 if second < 19 else 250_000
        counters.packets_forwarded += 1000
        pulse.second(float(second), second * 0.008)
    assert pulse.bitrate == 2_000_000
    assert abs(pulse.microseconds - 8.0) < 1e-6
    assert pulse.cpu == 19 * 0.008


def test_a_few_packets_have_no_cost() -> None:
    counters = Counters()
    pulse = Pulse(counters)
    for second in range(3):
        counters.packets_forwarded += 5
        pulse.second(float(second), second * 0.5)
    assert pulse.microseconds == 0.0


def test_the_worst_lag_is_remembered_for_a_while() -> None:
    pulse = Pulse(Counters())
    pulse.late(0.3)
    pulse.late(0.1)
    pulse.second(0.0, 0.0)
    assert pulse.lag == 0.3
    pulse.second(4.0, 0.0)
    assert pulse.lag == 0.3
    pulse.second(9.0, 0.0)
    assert pulse.lag == 0.0
