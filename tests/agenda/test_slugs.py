"""Addresses: slugs and codes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.slugs import (
    RESERVED_SLUGS,
    check_event_slug,
    free_code,
    free_slug,
    is_session_code,
    slug_of,
)
from conference.errors import BadInput
from conference.routes import ROUTES


@pytest.mark.parametrize("slug", ["31c3", "karbala-2025", "a1"])
def test_event_slug_is_accepted(slug: str) -> None:
    assert check_event_slug(slug) == slug


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a_b", "a/b", "كربلاء", "a" * 65, "schedule.xml"])
def test_event_slug_of_other_letters_is_refused(slug: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_event_slug(slug)
    assert caught.value.field == "slug"


def test_the_servers_own_addresses_are_reserved() -> None:
    first_words = {route.path.split("/")[1] for route in ROUTES} - {"", "{event}"}
    assert first_words <= RESERVED_SLUGS | {"robots.txt", "favicon.ico"}
    for word in first_words & RESERVED_SLUGS:
        with pytest.raises(BadInput):
            check_event_slug(word)


@given(st.text(min_size=1))
def test_any_name_gives_an_address(name: str) -> None:
    slug = slug_of(name, prefix="room")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*[a-z0-9]", slug)
    assert slug_of(name, prefix="room") == slug


def test_an_arabic_name_gives_a_stable_address_of_its_own() -> None:
    assert slug_of("القاعة الكبرى", prefix="room") != slug_of("قاعة الورش", prefix="room")
    assert slug_of("القاعة الكبرى", prefix="room").startswith("room-")


def test_a_taken_slug_is_numbered() -> None:
    assert free_slug("saal", {"saal", "saal-2"}) == "saal-3"


@given(st.text(max_size=50))
def test_a_code_is_the_same_every_time(seed: str) -> None:
    code = free_code(seed, ())
    assert is_session_code(code)
    assert free_code(seed, ()) == code
    assert free_code(seed, {code}) != code
