"""The reader's language is chosen by what they said first, and texts are said in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.serving.translation import SUPPORTED, choose_language, direction, translate


@pytest.mark.parametrize(
    ("candidates", "accept", "chosen"),
    [
        (["en", "ar"], "ar", "en"),
        ([None, "en"], "ar", "en"),
        ([None, None], "en-GB,en;q=0.9,ar;q=0.1", "en"),
        ([None], "fr, en;q=0.2, ar;q=0.8", "ar"),
        ([None], "en;q=0, ar;q=0.1", "ar"),
        (["ar-IQ"], "en", "ar"),
        (["ku"], "ku", "ar"),
        ([], "", "ar"),
        (["EN"], "", "en"),
    ],
)
def test_language_is_the_first_supported_wish(candidates: list[str | None], accept: str, chosen: str) -> None:
    assert choose_language(candidates, accept) == chosen


@given(st.lists(st.text()), st.text())
def test_language_is_a_supported_one_whatever_is_sent(candidates: list[str], accept: str) -> None:
    assert choose_language(candidates, accept) in SUPPORTED


def test_arabic_runs_from_right_to_left() -> None:
    assert [direction(lang) for lang in ("ar", "ar-IQ", "fa", "en", "de")] == [
        "rtl",
        "rtl",
        "rtl",
        "ltr",
        "ltr",
    ]


def test_a_text_nobody_translated_is_said_in_english_with_its_values() -> None:
    text = "Nobody translates %(what)s in this test"
    assert translate("ar", text, what="this") == "Nobody translates this in this test"


def test_an_empty_text_stays_empty() -> None:
    assert translate("ar", "") == ""  # gettext would answer with the catalogue's header
