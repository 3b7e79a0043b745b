"""The live edge of questions: each command is one act in one transaction, exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from conference.clock import Clock
from conference.live.channels import person_channel
from conference.live.commands import Caller, LiveCommand
from conference.live.log import once
from conference.live.messages import Announcement
from conference.live.tally import Tally
from conference.people.permissions import Capability
from conference.questions.asking import ask
from conference.questions.deciding import answer, approve, change_rules, decline, pin, undo
from conference.questions.messages import (
    AnswerQuestion,
    ApproveQuestion,
    AskQuestion,
    ChangeQuestionRules,
    DeclineQuestion,
    PinQuestion,
    UndoModeration,
    VoteKept,
    VoteQuestion,
)
from conference.questions.voting import Voted, vote
from conference.storage.database import Database

Act = Callable[..., object]  # (tx, caller, command, *, now) -> reply


class QuestionDesk:
    """Handlers of every question command; `tell` sends an ephemeral announcement to a channel."""

    def __init__(
        self, database: Database, clock: Clock, tally: Tally, tell: Callable[[str, Announcement], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._tally = tally
        self._tell = tell

    def commands(self) -> list[LiveCommand]:
        """The rows for the list in app.py."""
        return [
            LiveCommand(AskQuestion, self._act(ask), Capability.ASK),
            LiveCommand(VoteQuestion, self.vote, Capability.VOTE),
            LiveCommand(ApproveQuestion, self._act(approve), Capability.MODERATE),
            LiveCommand(DeclineQuestion, self._act(decline), Capability.MODERATE),
            LiveCommand(AnswerQuestion, self._act(answer), Capability.MODERATE),
            LiveCommand(PinQuestion, self._act(pin), Capability.MODERATE),
            LiveCommand(UndoModeration, self._act(undo), Capability.MODERATE),
            LiveCommand(ChangeQuestionRules, self._act(change_rules), Capability.MODERATE),
        ]

    async def vote(self, caller: Caller, command: VoteQuestion, client_id: str) -> object:
        """Votes need no table of repeats: the counter already makes them take effect once."""
        voted: Voted = await self._database.write(lambda tx: vote(tx, caller, command))
        self._tally.ring()
        kept = VoteKept(
            session=caller.session_code, question=command.question, on=voted.on, counter=voted.counter
        )
        self._tell(person_channel(caller.public_id), kept)
        return voted

    def _act(self, act: Act) -> Callable[[Caller, Any, str], Awaitable[object]]:
        async def handle(caller: Caller, command: object, client_id: str) -> object:
            now = self._clock.now()
            done = await self._database.write(
                lambda tx: once(
                    tx, caller.account_id, client_id, lambda: act(tx, caller, command, now=now), at=now
                )
            )
            return done.reply

        return handle
