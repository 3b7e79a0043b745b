"""Bit rate, picture rate and the share of temporal layers, over the last second."""

from __future__ import annotations

import pytest

from conference.media.layer_rate import LayerRate


def test_a_steady_stream_is_read_as_it_is() -> None:
    rate = LayerRate()
    for n in range(300):  # 100 packets of 125 bytes and 20 pictures a second
        rate.note(125, n % 5 == 0, 0, 50.0 + n / 100)
    assert rate.bitrate(53.0) == pytest.approx(100_000, rel=0.05)
    assert rate.fps(53.0) == pytest.approx(20, rel=0.1)


def test_it_is_right_soon_after_the_start_and_falls_to_nothing_after_the_end() -> None:
    rate = LayerRate()
    for n in range(31):
        rate.note(125, True, 0, 50.0 + n / 100)
    assert rate.bitrate(50.31) == pytest.approx(100_000, rel=0.05)
    assert 0 < rate.bitrate(50.8) < 100_000
    assert rate.bitrate(51.5) == 0
    assert rate.fps(51.5) == 0
    assert LayerRate().bitrate(1.0) == 0


def test_temporal_layers_have_their_share() -> None:
    rate = LayerRate()
    assert rate.temporal_share == (1.0, 1.0, 1.0)
    for n in range(400):
        rate.note((400, 100, 200, 100)[n % 4], True, (0, 2, 1, 2)[n % 4], 50.0 + n / 100)
    assert rate.temporal_share == pytest.approx((0.5, 0.75, 1.0), abs=0.01)
