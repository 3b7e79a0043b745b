"""Questions in the live tests' small world: the whole domain on the real hub, and a client that follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from conference.clock import Clock
from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.commands import Caller, LiveCommand
from conference.live.messages import Announcement
from conference.live.snapshot import SnapshotPart
from conference.live.tally import Tally
from conference.people.permissions import Role, Scope
from conference.questions.live import QuestionDesk
from conference.questions.snapshot import Snapshots, own_votes
from conference.questions.voting import count_votes
from conference.storage.database import Database
from tests.live.seminar import DESK, MORNING, Seminar, account_id, running

ROOM = session_channel(MORNING)
ENVELOPE = frozenset({"channel", "seq", "at", "client_id"})


@asynccontextmanager
async def open_hall(
    database: Database, clock: Clock, *, interval: float = 0.05, look: float | None = None, **options: Any
) -> AsyncIterator[Seminar]:
    """A running server with the question commands; with *look* others share the database (`Tally`)."""
    tally = Tally(database, clock, interval, [count_votes], look=look)
    told: list[Any] = []

    def tell(channel: str, announcement: Announcement) -> None:
        told[0](channel, announcement)

    commands: list[LiveCommand] = QuestionDesk(database, clock, tally, tell).commands()
    parts = [
        SnapshotPart("questions", Snapshots()),
        SnapshotPart("question_votes", own_votes, always=True),
    ]
    async with running(database, clock, commands, parts, **options) as seminar:
        told.append(seminar.hub.tell)
        await tally.start()
        try:
            yield seminar
        finally:
            await tally.close()


def caller(name: str, role: Role, *, session_id: int = 1, code: str = MORNING) -> Caller:
    """Somebody in a room, for acts that are tested without a server."""
    channels = [session_channel(code), person_channel(f"{name}-public-id")]
    if role in DESK:
        channels.append(desk_channel(code))
    return Caller(
        account_id=account_id(name), public_id=f"{name}-public-id", name=name.title(), language="en",
        connection_id=name, scope=Scope(event_id=1, session_id=session_id), session_code=code,
        roles=frozenset({role}), channels=tuple(channels),
    )  # fmt: skip


class Mirror:
    """What a client knows: the rule of web/src/questions/state.ts in Python.

    Each channel keeps its own view of a question and the newest of a channel counts.
    """

    def __init__(self) -> None:
        self.shown: dict[str, dict[str, Any]] = {}
        self.filed: dict[str, dict[str, Any]] = {}
        self.own: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, Any] = {}
        self.next: list[str] = []
        self.now: dict[str, Any] | None = None
        self.blocked: list[dict[str, Any]] = []

    def start(self, part: dict[str, Any]) -> None:
        self.shown = {each["id"]: each for each in part.get("shown", [])}
        self.filed = {each["id"]: each for each in part.get("filed", [])}
        self.own = {each["id"]: each for each in part.get("own", [])}
        self.rules = part["rules"]
        self.next, self.now = part.get("next", []), part.get("now")
        self.blocked = part.get("blocked", [])

    def apply(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "QuestionShown":
                self.shown[event["question"]["id"]] = event["question"]
            case "QuestionHidden":
                self.shown.pop(event["question"], None)
            case "QuestionFiled":
                self.filed[event["question"]["id"]] = event["question"]
            case "QuestionNoted":
                self.own[event["question"]["id"]] = event["question"]
            case "VotesCounted":
                for question, votes in event["votes"].items():
                    if question in self.shown:
                        self.shown[question] = {**self.shown[question], "votes": votes}
            case "QuestionRulesChanged":
                self.rules = {name: event[name] for name in event if name not in ENVELOPE}
            case "QuestionsLinedUp":
                self.next = event["questions"]
            case "QuestionBeingAnswered":
                self.now = event["now"]
            case "AskersBlocked":
                self.blocked = event["people"]

    def state(self) -> dict[str, Any]:
        """Comparable: zero votes and a missing count are the same."""
        shown = {name: {"votes": 0, **each} for name, each in self.shown.items()}
        lists = {"next": self.next, "now": self.now, "blocked": self.blocked}
        return {"shown": shown, "filed": self.filed, "own": self.own, "rules": self.rules, **lists}
