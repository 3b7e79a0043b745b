"""Fragments of trickle ICE: read or refused with their place, never anything else."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.media.engine import IceCredentials
from conference.media.errors import BadSdp
from conference.media.sdp_fragment import Fragment, parse_fragment, write_fragment

TRICKLE = """a=ice-ufrag:EsAw\r
a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r
m=audio 9 RTP/AVP 0\r
a=mid:0\r
a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r
a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r
a=end-of-candidates\r
"""


def test_the_example_of_the_rfc_is_read() -> None:
    assert parse_fragment(TRICKLE) == Fragment("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1", 2)
    assert parse_fragment(TRICKLE.replace("\r", "")) == parse_fragment(TRICKLE)


def test_a_fragment_may_name_no_credentials() -> None:
    assert parse_fragment("m=audio 9 RTP/AVP 0\na=mid:0\na=end-of-candidates\n") == Fragment()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\r\n\r\n", "empty"),
        ("v=0\r\n", "line 1"),
        ("a=ice-ufrag:ab\r\na=ice-pwd:" + "x" * 22, "line 1: bad ice-ufrag"),
        ("a=ice-ufrag:abcd\r\na=ice-pwd:short", "line 2: bad ice-pwd"),
        ("a=ice-ufrag:abcd\r\n", "without the other"),
        ("a=ice-ufrag:abcd\na=ice-pwd:" + "x" * 22 + "\na=ice-ufrag:efgh", "line 3"),
        ("a=mid:0\x00\r\n", "line 1"),
        ("m=audio\r\n", "line 1: media line"),
        ("a=:value\r\n", "line 1: no attribute name"),
        ("a=mid:0\r\n" * 5000, "larger"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(BadSdp) as refused:
        parse_fragment(text)
    assert reason in refused.value.detail


ICE = st.text("abcXYZ019+/", min_size=22, max_size=64)


@given(ICE, ICE)
def test_what_we_write_we_read(ufrag: str, password: str) -> None:
    read = parse_fragment(write_fragment(IceCredentials(ufrag, password)))
    assert (read.ufrag, read.password) == (ufrag, password)


LINE = st.one_of(
    st.sampled_from(TRICKLE.split("\r\n")),
    st.text(max_size=30),
    st.builds(
        "a={}:{}".format, st.sampled_from(["ice-ufrag", "ice-pwd", "candidate", ""]), st.text(max_size=30)
    ),
)


@given(st.lists(LINE, max_size=12), st.sampled_from(["\r\n", "\n", "\r", ""]))
@settings(max_examples=2000, deadline=None)
def test_whatever_comes_is_read_or_refused(lines: list[str], end: str) -> None:
    with suppress(BadSdp):
        found = parse_fragment(end.join(lines))
        assert bool(found.ufrag) == bool(found.password)


@given(st.binary(max_size=400))
@settings(max_examples=1000, deadline=None)
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    with suppress(BadSdp):
        parse_fragment(data.decode("utf-8", "surrogateescape"))
