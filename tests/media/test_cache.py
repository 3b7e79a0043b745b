"""Packets kept for retransmission, and how often one may be sent again."""

from __future__ import annotations

from conference.media.cache import MediaPacket, PacketCache, ResendLedger


def packet(index: int) -> MediaPacket:
    return MediaPacket(index, 0, 0, b"", b"", False)


def test_the_cache_keeps_the_latest() -> None:
    cache = PacketCache(8)
    for index in range(20):
        cache.put(packet(index))
    assert cache.get(11) is None
    assert [found.index for index in range(12, 20) if (found := cache.get(index))] == list(range(12, 20))
    assert cache.get(20) is None


def test_one_copy_per_interval() -> None:
    ledger = ResendLedger(0.3)
    assert [ledger.allow(1, at) for at in (0.0, 0.1, 0.29, 0.31, 0.4)] == [True, False, False, True, False]
    assert ledger.allow(2, 0.1)


def test_the_ledger_stays_bounded_under_a_storm() -> None:
    ledger = ResendLedger(0.3, capacity=100)
    assert sum(ledger.allow(index, 0.0) for index in range(1000)) == 100
    assert ledger.allow(5000, 1.0)
    assert len(ledger._sent) <= 100
