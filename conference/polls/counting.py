"""Telling the counts of polls: a few times a second at most, however many people answer."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import delete, select

from conference.agenda.tables import session
from conference.live.channels import desk_channel, session_channel
from conference.live.log import append
from conference.live.tally import Ripe
from conference.polls.life import SHOWN
from conference.polls.messages import PollsCounted, PollsTallied, RoomCount
from conference.polls.reading import poll_by_public_id, tally_of
from conference.polls.tables import PollRow, poll, poll_due
from conference.polls.tally import Tally, for_the_room
from conference.storage.database import Transaction


def count_polls(tx: Transaction, ripe: Ripe, *, now: datetime) -> None:
    """Log the counts that are due of each room whose time it is. A `live.tally.Count`."""
    found = tx.connection.execute(
        select(session.c.code, poll.c.session_id, poll.c.public_id)
        .select_from(poll_due)
        .join(poll, poll.c.id == poll_due.c.poll_id)
        .join(session, session.c.id == poll.c.session_id)
    ).all()
    rooms: defaultdict[str, list[PollRow]] = defaultdict(list)
    for code, session_id, public_id in found:
        rooms[code].append(poll_by_public_id(tx.connection, session_id, public_id))
    for code, rows in rooms.items():
        if ripe(session_channel(code)):
            _tell(tx, code, rows, now)


def _tell(tx: Transaction, code: str, rows: list[PollRow], now: datetime) -> None:
    results = {row.public_id: (row, tally_of(tx.connection, row)) for row in rows}
    for_room = {name: _for_room(row, result) for name, (row, result) in results.items()}
    for_desk = {name: result for name, (_, result) in results.items()}
    append(tx, session_channel(code), PollsCounted(polls=for_room), actor=None, at=now)
    append(tx, desk_channel(code), PollsTallied(polls=for_desk), actor=None, at=now)
    tx.connection.execute(delete(poll_due).where(poll_due.c.poll_id.in_([row.id for row in rows])))


def _for_room(row: PollRow, result: Tally) -> RoomCount:
    """While the results are hidden, only how many have answered."""
    shown = row.stage in SHOWN
    return RoomCount(answered=result.answered, tally=for_the_room(result) if shown else None)
