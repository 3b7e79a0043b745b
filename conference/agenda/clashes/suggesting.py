"""What would mend a problem: moves, swaps, shortening, each tried against all rules; the best first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

import msgspec

from conference.agenda.clashes.candidates import TRIALS, disturbance, slots_for, swaps_for
from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.plan import PlannedSession
from conference.agenda.clashes.problems import Kind, Problem, Severity, harm_of

MOST_OF_ONE = 300  # trials of one session
MOST_TRIED = 6  # sessions of a long sitting without a break
# Being moved is a harm too: two hours weigh as much as a warning, another room a quarter of one.
MINUTES_A_POINT = 12
MOST_ALIKE = 3  # of one act among those given: swaps are many, and a plain move is easier to agree on

Moves: TypeAlias = tuple[PlannedSession, ...]


class Act(StrEnum):
    MOVE = "move"
    SWAP = "swap"
    SHORTEN = "shorten"


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """`moves` are the sessions as they would be. `gone` and `new` are what that takes away and brings,
    `remains` what these sessions have left afterwards (what is new among it)."""

    act: Act
    moves: Moves
    gone: list[Problem]
    new: list[Problem]
    remains: list[Problem]
    gain: int


def suggest(checker: Checker, problem: Problem, *, most: int = 5) -> list[Suggestion]:
    """Up to *most* changes that remove the problem, those that remove most harm first, the disturbance they
    are counted as a small one. None adds an error; each removes more harm than it brings."""
    found: list[tuple[float, Suggestion]] = []
    for act, moves in _candidates(checker, problem):
        gone, new = checker.trial(*moves)
        gain = harm_of(gone) - harm_of(new)
        if gain > 0 and _mends(problem, gone, new):
            remains = _remaining(checker, moves, gone, new)
            made = Suggestion(act=act, moves=moves, gone=gone, new=new, remains=remains, gain=gain)
            worth = gain - disturbance(checker, *moves) / MINUTES_A_POINT
            found.append((-worth, made))
    found.sort(key=lambda one: (one[0], one[1].moves[0].code, one[1].moves[0].starts or 0))
    return _various([one for _, one in found])[:most]


def _candidates(checker: Checker, problem: Problem) -> Iterator[tuple[Act, Moves]]:
    # A sitting without a break has many sessions: they share the trials, or it would take seconds.
    tried = problem.sessions[:MOST_TRIED]
    share = min(TRIALS // max(len(tried), 1), MOST_OF_ONE) // 3
    for code in tried:
        session = checker.sessions.get(code)
        if session is None or session.starts is None or session.is_break:
            continue
        if problem.kind is Kind.LONGER_THAN_TYPE:
            yield Act.SHORTEN, (msgspec.structs.replace(session, minutes=problem.values["usual"]),)
        for slot in slots_for(checker, session, 2 * share):
            yield Act.MOVE, (slot,)
        for pair in swaps_for(checker, session, share):
            yield Act.SWAP, pair


def _mends(problem: Problem, gone: list[Problem], new: list[Problem]) -> bool:
    """Whether the problem itself goes and no error comes that was not there."""
    before, after = {one.key for one in gone}, {one.key for one in new}
    errors = {one.key for one in new if one.severity is Severity.ERROR}
    return problem.key in before - after and errors <= before


def _remaining(checker: Checker, moves: Moves, gone: list[Problem], new: list[Problem]) -> list[Problem]:
    left = {one.key: one for move in moves for one in checker.of(move.code)}
    for problem in gone:
        left.pop(problem.key, None)
    left |= {one.key: one for one in new}
    return sorted(left.values(), key=lambda one: one.rank)


def _various(found: list[Suggestion]) -> list[Suggestion]:
    """Of several starts for one session in one room on one day the best only, and not all of one act."""
    ideas: dict[object, Suggestion] = {}
    for one in found:
        places = ((move.code, move.room, (move.starts or 0) // 720) for move in one.moves)
        ideas.setdefault((one.act, *places), one)
    acts: Counter[Act] = Counter()
    chosen: list[Suggestion] = []
    rest: list[Suggestion] = []
    for one in ideas.values():
        acts[one.act] += 1
        (chosen if acts[one.act] <= MOST_ALIKE else rest).append(one)
    return chosen + rest
