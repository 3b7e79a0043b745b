"""Counting answers. Pure; docs/polls.md says how each figure is made.

The order in which answers come never matters, and an answer that was changed counts as the new one only:
a tally is made anew from the answers as they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from conference.polls.answers import Answer
from conference.polls.content import SCALES, Content, Kind
from conference.polls.text_groups import Group, Sorting, grouped

Counted = Iterable[tuple[Answer, int]]  # an answer, and how many gave it
MAX_GROUPS = 40  # told to the room and the desk; an export has all


class Tally(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The result of a poll.

    `answered`: how many people. `counts`: by option, or by step of the scale ("1", "2", …); those with
    none are left out. `mean`, `median`: of a scale. `points`: of an ordering, by Borda (the first of n
    options gets n - 1, the last 0); `ranks`: the mean place of each option, from 1. `groups`: of short
    texts, the largest first, at most `MAX_GROUPS`; `others`: how many gave an answer beyond those.
    """

    answered: int = 0
    counts: dict[str, int] = {}
    mean: float | None = None
    median: float | None = None
    points: dict[str, int] = {}
    ranks: dict[str, float] = {}
    groups: tuple[Group, ...] = ()
    others: int = 0


def tally(content: Content, counted: Counted, sorting: Mapping[str, Sorting] | None = None) -> Tally:
    """The result of all answers; *sorting* is what moderators did with the groups of short texts."""
    answers = [(answer, count) for answer, count in counted if count > 0]
    answered = sum(count for _, count in answers)
    if not answered:
        return Tally()
    if content.kind in SCALES:
        return _scale(answers, answered)
    if content.kind is Kind.ORDERING:
        return _ordering(content, answers, answered)
    if content.kind is Kind.TEXT:
        groups = grouped([(answer.text, count) for answer, count in answers], sorting or {})
        others = sum(group.count for group in groups[MAX_GROUPS:])
        return Tally(answered=answered, groups=tuple(groups[:MAX_GROUPS]), others=others)
    counts: Counter[str] = Counter()
    for answer, count in answers:
        for choice in answer.choices:
            counts[choice] += count
    return Tally(answered=answered, counts=dict(sorted(counts.items())))


def for_the_room(result: Tally) -> Tally:
    """*result* without the groups that moderators keep from the room."""
    shown = tuple(group for group in result.groups if not group.hidden)
    return msgspec.structs.replace(result, groups=shown)


def _scale(answers: list[tuple[Answer, int]], answered: int) -> Tally:
    counts: Counter[int] = Counter()
    for answer, count in answers:
        counts[answer.value] += count
    mean = sum(value * count for value, count in counts.items()) / answered
    return Tally(
        answered=answered,
        counts={str(value): counts[value] for value in sorted(counts)},
        mean=round(mean, 2),
        median=_median(counts, answered),
    )


def _median(counts: Counter[int], answered: int) -> float:
    """The middle one; between two middle ones the half between them."""
    below, upper = (answered + 1) // 2, answered // 2 + 1
    middles = []
    for wanted in (below, upper):
        seen = 0
        for value in sorted(counts):
            seen += counts[value]
            if seen >= wanted:
                middles.append(value)
                break
    return sum(middles) / 2


def _ordering(content: Content, answers: list[tuple[Answer, int]], answered: int) -> Tally:
    places: Counter[str] = Counter()
    for answer, count in answers:
        for place, choice in enumerate(answer.choices, start=1):
            places[choice] += place * count
    size = len(content.options)
    return Tally(
        answered=answered,
        points={option.id: size * answered - places[option.id] for option in content.options},
        ranks={option.id: round(places[option.id] / answered, 2) for option in content.options},
    )
