"""What a person is told is the difference between their own two agendas: no more and no less.

The agenda here is written down again in the plainest way, as lines a person could read, and compared.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.releasing.change_log import Kind
from conference.agenda.releasing.concerns import (
    Agendas,
    Circle,
    Concern,
    Tie,
    Ties,
    concerned,
    overlaps,
)
from conference.agenda.rows import SessionDetails, SessionRow
from conference.agenda.tables import SessionRole
from tests.agenda.releasing.programmes import CODES, DAWN, PEOPLE, held_session, parts_of, programmes

ACCOUNTS = (101, 102, 103)

circles = st.builds(
    Circle,
    st.dictionaries(st.sampled_from([person.id for person in PEOPLE]), st.sampled_from(ACCOUNTS), max_size=4),
    st.dictionaries(
        st.sampled_from(CODES),
        st.dictionaries(
            st.sampled_from(ACCOUNTS),
            st.frozensets(st.sampled_from([Tie.STAR, Tie.SIGN_UP, Tie.CHAIR]), min_size=1),
        ),
    ),
)


def ties_of(session: SessionRow, account: int, circle: Circle) -> Ties:
    mine = {Tie(part.role.value) for part in session.parts if circle.persons.get(part.person.id) == account}
    return frozenset(mine | circle.marks.get(session.code, {}).get(account, frozenset()))


def agenda(sessions: list[SessionDetails], account: int, circle: Circle) -> dict[str, SessionDetails]:
    return {one.code: one for one in sessions if not one.is_cancelled and ties_of(one, account, circle)}


def shown(session: SessionRow, *, listening: bool) -> tuple[object, ...]:
    """A line of an agenda. Who only listens sees the speakers; who takes part, everybody and the title."""
    speakers = {part.person.id for part in session.parts if part.role is SessionRole.SPEAKER}
    line = (
        session.starts_at,
        session.minutes,
        session.room.id if session.room else None,
        frozenset(speakers),
    )
    everybody = frozenset((part.person.id, part.role) for part in session.parts)
    return line if listening else (*line, everybody, session.title["en"])


@given(programmes(), programmes(), circles)
def test_a_person_is_told_exactly_what_differs_between_their_two_agendas(
    before: list[SessionDetails], after: list[SessionDetails], circle: Circle
) -> None:
    told = concerned(before, after, circle)
    for account in ACCOUNTS:
        was, now = agenda(before, account, circle), agenda(after, account, circle)
        expected = set()
        for code in was.keys() | now.keys():
            if code not in was or code not in now:
                expected.add(code)
                continue
            ties = ties_of(was[code], account, circle) | ties_of(now[code], account, circle)
            listening = ties <= {Tie.STAR, Tie.SIGN_UP}
            if shown(was[code], listening=listening) != shown(now[code], listening=listening):
                expected.add(code)
        assert {concern.code for concern in told.get(account, [])} == expected


@given(programmes(), programmes(), circles)
def test_what_a_person_is_told_leads_from_one_agenda_to_the_other(
    before: list[SessionDetails], after: list[SessionDetails], circle: Circle
) -> None:
    told = concerned(before, after, circle)
    for account in ACCOUNTS:
        reached = {code: one.starts_at for code, one in agenda(before, account, circle).items()}
        for concern in told.get(account, []):
            assert reached.get(concern.code) == (concern.before and concern.before.starts_at)
            reached.pop(concern.code, None)
            if concern.after is not None:
                reached[concern.code] = concern.after.starts_at
        assert reached == {code: one.starts_at for code, one in agenda(after, account, circle).items()}


@given(programmes(), circles)
def test_everybodys_agendas_at_once_are_those_of_each(sessions: list[SessionDetails], circle: Circle) -> None:
    everybody = Agendas(sessions, circle)
    for account in ACCOUNTS:
        assert {one.code for one in everybody.of(account)} == set(agenda(sessions, account, circle))


def only(concerns: list[Concern]) -> Concern:
    (one,) = concerns
    return one


def test_a_new_chair_is_welcomed_and_the_old_one_told_and_listeners_left_in_peace() -> None:
    before = [held_session("AAAAAA", parts=parts_of({0: SessionRole.CHAIR}))]
    after = [held_session("AAAAAA", parts=parts_of({1: SessionRole.CHAIR}))]
    circle = Circle({PEOPLE[0].id: 1, PEOPLE[1].id: 2}, {"AAAAAA": {3: frozenset({Tie.STAR})}})
    told = concerned(before, after, circle)
    assert only(told[1]).kinds == (Kind.LEFT,)
    assert only(told[2]).kinds == (Kind.JOINED,)
    assert 3 not in told


def test_two_starred_sessions_that_move_onto_each_other_clash() -> None:
    one, other = held_session("AAAAAA"), held_session("BBBBBB", starts_at=DAWN + timedelta(hours=1))
    moved = held_session("BBBBBB", starts_at=DAWN + timedelta(minutes=15))
    starred = {1: frozenset({Tie.STAR})}
    circle = Circle({}, {"AAAAAA": starred, "BBBBBB": starred})
    agendas = Agendas([one, moved], circle)
    assert agendas.new_clashes(1, concerned([one, other], [one, moved], circle)[1]) == [(one, moved)]
    assert agendas.new_clashes(1, []) == []


@given(programmes(), programmes(), circles)
def test_what_a_person_is_told_to_clash_overlaps_after_the_change_and_did_not_before(
    before: list[SessionDetails], after: list[SessionDetails], circle: Circle
) -> None:
    told = concerned(before, after, circle)
    for account in ACCOUNTS:
        was, now = agenda(before, account, circle), agenda(after, account, circle)
        known = {frozenset((one.code, other.code)) for one, other in overlaps(was.values())}
        found = Agendas(after, circle).new_clashes(account, told.get(account, []))
        assert {frozenset((one.code, other.code)) for one, other in found} == {
            frozenset((one.code, other.code)) for one, other in overlaps(now.values())
        } - known


@given(programmes())
def test_overlaps_are_all_pairs_that_share_a_moment(sessions: list[SessionDetails]) -> None:
    found = {frozenset((one.code, other.code)) for one, other in overlaps(sessions)}
    assert found == {
        frozenset((one.code, other.code))
        for one in sessions
        for other in sessions
        if one.code < other.code and one.starts_at < other.ends_at and other.starts_at < one.ends_at
    }
