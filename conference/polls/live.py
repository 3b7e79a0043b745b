"""The live edge of polls: each command is one act in one transaction, exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from conference.clock import Clock
from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.commands import Caller, LiveCommand
from conference.live.log import once
from conference.live.messages import Announcement, Command
from conference.live.snapshot import Shared
from conference.live.tally import Tally
from conference.people.permissions import Capability
from conference.polls import grouping, making
from conference.polls.answering import Given, answer
from conference.polls.content import Wording
from conference.polls.life import Step
from conference.polls.listing import named_answers
from conference.polls.messages import (
    AnswerKept,
    AnswerPoll,
    ClosePoll,
    CopyPoll,
    DeletePoll,
    EditPoll,
    GroupAnswers,
    HideAnswers,
    HideResults,
    ListAnswers,
    MakePoll,
    MovePoll,
    OpenPoll,
    PollWords,
    ShowResults,
    SplitAnswers,
    WithdrawPoll,
)
from conference.polls.reading import Snapshot, filed_polls, moderates, shown_polls
from conference.polls.running import Stepped, take_step
from conference.polls.telling import Desk
from conference.storage.database import Database, Transaction

Act = Callable[..., object]  # (tx, desk, command, *, now) -> reply

STEPS: dict[type[Command], Step] = {
    OpenPoll: Step.OPEN,
    ClosePoll: Step.CLOSE,
    ShowResults: Step.SHOW,
    HideResults: Step.HIDE,
    WithdrawPoll: Step.WITHDRAW,
}


class PollDesk:
    """Handlers of every poll command; `tell` sends an ephemeral announcement to a channel."""

    def __init__(
        self, database: Database, clock: Clock, tally: Tally, tell: Callable[[str, Announcement], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._tally = tally
        self._tell = tell
        self._shown: Shared[int] = Shared(shown_polls)
        self._filed: Shared[int] = Shared(filed_polls)

    def snapshot(self, rows: Connection, caller: Caller) -> Snapshot:
        """The part `polls` of the live snapshot: `reading.snapshot`, made once for all who come at once."""
        code, session_id = caller.session_code, caller.session_id
        return Snapshot(
            shown=self._shown.of(rows, session_channel(code), session_id),
            filed=self._filed.of(rows, desk_channel(code), session_id) if moderates(caller) else None,
        )

    def commands(self) -> list[LiveCommand]:
        """The rows for the list in app.py."""
        acts: dict[type[Command], Act] = {
            MakePoll: _make,
            EditPoll: _edit,
            CopyPoll: lambda tx, desk, wish, *, now: making.copy(tx, desk, wish.poll, now=now),
            MovePoll: lambda tx, desk, wish, *, now: making.move(tx, desk, wish.poll, wish.before, now=now),
            DeletePoll: lambda tx, desk, wish, *, now: making.remove(tx, desk, wish.poll, now=now),
            **dict.fromkeys(STEPS, _step),
            GroupAnswers: grouping.group,
            SplitAnswers: grouping.split,
            HideAnswers: grouping.hide,
        }
        return [
            LiveCommand(AnswerPoll, self.answer, Capability.VOTE),
            LiveCommand(ListAnswers, self.list_answers, Capability.MODERATE, durable=False),
            *(LiveCommand(struct, self._act(act), Capability.MODERATE) for struct, act in acts.items()),
        ]

    async def answer(self, caller: Caller, command: AnswerPoll, client_id: str) -> object:
        """Answers need no table of repeats: the counter already makes them take effect once."""
        given: Given = await self._database.write(lambda tx: answer(tx, caller, command))
        self._tally.ring()
        kept = AnswerKept(session=caller.session_code, poll=command.poll, own=given.told)
        self._tell(person_channel(caller.public_id), kept)
        return given.reply

    async def list_answers(self, caller: Caller, command: ListAnswers, client_id: str) -> object:
        """Read, and told to nobody else."""
        return await self._database.read(lambda rows: named_answers(rows, caller.session_id, command.poll))

    def _act(self, act: Act) -> Callable[[Caller, Any, str], Awaitable[object]]:
        async def handle(caller: Caller, command: object, client_id: str) -> object:
            now, desk = self._clock.now(), Desk.of(caller)
            done = await self._database.write(
                lambda tx: once(
                    tx, caller.account_id, client_id, lambda: act(tx, desk, command, now=now), at=now
                )
            )
            return done.reply

        return handle


def _make(tx: Transaction, desk: Desk, wish: MakePoll, *, now: datetime) -> making.Made:
    return making.make(tx, desk, *typed(wish.words), now=now, opened=wish.open)


def _edit(tx: Transaction, desk: Desk, wish: EditPoll, *, now: datetime) -> making.Made:
    return making.edit(tx, desk, wish.poll, wish.version, *typed(wish.words), now=now)


def _step(tx: Transaction, desk: Desk, wish: Any, *, now: datetime) -> Stepped:
    row = take_step(tx, desk, wish.poll, STEPS[type(wish)], now=now)
    return Stepped(row.stage, row.version)


def typed(words: PollWords) -> tuple[Wording, making.Manner]:
    """What was typed, and how the poll is held."""
    return msgspec.convert(words, Wording, from_attributes=True), making.Manner(
        words.anonymous, words.results
    )
