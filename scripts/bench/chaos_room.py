"""The room of the chaos: questions, polls and chat together, and what a client knows of its polls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from conference.chat.live import ChatDesk
from conference.clock import Clock
from conference.live.commands import Caller
from conference.live.messages import Announcement
from conference.live.snapshot import SnapshotPart
from conference.live.tally import Tally
from conference.polls.content import Kind
from conference.polls.counting import count_polls
from conference.polls.life import Results
from conference.polls.live import PollDesk, typed
from conference.polls.making import make
from conference.polls.messages import PollWords
from conference.polls.telling import Desk
from conference.questions.live import QuestionDesk
from conference.questions.snapshot import Snapshots, own_votes
from conference.questions.voting import count_votes
from conference.storage.database import Database, Transaction
from tests.live.seminar import Seminar, running

CHOICES = ("a", "b", "c")


@asynccontextmanager
async def open_room(
    database: Database, clock: Clock, *, interval: float = 0.05, **options: Any
) -> AsyncIterator[Seminar]:
    """A running server with everything that people can do in a room but for the stage."""
    tally = Tally(database, clock, interval, [count_votes, count_polls])
    told: list[Any] = []

    def tell(channel: str, announcement: Announcement) -> None:
        told[0](channel, announcement)

    polls = PollDesk(database, clock, tally, tell)
    commands = [
        *QuestionDesk(database, clock, tally, tell).commands(),
        *polls.commands(),
        *ChatDesk(database, clock).commands(),
    ]
    parts = [
        SnapshotPart("questions", Snapshots()),
        SnapshotPart("question_votes", own_votes, always=True),
        SnapshotPart("polls", polls.snapshot),
    ]
    async with running(database, clock, commands, parts, **options) as seminar:
        told.append(seminar.hub.tell)
        await tally.start()
        try:
            yield seminar
        finally:
            await tally.close()


def open_polls(tx: Transaction, chair: Caller, *, now: datetime) -> None:
    """A poll with names and one without, both open and with results for everybody."""
    for anonymous in (False, True):
        words = PollWords(
            kind=Kind.SINGLE, question="Which drug first?", options=("Metformin", "Insulin", "Neither"),
            anonymous=anonymous, results=Results.LIVE,
        )  # fmt: skip
        make(tx, Desk.of(chair), *typed(words), now=now, opened=True)


class Polls:
    """The rule of web/src/polls in Python: each view is whole, and between two of them counts come alone."""

    def __init__(self) -> None:
        self.shown: dict[str, dict[str, Any]] = {}
        self.filed: dict[str, dict[str, Any]] = {}

    def start(self, part: dict[str, Any]) -> None:
        self.shown = {each["id"]: each for each in part.get("shown") or ()}
        self.filed = {each["id"]: each for each in part.get("filed") or ()}

    def apply(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "PollShown":
                self.shown[event["poll"]["id"]] = event["poll"]
            case "PollGone":
                self.shown.pop(event["poll"], None)
            case "PollFiled":
                self.filed[event["poll"]["id"]] = event["poll"]
            case "PollRemoved":
                self.filed.pop(event["poll"], None)
            case "PollsCounted":
                for name, count in event["polls"].items():
                    if name in self.shown:
                        counted = {"answered": count["answered"], "tally": count.get("tally")}
                        self.shown[name] = {**self.shown[name], **counted}
            case "PollsTallied":
                for name, result in event["polls"].items():
                    if name in self.filed:
                        counted = {"answered": result.get("answered", 0), "tally": result}
                        self.filed[name] = {**self.filed[name], **counted}

    def state(self) -> dict[str, Any]:
        """Comparable: what is left out on the wire is what it is by default."""
        unsaid: dict[str, Any] = {"answered": 0, "tally": None}
        whole = {name: {**unsaid, **each} for name, each in self.shown.items()}
        filed = {name: {**unsaid, "tally": {}, **each} for name, each in self.filed.items()}
        return {"shown": whole, "filed": filed}
