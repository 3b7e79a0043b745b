"""The queue of hands against a plain list: what a move leads to, and how little it changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from conference.stage.hand_queue import Hand, in_order, moved, order_at

MORNING = datetime(2025, 10, 25, 9, 0, tzinfo=UTC)


def after(hands: list[Hand], account_id: int, before: int | None) -> list[int]:
    """The queue by account when the move is done."""
    changed = {hand.account_id: hand for hand in moved(hands, account_id, before)}
    return [hand.account_id for hand in in_order([changed.get(hand.account_id, hand) for hand in hands])]


def test_queue_is_in_the_order_of_raising() -> None:
    hands = [
        Hand(who, order_at(MORNING + timedelta(seconds=wait))) for who, wait in ((1, 20), (2, 5), (3, 9))
    ]
    assert [hand.account_id for hand in in_order(hands)] == [2, 3, 1]


def test_a_move_changes_one_hand() -> None:
    hands = [Hand(who, who * 10_000_000) for who in range(1, 6)]
    assert [hand.account_id for hand in moved(hands, 5, 2)] == [5]
    assert after(hands, 5, 2) == [1, 5, 2, 3, 4]
    assert after(hands, 1, None) == [2, 3, 4, 5, 1]
    assert after(hands, 3, 1) == [3, 1, 2, 4, 5]


def test_where_no_number_is_left_the_queue_is_spread_and_keeps_its_order() -> None:
    hands = [Hand(1, 100), Hand(2, 101), Hand(3, 102)]
    assert after(hands, 3, 2) == [1, 3, 2]
    spread = moved(hands, 3, 2)
    assert len({hand.order for hand in spread}) == len(spread) > 1


def test_a_move_to_where_one_stands_or_of_nobody_changes_nothing() -> None:
    hands = [Hand(1, 10), Hand(2, 20)]
    for who, before in ((1, 2), (2, None), (1, 1), (7, 1), (1, 7)):
        assert moved(hands, who, before) == []


class QueueOfHands(RuleBasedStateMachine):
    """Hands go up and down and are moved, in any order and at one and the same microsecond."""

    def __init__(self) -> None:
        super().__init__()
        self.hands: dict[int, Hand] = {}
        self.expected: list[int] = []
        self.now = order_at(MORNING)

    @rule(who=st.integers(1, 8), later=st.integers(1, 3))
    def goes_up(self, who: int, later: int) -> None:
        self.now = max([self.now, *(hand.order for hand in self.hands.values())]) + later
        if who not in self.hands:
            self.hands[who] = Hand(who, self.now)
            self.expected.append(who)

    @rule(who=st.integers(1, 8))
    def goes_down(self, who: int) -> None:
        if self.hands.pop(who, None):
            self.expected.remove(who)

    @precondition(lambda self: len(self.expected) > 1)
    @rule(data=st.data())
    def is_moved(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(self.expected))
        before = data.draw(st.sampled_from([None, *(one for one in self.expected if one != who)]))
        changed = moved(list(self.hands.values()), who, before)
        self.hands |= {hand.account_id: hand for hand in changed}
        self.expected.remove(who)
        self.expected.insert(len(self.expected) if before is None else self.expected.index(before), who)

    @invariant()
    def stands_as_expected(self) -> None:
        assert [hand.account_id for hand in in_order(list(self.hands.values()))] == self.expected


TestQueueOfHands = QueueOfHands.TestCase
TestQueueOfHands.settings = settings(max_examples=25, stateful_step_count=25)


@given(st.lists(st.integers(0, 5), min_size=2, max_size=8), st.data())
def test_hands_with_one_number_can_be_moved_apart(orders: list[int], data: st.DataObject) -> None:
    hands = [Hand(who, order) for who, order in enumerate(orders)]
    queue = [hand.account_id for hand in in_order(hands)]
    who = data.draw(st.sampled_from(queue))
    rest = [one for one in queue if one != who]
    before = data.draw(st.sampled_from(rest))
    rest.insert(rest.index(before), who)
    assert after(hands, who, before) == rest
