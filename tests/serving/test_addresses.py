"""The client's address is believed from configured proxies only."""

from __future__ import annotations

import pytest

from conference.serving.addresses import believed_address, limit_key


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.9", [], [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], [], "203.0.113.9"),  # nobody is believed
        ("203.0.113.9", ["198.51.100.1"], ["127.0.0.1"], "203.0.113.9"),  # not from a proxy
        ("127.0.0.1", ["198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),  # the first entry is a claim
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        ("10.0.0.2", ["198.51.100.1, 10.0.0.7"], ["10.0.0.0/8"], "198.51.100.1"),  # two proxies
        ("127.0.0.1", ["nonsense"], ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", [""], ["127.0.0.1"], "127.0.0.1"),
        ("::1", ["2001:db8::5"], ["::1"], "2001:db8::5"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], ["unix"], "198.51.100.1"),
        (None, ["198.51.100.1"], [], "unknown"),
    ],
)
def test_who_is_asking(peer: str | None, forwarded: list[str], trusted: list[str], expected: str) -> None:
    assert believed_address(peer, forwarded, trusted) == expected


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_limits_count_a_household_once(told: str, key: str) -> None:
    assert limit_key(told) == key
