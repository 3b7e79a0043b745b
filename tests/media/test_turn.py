"""Credentials as coturn computes them: base64(HMAC-SHA1(secret, "expiry:participant"))."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from conference.media.turn import TurnSettings, ice_servers


def test_credentials_are_those_a_turn_server_with_the_same_secret_computes() -> None:
    settings = TurnSettings(("turns:turn.example.org:443?transport=tcp",), "north", 3600)
    # printf 1700003600:tab_1 | openssl dgst -sha1 -hmac north -binary | base64
    assert ice_servers(settings, "tab_1", 1_700_000_000.7) == [
        {
            "urls": ["turns:turn.example.org:443?transport=tcp"],
            "username": "1700003600:tab_1",
            "credential": "+ffvVpki453ntdUhRu+1WPis+xg=",
        }
    ]


EXAMPLE = Path(__file__).parents[2] / "config" / "coturn.conf.example"


def denied_ranges() -> list[tuple[int, int, int]]:
    """Version, first and last address of those in the example, but for the two that deny everything."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    ranges = [line.partition("=")[2] for line in lines if line.startswith("denied-peer-ip=")]
    everything = {"0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}
    assert everything <= set(ranges)
    ends = [tuple(map(ipaddress.ip_address, r.split("-"))) for r in ranges if r not in everything]
    return [(first.version, int(first), int(last)) for first, last in ends]


@pytest.mark.parametrize(
    "network",
    [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "::1/128",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    ],
)
def test_the_example_lets_the_turn_server_into_no_private_network(network: str) -> None:
    wanted = ipaddress.ip_network(network)
    assert any(
        version == wanted.version and first <= int(wanted[0]) and int(wanted[-1]) <= last
        for version, first, last in denied_ranges()
    )


def test_without_a_turn_server_browsers_are_told_of_none() -> None:
    assert ice_servers(TurnSettings(), "tab_1", 0.0) == []
