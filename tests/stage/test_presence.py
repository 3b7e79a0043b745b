"""Who is here: tabs, dropped links, and what the others are told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from conference.media.engine import Viewing
from conference.people.permissions import Role
from conference.stage.floor import Floor, Source
from conference.stage.presence import FLOOR_KEPT, TAB_KEPT, Presence, Present
from conference.stage.rooms import rights_of
from conference.stage.standing import Standing

NOON = datetime(2025, 10, 25, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def person(number: int, role: Role = Role.ATTENDEE, state: Floor = Floor.AUDIENCE) -> Present:
    return Present(account_id=number, public_id=f"p{number}", name=f"Person {number}", role=role, state=state)


@pytest.fixture
def presence() -> Presence:
    return Presence()


def test_two_tabs_are_one_person(presence: Presence) -> None:
    presence.enter("a", person(1))
    presence.enter("b", person(1))
    assert presence.here == 1
    presence.lose("a", NOON)
    assert presence.here == 1
    presence.lose("b", NOON)
    assert presence.here == 0


def test_the_audience_is_only_counted_but_presenters_are_shown(presence: Presence) -> None:
    presence.enter("a", person(1))
    presence.enter("b", person(2, Role.SPEAKER))
    told = presence.changes()
    assert told is not None
    assert told.here == 2
    assert [shown.person for shown in told.changed] == ["p2"]
    assert len(presence.everybody()) == 2


def test_a_raised_hand_is_shown_and_a_lowered_one_is_gone(presence: Presence) -> None:
    presence.enter("a", person(1))
    presence.changes()
    presence.stand(Standing(session_id=9, account_id=1, state=Floor.HAND_RAISED))
    told = presence.changes()
    assert told is not None
    assert [shown.person for shown in told.changed] == ["p1"]
    presence.stand(Standing(session_id=9, account_id=1))
    told = presence.changes()
    assert told is not None
    assert told.gone == ["p1"]
    assert presence.changes() is None


def test_a_dropped_link_keeps_sound_for_a_while_and_the_floor_for_longer(presence: Presence) -> None:
    presence.enter("a", person(1, state=Floor.ON_STAGE))
    presence.show("a", [Source.MICROPHONE])
    presence.lose("a", NOON)
    assert presence.may_send("a")
    assert presence.lost_tabs(NOON + TAB_KEPT - SECOND) == []
    assert presence.lost_tabs(NOON + TAB_KEPT) == ["a"]
    presence.forget("a", NOON + TAB_KEPT)
    assert not presence.may_send("a")
    assert [shown.away for shown in presence.shown()] == [True]
    assert presence.lost_people(NOON + FLOOR_KEPT - SECOND) == []
    presence.enter("b", person(1, state=Floor.ON_STAGE))
    assert presence.lost_people(NOON + 2 * FLOOR_KEPT) == []
    assert [shown.away for shown in presence.shown()] == [False]


def test_a_listener_whose_link_dropped_is_simply_gone(presence: Presence) -> None:
    presence.enter("a", person(1))
    presence.lose("a", NOON)
    presence.forget("a", NOON + TAB_KEPT)
    assert presence.is_empty


def test_giving_the_floor_back_silences_every_tab_at_once(presence: Presence) -> None:
    presence.enter("a", person(1, state=Floor.ON_STAGE))
    presence.show("a", list(Source))
    presence.stand(Standing(session_id=9, account_id=1))
    assert not presence.may_send("a")
    presence.show("a", list(Source))
    presence.stand(Standing(session_id=9, account_id=1, state=Floor.HAND_RAISED))
    assert [shown.participants for shown in presence.shown()] == [[]]


def test_a_tab_that_comes_back_goes_on_as_the_same_participant(presence: Presence) -> None:
    presence.enter("old", person(1, state=Floor.ON_STAGE))
    presence.show("old", [Source.CAMERA])
    presence.enter("new", person(1, state=Floor.ON_STAGE))
    assert presence.resume("new", "old")
    assert presence.participants_of(1) == ["old"]
    assert presence.connection_of("old") == "new"
    presence.lose("old", NOON)  # the server notices the dead link only now
    assert presence.connection_of("old") == "new"
    assert presence.here == 1
    assert presence.shown()[0].participants[0].camera


def test_a_tab_that_enters_again_with_other_rights_stays_as_it_is(presence: Presence) -> None:
    presence.enter("a", person(1, state=Floor.ON_STAGE))
    presence.show("a", [Source.CAMERA])
    presence.view("a", Viewing(pictures="none"))
    presence.lose("a", NOON)
    presence.enter("a", person(1, Role.CHAIR, state=Floor.ON_STAGE))
    assert presence.shown()[0].participants[0].camera
    assert presence.viewing_of("a").pictures == "none"
    assert presence.connection_of("a") == "a"


def test_nobody_goes_on_as_somebody_elses_tab(presence: Presence) -> None:
    presence.enter("speaker", person(1, state=Floor.ON_STAGE))
    presence.enter("stranger", person(2))
    assert not presence.resume("stranger", "speaker")
    assert not presence.resume("stranger", "nobody")
    assert presence.connection_of("speaker") == "speaker"


tabs = st.sampled_from(["a", "b", "c", "d"])


class ARoomOfPeople(RuleBasedStateMachine):
    """Tabs come, drop and go in any order; what followers were told always adds up to what is so."""

    def __init__(self) -> None:
        super().__init__()
        self.presence = Presence()
        self.now = NOON
        self.follower: dict[str, object] = {}
        self.follower_here = 0
        self.connections = 0
        self.last: dict[str, str] = {}

    @rule(tab=tabs, role=st.sampled_from([Role.ATTENDEE, Role.SPEAKER]), again=st.booleans())
    def enter(self, tab: str, role: Role, again: bool) -> None:
        self.connections += 1
        connection = f"{tab}{self.connections}"
        self.presence.enter(connection, person(ord(tab) % 2, role))
        if again and self.last.get(tab):
            self.presence.resume(connection, self.last[tab])
        self.last[tab] = self.presence.participant_of(connection) or ""

    @rule(tab=tabs)
    def drop(self, tab: str) -> None:
        connection = self.presence.connection_of(self.last.get(tab, ""))
        if connection:
            self.presence.lose(connection, self.now)
            assert self.presence.connection_of(self.last[tab]) is None

    @rule(number=st.integers(0, 1), state=st.sampled_from(list(Floor)))
    def stand(self, number: int, state: Floor) -> None:
        self.presence.stand(Standing(session_id=9, account_id=number, state=state))

    @rule(tab=tabs, sends=st.frozensets(st.sampled_from(list(Source))))
    def show(self, tab: str, sends: frozenset[Source]) -> None:
        self.presence.show(self.presence.connection_of(self.last.get(tab, "")) or "", sends)

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
        for person, tab in self.presence.tabs():
            rights = rights_of(person, tab)
            assert bool(rights.publish) == (person.state is Floor.ON_STAGE)
            assert bool(rights.receive) == (person.state is not Floor.REMOVED)


TestARoomOfPeople = ARoomOfPeople.TestCase
