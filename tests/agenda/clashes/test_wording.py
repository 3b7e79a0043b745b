"""What a problem says: in both languages, with Arabic's six plurals, safe with any name."""

from __future__ import annotations

import pytest

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.plan import Closure, Opening, Plan, PlannedPerson, PlannedType, PrayerPlace
from conference.agenda.clashes.problems import Kind
from conference.agenda.clashes.proposals import outcome, proposal
from conference.agenda.clashes.suggesting import Act, suggest
from conference.agenda.clashes.wording import sentence
from conference.agenda.clashes.words import FSI, PDI, LinkedWords, Words
from tests.agenda.clashes.programme import DR_ALI, SATURDAY, at, held, plan


def said(plan: Plan, lang: str = "en") -> list[str]:
    """Every sentence about the plan, without the marks that set names apart."""
    checker = Checker(plan)
    words = Words(checker, lang)
    return [sentence(words, one).replace(FSI, "").replace(PDI, "") for one in checker.problems()]


def crowded() -> Plan:
    """One programme that breaks every rule."""
    parts = [DR_ALI]
    stars = {"A": (1 << 120) - 1, "B": (1 << 120) - 1}
    return plan(
        held("A", "11:00", "12:00", people=parts, track=1, type=1, sign_ups=101),
        held("B", "11:30", "12:30", room=2, people=parts, track=1, sign_ups=11),
        held("C", "11:50", "12:30"),
        held("D", "12:32", "15:10"),
        held("E", "12:32", "13:00", room=3, people=parts),
        tracks={1: {"en": "Skills", "ar": "المهارات"}},
        types={1: PlannedType(id=1, name={"en": "Talk", "ar": "محاضرة"}, minutes=30)},
        people={
            DR_ALI: PlannedPerson(
                id=DR_ALI, code="ALI", name={"en": "Dr Ali", "ar": "د. علي"},
                available=((at("08:00"), at("11:30")),),
            )
        },
        openings=(Opening(room=1, day=SATURDAY, opens=9 * 60, closes=15 * 60),),
        closures=(
            Closure(kind="holiday", name={"en": "Eid", "ar": "العيد"}, span=(at("00:00"), at("24:00"))),
            Closure(kind="shutdown", name={"en": "Exams", "ar": "امتحانات"}, span=(at("12:00"), at("14:00"))),
        ),
        prayer=PrayerPlace(latitude=32.6, longitude=44.02),
        stars=stars,
    )  # fmt: skip


def at_night() -> Plan:
    people = {DR_ALI: PlannedPerson(id=DR_ALI, name={"en": "Dr Ali"}, zone="Europe/London", is_remote=True)}
    return plan(held("A", "09:00", "10:00", day=1, people=[DR_ALI]), people=people)


def test_every_rule_has_its_sentence_in_english() -> None:
    sentences = said(crowded()) + said(at_night())
    for expected in (
        "Session A and Session C are both in Hall for 10 minutes.",
        "Dr Ali is in two places at once: in Session A as speaker and in Session B as speaker.",
        "Dr Ali is not available for all of Session A.",
        "Hall is not open for all of Session D.",
        "101 people signed up for Session A, and Hall seats 100.",
        "Hall has 2 min between Session C and Session D; changing over takes 5 min.",
        "Dr Ali has 2 min to get from Session B to Session E in another room; it takes 5 min.",
        "120 people starred both Session A and Session B, which are on at the same time.",
        "It is night where Dr Ali is: Session A lasts from 06:00 to 07:00 in London.",
        "The Dhuhr prayer is called at 11:48, during Session A or just before it.",
        "Session A is on a public holiday (Eid).",
        "The network is announced to be shut down from 12:00 to 14:00 (Exams), during Session B.",
        "120 people starred Session A, and Hall seats 100.",
        "Session A and Session B, both of the track Skills, are on at the same time.",
        "Session A lasts 1 hr; a session of the type Talk has 30 min.",
        "Hall has no break for 4 hr 10 min, from Session A to Session D.",
    ):
        assert expected in sentences


def test_the_crowded_programme_breaks_every_rule_there_is() -> None:
    found = {one.kind for each in (crowded(), at_night()) for one in Checker(each).problems()}
    assert found == set(Kind)


