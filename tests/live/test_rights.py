"""Every command of the product × every role × the own and another session, against docs/live-protocol.md."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect
from sqlalchemy import Connection, insert, select

from conference.app import live_commands
from conference.chat.live import ChatDesk
from conference.clock import ManualClock
from conference.live.commands import Caller, Commands, LiveCommand
from conference.live.counters import Counters
from conference.people.live import NotificationDesk
from conference.people.permissions import Role
from conference.people.tables import account, ban, grant
from conference.polls.live import PollDesk
from conference.questions.live import QuestionDesk
from conference.stage.admitting import permitting
from conference.stage.connections_live import ConnectionDesk
from conference.stage.hands_live import HandDesk
from conference.stage.lateness import LateDesk
from conference.stage.mood_live import MoodDesk
from conference.storage.database import Database, Transaction
from tests.live.seminar import account_id, furnish, new_id
from tests.questions.hall import caller

DOCUMENT = (Path(__file__).parents[2] / "docs" / "live-protocol.md").read_text(encoding="utf-8")
EVERYBODY = set(Role)
MAY = {
    "attendees": EVERYBODY,
    "this tab": EVERYBODY,
    "presenters": {Role.SPEAKER, Role.MODERATOR, Role.CHAIR, Role.ORGANIZER},
    "moderators": {Role.MODERATOR, Role.CHAIR, Role.ORGANIZER},
    "chairs and organizers": {Role.CHAIR, Role.ORGANIZER},
    "organizers": {Role.ORGANIZER},
}


class _Anything:
    """Stands where a desk does: only the list of its commands is looked at, none is run."""

    def __getattr__(self, name: str) -> Any:
        return name

    def commands(self) -> list[LiveCommand]:
        return []


def product_commands() -> list[LiveCommand]:
    """The product's own list, each handler one that only says that it was reached."""

    async def reached(caller: Caller, command: object, client_id: str) -> object:
        return "reached"

    desk: Any = _Anything()
    rows = live_commands(
        desk,
        desk,
        QuestionDesk(desk, desk, desk, desk),
        desk,
        LateDesk(desk, desk),
        NotificationDesk(desk, desk),
        PollDesk(desk, desk, desk, desk),
        HandDesk(desk, desk, desk, desk),
        MoodDesk(desk, desk, desk, desk),
        ConnectionDesk(desk, desk),
        ChatDesk(desk, desk),
    )
    return [msgspec.structs.replace(row, handler=reached) for row in rows]


COMMANDS = {row.type: row for row in product_commands()}


def who(kind: str) -> set[Role]:
    """Whom the document names for a command."""
    found = re.search(rf"^\| `{kind}` \| [^|]+ \| ([^|]+) \|", DOCUMENT, re.MULTILINE)
    assert found, f"{kind} is not in the document"
    return MAY[found[1].replace(", durable", "").strip()]


def sample(kind: inspect.Type) -> Any:
    """The smallest value of a type."""
    match kind:
        case inspect.StrType():
            return "x" * max(1, kind.min_length or 1)
        case inspect.IntType():
            return kind.ge or 1
        case inspect.BoolType():
            return True
        case inspect.EnumType():
            first: Enum = next(iter(kind.cls))
            return first.value
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.UnionType():
            return sample(kind.types[0])
        case inspect.StructType():
            return {field.encode_name: sample(field.type) for field in kind.fields if field.required}
        case inspect.DictType():
            return {}
        case inspect.ListType() | inspect.VarTupleType() | inspect.CollectionType():
            return [sample(kind.item_type) for _ in range(kind.min_length or 0)]
        case _:
            raise AssertionError(f"no sample of {kind}")


def message(row: LiveCommand) -> dict[str, Any]:
    """A command that fits its type."""
    structure = inspect.type_info(row.struct)
    assert isinstance(structure, inspect.StructType)
    fields = {field.encode_name: sample(field.type) for field in structure.fields if field.required}
    return {"client_id": new_id(), "type": row.type, **fields}


@pytest.fixture
async def everybody(database: Database, clock: ManualClock) -> Database:
    """For each role one account with it here (session 1, or the event) and one with it in session 2 only."""

    def write(tx: Transaction) -> None:
        furnish(tx, clock)
        rows, now = tx.connection, clock.now()
        rows.execute(grant.delete())
        ali = {"account_id": account_id("ali"), "event_id": 1}
        rows.execute(insert(grant).values(**ali, role=Role.CHAIR, granted_at=now))
        rows.execute(insert(ban).values(**ali, made_at=now))
        for role in Role:
            for where in (1, 2):
                name = f"{role}-{where}"
                person = {"public_id": name, "email": f"{name}@example.org", "name": name, "created_at": now}
                (key,) = rows.execute(insert(account).values(**person)).inserted_primary_key or (0,)
                session_id = None if role in (Role.ORGANIZER, Role.ATTENDEE) else where
                held = {"account_id": key, "event_id": 1, "session_id": session_id, "role": role}
                rows.execute(insert(grant).values(**held, granted_at=now))

    await database.write(write)
    return database


async def outcome(commands: Commands, database: Database, name: str, row: LiveCommand) -> str:
    """`reached`, or the code of the refusal; what the caller believes to be counts for nothing."""

    def known(rows: Connection) -> int:
        return int(rows.execute(select(account.c.id).where(account.c.public_id == name)).scalar_one())

    boasting = caller("zainab", Role.ORGANIZER)
    whose = msgspec.structs.replace(boasting, account_id=await database.read(known), public_id=name)
    answer = await commands.run(whose, message(row))
    return str(answer.get("reply") or answer["error"]["code"])


async def test_every_command_by_every_role_here_and_elsewhere(
    everybody: Database, clock: ManualClock
) -> None:
    commands = Commands(
        list(COMMANDS.values()), database=everybody, permit=permitting(clock), counters=Counters()
    )
    wrong: list[str] = []
    for row in COMMANDS.values():
        for role in Role:
            here = role in who(row.type)
            # What one is elsewhere makes an attendee of one here; event-wide roles are the same everywhere.
            elsewhere = here if role in (Role.ORGANIZER, Role.ATTENDEE) else Role.ATTENDEE in who(row.type)
            for where, may in ((1, here), (2, elsewhere)):
                found = await outcome(commands, everybody, f"{role}-{where}", row)
                if found != ("reached" if may else "not-allowed.role"):
                    wrong.append(f"{row.type} by {role} of session {where}: {found}")
        for name in ("omar-public-id", "ali-public-id"):  # an outsider, and one who was banned
            found = await outcome(commands, everybody, name, row)
            if found != "not-found":
                wrong.append(f"{row.type} by {name}: {found}")
    assert wrong == []


def test_the_document_says_of_every_command_whether_it_is_durable() -> None:
    stage = DOCUMENT[DOCUMENT.index("## Messages: the stage") :]
    durable = set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]*, durable \|", stage, re.MULTILINE))
    named = {kind for kind in COMMANDS if f"| `{kind}` |" in stage}
    assert {kind for kind in named if COMMANDS[kind].durable} == durable
