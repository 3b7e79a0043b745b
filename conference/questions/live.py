"""The live edge of questions: each command is one act in one transaction, exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from conference.clock import Clock
from conference.live.channels import person_channel
from conference.live.commands import Caller, LiveCommand
from conference.live.log import once
from conference.live.messages import Announcement
from conference.live.tally import Tally
from conference.people.permissions import Capability
from conference.questions import messages as m
from conference.questions.answering import answer_now
from conference.questions.asking import ask
from conference.questions.assigning import assign
from conference.questions.blocking import block
from conference.questions.deciding import MomentIn, answer, approve, decline, hide, not_recorded, pin, undo
from conference.questions.editing import edit
from conference.questions.lining_up import line_up
from conference.questions.merging import merge
from conference.questions.rules import change_rules, set_time
from conference.questions.searching import QuestionSearch
from conference.questions.snapshot import list_more
from conference.questions.tagging import tag
from conference.questions.voting import Voted, vote
from conference.storage.database import Database

Act = Callable[..., object]  # (tx, caller, command, *, now) -> reply


class QuestionDesk:
    """Handlers of every question command; `tell` sends an ephemeral announcement to a channel.

    `moment_in` finds a moment in a session's recordings (`deciding.MomentIn`).
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tally: Tally,
        tell: Callable[[str, Announcement], None],
        moment_in: MomentIn = not_recorded,
    ) -> None:
        self._database = database
        self._clock = clock
        self._tally = tally
        self._tell = tell
        self._search = QuestionSearch(database)
        self._moment_in = moment_in

    def commands(self) -> list[LiveCommand]:
        """The rows for the list in app.py. All but the stage's own can be sent from outside the room."""
        may, here = Capability, partial(LiveCommand, outside=True)
        looks = partial(LiveCommand, durable=False)
        return [
            here(m.AskQuestion, self._act(ask), may.ASK),
            here(m.VoteQuestion, self.vote, may.VOTE),
            looks(m.SearchQuestions, self._search.search, may.ENTER_ROOM),
            looks(m.FindSimilar, self._search.find_similar, may.ENTER_ROOM),
            looks(m.ListQuestions, self.list_more, may.ENTER_ROOM),
            here(m.AnswerNow, self._act(answer_now), may.TAKE_FLOOR),
            here(m.AnswerQuestion, self._act(partial(answer, moment_in=self._moment_in)), may.TAKE_FLOOR),
            here(m.ApproveQuestion, self._act(approve), may.MODERATE),
            here(m.DeclineQuestion, self._act(decline), may.MODERATE),
            here(m.HideQuestion, self._act(hide), may.MODERATE),
            here(m.PinQuestion, self._act(pin), may.MODERATE),
            here(m.UndoModeration, self._counted(partial(undo, tell=self._tell)), may.MODERATE),
            here(m.EditQuestion, self._act(edit), may.MODERATE),
            here(m.MergeQuestions, self._counted(partial(merge, tell=self._tell)), may.MODERATE),
            here(m.TagQuestion, self._act(tag), may.MODERATE),
            here(m.AssignQuestion, self._act(assign), may.MODERATE),
            here(m.LineUpQuestion, self._act(line_up), may.MODERATE),
            here(m.BlockAsker, self._act(block), may.MODERATE),
            here(m.ChangeQuestionRules, self._act(change_rules), may.MODERATE),
            here(m.SetQuestionTime, self._act(set_time), may.MODERATE),
        ]

    async def vote(self, caller: Caller, command: m.VoteQuestion, client_id: str) -> object:
        """Votes need no table of repeats: the counter already makes them take effect once."""
        voted: Voted = await self._database.write(lambda tx: vote(tx, caller, command, self._tell))
        self._tally.ring()
        kept = m.VoteKept(
            session=caller.session_code, question=command.question, on=voted.on, counter=voted.counter
        )
        self._tell(person_channel(caller.public_id), kept)
        return voted

    async def list_more(self, caller: Caller, command: m.ListQuestions, client_id: str) -> object:
        return await self._database.read(lambda rows: list_more(rows, caller, command))

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

    def _counted(self, act: Act) -> Callable[[Caller, Any, str], Awaitable[object]]:
        """An act after which votes are to be counted anew."""
        handle = self._act(act)

        async def handle_and_ring(caller: Caller, command: object, client_id: str) -> object:
            reply = await handle(caller, command, client_id)
            self._tally.ring()
            return reply

        return handle_and_ring