def test_every_rule_has_its_sentence_in_arabic() -> None:
    sentences = said(crowded(), "ar") + said(at_night(), "ar")
    assert len(set(sentences)) == len(sentences)
    for one in sentences:
        assert "%(" not in one
        letters = [letter for letter in one if letter.isascii() and letter.isalpha()]
        assert set("".join(letters)) <= set("DrAliABCDE"), one  # nothing but names stayed English


@pytest.mark.parametrize(
    ("people", "words"),
    [(101, "سجّل 101 شخص"), (102, "سجّل 102 شخص"), (103, "سجّل 103 أشخاص"), (111, "سجّل 111 شخصًا")],
)
def test_arabic_counts_people_by_its_own_plurals(people: int, words: str) -> None:
    (one,) = said(plan(held("A", "09:00", "10:00", sign_ups=people)), "ar")
    assert one.startswith(words)


def test_one_and_two_minutes_are_words_in_arabic() -> None:
    for end, words in (("09:01", "مدة دقيقة واحدة"), ("09:02", "مدة دقيقتين"), ("09:03", "مدة 3 دقائق")):
        (one,) = said(plan(held("A", "08:00", end), held("B", "09:00", "10:00")), "ar")
        assert words in one


def test_names_stand_apart_from_the_sentence() -> None:
    """A Latin title in an Arabic sentence moves nothing around it: it stands between isolates."""
    checker = Checker(plan(held("A", "09:00", "10:00"), held("B", "09:30", "10:30", title={"en": "C++ (2)"})))
    assert f"{FSI}C++ (2){PDI}" in sentence(Words(checker, "ar"), checker.problems()[0])


def test_on_a_page_names_are_links_and_never_markup() -> None:
    bad = held("B", "09:30", "10:30", title={"en": "<script>alert(1)</script> 100% %(one)s"})
    checker = Checker(plan(held("A", "09:00", "10:00"), bad))
    html = sentence(LinkedWords(checker, "en", "karbala"), checker.problems()[0])
    assert '<a href="/karbala/organize/sessions/A"><bdi>Session A</bdi></a>' in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 100% %(one)s" in html
    assert "<script>" not in html
    arabic = sentence(LinkedWords(checker, "ar", "karbala"), checker.problems()[0])
    assert '<bdi lang="en" dir="ltr">&lt;script&gt;' in arabic


def test_what_is_gone_has_a_name_all_the_same() -> None:
    """A room or person deleted a moment ago, a session without a title: a sentence, never a failure."""
    people = [99]
    sentences = said(
        plan(
            held("A", "09:00", "10:00", room=9, title={}, people=people),
            held("B", "09:30", "10:30", room=9, title={}, people=people),
        )
    )
    assert sentences == [
        "somebody is in two places at once: in A as speaker and in B as speaker.",
        "A and B are both in no room for 30 minutes.",
    ]


def test_a_suggestion_says_what_to_do_and_what_remains() -> None:
    hours = tuple(Opening(room=None, day=SATURDAY, opens=9 * 60, closes=12 * 60) for _ in "1")
    checker = Checker(plan(held("A", "09:00", "10:00"), held("B", "09:30", "10:30"), openings=hours))
    words = Words(checker, "en")
    told = [
        (proposal(words, one).replace(FSI, "").replace(PDI, ""), outcome(words, one))
        for one in suggest(checker, checker.problems()[0])
    ]
    assert told[0] == (
        "Move Session A to Lab, at the same time.",
        "This solves 1 problem. Nothing remains.",
    )
    assert all(text.startswith("Move Session ") for text, _ in told)


def test_a_swap_names_where_both_are_now() -> None:
    checker = Checker(
        plan(
            held("A", "09:00", "10:00", room=2, sign_ups=40),
            held("B", "10:00", "11:00", day=1, room=3),
            openings=(Opening(room=None, day=SATURDAY, opens=9 * 60, closes=10 * 60),),
        )
    )
    swap = next(one for one in suggest(checker, checker.problems()[0]) if one.act is Act.SWAP)
    english = proposal(Words(checker, "en"), swap).replace(FSI, "").replace(PDI, "")
    assert english == "Swap Session A (Sat 25 Oct, 09:00, Lab) and Session B (Sun 26 Oct, 10:00, Online)."
