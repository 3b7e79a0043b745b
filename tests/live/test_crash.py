"""SIGKILL in the middle: what was acknowledged is there, once; what was re-sent counts once."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Connection, select

from conference.clock import ManualClock, SystemClock
from conference.live.channels import desk_channel
from conference.live.tables import log_event
from conference.people.permissions import Role
from conference.questions.deciding import change_rules
from conference.questions.messages import ChangeQuestionRules
from conference.questions.tables import question
from conference.storage.database import Database
from tests.live.seminar import MORNING, new_id
from tests.questions.hall import caller

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KILLS = 4
ASKERS = ("ali", "sara", "zainab")
PER_ASKER = 9  # below what one person may ask in ten minutes


class Server:
    """The server's process, and the address it came up at."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""
        self.kills = 0

    async def start(self) -> None:
        port = self.url.rsplit(":", 1)[-1] or "0"
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.live.crash_server", self._database_url, port,
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout
        self.url = (await self._process.stdout.readline()).decode().strip()
        assert self.url

    async def kill(self) -> None:
        assert self._process
        self._process.kill()
        await self._process.wait()
        self.kills += 1


async def asking(server: Server, name: str, acknowledged: dict[str, str], done: asyncio.Event) -> None:
    """Ask as a browser does: a client id for each question, again until it was acknowledged twice."""
    async with aiohttp.ClientSession(
        cookies={"name": name}, cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as http:
        for number in range(PER_ASKER):
            body = {"client_id": new_id(), "type": "AskQuestion", "text": f"{name} {number}"}
            times = 0
            while times < 2:
                try:
                    async with http.post(
                        f"{server.url}/live/command",
                        json={"session": MORNING, **body},
                        timeout=aiohttp.ClientTimeout(total=5),
                    ) as response:
                        answer = await response.json()
                except (aiohttp.ClientError, TimeoutError):
                    await asyncio.sleep(0.05)
                    continue
                if response.status == 200 and "reply" in answer:
                    times += 1
                    acknowledged.setdefault(body["text"], answer["reply"]["question"])
                    assert acknowledged[body["text"]] == answer["reply"]["question"]
                else:
                    await asyncio.sleep(0.05)
            await asyncio.sleep(random.random() * 0.2)
    done.set()


async def test_nothing_acknowledged_is_lost_or_doubled_by_kill_nine(
    furnished: Database, clock: ManualClock
) -> None:
    zainab = caller("zainab", Role.CHAIR)
    unmoderated = ChangeQuestionRules(moderated=False)
    now = SystemClock().now()
    await furnished.write(lambda tx: change_rules(tx, zainab, unmoderated, now=now))
    server = Server(furnished.url.render_as_string())
    await server.start()
    acknowledged: dict[str, str] = {}
    finished = [asyncio.Event() for _ in ASKERS]
    clients = [
        asyncio.create_task(asking(server, name, acknowledged, done))
        for name, done in zip(ASKERS, finished, strict=True)
    ]
    while not all(done.is_set() for done in finished):
        await asyncio.sleep(0.1 + random.random() * 0.3)
        for client in clients:
            if client.done():
                client.result()
        if server.kills < KILLS:
            await server.kill()
            await server.start()
    await asyncio.gather(*clients)
    await server.kill()

    def kept(rows: Connection) -> tuple[dict[str, str], Counter[str], list[int]]:
        questions = rows.execute(select(question.c.text, question.c.public_id)).all()
        events = rows.execute(
            select(log_event.c.seq, log_event.c.type)
            .where(log_event.c.channel == desk_channel(MORNING))
            .order_by(log_event.c.seq)
        ).all()
        texts = Counter(text for text, _ in questions)
        return {text: name for text, name in questions}, texts, [seq for seq, _ in events]

    questions, texts, seqs = await furnished.read(kept)
    assert server.kills == KILLS + 1
    assert len(acknowledged) == len(ASKERS) * PER_ASKER
    assert questions == acknowledged
    assert set(texts.values()) == {1}
    assert seqs == list(range(1, len(acknowledged) + 1))
