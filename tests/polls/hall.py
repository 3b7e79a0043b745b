"""Polls in the live tests' small world: the whole domain on the real hub, and polls to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from conference.clock import Clock
from conference.live.channels import desk_channel, person_channel, session_channel
from conference.live.commands import Caller
from conference.live.messages import Announcement
from conference.live.snapshot import SnapshotPart
from conference.live.tally import Tally
from conference.people.permissions import Role, Scope
from conference.polls.counting import count_polls
from conference.polls.live import PollDesk
from conference.polls.reading import own_answers
from conference.storage.database import Database
from tests.live.seminar import DESK as DESK_ROLES
from tests.live.seminar import MORNING, Seminar, Tab, account_id, running

ROOM, DESK = session_channel(MORNING), desk_channel(MORNING)
BALLOT = "A" * 22

WORDS: dict[str, dict[str, Any]] = {
    "single": {"kind": "single", "question": "Which drug first?", "options": ["Metformin", "Insulin"]},
    "multiple": {
        "kind": "multiple", "question": "Which do you use?", "options": ["CT", "MRI", "Ultrasound"],
        "least": 1, "most": 2,
    },
    "likert": {
        "kind": "likert", "question": "The guideline is clear.", "points": 5, "low": "disagree",
        "high": "agree",
    },
    "rating": {"kind": "rating", "question": "How was the talk?", "points": 5},
    "ordering": {
        "kind": "ordering", "question": "What matters most?", "options": ["Cost", "Safety", "Speed"]
    },
    "text": {"kind": "text", "question": "One word for today?"},
    "quiz": {
        "kind": "quiz", "question": "Normal pH of blood?", "options": ["7.0", "7.4", "7.8"], "right": [1]
    },
}  # fmt: skip

ANSWERS: dict[str, dict[str, Any]] = {
    "single": {"choices": ["b"]},
    "multiple": {"choices": ["a", "c"]},
    "likert": {"value": 4},
    "rating": {"value": 5},
    "ordering": {"choices": ["b", "c", "a"]},
    "text": {"text": "شكراً"},
    "quiz": {"choices": ["b"]},
}


@asynccontextmanager
async def open_hall(
    database: Database, clock: Clock, *, interval: float = 0.05, **options: Any
) -> AsyncIterator[Seminar]:
    """A running server with the poll commands."""
    tally = Tally(database, clock, interval, [count_polls])
    told: list[Any] = []

    def tell(channel: str, announcement: Announcement) -> None:
        told[0](channel, announcement)

    desk = PollDesk(database, clock, tally, tell)
    parts = [SnapshotPart("polls", desk.snapshot), SnapshotPart("poll_answers", own_answers, always=True)]
    async with running(database, clock, desk.commands(), parts, **options) as seminar:
        told.append(seminar.hub.tell)
        await tally.start()
        try:
            yield seminar
        finally:
            await tally.close()


async def opened(chair: Tab, kind: str = "single", **changed: Any) -> str:
    """A poll of *kind* that has just been opened; its id."""
    reply = await chair.command("MakePoll", words={**WORDS[kind], **changed}, open=True)
    return str(reply["reply"]["poll"])


def caller(name: str, role: Role) -> Caller:
    """Somebody in the morning session's room, for acts that are tested without a server."""
    channels = [session_channel(MORNING), person_channel(f"{name}-public-id")]
    if role in DESK_ROLES:
        channels.append(desk_channel(MORNING))
    return Caller(
        account_id=account_id(name), public_id=f"{name}-public-id", name=name.title(), language="en",
        connection_id=name, scope=Scope(event_id=1, session_id=1), session_code=MORNING,
        roles=frozenset({role}), channels=tuple(channels),
    )  # fmt: skip
