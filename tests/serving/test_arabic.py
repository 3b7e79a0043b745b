"""One spelling for what people mean to be the same: Arabic and English, whatever the device typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.serving.arabic import normalised, words_of

ARABIC = st.text(st.characters(min_codepoint=0x600, max_codepoint=0x6FF), max_size=40)
FORMS = st.text(
    st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFC, exclude_categories=["Cn"]), max_size=20
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("إلى", "الي"),  # alef with hamza below, alef maqsura
        ("أدوية", "ادويه"),  # hamza above, ta marbuta
        ("آلام", "الام"),  # madda
        ("ٱلقلب", "القلب"),  # wasla
        ("مُضَادّات", "مضادات"),  # vowel signs, shadda
        ("جـــرعة", "جرعه"),  # tatweel
        ("مسؤول", "مسوول"),
        ("رئة", "ريه"),
        ("دواء", "دوا"),
        ("٥٠٠ ملغ", "500 ملغ"),
        ("۵۰۰", "500"),  # Persian digits
        ("ﻣﺮﺽ ﺍﻟﺴﻜﺮﻱ", "مرض السكري"),  # presentation forms
        ("کلی", "كلي"),  # a Persian keyboard
        ("What is the Dose?!", "what  is the dose"),
        ("naïve Café", "naive cafe"),
        ("a\u200bb\u202ec", "abc"),  # invisible characters
        ("سؤال،آخر؟", "سوال اخر"),
    ],
)
def test_spellings_of_the_same_words_meet(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), [("قلب", "كلب"), ("5", "50"), ("2.5 mg", "25 mg"), ("سكر", "شكر")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text(max_size=60) | ARABIC | FORMS)
def test_plain_form_is_plain_and_final(text: str) -> None:
    plain = normalised(text)
    assert normalised(plain) == plain
    assert plain == " ".join(plain.split())
    assert all(letter == " " or unicodedata.category(letter)[0] in "LN" for letter in plain)
    assert not [letter for letter in plain if unicodedata.category(letter) == "Nd" and not letter.isascii()]
    assert words_of(text) == plain.split()


@given(ARABIC)
def test_composition_and_case_change_nothing(text: str) -> None:
    assert normalised(unicodedata.normalize("NFD", text)) == normalised(unicodedata.normalize("NFC", text))
