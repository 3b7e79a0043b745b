"""Text that people type: made safe, and compared by its looks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.errors import BadInput
from conference.serving.text import clean_text, looks_like, skeleton

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
anything = st.text(st.characters(), max_size=200)  # surrogates included


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Hello   world ", "Hello world"),
        ("مرحبا\u202e dlrow", "مرحبا dlrow"),
        ("a\x00b\x1b[31mc\x7f\x9b", "ab[31mc"),
        ("e\u0301", "é"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # the joiner is spelling
        ("مُحَمَّدٌ", unicodedata.normalize("NFC", "مُحَمَّدٌ")),
        ("one\r\ntwo\u2028three", "one two three"),
        ("👩\u200d⚕\ufe0f", "👩\u200d⚕\ufe0f"),
        ("bad\ud800half", "badhalf"),
        ("\u2066\u2069", ""),
    ],
)
def test_a_line_is_cleaned(typed: str, kept: str) -> None:
    assert clean_text(typed, limit=100) == kept


def test_lines_stay_lines() -> None:
    assert clean_text("a \r\nb\r\r\r\n\n\nc\t \n", limit=100, lines=True) == "a\nb\n\nc"


def test_towers_of_marks_are_cut() -> None:
    assert clean_text("z" + "\u0335" * 300 + "!", limit=100) == "z" + "\u0335" * 6 + "!"


def test_too_long_is_refused_not_cut() -> None:
    assert clean_text("a" * 10, limit=10) == "a" * 10
    for length in (11, 100_000):
        with pytest.raises(BadInput) as refused:
            clean_text("a" * length, limit=10, field="name")
        assert (refused.value.code, refused.value.field) == ("text.too-long", "name")


def test_spaces_around_do_not_count() -> None:
    assert clean_text(" " * 900 + "ok", limit=2) == "ok"


@given(anything, st.booleans())
def test_what_is_cleaned_is_safe_and_stays_as_it_is(typed: str, lines: bool) -> None:
    once = clean_text(typed, limit=1000, lines=lines)
    assert clean_text(once, limit=1000, lines=lines) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not set(once) & set(BIDI)
    once.encode("utf-8")
    allowed = {"\n"} if lines else set()
    assert {character for character in once if unicodedata.category(character) == "Cc"} <= allowed


@given(st.text(st.characters(whitelist_categories=["L", "N", "P"]), max_size=50))
def test_ordinary_text_loses_nothing(typed: str) -> None:
    assert clean_text(typed, limit=1000) == unicodedata.normalize("NFC", typed)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ali Hassan", "Аli Наssаn"),  # Cyrillic
        ("Ali Hassan", "ΑLI HΑSSΑN"),  # Greek capitals
        ("Ali Hassan", "ali  hassan."),
        ("Ali Hassan", "Dr. Ali Hassan"),
        ("Ali Hassan", "A1i Hassan"),
        ("Ali Hassan", "Álì Hāssan"),
        ("Ali Hassan", "Ali\u200b Has\u200dsan"),
        ("Ali Hassan", "Ａｌｉ Ｈａｓｓａｎ"),
        ("Noor", "N00r"),
        ("Karim", "Karirn"),
        ("أحمد علي", "احمد على"),  # hamza on alef, alef maqsura
        ("أحمد", "آحمد"),
        ("أحمد", "ٱحمد"),
        ("محمد", "محـــمد"),  # tatweel
        ("محمد", "مُحَمَّد"),  # diacritics
        ("كريم", "کریم"),  # Persian kaf and yeh
        ("فاطمة", "فاطمه"),
        ("أحمد علي", "د. أحمد علي"),
        ("أحمد علي", "الدكتور أحمد علي"),
        ("قاعة ٣", "قاعة 3"),
        ("قاعة ٣", "قاعة ۳"),
        ("محمد", "ﻣﺤﻤﺪ"),  # presentation forms
    ],
)
def test_names_that_look_alike(name: str, other: str) -> None:
    assert looks_like(name, ["Somebody Else", other]) == other
    assert looks_like(other, [name]) == name


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ali Hassan", "Ali Hussain"),
        ("Ali Hassan", "Ali Hassan Jabir"),
        ("أحمد علي", "أحمد عالي"),
        ("سعيد", "سعد"),
        ("Sara", "سارة"),
        ("", ""),
        ("…", "—"),
    ],
)
def test_names_that_differ(name: str, other: str) -> None:
    assert looks_like(name, [other]) is None


@given(anything)
def test_every_visible_name_looks_like_itself(name: str) -> None:
    assert looks_like(name, [name]) == (name if skeleton(name) else None)


@given(st.text(max_size=60), st.text(max_size=60))
def test_looking_alike_goes_both_ways(one: str, other: str) -> None:
    assert bool(looks_like(one, [other])) == bool(looks_like(other, [one]))
