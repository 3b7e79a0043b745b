"""Credentials as coturn computes them: base64(HMAC-SHA1(secret, "expiry:participant"))."""

from __future__ import annotations

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


def test_without_a_turn_server_browsers_are_told_of_none() -> None:
    assert ice_servers(TurnSettings(), "tab_1", 0.0) == []
