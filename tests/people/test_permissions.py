"""The permission table, walked from end to end against what is written out here by hand."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from conference.clock import ManualClock
from conference.errors import NotAllowed, NotFound, NotSignedIn
from conference.people.grants import ban_person, grant_role, revoke_role
from conference.people.permissions import HIDDEN, TABLE, Capability, Role, Scope, allowed, require, roles_in
from conference.storage.database import Database
from tests.people.congress import (
    BASRA,
    CASES1,
    CASES1_ROOM,
    EXAMS1_ROOM,
    KARBALA,
    KARBALA_EVENT,
    OPENIN,
    OPENIN_ROOM,
    ROUNDS,
    ROUNDS_EVENT,
    add_person,
)

# Making an event asks for no place; see the test of its own.
HERE = [capability for capability in Capability if capability is not Capability.MAKE_EVENT]

# Who: roles held. Session roles are for OPENIN in the open event, for CASES1 in the closed one.
WHO = {
    "nobody": None,  # signed out
    "stranger": [],
    "attendee": ["attendee"],
    "organizer": ["organizer"],
    "event chair": ["chair"],
    "event speaker": ["speaker"],
    "session chair": ["chair in session"],
    "session speaker": ["speaker in session"],
    "moderator": ["moderator in session"],
}

# Where: own = the session of the session roles; other = another one of the event; event = no session.
# Each letter answers for: nobody stranger attendee organizer | event-chair event-speaker | session-chair
# session-speaker moderator.  y yes   n NotAllowed   s NotSignedIn
EXPECTED_OPEN = {
    #                       own            other          event
    Capability.ANYONE:     ("yyyyyyyyy", "yyyyyyyyy", "yyyyyyyyy"),
    Capability.SEE_EVENT:  ("yyyyyyyyy", "yyyyyyyyy", "yyyyyyyyy"),
    Capability.SIGNED_IN:  ("syyyyyyyy", "syyyyyyyy", "syyyyyyyy"),
    Capability.STAR:       ("snyyyyyyy", "snyyyyyyy", "snyyyyyyy"),
    Capability.ENTER_ROOM: ("snyyyyyyy", "snyyyyyyy", "snyyyyyyy"),
    Capability.ASK:        ("snyyyyyyy", "snyyyyyyy", "snyyyyyyy"),
    Capability.VOTE:       ("snyyyyyyy", "snyyyyyyy", "snyyyyyyy"),
    Capability.RAISE_HAND: ("snyyyyyyy", "snyyyyyyy", "snyyyyyyy"),
    Capability.TAKE_FLOOR: ("snnyyyyyy", "snnyyynnn", "snnyyynnn"),
    Capability.MODERATE:   ("snnyynyny", "snnyynnnn", "snnyynnnn"),
    Capability.RECORD:     ("snnyynynn", "snnyynnnn", "snnyynnnn"),
    Capability.ORGANIZE:   ("snnynnnnn", "snnynnnnn", "snnynnnnn"),
}  # fmt: skip

# In a closed event, outsiders get NotFound (h, hidden) for everything but ANYONE; members as above.
EXPECTED_CLOSED = {
    capability: tuple(places if capability is Capability.ANYONE else "hh" + places[2:] for places in answers)
    for capability, answers in EXPECTED_OPEN.items()
}

# Banned from the session asked about, or from the whole event: every role is gone there, organizers excepted.
#   letters as above; session bans do not hide a closed event, event bans do
EXPECTED_BANNED_OPEN = {
    Capability.ANYONE:     "yyyyyyyyy",
    Capability.SEE_EVENT:  "yyyyyyyyy",
    Capability.SIGNED_IN:  "syyyyyyyy",
    Capability.STAR:       "snnynnnnn",
    Capability.ENTER_ROOM: "snnynnnnn",
    Capability.ASK:        "snnynnnnn",
    Capability.VOTE:       "snnynnnnn",
    Capability.RAISE_HAND: "snnynnnnn",
    Capability.TAKE_FLOOR: "snnynnnnn",
    Capability.MODERATE:   "snnynnnnn",
    Capability.RECORD:     "snnynnnnn",
    Capability.ORGANIZE:   "snnynnnnn",
}  # fmt: skip
EXPECTED_BANNED_FROM_CLOSED_SESSION = {
    capability: answers if capability is Capability.ANYONE else "hh" + answers[2:]
    for capability, answers in EXPECTED_BANNED_OPEN.items()
}
EXPECTED_BANNED_FROM_CLOSED_EVENT = {
    capability: answers if capability is Capability.ANYONE else "hhh" + answers[3] + "hhhhh"
    for capability, answers in EXPECTED_BANNED_OPEN.items()
}

OWN, OTHER, EVENT = 0, 1, 2
CLOSED_OTHER_ROOM = Scope(event_id=ROUNDS, session_id=999, is_public=False)


async def cast(
    database: Database, clock: ManualClock, event_id: int, session_id: int
) -> dict[str, int | None]:
    """One account for each line of `WHO`."""
    people: dict[str, int | None] = {}
    for who, roles in WHO.items():
        if roles is None:
            people[who] = None
            continue
        given = [
            (event_id, Role(role.split()[0]), session_id) if "session" in role else (event_id, Role(role))
            for role in roles
        ]
        people[who] = await database.write(
            lambda tx, who=who, given=given: add_person(  # type: ignore[misc]  # bound at once
                tx, f"{who.replace(' ', '.')}@{event_id}.example", who, clock.now(), *given
            )
        )
    return people


async def answers(
    database: Database, people: dict[str, int | None], capability: Capability, scope: Scope
) -> str:
    """One letter for each person, as in the tables above; `allowed` must agree with `require`."""
    told = ""
    for account_id in people.values():

        def ask(rows: object, account_id: int | None = account_id) -> str:
            try:
                require(rows, account_id, capability, scope)  # type: ignore[arg-type]  # a Connection
                letter = "y"
            except NotSignedIn:
                letter = "s"
            except NotAllowed:
                letter = "n"
            except NotFound as error:
                letter = "h" if error.message == HIDDEN else "?"
            assert allowed(rows, account_id, capability, scope) is (letter == "y")  # type: ignore[arg-type]
            return letter

        told += await database.read(ask)
    return told


async def test_every_capability_for_everybody_in_an_open_event(
    congress: Database, clock: ManualClock
) -> None:
    people = await cast(congress, clock, KARBALA, OPENIN)
    scopes = (OPENIN_ROOM, EXAMS1_ROOM, KARBALA_EVENT)
    found = {
        capability: tuple([await answers(congress, people, capability, scope) for scope in scopes])
        for capability in HERE
    }
    assert found == EXPECTED_OPEN


async def test_every_capability_for_everybody_in_a_closed_event(
    congress: Database, clock: ManualClock
) -> None:
    people = await cast(congress, clock, ROUNDS, CASES1)
    scopes = (CASES1_ROOM, CLOSED_OTHER_ROOM, ROUNDS_EVENT)
    found = {
        capability: tuple([await answers(congress, people, capability, scope) for scope in scopes])
        for capability in HERE
    }
    assert found == EXPECTED_CLOSED


async def ban_all(
    database: Database,
    people: dict[str, int | None],
    event_id: int,
    session_id: int | None,
    clock: ManualClock,
) -> None:
    for account_id in filter(None, people.values()):
        await database.write(
            lambda tx, account_id=account_id: ban_person(  # type: ignore[misc]  # bound at once
                tx, account_id, event_id, session_id, by=None, now=clock.now()
            )
        )


@pytest.mark.parametrize("banned_from", [OPENIN, None])
async def test_every_capability_for_the_banned(
    congress: Database, clock: ManualClock, banned_from: int | None
) -> None:
    people = await cast(congress, clock, KARBALA, OPENIN)
    await ban_all(congress, people, KARBALA, banned_from, clock)
    found = {capability: await answers(congress, people, capability, OPENIN_ROOM) for capability in HERE}
    assert found == EXPECTED_BANNED_OPEN


async def test_a_ban_from_one_session_changes_nothing_in_another(
    congress: Database, clock: ManualClock
) -> None:
    people = await cast(congress, clock, KARBALA, OPENIN)
    await ban_all(congress, people, KARBALA, OPENIN, clock)
    for capability in HERE:
        assert await answers(congress, people, capability, EXAMS1_ROOM) == EXPECTED_OPEN[capability][OTHER]
        assert await answers(congress, people, capability, KARBALA_EVENT) == EXPECTED_OPEN[capability][EVENT]


@pytest.mark.parametrize(
    ("banned_from", "expected"),
    [(CASES1, EXPECTED_BANNED_FROM_CLOSED_SESSION), (None, EXPECTED_BANNED_FROM_CLOSED_EVENT)],
)
async def test_every_capability_for_the_banned_of_a_closed_event(
    congress: Database, clock: ManualClock, banned_from: int | None, expected: dict[Capability, str]
) -> None:
    people = await cast(congress, clock, ROUNDS, CASES1)
    await ban_all(congress, people, ROUNDS, banned_from, clock)
    found = {capability: await answers(congress, people, capability, CASES1_ROOM) for capability in HERE}
    assert found == expected


async def test_roles_of_one_event_count_nowhere_else(congress: Database, clock: ManualClock) -> None:
    people = await cast(congress, clock, BASRA, OPENIN)  # roles in Basra, one even names Karbala's session
    for capability, scope in product(TABLE, (OPENIN_ROOM, KARBALA_EVENT)):
        assert await answers(congress, people, capability, scope) == "s" + "n" * 8
    for capability in set(Capability) - {Capability.ANYONE}:
        assert await answers(congress, people, capability, CASES1_ROOM) == "h" * 9


async def test_a_ban_ends_when_its_time_has_come(congress: Database, clock: ManualClock) -> None:
    end = clock.now() + timedelta(minutes=10)

    def banned(tx: object) -> int:
        person = add_person(tx, "a@x.example", "A", clock.now(), (KARBALA, Role.ATTENDEE))  # type: ignore[arg-type]
        ban_person(tx, person, KARBALA, by=None, now=clock.now(), until=end)  # type: ignore[arg-type]
        return person

    person = await congress.write(banned)

    async def may_ask() -> bool:
        now = clock.now()
        return await congress.read(lambda rows: allowed(rows, person, Capability.ASK, OPENIN_ROOM, now=now))

    assert not await may_ask()
    clock.advance(timedelta(minutes=10))
    assert await may_ask()


async def test_rights_follow_the_database_at_once(congress: Database, clock: ManualClock) -> None:
    person = await congress.write(
        lambda tx: add_person(tx, "a@x.example", "A", clock.now(), (KARBALA, Role.CHAIR, OPENIN))
    )

    async def roles() -> set[Role]:
        return set(await congress.read(lambda rows: roles_in(rows, person, OPENIN_ROOM)))

    assert await roles() == {Role.CHAIR, Role.ATTENDEE}
    await congress.write(lambda tx: revoke_role(tx, person, KARBALA, Role.CHAIR, OPENIN))
    assert await roles() == set()
    await congress.write(lambda tx: grant_role(tx, person, KARBALA, Role.SPEAKER, OPENIN, now=clock.now()))
    assert await roles() == {Role.SPEAKER, Role.ATTENDEE}


def test_the_document_shows_the_table_as_it_is() -> None:
    document = Path(__file__).parents[2] / "docs" / "permissions.md"
    columns = ["attendee", "speaker", "moderator", "chair", "organizer"]
    told: dict[str, set[str]] = {}
    for name, *marks in re.findall(
        r"^\| `(\w+)` " + r"\|\s*(yes|)\s*" * 5 + r"\|", document.read_text(), re.M
    ):
        told[name] = {column for column, mark in zip(columns, marks, strict=True) if mark == "yes"}
    assert told == {capability.value: {role.value for role in roles} for capability, roles in TABLE.items()}


async def test_whoever_organizes_any_event_may_make_another(congress: Database, clock: ManualClock) -> None:
    people = await cast(congress, clock, KARBALA, OPENIN)
    assert await answers(congress, people, Capability.MAKE_EVENT, Scope()) == "snnynnnnn"
