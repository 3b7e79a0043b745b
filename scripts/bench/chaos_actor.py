"""A scripted client on a line that does everything wrong: what a browser does, in Python.

It keeps each command until it is acknowledged, and the network between drops acknowledgements, doubles and
re-orders commands and cuts the connection.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec

from scripts.bench.chaos_room import CHOICES, Polls
from tests.live.seminar import MORNING, new_id
from tests.questions.hall import Mirror

PATIENCE = 15.0  # seconds for an acknowledgement
MOST_QUESTIONS = 120  # in the room; then only votes, answers, messages and decisions go on
# What the counter of the person makes take effect once: the reply tells how things stand, which may be newer.
COUNTED = frozenset({"VoteQuestion", "AnswerPoll"})
DECISIONS = ("ApproveQuestion", "ApproveQuestion", "DeclineQuestion", "AnswerQuestion", "PinQuestion")
WISHES = ("AskQuestion", "VoteQuestion", "VoteQuestion", "AnswerPoll", "AnswerPoll", "SendChat")


def ballot_of(account: int) -> str:
    """The secret of an account's device for polls without names."""
    return f"{account:022}"


class Network:
    """What is left to chance, from one seed; `calm` ends it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.calm = False

    def happens(self, share: float) -> bool:
        return not self.calm and self.chance.random() < share


class Actor:
    """One person with one tab. *address* gives the server's address of the moment."""

    def __init__(self, account: int, moderates: bool, address: Callable[[], str], network: Network) -> None:
        self.account = account
        self.moderates = moderates
        self.mirror = Mirror()
        self.polls = Polls()
        self.messages: dict[str, str] = {}  # of the chat, as they were told
        self.acknowledged: dict[str, dict[str, Any]] = {}  # by client id, the command and its reply
        self.refused = 0
        self.contradictions = 0  # a repeated command that was answered otherwise
        self._address = address
        self._network = network
        self._outbox: dict[str, dict[str, Any]] = {}
        self._last: dict[str, int] = {}
        self._held: dict[str, dict[int, dict[str, Any]]] = {}
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._counters: dict[str, int] = {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._stopping = False

    @property
    def waiting(self) -> int:
        return len(self._outbox)

    @property
    def last(self) -> dict[str, int]:
        return dict(self._last)

    # -- the connection ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect again and again until `stop()`."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookies={"name": str(self.account)}, cookie_jar=jar) as http:
            while not self._stopping:
                try:
                    await self._visit(http)
                except (aiohttp.ClientError, TimeoutError, ConnectionError, OSError, msgspec.DecodeError):
                    pass
                await asyncio.sleep(0.02 + self._network.chance.random() * 0.1)

    async def stop(self) -> None:
        self._stopping = True
        if self._socket is not None:
            await self._socket.close()

    async def _visit(self, http: aiohttp.ClientSession) -> None:
        url = self._address()
        async with http.post(f"{url}/live/ticket") as response:
            ticket = (await response.json())["ticket"]
        address = f"{url}/live/socket/?EIO=4&transport=websocket"
        async with http.ws_connect(address, headers={"Origin": url}) as socket:
            self._socket, self._asked = socket, {}
            await socket.send_str('40{"ticket":"' + ticket + '"}')
            reading = asyncio.create_task(self._read(socket))
            acting = asyncio.create_task(self._act(socket, http, url))
            try:
                await asyncio.wait({reading, acting}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                reading.cancel()
                acting.cancel()
                await asyncio.gather(reading, acting, return_exceptions=True)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            text = message.data
            if text == "2":
                await socket.send_str("3")
            elif text.startswith("43"):
                number, _, body = text[2:].partition("[")
                future = self._asked.pop(int(number), None)
                if future is not None and not future.done():
                    future.set_result(msgspec.json.decode("[" + body)[0])
            elif text.startswith('42["event",'):
                self._receive(msgspec.json.decode(text[2:])[1])
            elif text.startswith('42["resync"'):
                return  # coming back is one way of entering again

    async def _ask(self, socket: aiohttp.ClientWebSocketResponse, name: str, body: object) -> Any:
        number = next(self._numbers)
        self._asked[number] = future = asyncio.get_running_loop().create_future()
        await socket.send_str(f"42{number}{msgspec.json.encode([name, body]).decode()}")
        async with asyncio.timeout(PATIENCE):
            return await future

    # -- what is told --------------------------------------------------------------------------------

    async def _enter(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._held.clear()
        state = await self._ask(socket, "enter", {"session": MORNING, "last": self._last})
        if "error" in state:
            raise ConnectionError(state["error"]["code"])
        if state["events"] is None:
            self.mirror.start(state["snapshot"]["questions"])
            self.polls.start(state["snapshot"]["polls"])
            self._last = dict(state["heads"])
        for event in state["events"] or ():
            self._receive(event)
        for channel in state["heads"]:
            self._drain(channel)

    def _receive(self, event: dict[str, Any]) -> None:
        self._held.setdefault(event["channel"], {})[event["seq"]] = event
        self._drain(event["channel"])

    def _drain(self, channel: str) -> None:
        held = self._held.get(channel, {})
        if channel not in self._last:
            return
        for seq in [seq for seq in held if seq <= self._last[channel]]:
            del held[seq]
        while (event := held.pop(self._last[channel] + 1, None)) is not None:
            self._last[channel] = event["seq"]
            self.mirror.apply(event)
            self.polls.apply(event)
            if event["type"] == "ChatShown":
                self.messages[event["message"]["id"]] = event["message"]["text"]

    async def catch_up(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Ask for what a gap hides."""
        for channel in [channel for channel, held in self._held.items() if held]:
            answer = await self._ask(socket, "catch_up", {"channel": channel, "after": self._last[channel]})
            if answer.get("events") is None:
                raise ConnectionError("too far behind")
            for event in answer["events"]:
                self._receive(event)

    # -- what is done --------------------------------------------------------------------------------

    async def _act(
        self, socket: aiohttp.ClientWebSocketResponse, http: aiohttp.ClientSession, url: str
    ) -> None:
        await self._enter(socket)
        while not self._stopping:
            await self.catch_up(socket)
            if not self._network.calm and len(self._outbox) < 4:
                self._wish()
            order = list(self._outbox.items())
            if self._network.happens(0.3):
                self._network.chance.shuffle(order)
            for client_id, wish in order:
                await self._deliver(socket, http, url, client_id, wish)
            if self._network.happens(0.05):
                return  # the line is cut
            await asyncio.sleep(0.05 + self._network.chance.random() * 0.2)

    async def _deliver(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        http: aiohttp.ClientSession,
        url: str,
        client_id: str,
        wish: dict[str, Any],
    ) -> None:
        message = {"client_id": client_id, **wish}
        for _ in range(2 if self._network.happens(0.2) else 1):  # doubled
            if self._network.happens(0.1):
                async with http.post(f"{url}/live/command", json={"session": MORNING, **message}) as response:
                    if response.status != 200:
                        return
                    answer = await response.json()
            elif self._network.happens(0.05):  # sent, and the line is cut before anything comes back
                await socket.send_str(f"42{msgspec.json.encode(['command', message]).decode()}")
                raise ConnectionError("cut")
            else:
                answer = await self._ask(socket, "command", message)
            if not self._network.happens(0.1):  # else the acknowledgement was lost
                self._settle(client_id, wish, answer)

    def _settle(self, client_id: str, wish: dict[str, Any], answer: dict[str, Any]) -> None:
        if "error" in answer:
            if "retry_after" not in answer["error"] and self._outbox.pop(client_id, {}):
                self.refused += 1
            return
        self._outbox.pop(client_id, None)
        known = self.acknowledged.setdefault(client_id, {**wish, "reply": answer["reply"]})
        if wish["type"] not in COUNTED and known["reply"] != answer["reply"]:
            self.contradictions += 1

    def _wish(self) -> None:
        state, chance = self.mirror.state(), self._network.chance
        known = sorted(state["filed"] if self.moderates else state["shown"])
        polls = sorted(self.polls.shown)
        kind = chance.choice(DECISIONS if self.moderates else WISHES)
        client_id, wish = new_id(), dict[str, Any](type=kind)
        if kind in {"AskQuestion", "SendChat"}:
            if kind == "AskQuestion" and len(known) >= MOST_QUESTIONS:
                return
            wish["text"] = f"{self.account} {client_id}"
        elif kind == "AnswerPoll":
            if not polls:
                return
            wish |= {"poll": chance.choice(polls), "ballot": ballot_of(self.account)}
            wish |= {"choices": [chance.choice(CHOICES)], "counter": self._count(wish["poll"])}
        elif not known:
            return
        else:
            wish["question"] = chance.choice(known)
        if kind == "VoteQuestion":
            wish |= {"on": chance.random() < 0.6, "counter": self._count(wish["question"])}
        elif kind == "PinQuestion":
            wish["pinned"] = chance.random() < 0.5
        elif kind == "DeclineQuestion":
            wish["reason"] = "It was asked before."
        self._outbox[client_id] = wish

    def _count(self, what: str) -> int:
        """This person's next counter for a question or a poll."""
        self._counters[what] = self._counters.get(what, 0) + 1
        return self._counters[what]
