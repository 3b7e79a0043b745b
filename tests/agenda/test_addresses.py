"""Which addresses are kept, and which a page may link to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.addresses import is_http, is_kept, web_address


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("www.mr-beam.org", "http://www.mr-beam.org"),  # so it stands in 31C3
        ("flickr.com/derpoly", "http://flickr.com/derpoly"),
        ("example.org:8000/x", "http://example.org:8000/x"),
        ("irc://irc.example.org/#x", ""),
        ("just words", ""),
        ("", ""),
    ],
)
def test_what_a_page_links_to(address: str, link: str) -> None:
    assert is_kept(address)
    assert web_address(address) == link


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:x",
    ],
)
def test_what_runs_or_reads_is_not_kept(address: str) -> None:
    assert not is_kept(address)
    assert web_address(address) == ""


@given(st.text())
def test_a_link_has_a_harmless_scheme_or_is_none(address: str) -> None:
    link = web_address(address)
    assert link == "" or link.lower().startswith(("http://", "https://", "http:", "https:", "mailto:"))


@pytest.mark.parametrize(
    ("address", "answer"),
    [("https://a.org", True), ("http://a.org/x y", False), ("a.org", False), ("", False)],
)
def test_what_the_formats_take_for_an_address(address: str, answer: bool) -> None:
    assert is_http(address) is answer
