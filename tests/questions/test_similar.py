"""Questions that seem to ask the same, in Arabic and in English, and quickly among a thousand."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.questions.similar import ALIKE, most_alike, stem, stems
from conference.serving.arabic import normalised

ASKED = [
    "What is the maximum dose of metformin in renal failure?",
    "ما هي الجرعة القصوى للميتفورمين عند القصور الكلوي؟",
    "How long should antibiotics be given after surgery?",
    "كم يوما نعطي المضادات الحيوية بعد العملية الجراحية؟",
    "Is aspirin safe in pregnancy?",
    "هل الأسبرين آمن أثناء الحمل؟",
    "When will the slides be available?",
    "متى تتوفر شرائح المحاضرة؟",
]


def alike(text: str) -> list[str]:
    others = {asked: normalised(asked) for asked in ASKED}
    return [asked for asked, _ in most_alike(normalised(text), others)]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("maximum metformin doses in a patient with renal failure", ASKED[0]),
        ("ماهي جرعه الميتفورمين القصوي في القصور الكلوى", ASKED[1]),
        ("For how long do we give antibiotics after a surgery", ASKED[2]),
        ("كم يوم نعطي مضادات حيوية بعد العمليات الجراحيه", ASKED[3]),
        ("aspirin in pregnancy: safe or not?", ASKED[4]),
        ("هل اسبرين امن في الحمل", ASKED[5]),
        ("Will slides be available", ASKED[6]),
        ("متى نحصل على شرائح المحاضرات", ASKED[7]),
    ],
)
def test_same_question_in_other_words_is_proposed_first(text: str, same: str) -> None:
    assert alike(text)[:1] == [same]


@pytest.mark.parametrize(
    "text",
    [
        "Is there a break now?",
        "هل توجد استراحة الآن؟",
        "What is it?",
        "ما هو؟",
        "",
        "؟؟؟",
        "Thank you, doctor!",
    ],
)
def test_other_questions_are_not_proposed(text: str) -> None:
    assert alike(text) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("الجرعات", "جرعه"),
        ("والمريضة", "مريض"),
        ("doses", "dose"),
        ("بالمضادات", "مضادات"),
        ("bleeding", "bleed"),
    ],
)
def test_bent_words_share_a_stem(one: str, other: str) -> None:
    assert stem(normalised(one)) == stem(normalised(other))


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=8))
def test_scores_are_ordered_bounded_and_whole_for_the_same_text(text: str, others: list[str]) -> None:
    plain = {number: normalised(other) for number, other in enumerate(others)}
    found = most_alike(normalised(text), plain)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(ALIKE <= score <= 1.000001 for score in scores)
    if stems(normalised(text)):
        (best,) = most_alike(normalised(text), {0: normalised(text)})
        assert best[1] > 0.999


def test_thousand_questions_are_compared_in_a_blink() -> None:
    """In this process's own time, with room for a slow machine."""
    words = [word for asked in ASKED for word in asked.split()]
    others = {
        number: normalised(" ".join(words[(number * 7 + step * step) % len(words)] for step in range(15)))
        for number in range(1000)
    }
    began = time.process_time()
    most_alike(normalised(ASKED[1]), others)
    assert time.process_time() - began < 1
