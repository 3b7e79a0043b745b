"""The queue of raised hands: who stands where, and what a move changes. Pure.

Each hand has a number, lowest first: the moment it was raised in microseconds, so that a queue nobody
touches is in the order of raising. A moved hand gets a number between its new neighbours: one hand changes,
whatever the length of the queue; only where no number is left between two of them is all of it spread anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

SPREAD = 1_000_000  # between two hands that are spread anew, or at an end of the queue


class Hand(msgspec.Struct, frozen=True):
    """One raised hand: whose it is, and its number."""

    account_id: int
    order: int


def order_at(moment: datetime) -> int:
    """The number of a hand raised at *moment*."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def in_order(hands: Sequence[Hand]) -> list[Hand]:
    """The queue, the next one first; of two with one number the account that came to Majlis first."""
    return sorted(hands, key=lambda hand: (hand.order, hand.account_id))


def moved(hands: Sequence[Hand], account_id: int, before: int | None) -> list[Hand]:
    """The hands whose number changes so that *account_id* stands before the account *before*, or last (None).

    Nothing changes when it stands there already, when one of the two has no hand up, or both are the same.
    """
    queue = in_order(hands)
    moving = next((hand for hand in queue if hand.account_id == account_id), None)
    others = [hand for hand in queue if hand is not moving]
    place = next((at for at, hand in enumerate(others) if hand.account_id == before), None)
    if moving is None or before == account_id or (before is not None and place is None):
        return []
    at = len(others) if place is None else place
    if queue.index(moving) == at:
        return []
    lower = others[at - 1].order if at > 0 else None
    upper = others[at].order if at < len(others) else None
    order = _between(lower, upper)
    if order is not None:
        return [Hand(account_id, order)]
    wanted = [*others[:at], moving, *others[at:]]
    first = queue[0].order
    spread = [Hand(hand.account_id, first + number * SPREAD) for number, hand in enumerate(wanted)]
    return [hand for hand, was in zip(spread, wanted, strict=True) if hand.order != was.order]


def _between(lower: int | None, upper: int | None) -> int | None:
    if lower is None:
        return SPREAD if upper is None else upper - SPREAD
    if upper is None:
        return lower + SPREAD
    return (lower + upper) // 2 if upper - lower > 1 else None
