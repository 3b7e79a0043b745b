"""Who is here: tabs, dropped links, and what the others are told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from conference.people.permissions import Role
from conference.stage.floor import Floor, Source
from conference.stage.presence import FLOOR_KEPT, TAB_KEPT, Presence, Present
from conference.stage.standing import Standing

NOON = datetime(2025, 10, 25, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def person(number: int, role: Role = Role.ATTENDEE, state: Floor = Floor.AUDIENCE) -> Present:
    return Present(account_id=number, public_id=f"p{number}", name=f"Person {number}", role=role, state=state)


@pytest.fixture
def presence() -> Presence:
    return Presence()


def test_two_tabs_are_one_person(presence: Presence) -> None:
    presence.enter("a", person(1), NOON)
    presence.enter("b", person(1), NOON)
    assert presence.here == 1
    presence.lose("a", NOON)
    assert presence.here == 1
    presence.lose("b", NOON)
    assert presence.here == 0


def test_the_audience_is_only_counted_but_presenters_are_shown(presence: Presence) -> None:
    presence.enter("a", person(1), NOON)
    presence.enter("b", person(2, Role.SPEAKER), NOON)
    told = presence.changes()
    assert told is not None
    assert told.here == 2
    assert [shown.person for shown in told.changed] == ["p2"]
    assert len(presence.everybody()) == 2


def test_a_raised_hand_is_shown_and_a_lowered_one_is_gone(presence: Presence) -> None:
    presence.enter("a", person(1), NOON)
    presence.changes()
    presence.stand(Standing(session_id=9, account_id=1, state=Floor.HAND_RAISED))
    told = presence.changes()
    assert told is not None and [shown.person for shown in told.changed] == ["p1"]
    presence.stand(Standing(session_id=9, account_id=1))
    told = presence.changes()
    assert told is not None and told.gone == ["p1"]
    assert presence.changes() is None


def test_a_dropped_link_keeps_sound_for_a_while_and_the_floor_for_longer(presence: Presence) -> None:
    presence.enter("a", person(1, state=Floor.ON_STAGE), NOON)
    presence.show("a", [Source.MICROPHONE])
    presence.lose("a", NOON)
    assert presence.may_send("a")
    assert presence.lost_tabs(NOON + TAB_KEPT - SECOND) == []
    assert presence.lost_tabs(NOON + TAB_KEPT) == ["a"]
    presence.forget("a", NOON + TAB_KEPT)
    assert not presence.may_send("a")
    assert [shown.away for shown in presence.shown()] == [True]
    assert presence.lost_people(NOON + FLOOR_KEPT - SECOND) == []
    presence.enter("b", person(1, state=Floor.ON_STAGE), NOON + FLOOR_KEPT - SECOND)
    assert presence.lost_people(NOON + 2 * FLOOR_KEPT) == []
    assert [shown.away for shown in presence.shown()] == [False]


def test_a_listener_whose_link_dropped_is_simply_gone(presence: Presence) -> None:
    presence.enter("a", person(1), NOON)
    presence.lose("a", NOON)
    presence.forget("a", NOON + TAB_KEPT)
    assert presence.is_empty


def test_giving_the_floor_back_silences_every_tab_at_once(presence: Presence) -> None:
    presence.enter("a", person(1, state=Floor.ON_STAGE), NOON)
    presence.show("a", list(Source))
    presence.stand(Standing(session_id=9, account_id=1))
    assert not presence.may_send("a")
    presence.show("a", list(Source))
    presence.stand(Standing(session_id=9, account_id=1, state=Floor.HAND_RAISED))
    assert [shown.participants for shown in presence.shown()] == [[]]


def test_a_stopped_microphone_is_silent_while_the_camera_goes_on(presence: Presence) -> None:
    presence.enter("a", person(1, state=Floor.ON_STAGE), NOON)
    stopped = Standing(
        session_id=9, account_id=1, state=Floor.ON_STAGE, stopped=frozenset({Source.MICROPHONE})
    )
    presence.stand(stopped)
    assert not presence.may_send("a", Source.MICROPHONE)
    assert presence.may_send("a", Source.CAMERA)


tabs = st.sampled_from(["a", "b", "c", "d"])


class ARoomOfPeople(RuleBasedStateMachine):
    """Tabs come, drop and go in any order; what followers were told always adds up to what is so."""

    def __init__(self) -> None:
        super().__init__()
        self.presence = Presence()
        self.now = NOON
        self.follower: dict[str, object] = {}
        self.follower_here = 0

    @rule(tab=tabs, role=st.sampled_from([Role.ATTENDEE, Role.SPEAKER]))
    def enter(self, tab: str, role: Role) -> None:
        self.presence.enter(tab, person(ord(tab) % 2, role), self.now)

    @rule(tab=tabs)
    def drop(self, tab: str) -> None:
        self.presence.lose(tab, self.now)

    @rule(number=st.integers(0, 1), state=st.sampled_from(list(Floor)))
    def stand(self, number: int, state: Floor) -> None:
        self.presence.stand(Standing(session_id=9, account_id=number, state=state))

    @rule(tab=tabs, sends=st.frozensets(st.sampled_from(list(Source))))
    def show(self, tab: str, sends: frozenset[Source]) -> None:
        self.presence.show(tab, sends)

    @rule(seconds=st.integers(1, 200))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        for tab in self.presence.lost_tabs(self.now):
            self.presence.forget(tab, self.now)
        for account_id in self.presence.lost_people(self.now):
            self.presence.forget_person(account_id)

    @invariant()
    def followers_know_what_is_so(self) -> None:
        told = self.presence.changes()
        if told is not None:
            self.follower |= {shown.person: shown for shown in told.changed}
            for gone in told.gone:
                self.follower.pop(gone, None)
            self.follower_here = told.here
        assert self.follower == {shown.person: shown for shown in self.presence.shown()}
        assert self.follower_here == self.presence.here

    @invariant()
    def nobody_off_stage_is_heard(self) -> None:
        for shown in self.presence.everybody():
            for tab in self.presence.connections():
                if self.presence.may_send(tab):
                    assert self.presence.may_receive(tab)
            assert shown.person


TestARoomOfPeople = ARoomOfPeople.TestCase
