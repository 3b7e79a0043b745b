"""The smallest domain there can be, to test the channel with: somebody says something to a room."""

from __future__ import annotations

import asyncio

from conference.clock import Clock
from conference.errors import Conflict
from conference.live.channels import desk_channel, event_channel, event_desk_channel, session_channel
from conference.live.commands import Caller, LiveCommand
from conference.live.log import append, once
from conference.live.messages import Announcement, Command
from conference.people.permissions import Capability
from conference.storage.database import Database, Transaction


class Say(Command):
    """Say *text* to the room, or to its desk."""

    text: str
    to_desk: bool = False


class Call(Command):
    """Say *text* to everybody in the event, or to its organizers."""

    text: str
    to_desk: bool = False


class Fail(Command):
    """Meets a fault of ours."""


class Wait(Command):
    """Answers only when let go."""


class Scold(Command):
    """Only for those who moderate."""


class Said(Announcement):
    text: str
    by: str


class Waved(Announcement):
    """Ephemeral."""

    by: str


class Podium:
    """The handlers; `gate` holds `Wait` back."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.gate = asyncio.Event()
        self.order: list[str] = []

    async def say(self, caller: Caller, command: Say, client_id: str) -> object:
        self.order.append(command.text)

        def work(tx: Transaction) -> object:
            if command.text == "no":
                raise Conflict("Not now.", code="podium.busy", field="text")
            to = desk_channel if command.to_desk else session_channel
            said = Said(text=command.text, by=caller.name)
            seq = append(tx, to(caller.session_code), said, actor=caller.account_id, at=self._clock.now())
            return {"seq": seq}

        return (
            await self._database.write(
                lambda tx: once(tx, caller.account_id, client_id, lambda: work(tx), at=self._clock.now())
            )
        ).reply

    async def call(self, caller: Caller, command: Call, client_id: str) -> object:
        channel = (event_desk_channel if command.to_desk else event_channel)(caller.event_id)
        said = Said(text=command.text, by=caller.name)

        def work(tx: Transaction) -> object:
            return {"seq": append(tx, channel, said, actor=caller.account_id, at=self._clock.now())}

        return (
            await self._database.write(
                lambda tx: once(tx, caller.account_id, client_id, lambda: work(tx), at=self._clock.now())
            )
        ).reply

    async def fail(self, caller: Caller, command: Fail, client_id: str) -> object:
        raise RuntimeError("a secret of the inside")

    async def wait(self, caller: Caller, command: Wait, client_id: str) -> object:
        await self.gate.wait()
        self.order.append("waited")
        return None

    async def scold(self, caller: Caller, command: Scold, client_id: str) -> object:
        return "scolded"

    def commands(self) -> list[LiveCommand]:
        return [
            LiveCommand(Say, self.say, Capability.ENTER_ROOM),
            LiveCommand(Call, self.call, Capability.SIGNED_IN, kind="event"),
            LiveCommand(Fail, self.fail, Capability.ENTER_ROOM),
            LiveCommand(Wait, self.wait, Capability.ENTER_ROOM, durable=False),
            LiveCommand(Scold, self.scold, Capability.MODERATE),
        ]
