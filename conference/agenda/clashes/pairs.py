"""Rules about two sessions: one room, one person, one track, one audience. All symmetrical."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from conference.agenda.clashes.plan import Plan, PlannedSession
from conference.agenda.clashes.problems import Kind, Problem

#: "Many" starred both: at least so many people, and this part of those who starred the less popular one.
STARRED_BOTH_FROM = 5
STARRED_BOTH_PART = 4  # a quarter
Pair: TypeAlias = tuple[PlannedSession, PlannedSession]


def overlap(one: PlannedSession, other: PlannedSession) -> int:
    """Minutes for which both are on; a negative number is the minutes between them."""
    return min(one.ends, other.ends) - max(one.starts or 0, other.starts or 0)


def in_one_room(plan: Plan, one: PlannedSession, other: PlannedSession) -> Iterator[Problem]:
    """Both in one room at once, or with less than the changeover time between them.

    A break needs no changeover, and two breaks at once disturb nobody.
    """
    if one.room is None or one.room != other.room or (one.is_break and other.is_break):
        return
    shared = overlap(one, other)
    if shared > 0:
        yield _pair(Kind.ROOM_OVERLAP, one, other, room=one.room, values={"minutes": shared})
    elif -shared < plan.changeover and not one.is_break and not other.is_break:
        values = {"minutes": -shared, "needed": plan.changeover}
        yield _pair(Kind.ROOM_CHANGEOVER, one, other, room=one.room, values=values)


def of_one_person(plan: Plan, one: PlannedSession, other: PlannedSession) -> Iterator[Problem]:
    """Somebody is asked for both at once, or has too little time to walk from one room to the other.

    Who takes part from elsewhere (`is_remote`) does not walk.
    """
    shared = overlap(one, other)
    if -shared >= plan.walking and shared <= 0:
        return
    roles = {part.person: part.role for part in reversed(other.parts)}
    apart = one.room is not None and other.room is not None and one.room != other.room
    for person, role in {part.person: part.role for part in reversed(one.parts)}.items():
        if person not in roles:
            continue
        if shared > 0:
            both = {one.code: role.value, other.code: roles[person].value}
            values = {"minutes": shared, "roles": both}
            yield _pair(Kind.PERSON_OVERLAP, one, other, person=person, values=values)
        elif apart and not (person in plan.people and plan.people[person].is_remote):
            values = {"minutes": -shared, "needed": plan.walking}
            yield _pair(Kind.PERSON_CHANGEOVER, one, other, person=person, values=values)


def in_one_track(plan: Plan, one: PlannedSession, other: PlannedSession) -> Iterator[Problem]:
    """Two sessions of one track at once: whoever follows the track must choose."""
    if one.track is None or one.track != other.track or one.is_break or other.is_break:
        return
    shared = overlap(one, other)
    if shared > 0:
        values = {"minutes": shared, "track": one.track}
        yield _pair(Kind.SAME_TRACK, one, other, values=values)


def audiences_shared(plan: Plan, sessions: Iterable[PlannedSession]) -> list[Pair]:
    """The pairs of overlapping sessions that enough people starred, found from the people's side.

    One sweep in the order of starts: each star is looked at once, with what the same person starred and is
    still on. Comparing every pair of parallel sessions instead would cost their number squared.
    """
    until: dict[int, int] = {}  # by account (as the bit that stands for it): when all its sessions so far end
    running: dict[int, list[PlannedSession]] = {}
    shared: Counter[tuple[str, str]] = Counter()
    pairs: dict[tuple[str, str], Pair] = {}
    known = [one for one in sessions if one.starts is not None and one.code in plan.stars]
    for session in sorted(known, key=lambda one: (one.starts or 0, one.code)):
        starts, ends = session.starts or 0, session.ends
        for account in _accounts(plan.stars[session.code]):
            if until.get(account, starts) <= starts:
                until[account], running[account] = ends, [session]
                continue
            still = [one for one in running[account] if one.ends > starts]
            for other in still:
                pair = (other.code, session.code)
                shared[pair] += 1
                if shared[pair] == STARRED_BOTH_FROM:
                    pairs[pair] = (other, session)
            until[account], running[account] = max(until[account], ends), [*still, session]
    return list(pairs.values())


def _accounts(stars: int) -> list[int]:
    """The accounts in a bit set; by words of 64 bits, because arithmetic on all of it costs its length."""
    words = -(-stars.bit_length() // 64)
    found = []
    for place, word in enumerate(struct.unpack(f"<{words}Q", stars.to_bytes(words * 8, "little"))):
        while word:
            lowest = word & -word
            found.append(64 * place + lowest.bit_length())
            word ^= lowest
    return found


def starred_both(plan: Plan, one: PlannedSession, other: PlannedSession) -> Iterator[Problem]:
    """Many people have starred both of two parallel sessions."""
    these, those = plan.stars.get(one.code, 0), plan.stars.get(other.code, 0)
    both = (these & those).bit_count()
    if both < STARRED_BOTH_FROM or overlap(one, other) <= 0:
        return
    if both * STARRED_BOTH_PART >= min(these.bit_count(), those.bit_count()):
        yield _pair(Kind.STARRED_BOTH, one, other, values={"people": both})


def _pair(
    kind: Kind,
    one: PlannedSession,
    other: PlannedSession,
    *,
    room: int | None = None,
    person: int | None = None,
    values: Mapping[str, object],
) -> Problem:
    # In the order of codes, so that a pair is the same from either side and stays so when one moves.
    first, second = sorted((one.code, other.code))
    return Problem(
        kind=kind,
        sessions=(first, second),
        at=max(one.starts or 0, other.starts or 0),
        people=() if person is None else (person,),
        room=room,
        values=dict(values),
    )
