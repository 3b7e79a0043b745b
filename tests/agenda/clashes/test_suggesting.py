"""Suggestions: they mend what was asked, the best first, and never make an error."""

from __future__ import annotations

import msgspec
import pytest

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.plan import Closure, Opening, PlannedType, PrayerPlace
from conference.agenda.clashes.problems import Kind, Severity, harm_of
from conference.agenda.clashes.suggesting import Act, suggest
from scripts.bench.big_event import Size
from tests.agenda.clashes.big_plan import big_plan
from tests.agenda.clashes.programme import DR_ALI, DR_ZAHRA, SATURDAY, at, held, plan

OPEN = (Opening(room=None, day=SATURDAY, opens=9 * 60, closes=17 * 60),)


def test_of_two_sessions_in_one_room_one_moves_next_door() -> None:
    """At the same time: that unsettles least."""
    checker = Checker(plan(held("A", "09:00", "10:00"), held("B", "09:30", "10:30"), openings=OPEN))
    (problem,) = checker.problems()
    best = suggest(checker, problem)[0]
    assert best.act is Act.MOVE
    assert [(one.starts, one.room) for one in best.moves] == [(at("09:00"), 2)]
    assert (best.gone, best.new, best.remains, best.gain) == ([problem], [], [], 100)


def test_a_day_that_is_only_begun_has_room_for_more_than_what_stands_in_it() -> None:
    """One speaker in two talks at once, no hours given: the one is held before or after the other."""
    checker = Checker(
        plan(
            held("A", "09:00", "10:00", people=[DR_ALI]), held("B", "09:30", "10:30", room=2, people=[DR_ALI])
        )
    )
    (problem,) = checker.problems()
    best = suggest(checker, problem)[0]
    assert (best.act, best.gone, best.new) == (Act.MOVE, [problem], [])


def test_every_suggestion_does_what_it_says() -> None:
    checker = Checker(
        plan(
            held("A", "09:00", "10:00", people=[DR_ALI]),
            held("B", "09:30", "10:30", people=[DR_ALI, DR_ZAHRA]),
            held("C", "11:00", "12:00", room=2, people=[DR_ZAHRA], track=1),
            held("D", "11:00", "12:00", track=1),
            openings=OPEN,
        )
    )
    for problem in checker.problems():
        suggestions = suggest(checker, problem)
        assert suggestions, problem.kind
        for one in suggestions:
            before = checker.problems()
            was = [checker.sessions[move.code] for move in one.moves]
            checker.moved(*one.moves)
            after = checker.problems()
            assert problem.key not in {left.key for left in after}
            assert harm_of(before) - harm_of(after) == one.gain > 0
            assert {left.key for left in after if left.severity is Severity.ERROR} <= {
                left.key for left in before
            }
            assert one.remains == [
                left for left in after if {move.code for move in one.moves} & set(left.sessions)
            ]
            checker.moved(*was)


def test_where_nothing_is_free_two_sessions_change_places() -> None:
    """A full day in two small rooms: the talk for many must swap with one for few."""
    day = (Opening(room=None, day=SATURDAY, opens=9 * 60, closes=11 * 60),)
    checker = Checker(
        plan(
            held("BIG", "09:00", "10:00", room=2, sign_ups=40),
            held("P", "10:00", "11:00", room=2),
            held("Q", "09:00", "10:00", room=1),
            held("R", "10:00", "11:00", room=1),
            held("S", "09:00", "10:00", room=3),
            held("T", "10:00", "11:00", room=3),
            openings=day,
            changeover=0,
        )
    )
    (problem,) = checker.problems()
    best = suggest(checker, problem)[0]
    assert best.act is Act.SWAP
    assert {one.code: one.room for one in best.moves} in ({"BIG": 1, "Q": 2}, {"BIG": 3, "S": 2})
    assert best.moves[0].starts == at("09:00")


def test_a_session_longer_than_its_type_is_shortened() -> None:
    talk = {3: PlannedType(id=3, name={"en": "Talk"}, minutes=30)}
    checker = Checker(plan(held("A", "09:00", "09:45", type=3), types=talk))
    (best,) = suggest(checker, checker.problems()[0])
    assert (best.act, best.moves[0].minutes) == (Act.SHORTEN, 30)


def test_a_session_leaves_the_hours_of_an_announced_shutdown() -> None:
    exam = Closure(kind="shutdown", name={}, span=(at("09:00"), at("10:00")))
    checker = Checker(plan(held("A", "09:00", "10:00"), closures=(exam,), openings=OPEN))
    best = suggest(checker, checker.problems()[0])[0]
    assert best.moves[0].starts == at("10:00")


def test_a_long_sitting_is_broken_up() -> None:
    checker = Checker(
        plan(
            held("A", "09:00", "10:30"),
            held("B", "10:35", "12:00"),
            held("C", "12:05", "13:00"),
            openings=OPEN,
        )
    )
    (problem,) = checker.problems()
    assert problem.kind is Kind.NO_BREAK
    assert suggest(checker, problem)[0].gain == 1


def test_nobody_is_sent_where_they_cannot_be() -> None:
    """Every slot in reach is an error for somebody: then there is nothing to suggest."""
    people = {DR_ALI: msgspec.structs.replace(plan().people[DR_ALI], available=((at("09:00"), at("10:00")),))}
    checker = Checker(
        plan(
            held("A", "09:00", "10:00", people=[DR_ALI]),
            held("B", "09:00", "10:00", room=2, people=[DR_ALI]),
            people=people,
            openings=OPEN,
        )
    )
    problem = next(one for one in checker.problems() if one.kind is Kind.PERSON_OVERLAP)
    assert suggest(checker, problem) == []


@pytest.mark.parametrize("zone", ["Asia/Baghdad", "Nowhere/Never"])
def test_odd_drafts_get_suggestions_or_none_but_no_failure(zone: str) -> None:
    checker = Checker(
        plan(
            held("A", "09:00", "33:00", room=None, people=[DR_ALI]),
            held("B", "23:00", "26:00", room=9, people=[DR_ALI]),
            held("C", "09:00", "10:00", is_break=True),
            held("D", "09:30", "10:00"),
            held("E", None),
            rooms={},
            timeslot=0,
            zone=zone,
        )
    )
    for problem in checker.problems():
        suggest(checker, problem)


def test_a_large_event_gets_suggestions_for_every_kind_of_problem() -> None:
    """None adds an error, each mends its problem, and trying them leaves the programme as it was."""
    place = PrayerPlace(latitude=32.6, longitude=44.0)
    checker = Checker(
        msgspec.structs.replace(big_plan(Size(sessions=200, rooms=4, people=200)), prayer=place)
    )
    problems = checker.problems()
    first = {one.kind: one for one in reversed(problems)}
    assert {Kind.ROOM_OVERLAP, Kind.PERSON_OVERLAP, Kind.PRAYER, Kind.SAME_TRACK} <= set(first)
    for problem in first.values():
        for one in suggest(checker, problem):
            known = {was.key for was in one.gone}
            assert problem.key in known - {left.key for left in one.new}
            assert not [left for left in one.new if left.severity is Severity.ERROR and left.key not in known]
            assert one.gain == harm_of(one.gone) - harm_of(one.new) > 0
    assert checker.problems() == problems
