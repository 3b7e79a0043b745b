"""Undo and redo: whatever was done to the draft can be taken back, and nothing is ever half done."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from conference.agenda.drafting import acts
from conference.agenda.tables import SessionKind, SessionRole
from conference.errors import Conflict, MajlisError, NotFound
from tests.agenda.drafting.desk import LATER, LUNCH, PEOPLE, ROOMS, TALKS, desk

ONE, TWO, THREE = TALKS


def test_an_undo_gives_back_what_was_and_a_redo_what_was_made_of_it() -> None:
    with desk() as at:
        before = at.draft()
        at.do(acts.Place(session=ONE, edition=0, starts_at="2025-10-26T10:00", room="lab"))
        after = at.draft()
        undone = at.do(acts.Undo())
        assert (at.draft(), undone.act, undone.undoes) == (before, "undo", undone.edit and undone.edit - 1)
        assert at.do(acts.Redo()).act == "redo"
        assert at.draft() == after
        assert at.edition(ONE) == 3, "editions only ever grow"


def test_everybody_undoes_their_own() -> None:
    with desk() as at:
        at.do(acts.Cancel(session=ONE, edition=0), by=at.zainab)
        at.do(acts.Cancel(session=TWO, edition=0), by=at.layla)
        assert [change.code for change in at.do(acts.Undo(), by=at.zainab).changes] == [ONE]
        with pytest.raises(NotFound):
            at.do(acts.Undo(), by=at.zainab)


def test_what_was_changed_since_is_not_undone() -> None:
    with desk() as at:
        moved = at.do(acts.Place(session=ONE, edition=0, starts_at="2025-10-26T10:00"), by=at.zainab)
        at.do(acts.Place(session=ONE, edition=1, starts_at="2025-10-26T11:00"), by=at.layla)
        before = at.draft()
        with pytest.raises(Conflict) as refused:
            at.do(acts.Undo(edit=moved.edit))
        assert (refused.value.code, refused.value.details) == ("agenda.changed-since", {"sessions": [ONE]})
        assert at.draft() == before


def test_another_field_of_the_same_session_may_have_changed_since() -> None:
    with desk() as at:
        at.do(acts.Place(session=ONE, edition=0, starts_at="2025-10-26T10:00"), by=at.zainab)
        at.do(acts.Edit(session=ONE, edition=1, title={"en": "Another title"}), by=at.layla)
        at.do(acts.Undo(), by=at.zainab)
        whole = at.details(ONE)
        assert (whole.title, f"{whole.starts_at:%d %H}") == ({"en": "Another title"}, "25 06")


def test_an_edit_is_undone_once() -> None:
    with desk() as at:
        done = at.do(acts.Cancel(session=ONE, edition=0))
        at.do(acts.Undo(edit=done.edit))
        with pytest.raises(Conflict) as refused:
            at.do(acts.Undo(edit=done.edit))
        assert refused.value.code == "agenda.undone"


def test_what_somebody_starred_meanwhile_is_not_unmade() -> None:
    with desk() as at:
        made = at.do(acts.Create(title={"en": "New"}))
        at.star(made.changes[0].code)
        with pytest.raises(Conflict) as refused:
            at.do(acts.Undo())
        assert refused.value.code == "agenda.kept"


def test_an_edit_of_another_event_is_none_of_this_one() -> None:
    with desk() as at:
        with pytest.raises(NotFound):
            at.do(acts.Undo(edit=10_000))


sessions = st.sampled_from([*TALKS, LUNCH, LATER]) | st.integers(0, 9)
minutes = st.integers(1, 120)
times = st.tuples(st.sampled_from([24, 25, 26]), st.integers(0, 23), st.integers(0, 11)).map(
    lambda part: f"2025-10-{part[0]}T{part[1]:02}:{part[2] * 5:02}"
)
rooms = st.sampled_from([*ROOMS, None, "cellar"])
texts = st.dictionaries(st.sampled_from(["ar", "en", "x"]), st.text(max_size=8), max_size=2)
parts = st.lists(
    st.builds(acts.PartIn, st.sampled_from(PEOPLE), st.sampled_from(list(SessionRole))), max_size=3
)


class Editing(RuleBasedStateMachine):
    """Organizers do whatever comes to mind; then all of it is undone."""

    @initialize()
    def begin(self) -> None:
        self.open = ExitStack()
        self.at = self.open.enter_context(desk())
        self.first = self.at.draft()
        self.made: list[str] = []

    @rule(act=st.sampled_from(["unschedule", "cancel", "restore", "delete", "duplicate"]), on=sessions)
    def simple(self, act: str, on: str | int) -> None:
        kinds: dict[str, Any] = {
            "unschedule": acts.Unschedule,
            "cancel": acts.Cancel,
            "restore": acts.Restore,
            "delete": acts.Delete,
            "duplicate": acts.Copy,
        }
        self.act(kinds[act](**self.seen(on)))

    @rule(on=sessions, starts_at=times, room=rooms, minutes=minutes)
    def place(self, on: str | int, starts_at: str, room: str | None, minutes: int) -> None:
        self.act(acts.Place(**self.seen(on), starts_at=starts_at, room=room, minutes=minutes))

    @rule(on=sessions, title=texts, notes=st.text(max_size=5), people=parts, room=rooms)
    def edit(
        self, on: str | int, title: dict[str, str], notes: str, people: list[acts.PartIn], room: str | None
    ) -> None:
        self.act(acts.Edit(**self.seen(on), title=title, notes=notes, people=people, room=room))

    @rule(title=texts, kind=st.sampled_from(SessionKind), people=parts, starts_at=times, room=rooms)
    def create(
        self,
        title: dict[str, str],
        kind: SessionKind,
        people: list[acts.PartIn],
        starts_at: str,
        room: str | None,
    ) -> None:
        self.act(acts.Create(title=title, kind=kind, people=people, starts_at=starts_at, room=room))

    @rule(on=sessions)
    def copy(self, on: str | int) -> None:
        self.act(acts.Copy(**self.seen(on), rooms="all"))

    @rule(on=sessions, first=minutes, pause=st.integers(0, 10))
    def split(self, on: str | int, first: int, pause: int) -> None:
        self.act(acts.Split(**self.seen(on), minutes=first, pause=pause))

    @rule(on=sessions, other=sessions)
    def merge(self, on: str | int, other: str | int) -> None:
        seen = self.seen(other)
        self.act(acts.Merge(**self.seen(on), other=seen["session"], other_edition=seen["edition"]))

    @rule(on=sessions, other=sessions)
    def swap(self, on: str | int, other: str | int) -> None:
        one, two = self.seen(on), self.seen(other)
        self.act(
            acts.Swap(one=one["session"], one_edition=one["edition"], other=two["session"],
                      other_edition=two["edition"])
        )  # fmt: skip

    @rule(room=st.sampled_from(ROOMS), from_at=times, by=st.integers(-90, 90), stretch=st.booleans())
    def shift(self, room: str, from_at: str, by: int, stretch: bool) -> None:
        self.act(acts.Shift(room=room, from_at=from_at, minutes=by, stretch=stretch))

    @rule()
    def undo(self) -> None:
        self.act(acts.Undo())

    @rule()
    def redo(self) -> None:
        self.act(acts.Redo())

    @invariant()
    def every_scheduled_session_has_a_room(self) -> None:
        if hasattr(self, "at"):
            assert all(
                one.room or one.kind is SessionKind.BREAK for one in self.at.sessions() if one.starts_at
            )

    def teardown(self) -> None:
        if not hasattr(self, "at"):
            return
        with self.open:
            while self.act(acts.Undo()):
                pass
            assert self.at.draft() == self.first

    def act(self, act: acts.Act) -> bool:
        """Do it whole, or refuse it and change nothing; whether it was done."""
        before = self.at.draft()
        try:
            done = self.at.do(act)
        except MajlisError:
            assert self.at.draft() == before
            return False
        assert (done.edit is not None) or (self.at.draft() == before)
        self.made += [change.code for change in done.changes if change.before is None]
        return True

    def seen(self, on: str | int) -> dict[str, Any]:
        """A session by code, or one of those made since, with the edition it has."""
        code = on if isinstance(on, str) else (self.made or [LATER])[on % max(len(self.made), 1)]
        editions = {one.code: one.edition for one in self.at.sessions()}
        return {"session": code, "edition": editions.get(code, 0)}


# Not made smaller when one fails: that takes minutes, and the steps tell enough.
Editing.TestCase.settings = settings(max_examples=10, stateful_step_count=20, phases=[Phase.generate])
test_whatever_is_done_can_be_undone = Editing.TestCase
