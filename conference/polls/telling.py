"""Telling each channel what it may know of a poll, and who tells."""

from __future__ import annotations

from datetime import datetime

import msgspec

from conference.live.channels import desk_channel, session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.polls.life import Stage
from conference.polls.messages import PollFiled, PollGone, PollShown
from conference.polls.reading import filed, poll_by_public_id, shown, tally_of
from conference.polls.tables import PollRow
from conference.storage.database import Transaction


class Desk(msgspec.Struct, frozen=True):
    """A session whose polls are run, and by whom: from its live room or from a page."""

    session_id: int
    session_code: str
    account_id: int | None

    @classmethod
    def of(cls, caller: Caller) -> Desk:
        return cls(caller.session_id, caller.session_code, caller.account_id)


def announce(tx: Transaction, desk: Desk, public_id: str, *, was: Stage, now: datetime) -> PollRow:
    """Log how a poll stands now in the desk's and the room's channel; returns it."""
    row = poll_by_public_id(tx.connection, desk.session_id, public_id)
    result = tally_of(tx.connection, row)
    told = PollFiled(poll=filed(row, result))
    append(tx, desk_channel(desk.session_code), told, actor=desk.account_id, at=now)
    room = session_channel(desk.session_code)
    if row.stage is not Stage.DRAFT:
        append(tx, room, PollShown(poll=shown(row, result)), actor=None, at=now)
    elif was is not Stage.DRAFT:
        append(tx, room, PollGone(poll=public_id), actor=None, at=now)
    return row
