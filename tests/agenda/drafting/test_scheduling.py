"""What each act does to the draft, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_log import Done
from conference.agenda.drafting.shown_session import DraftSession
from conference.agenda.tables import SessionKind, SessionRole, SessionState
from conference.errors import BadInput, Conflict, MajlisError, NotFound
from tests.agenda.drafting.desk import LATER, LUNCH, TALKS, Desk, desk

ONE, TWO, THREE = TALKS


@pytest.fixture
def at() -> Iterator[Desk]:
    with desk() as made:
        yield made


def after(done: Done, code: str) -> DraftSession:
    """The session after the act."""
    found = next(change.after for change in done.changes if change.code == code)
    assert found is not None
    return found


def made(done: Done) -> list[DraftSession]:
    """The sessions the act made."""
    return [change.after for change in done.changes if change.before is None and change.after is not None]


def clock(session: DraftSession) -> str:
    return f"{session.starts_at:%d %H:%M}" if session.starts_at else ""


def test_placing_gives_time_room_and_length_at_once(at: Desk) -> None:
    place = acts.Place(session=LATER, edition=0, starts_at="2025-10-26T10:00", room="lab", minutes=20)
    placed = after(at.do(place), LATER)
    assert (clock(placed), placed.room, placed.minutes, placed.edition) == ("26 07:00", "lab", 20, 1)


def test_a_session_that_moves_keeps_its_room_and_length_unless_told(at: Desk) -> None:
    moved = after(at.do(acts.Place(session=ONE, edition=0, starts_at="2025-10-25T16:30+03:00")), ONE)
    assert (clock(moved), moved.room, moved.minutes) == ("25 13:30", "hall", 60)


def test_a_session_with_a_time_needs_a_room_and_a_break_does_not(at: Desk) -> None:
    with pytest.raises(BadInput) as refused:
        at.do(acts.Place(session=LATER, edition=0, starts_at="2025-10-26T10:00"))
    assert refused.value.field == "room"
    lunch = after(at.do(acts.Place(session=LUNCH, edition=0, starts_at="2025-10-26T12:00", room=None)), LUNCH)
    assert (clock(lunch), lunch.room) == ("26 09:00", None)


def test_unscheduling_takes_the_time_and_nothing_else(at: Desk) -> None:
    taken = after(at.do(acts.Unschedule(session=ONE, edition=0)), ONE)
    assert (taken.starts_at, taken.room, [one.code for one in taken.people]) == (None, "hall", ["ZAHRA1"])


def test_a_new_session_lasts_as_its_type_does(at: Desk) -> None:
    title = {"ar": "ورشة", "en": "A workshop"}
    (new,) = made(at.do(acts.Create(title=title, type="lecture", people=[acts.PartIn("ALI111")])))
    assert (new.title, new.minutes, new.starts_at, new.edition) == (title, 45, None, 0)
    assert [(one.code, one.role) for one in new.people] == [("ALI111", SessionRole.SPEAKER)]


def test_editing_keeps_the_languages_it_does_not_mention(at: Desk) -> None:
    edited = after(at.do(acts.Edit(session=ONE, edition=0, title={"ar": "محاضرة"})), ONE)
    assert edited.title == {"ar": "محاضرة", "en": "Talk01"}
    edited = after(at.do(acts.Edit(session=ONE, edition=1, title={"en": ""})), ONE)
    assert edited.title == {"ar": "محاضرة"}


def test_interpreters_and_technicians_take_part_too(at: Desk) -> None:
    people = [acts.PartIn("ALI111", SessionRole.INTERPRETER), acts.PartIn("NOOR11", SessionRole.TECHNICIAN)]
    edited = after(at.do(acts.Edit(session=ONE, edition=0, people=people)), ONE)
    assert [(one.code, one.role) for one in edited.people] == [(each.code, each.role) for each in people]


def test_a_break_is_copied_to_every_other_room(at: Desk) -> None:
    at.do(acts.Place(session=LUNCH, edition=0, starts_at="2025-10-25T12:00", room="hall"))
    copies = made(at.do(acts.Copy(session=LUNCH, edition=1, rooms="all")))
    assert [one.room for one in copies] == ["lab", "library"]
    assert {clock(one) for one in copies} == {"25 09:00"}
    assert {one.kind for one in copies} == {SessionKind.BREAK}
    assert len({LUNCH, *(one.code for one in copies)}) == 3


def test_a_copy_without_a_place_waits_to_be_scheduled(at: Desk) -> None:
    (copy,) = made(at.do(acts.Copy(session=ONE, edition=0)))
    assert (copy.starts_at, copy.title, [one.code for one in copy.people]) == (
        None,
        {"en": "Talk01"},
        ["ZAHRA1"],
    )


def test_splitting_makes_a_second_part_after_the_pause(at: Desk) -> None:
    done = at.do(acts.Split(session=ONE, edition=0, minutes=25, pause=10))
    first, (second,) = after(done, ONE), made(done)
    assert (first.minutes, second.minutes, clock(second), second.room) == (25, 25, "25 06:35", "hall")


def test_what_was_split_merges_into_what_it_was(at: Desk) -> None:
    before = at.draft()
    (second,) = made(at.do(acts.Split(session=ONE, edition=0, minutes=20)))
    at.do(acts.Merge(session=ONE, edition=1, other=second.code, other_edition=0))
    assert at.draft() == before


def test_merging_loses_no_word_and_no_person(at: Desk) -> None:
    done = at.do(acts.Merge(session=ONE, edition=0, other=TWO, other_edition=0))
    whole = after(done, ONE)
    assert (clock(whole), whole.minutes) == ("25 06:00", 120)
    assert [one.code for one in whole.people] == ["ZAHRA1", "ALI111"]
    assert [change.code for change in done.changes if change.after is None] == [TWO]
    abstract = at.details(ONE).abstract
    assert abstract == {"en": "What it is about\n\nTalk02"}


def test_sessions_of_different_rooms_do_not_merge(at: Desk) -> None:
    at.do(acts.Place(session=TWO, edition=0, starts_at="2025-10-25T10:00", room="lab"))
    with pytest.raises(BadInput) as refused:
        at.do(acts.Merge(session=ONE, edition=0, other=TWO, other_edition=1))
    assert refused.value.field == "other"


def test_cancelling_and_restoring(at: Desk) -> None:
    assert after(at.do(acts.Cancel(session=ONE, edition=0)), ONE).state is SessionState.CANCELLED
    assert after(at.do(acts.Restore(session=ONE, edition=1)), ONE).state is SessionState.CONFIRMED


def test_what_is_so_already_is_no_edit(at: Desk) -> None:
    done = at.do(acts.Restore(session=ONE, edition=0))
    assert (done.edit, done.changes, at.edition(ONE)) == (None, [], 0)


def test_two_sessions_swap_place_and_keep_their_length(at: Desk) -> None:
    at.do(acts.Place(session=TWO, edition=0, starts_at="2025-10-26T10:00", room="lab", minutes=15))
    done = at.do(acts.Swap(one=ONE, one_edition=0, other=TWO, other_edition=1))
    one, two = after(done, ONE), after(done, TWO)
    assert (clock(one), one.room, one.minutes) == ("26 07:00", "lab", 60)
    assert (clock(two), two.room, two.minutes) == ("25 06:00", "hall", 15)


def test_shifting_moves_the_rest_of_the_rooms_day(at: Desk) -> None:
    at.do(acts.Place(session=LATER, edition=0, starts_at="2025-10-26T10:00", room="hall"))
    done = at.do(acts.Shift(room="hall", from_at="2025-10-25T10:00", minutes=12))
    assert {change.code: clock(after(done, change.code)) for change in done.changes} == {
        TWO: "25 07:12",
        THREE: "25 08:12",
    }


def test_shifting_can_stretch_what_is_on(at: Desk) -> None:
    done = at.do(acts.Shift(room="hall", from_at="2025-10-25T09:30", minutes=12, stretch=True))
    assert (clock(after(done, ONE)), after(done, ONE).minutes) == ("25 06:00", 72)
    assert clock(after(done, TWO)) == "25 07:12"


def test_cancelled_sessions_are_not_shifted(at: Desk) -> None:
    at.do(acts.Cancel(session=TWO, edition=0))
    done = at.do(acts.Shift(room="hall", from_at="2025-10-25T09:00", minutes=5))
    assert [change.code for change in done.changes] == [ONE, THREE]


def test_a_shift_is_refused_when_something_unseen_is_in_its_way(at: Desk) -> None:
    shift = acts.Shift(room="hall", from_at="2025-10-25T09:00", minutes=5, editions={ONE: 0, TWO: 0})
    with pytest.raises(Conflict) as refused:
        at.do(shift)
    assert refused.value.details == {"sessions": [THREE]}
    at.do(replace(shift, editions={ONE: 0, TWO: 0, THREE: 0}))


def test_deleting_removes_what_nobody_knows_yet(at: Desk) -> None:
    done = at.do(acts.Delete(session=LATER, edition=0))
    assert [(change.code, change.after) for change in done.changes] == [(LATER, None)]
    with pytest.raises(NotFound):
        at.do(acts.Cancel(session=LATER, edition=0))


def test_what_somebody_starred_can_only_be_cancelled(at: Desk) -> None:
    at.star(ONE)
    at.star(TWO)
    with pytest.raises(Conflict) as refused:
        at.do(acts.Delete(session=ONE, edition=0))
    assert refused.value.code == "agenda.kept"
    done = at.do(acts.Merge(session=ONE, edition=0, other=TWO, other_edition=0))
    assert after(done, TWO).state is SessionState.CANCELLED


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (acts.Edit(session=ONE, edition=0, title={"en": "x" * 10_000}), "title"),
        (acts.Edit(session=ONE, edition=0, title={"en": " \u202e\u2066 "}), "title"),
        (acts.Edit(session=ONE, edition=0, title={"": "x"}), "title"),
        (
            acts.Edit(session=ONE, edition=0, title={f"a{chr(97 + n % 26)}-{n:04}": "x" for n in range(99)}),
            "title",
        ),
        (acts.Edit(session=ONE, edition=0, abstract={"en": "x" * 100_001}), "abstract"),
        (acts.Edit(session=ONE, edition=0, notes="x" * 100_001), "notes"),
        (acts.Edit(session=ONE, edition=0, language="English"), "language"),
        (acts.Edit(session=ONE, edition=0, room="cellar"), "room"),
        (acts.Edit(session=ONE, edition=0, room=None), "room"),
        (acts.Edit(session=ONE, edition=0, track="nothing"), "track"),
        (acts.Edit(session=ONE, edition=0, type="nothing"), "type"),
        (acts.Edit(session=ONE, edition=0, people=[acts.PartIn("NOBODY")]), "people"),
        (acts.Edit(session=ONE, edition=0, capacity=0), "capacity"),
        (acts.Edit(session=LUNCH, edition=0, kind=SessionKind.SESSION), "room"),
        (acts.Create(title={}), "title"),
        (acts.Create(), "title"),
        (acts.Create(title={"en": "x"}, minutes=0), "minutes"),
        (acts.Resize(session=ONE, edition=0, minutes=2**31 - 1), "minutes"),
        (acts.Resize(session=ONE, edition=0, minutes=-5), "minutes"),
        (acts.Place(session=ONE, edition=0, starts_at="2025-02-30T09:00"), "starts_at"),
        (acts.Place(session=ONE, edition=0, starts_at="2052-10-25T09:00"), "starts_at"),
        (acts.Split(session=ONE, edition=0, minutes=60), "minutes"),
        (acts.Split(session=ONE, edition=0, minutes=2**31 - 1, pause=-(2**31)), "minutes"),
        (acts.Shift(room="hall", from_at="2025-10-25T09:00", minutes=2**31 - 1), "minutes"),
        (acts.Shift(room="hall", from_at="2025-10-25T09:30", minutes=-90, stretch=True), "minutes"),
        (acts.Shift(room="cellar", from_at="2025-10-25T09:00", minutes=5), "room"),
        (acts.Swap(one=ONE, one_edition=0, other=ONE, other_edition=0), "other"),
        (acts.Swap(one=ONE, one_edition=0, other=LUNCH, other_edition=0), "room"),
        (acts.Merge(session=ONE, edition=0, other=LUNCH, other_edition=0), "other"),
        (acts.Copy(session=ONE, edition=0, rooms=["hall", "cellar"]), "rooms"),
        (acts.Copy(session=LUNCH, edition=0, rooms="all"), "rooms"),
        (acts.Copy(session=ONE, edition=0, rooms=[]), "rooms"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place_and_changes_nothing(
    at: Desk, act: acts.Act, field: str
) -> None:
    before = at.draft()
    with pytest.raises(MajlisError) as refused:
        at.do(act)
    assert (refused.value.status, refused.value.field) == (400, field)
    assert at.draft() == before


def test_tricks_with_direction_and_control_signs_are_taken_out_of_texts(at: Desk) -> None:
    title = {"ar": "\u202eعنوان\u2069\x00", "en": "a\ufeff\u2066 title\x1b"}
    assert after(at.do(acts.Edit(session=ONE, edition=0, title=title)), ONE).title == {
        "ar": "عنوان",
        "en": "a title",
    }


def test_a_stale_edition_is_refused_with_both_versions(at: Desk) -> None:
    at.do(acts.Place(session=ONE, edition=0, starts_at="2025-10-25T15:00", room="lab"), by=at.layla)
    before = at.draft()
    with pytest.raises(Conflict) as refused:
        at.do(acts.Place(session=ONE, edition=0, starts_at="2025-10-26T09:00"))
    details = refused.value.details
    assert refused.value.code == "agenda.stale"
    assert details is not None
    assert (details["session"], details["by"]) == (ONE, "Layla")
    assert (details["yours"]["starts_at"], details["theirs"]["starts_at"]) == (
        "2025-10-26T06:00:00Z",
        "2025-10-25T12:00:00Z",
    )
    assert details["theirs"]["edition"] == 1
    assert at.draft() == before


def test_an_act_whose_answer_was_lost_may_be_repeated(at: Desk) -> None:
    place = acts.Place(session=ONE, edition=0, starts_at="2025-10-25T15:00", room="lab")
    assert at.do(place).edit is not None
    assert at.do(place).edit is None
    assert at.edition(ONE) == 1


def test_an_imported_oddity_does_not_stand_in_the_way_of_mending_something_else(at: Desk) -> None:
    at.set_columns(ONE, room_id=None, starts_at=datetime(1999, 1, 1, tzinfo=UTC))
    assert (
        after(at.do(acts.Edit(session=ONE, edition=0, title={"en": "Mended"})), ONE).title["en"] == "Mended"
    )
