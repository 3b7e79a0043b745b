"""The floor's rules: every way through them, and what no way may lead to."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from conference.errors import Conflict
from conference.stage.floor import TABLE, Act, Floor, may_publish, step

OWN = [Act.RAISE_HAND, Act.LOWER_HAND, Act.ACCEPT, Act.DECLINE, Act.LEAVE_FLOOR]
MODERATORS = [Act.INVITE, Act.SEND_BACK, Act.REMOVE, Act.READMIT]


def test_a_raised_hand_gets_the_floor_and_gives_it_back() -> None:
    state = Floor.AUDIENCE
    passed = []
    for act in (Act.RAISE_HAND, Act.INVITE, Act.ACCEPT, Act.LEAVE_FLOOR):
        state = step(state, act)
        passed.append(state)
    assert passed == [Floor.HAND_RAISED, Floor.INVITED, Floor.ON_STAGE, Floor.AUDIENCE]


def test_presenters_take_the_floor_from_anywhere_but_outside() -> None:
    for state in (Floor.AUDIENCE, Floor.HAND_RAISED, Floor.INVITED, Floor.ON_STAGE):
        assert step(state, Act.TAKE_FLOOR) is Floor.ON_STAGE
    with pytest.raises(Conflict):
        step(Floor.REMOVED, Act.TAKE_FLOOR)


@pytest.mark.parametrize("state", [Floor.AUDIENCE, Floor.HAND_RAISED])
def test_an_invitation_taken_back_cannot_be_accepted(state: Floor) -> None:
    with pytest.raises(Conflict) as refused:
        step(state, Act.ACCEPT)
    assert "no longer open" in refused.value.message


@pytest.mark.parametrize("act", [act for act in Act if act not in (Act.READMIT, Act.REMOVE)])
def test_a_removed_person_can_do_nothing(act: Act) -> None:
    with pytest.raises(Conflict):
        step(Floor.REMOVED, act)


@pytest.mark.parametrize("state", list(Floor))
@pytest.mark.parametrize("act", list(Act))
def test_repeating_an_act_changes_nothing_more(state: Floor, act: Act) -> None:
    after = TABLE[state].get(act)
    if after is not None and act in TABLE[after]:
        assert TABLE[after][act] is after


class OnePersonInOneRoom(RuleBasedStateMachine):
    """A person without a presenter's right, a moderator, and any order of their acts."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Floor.AUDIENCE
        self.invited = False

    def do(self, act: Act) -> bool:
        if act not in TABLE[self.state]:
            with pytest.raises(Conflict, match=r"\w+ \w+") as refused:
                step(self.state, act)
            assert refused.value.code.startswith("stage.")
            return False
        self.state = step(self.state, act)
        return True

    @rule(act=st.sampled_from(OWN))
    def the_person_acts(self, act: Act) -> None:
        before = self.state
        done = self.do(act)
        if before is not Floor.ON_STAGE and self.state is Floor.ON_STAGE:
            assert self.invited, "nobody gets on stage without having been invited"
        if done and self.state is Floor.AUDIENCE:
            self.invited = False

    @rule(act=st.sampled_from(MODERATORS))
    def a_moderator_acts(self, act: Act) -> None:
        before = self.state
        if not self.do(act):
            return
        assert self.state is not Floor.ON_STAGE or before is Floor.ON_STAGE, "nobody is put on stage unasked"
        if act is Act.INVITE:
            self.invited = True
        elif act in (Act.SEND_BACK, Act.REMOVE) or (act is Act.READMIT and before is Floor.REMOVED):
            self.invited = False

    @precondition(lambda self: self.state is not Floor.REMOVED)
    @rule()
    def a_moderator_can_always_clear_the_floor(self) -> None:
        assert step(self.state, Act.SEND_BACK) is Floor.AUDIENCE
        assert step(self.state, Act.REMOVE) is Floor.REMOVED

    @invariant()
    def only_people_on_stage_publish(self) -> None:
        assert may_publish(self.state) == (self.state is Floor.ON_STAGE)


TestOnePersonInOneRoom = OnePersonInOneRoom.TestCase
