"""The durable log of each channel, and commands that take effect exactly once.

Everything here runs inside one unit of work of the single writer, so `seq` has no gaps and an event
exists exactly when what it tells of does. The log is the truth; delivery (`delivery.py`) is a hint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from conference.live.messages import Announcement
from conference.live.tables import LogEvent, channel_head, command, log_event
from conference.storage.database import Transaction
from conference.storage.prepared import Prepared


class Reply(msgspec.Struct, frozen=True):
    """What a command answered; `repeated` when it had its effect before and is only told again."""

    reply: Any
    repeated: bool


def append(
    tx: Transaction, channel: str, announcement: Announcement, *, actor: int | None, at: datetime
) -> int:
    """Log *announcement* in *channel*; those who are in it hear of it after the commit. Returns its seq.

    *actor* (an account) is for audits and erasure and is never part of what is sent.
    """
    ((seq,),) = _next_seq.rows(tx.connection, channel=channel)
    body = msgspec.json.encode(announcement).decode()
    kind = type(announcement).__name__
    _keep.run(tx.connection, channel=channel, seq=seq, actor=actor, type=kind, at=at, body=body)
    tx.announce(LogEvent(channel, seq, at, body))
    return int(seq)


def _count_on(dialect: str) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(channel_head).values(channel=bindparam("channel"), seq=1)
    counted = statement.on_conflict_do_update(
        index_elements=[channel_head.c.channel], set_={"seq": channel_head.c.seq + 1}
    )
    return counted.returning(channel_head.c.seq)


_next_seq = Prepared(_count_on)
_keep = Prepared(
    log_event.insert().values(
        {name: bindparam(name) for name in ("channel", "seq", "actor", "type", "at", "body")}
    )
)
_replied = Prepared(
    select(command.c.reply).where(
        command.c.account_id == bindparam("account_id"), command.c.client_id == bindparam("client_id")
    )
)
_head = Prepared(select(channel_head.c.seq).where(channel_head.c.channel == bindparam("channel")))
_reply = Prepared(
    command.insert().values({name: bindparam(name) for name in ("account_id", "client_id", "at", "reply")})
)


def head(rows: Connection, channel: str) -> int:
    """The seq of the last event of *channel*; 0 when there is none."""
    found = _head.rows(rows, channel=channel)
    return int(found[0][0]) if found else 0


def heads(rows: Connection, channels: Iterable[str]) -> dict[str, int]:
    """The heads of several channels, 0 for the empty ones."""
    return {channel: head(rows, channel) for channel in channels}


def since(rows: Connection, channel: str, seq: int, limit: int) -> list[LogEvent]:
    """The first *limit* events of *channel* after *seq*, oldest first."""
    found = rows.execute(
        select(log_event.c.channel, log_event.c.seq, log_event.c.at, log_event.c.body)
        .where(log_event.c.channel == channel, log_event.c.seq > seq)
        .order_by(log_event.c.seq)
        .limit(limit)
    )
    return [LogEvent(*row) for row in found]


def once(
    tx: Transaction, account_id: int, client_id: str, work: Callable[[], object], *, at: datetime
) -> Reply:
    """Run *work* unless this account's *client_id* already had its effect; then repeat its reply.

    The reply is stored in the same commit as the effect. A refusal (`MajlisError`) stores nothing:
    the same command may be tried again once the reason has gone.
    """
    stored = _replied.rows(tx.connection, account_id=account_id, client_id=client_id)
    if stored:
        return Reply(msgspec.json.decode(stored[0][0]), repeated=True)
    encoded = msgspec.json.encode(work())
    _reply.run(tx.connection, account_id=account_id, client_id=client_id, at=at, reply=encoded.decode())
    return Reply(msgspec.json.decode(encoded), repeated=False)
