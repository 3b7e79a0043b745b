"""The log: no gaps, nothing twice, nothing of what was taken back."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from sqlalchemy import func, select

from conference.clock import ManualClock
from conference.errors import Conflict
from conference.live.channels import session_channel
from conference.live.commands import Caller
from conference.live.log import append, head, heads, once, since
from conference.live.messages import RESERVED, Announcement, Command
from conference.live.snapshot import WORTH_BYTES, catch_up, current_state
from conference.live.tables import LogEvent, log_event
from conference.people.permissions import Role
from conference.storage.database import Database, Transaction
from tests.live.saying import Said
from tests.live.seminar import MORNING, new_id
from tests.questions.hall import caller

HALL, OTHER = session_channel(MORNING), session_channel("OTHER1")
ALI: Caller = caller("ali", Role.ATTENDEE)


async def say(database: Database, clock: ManualClock, text: str, channel: str = HALL) -> int:
    return await database.write(
        lambda tx: append(tx, channel, Said(text=text, by="Ali"), actor=2, at=clock.now())
    )


async def test_each_channel_counts_from_one_without_a_gap(furnished: Database, clock: ManualClock) -> None:
    seqs = await asyncio.gather(
        *(say(furnished, clock, str(number), channel) for number in range(50) for channel in (HALL, OTHER))
    )
    assert sorted(seqs[0::2]) == sorted(seqs[1::2]) == list(range(1, 51))
    assert await furnished.read(lambda rows: heads(rows, [HALL, OTHER, "empty"])) == {
        HALL: 50, OTHER: 50, "empty": 0
    }  # fmt: skip


async def test_unit_that_fails_leaves_no_gap_and_tells_nobody(
    furnished: Database, clock: ManualClock
) -> None:
    heard: list[object] = []
    furnished.subscribe(heard.append)

    def fails(tx: Transaction) -> None:
        append(tx, HALL, Said(text="never", by="Ali"), actor=2, at=clock.now())
        raise Conflict("no")

    outcomes = await asyncio.gather(
        say(furnished, clock, "one"),
        furnished.write(fails),
        say(furnished, clock, "two"),
        return_exceptions=True,
    )
    assert [outcomes[0], outcomes[2]] == [1, 2]
    assert [event.seq for event in heard if isinstance(event, LogEvent)] == [1, 2]


async def test_what_is_heard_is_already_on_disk(furnished: Database, clock: ManualClock) -> None:
    seen: list[asyncio.Task[int]] = []
    furnished.subscribe(lambda news: seen.append(asyncio.create_task(_head(furnished))))
    assert await say(furnished, clock, "one") == 1
    assert [await task for task in seen] == [1]


async def _head(database: Database) -> int:
    return await database.read(lambda rows: head(rows, HALL))


async def test_seq_is_not_given_out_again_after_old_events_were_cleared(
    furnished: Database, clock: ManualClock
) -> None:
    await say(furnished, clock, "one")
    await furnished.write(lambda tx: tx.connection.execute(log_event.delete()))
    assert await say(furnished, clock, "two") == 2
    # A client that missed the cleared one cannot be told it: it gets a snapshot.
    assert (await furnished.read(lambda rows: catch_up(rows, HALL, 0, 100)))["events"] is None


async def test_since_gives_the_oldest_first_up_to_the_limit(furnished: Database, clock: ManualClock) -> None:
    for number in range(5):
        await say(furnished, clock, str(number))
    found = await furnished.read(lambda rows: since(rows, HALL, 1, 3))
    assert [event.seq for event in found] == [2, 3, 4]


async def test_more_than_a_snapshot_is_worth_is_not_sent_as_events(
    furnished: Database, clock: ManualClock
) -> None:
    for _ in range(3):
        await say(furnished, clock, "x" * (WORTH_BYTES // 2))
    last = dict.fromkeys(ALI.channels, 0)
    state = await furnished.read(lambda rows: current_state(rows, ALI, last, [], 2000))
    assert state["events"] is None
    assert len((await furnished.read(lambda rows: catch_up(rows, HALL, 2, 2000)))["events"]) == 1


async def test_once_repeats_the_first_reply(furnished: Database, clock: ManualClock) -> None:
    name, runs = new_id(), iter(range(10))

    def command(tx: Transaction) -> object:
        return once(tx, 2, name, lambda: {"run": next(runs)}, at=clock.now())

    replies = await asyncio.gather(*(furnished.write(command) for _ in range(3)))
    assert [(each.reply, each.repeated) for each in replies] == [  # type: ignore[attr-defined]  # a Reply
        ({"run": 0}, False), ({"run": 0}, True), ({"run": 0}, True)
    ]  # fmt: skip


async def test_client_ids_of_two_accounts_do_not_meet(furnished: Database, clock: ManualClock) -> None:
    name = new_id()
    for account in (2, 3):
        reply = await furnished.write(
            lambda tx, account=account: once(tx, account, name, lambda: account, at=clock.now())  # type: ignore[misc]  # a loop variable
        )
        assert (reply.reply, reply.repeated) == (account, False)


async def test_refused_command_may_be_tried_again(furnished: Database, clock: ManualClock) -> None:
    name = new_id()

    def refuse() -> object:
        raise Conflict("closed")

    with pytest.raises(Conflict):
        await furnished.write(lambda tx: once(tx, 2, name, refuse, at=clock.now()))
    reply = await furnished.write(lambda tx: once(tx, 2, name, lambda: "open again", at=clock.now()))
    assert reply.reply == "open again"


async def test_snapshot_fits_its_seqs_while_others_write(furnished: Database, clock: ManualClock) -> None:
    """Every snapshot taken during 200 writes holds exactly the events up to its head."""
    from conference.live.snapshot import SnapshotPart

    count = select(func.count()).select_from(log_event).where(log_event.c.channel == HALL)
    parts = [SnapshotPart("count", lambda rows, _: rows.scalar(count))]

    async def watch() -> None:
        for _ in range(20):
            state = await furnished.read(lambda rows: current_state(rows, ALI, {}, parts, 2000))
            assert msgspec.json.decode(state["snapshot"]["count"]) == state["heads"][HALL]
            await asyncio.sleep(0)

    await asyncio.gather(watch(), *(say(furnished, clock, str(number)) for number in range(200)))


def test_no_message_has_a_field_of_the_envelope() -> None:
    import conference.questions.messages
    import conference.stage.messages  # noqa: F401  # registers its messages

    for kind in [*Announcement.__subclasses__(), *Command.__subclasses__()]:
        fields = {field.encode_name for field in msgspec.structs.fields(kind)}
        assert not fields & RESERVED, kind
