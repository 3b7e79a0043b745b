"""The checker: the same from whatever side, in whatever order, and after whatever moves."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.plan import (
    Closure,
    Opening,
    Plan,
    PlannedPart,
    PlannedPerson,
    PlannedRoom,
    PlannedSession,
    PlannedType,
    PrayerPlace,
)
from conference.agenda.clashes.problems import Kind, Problem, Severity
from conference.agenda.tables import SessionRole
from tests.agenda.clashes.programme import DR_ALI, at, held, plan

FIRST = at("00:00")
CODES = "ABCDEFGH"
WEEK = 7 * 24 * 60
SUMMER = -9  # weeks from the end of October back into August

spans = st.tuples(st.integers(FIRST, FIRST + 4000), st.integers(1, 3000)).map(lambda one: (one[0], sum(one)))
parts = st.builds(PlannedPart, st.integers(1, 4), st.sampled_from(SessionRole))


def sessions(code: str) -> st.SearchStrategy[PlannedSession]:
    """Anything a draft may hold: unscheduled, over midnight, of no type, in a room that is gone."""
    return st.builds(
        PlannedSession,
        code=st.just(code),
        starts=st.none() | st.integers(FIRST - 600, FIRST + 4000).map(lambda minute: minute // 5 * 5),
        minutes=st.sampled_from([1, 5, 30, 45, 60, 90, 240, 1500, 3000, 20_160]),
        room=st.none() | st.integers(1, 3),
        track=st.none() | st.integers(1, 2),
        type=st.none() | st.integers(1, 3),
        is_break=st.booleans(),
        parts=st.lists(parts, max_size=3).map(tuple),
        sign_ups=st.integers(0, 30),
    )


programmes = st.tuples(*(sessions(code) for code in CODES))
stars = st.dictionaries(st.sampled_from(CODES), st.integers(0, 2**12))
plans = st.builds(
    Plan,
    zone=st.sampled_from(["Asia/Baghdad", "Europe/London", "Nowhere/Never", ""]),
    timeslot=st.sampled_from([0, 5, 15]),
    changeover=st.integers(0, 20),
    walking=st.integers(0, 20),
    first_day=st.just(date(2025, 10, 25)),
    last_day=st.just(date(2025, 10, 27)),
    sessions=programmes,
    rooms=st.dictionaries(
        st.integers(1, 2), st.builds(PlannedRoom, id=st.just(1), capacity=st.none() | st.integers(0, 12))
    ),
    people=st.lists(
        st.builds(
            PlannedPerson,
            id=st.integers(1, 4),
            zone=st.sampled_from(["", "Europe/London", "Mars/Olympus"]),
            is_remote=st.booleans(),
            available=st.lists(spans, max_size=2).map(tuple),
        )
    ).map(lambda people: {one.id: one for one in people}),
    types=st.dictionaries(
        st.integers(1, 2), st.builds(PlannedType, id=st.just(1), minutes=st.integers(1, 90))
    ),
    openings=st.lists(
        st.builds(
            Opening,
            room=st.none() | st.integers(1, 3),
            day=st.dates(date(2025, 10, 25), date(2025, 10, 27)),
            opens=st.integers(0, 1439),
            closes=st.integers(0, 1439),
        ),
        max_size=3,
    ).map(tuple),
    closures=st.lists(
        st.builds(Closure, kind=st.sampled_from(["holiday", "shutdown"]), name=st.just({}), span=spans),
        max_size=2,
    ).map(tuple),
    prayer=st.none() | st.builds(PrayerPlace, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180)),
    stars=stars,
)


def fresh(plan: Plan, now: dict[str, PlannedSession]) -> list[Problem]:
    """The problems of the plan with these sessions instead, from scratch."""
    return Checker(msgspec.structs.replace(plan, sessions=tuple(now.values()))).problems()


@settings(deadline=None, max_examples=60)
@given(plan=plans, data=st.data())
def test_after_any_moves_it_says_what_it_would_say_from_scratch(plan: Plan, data: Any) -> None:
    """And tells with each move exactly what went and what came."""
    checker = Checker(plan)
    now = {one.code: one for one in plan.sessions}
    for _ in range(data.draw(st.integers(1, 4))):
        before = checker.problems()
        moved = data.draw(st.lists(st.sampled_from(CODES), unique=True, min_size=1, max_size=2))
        changed = [data.draw(sessions(code)) for code in moved]
        if data.draw(st.booleans()):
            gone, new = checker.moved(*changed)
            now |= {one.code: one for one in changed}
        else:
            gone, new = checker.removed(*moved)
            for code in moved:
                now.pop(code, None)
        after = checker.problems()
        assert after == fresh(plan, now)
        assert all(one in before and one not in after for one in gone)
        assert all(one in after and one not in before for one in new)
        assert len(after) == len(before) - len(gone) + len(new)


@settings(deadline=None, max_examples=30)
@given(plan=plans, data=st.data())
def test_a_trial_changes_nothing_and_says_what_the_move_would(plan: Plan, data: Any) -> None:
    checker = Checker(plan)
    before = checker.problems()
    moved = [data.draw(sessions(code)) for code in ("A", "Z")]
    tried = checker.trial(*moved)
    assert checker.problems() == before
    assert checker.sessions == {one.code: one for one in plan.sessions}
    assert tried == checker.moved(*moved)


@settings(deadline=None, max_examples=30)
@given(plan=plans, later=stars)
def test_new_stars_are_as_if_they_had_been_there(plan: Plan, later: dict[str, int]) -> None:
    checker = Checker(plan)
    checker.starred(later)
    assert checker.problems() == Checker(msgspec.structs.replace(plan, stars=later)).problems()


@settings(deadline=None, max_examples=40)
@given(plan=plans, order=st.permutations(range(len(CODES))))
def test_the_order_of_the_sessions_changes_nothing(plan: Plan, order: list[int]) -> None:
    """So a clash of two is the same from either side."""
    turned = msgspec.structs.replace(plan, sessions=tuple(plan.sessions[number] for number in order))
    assert Checker(turned).problems() == Checker(plan).problems()


@settings(deadline=None, max_examples=30)
@given(plan=plans, weeks=st.integers(-3, 0))
def test_whole_weeks_within_one_time_of_year_change_nothing(plan: Plan, weeks: int) -> None:
    """Moved with its hours, closures and people's times, in summer, when no clock changes. (Prayers are left
    out: they follow the sun.)"""
    summer = msgspec.structs.replace(plan, prayer=None)
    found = [Checker(moved_by(summer, number)).problems() for number in (SUMMER, SUMMER + weeks)]
    one, other = ([(it.kind, it.sessions, it.people, it.room) for it in problems] for problems in found)
    assert one == other


def moved_by(plan: Plan, weeks: int) -> Plan:
    """The whole programme so many weeks later, with everything that is said about its days."""
    by, days = weeks * WEEK, weeks * 7

    def shifted(span: tuple[int, int]) -> tuple[int, int]:
        return span[0] + by, span[1] + by

    replace = msgspec.structs.replace
    return replace(
        plan,
        sessions=tuple(
            replace(one, starts=None if one.starts is None else one.starts + by) for one in plan.sessions
        ),
        people={
            key: replace(one, available=tuple(map(shifted, one.available)))
            for key, one in plan.people.items()
        },
        openings=tuple(
            replace(one, day=date.fromordinal(one.day.toordinal() + days)) for one in plan.openings
        ),
        closures=tuple(replace(one, span=shifted(one.span)) for one in plan.closures),
    )


@settings(deadline=None, max_examples=40)
@given(held_then=programmes)
def test_room_overlaps_are_exactly_the_overlapping_pairs(held_then: tuple[PlannedSession, ...]) -> None:
    """However long or many: what comparing each with each finds."""
    on = [one for one in held_then if one.starts is not None and one.room is not None]
    pairs = {
        (one.code, other.code)
        for one in on
        for other in on
        if one.code < other.code
        and one.room == other.room
        and not (one.is_break and other.is_break)
        and max(one.starts or 0, other.starts or 0) < min(one.ends, other.ends)
    }
    found = Checker(plan(*held_then)).problems()
    assert {one.sessions for one in found if one.kind is Kind.ROOM_OVERLAP} == pairs


def test_the_gravest_come_first_and_then_the_earliest() -> None:
    checker = Checker(
        plan(
            held("A", "11:00", "12:00", track=1),
            held("B", "11:00", "12:00", room=2, track=1),
            held("C", "10:30", "11:15"),
            held("D", "09:00", "09:15"),
            held("E", "09:00", "09:15"),
        )
    )
    found = checker.problems()
    assert [one.severity for one in found] == [Severity.ERROR, Severity.ERROR, Severity.HINT]
    assert [one.sessions for one in found[:2]] == [("D", "E"), ("A", "C")]


def test_a_problem_keeps_its_name_while_its_numbers_change() -> None:
    checker = Checker(plan(held("A", "09:00", "10:00"), held("B", "09:30", "10:30")))
    (before,) = checker.problems()
    gone, new = checker.moved(held("B", "09:40", "10:40"))
    assert (gone, [one.id for one in new]) == ([before], [before.id])
    assert checker.by_id(before.id) == new[0]
    assert checker.by_id("nothing") is None


def test_a_session_knows_its_own_problems() -> None:
    checker = Checker(
        plan(
            held("A", "09:00", "11:00", people=[DR_ALI]),
            held("B", "11:05", "13:30"),
            held("C", "09:00", "09:30", room=2, people=[DR_ALI]),
        )
    )
    assert [one.kind for one in checker.of("A")] == [Kind.PERSON_OVERLAP, Kind.NO_BREAK]
    assert [one.kind for one in checker.of("C")] == [Kind.PERSON_OVERLAP]
    assert checker.of("nobody") == []
