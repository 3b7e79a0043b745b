"""Several processes serve one room from one log; Redis only says when to look, and one of them may die."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from conference.clock import ManualClock
from conference.live.channels import session_channel
from conference.live.doorbell import Doorbell
from conference.live.elsewhere import SERVERS, Elsewhere
from conference.people.permissions import Role
from conference.questions.messages import ChangeQuestionRules
from conference.questions.rules import change_rules
from conference.storage.database import Database
from tests.live.saying import Podium, Waved
from tests.live.seminar import MORNING, Seminar, Tab, account_id, new_id, running, tab, until
from tests.questions.hall import caller

ROOT = Path(__file__).parents[2]
HALL = session_channel(MORNING)
NOBODY = "unix:///nowhere/redis.sock"  # a Redis that never answers


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[str]:
    """A Redis of this test's own, at the address it gives."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip(
            "redis-server is missing: ./scripts/setup --browsers, or sudo apt-get install redis-server"
        )
    path = folder / "redis.sock"
    process = await asyncio.create_subprocess_exec(
        program, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await until(path.exists)
        yield f"unix://{path}"
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def two_servers(
    database: Database, clock: ManualClock, redis: str
) -> AsyncIterator[tuple[Seminar, Seminar]]:
    """Two hubs that know nothing of each other but the database and the bell."""
    async with AsyncExitStack() as stack:
        seminars = []
        for _ in range(2):
            own = Database(database.url.render_as_string())
            await own.open()
            stack.push_async_callback(own.close)
            elsewhere = Elsewhere(own, clock, Doorbell(redis), poll=0.1)
            commands = Podium(own, clock).commands()
            seminars.append(
                await stack.enter_async_context(running(own, clock, commands, elsewhere=elsewhere))
            )
        yield seminars[0], seminars[1]


async def test_room_over_two_servers_hears_everything_in_one_order(
    furnished: Database, clock: ManualClock, tmp_path: Path
) -> None:
    async with (
        redis_server(tmp_path) as redis,
        two_servers(furnished, clock, redis) as (one, other),
        tab(one, "ali") as ali,
        tab(other, "sara") as sara,
    ):
        saying = [each.command("Say", text=f"{each.name} {n}") for n in range(10) for each in (ali, sara)]
        replies = await asyncio.gather(*saying)
        assert sorted(reply["reply"]["seq"] for reply in replies) == list(range(1, 21))
        await until(lambda: len(ali.events) == len(sara.events) == 20)
        assert ali.events == sara.events
        assert [event["seq"] for event in ali.events] == list(range(1, 21))
        one.hub.tell(HALL, Waved(by="Ali"))
        await until(lambda: sara.ephemeral and ali.ephemeral)
        assert ali.ephemeral == sara.ephemeral == [{"channel": HALL, "type": "Waved", "by": "Ali"}]


async def test_lost_doorbell_costs_time_and_no_event(furnished: Database, clock: ManualClock) -> None:
    async with (
        two_servers(furnished, clock, NOBODY) as (one, other),
        tab(one, "ali") as ali,
        tab(other, "sara") as sara,
    ):
        assert (await ali.command("Say", text="hello"))["reply"] == {"seq": 1}
        await until(lambda: sara.events and ali.events)
        assert sara.events == ali.events


async def test_decision_about_a_person_is_carried_out_by_every_server(
    furnished: Database, clock: ManualClock
) -> None:
    async with (
        two_servers(furnished, clock, NOBODY) as (one, other),
        tab(other, "sara") as sara,
        tab(other, "ali") as ali,
        tab(one, "ali") as ali_elsewhere,
        tab(other, "zainab") as zainab,
    ):
        await one.hub.revoke(account_id("ali"), 1)
        await until(lambda: ali.closed and ali_elsewhere.closed)
        await one.hub.remove(account_id("sara"), MORNING, "You were removed from the room.")
        await until(lambda: sara.closed)
        await one.hub.readmit(account_id("zainab"))
        await until(lambda: zainab.resyncs)
        assert [ali.closed[0]["code"], sara.closed[0]["code"]] == ["live.signed-out", "live.removed"]
        entered = await zainab.enter()
        assert SERVERS not in entered["heads"]
        refused = await zainab.catch_up(SERVERS, 0)
        assert refused["error"]["code"] == "live.not-entered"


async def test_one_of_two_processes_is_killed_and_nothing_acknowledged_is_lost(
    furnished: Database, clock: ManualClock, tmp_path: Path
) -> None:
    zainab, free = caller("zainab", Role.CHAIR), ChangeQuestionRules(moderated=False)
    await furnished.write(lambda tx: change_rules(tx, zainab, free, now=clock.now()))
    redis = NOBODY
    async with AsyncExitStack() as stack:
        if shutil.which("redis-server"):
            redis = await stack.enter_async_context(redis_server(tmp_path))
        url = furnished.url.render_as_string()
        # The one that will be killed has told no count by then.
        doomed, heir = await start(url, redis, interval=3600), await start(url, redis)
        jar = aiohttp.CookieJar(unsafe=True)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(cookies={"name": "sara"}, cookie_jar=jar)
        )
        listener = Tab(_Elsewhere(heir[1]), "sara", MORNING)  # type: ignore[arg-type]  # what a Tab needs of it
        async with http.post(f"{heir[1]}/live/ticket") as response:
            await listener.connect(ticket=(await response.json())["ticket"])
        await listener.enter()
        acknowledged: list[str] = []

        async def ask(name: str, server: str) -> None:
            cookies = {"name": name}
            async with aiohttp.ClientSession(
                cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)
            ) as own:
                for number in range(5):
                    body = {"client_id": new_id(), "type": "AskQuestion", "text": f"{name} {number}"}
                    while True:
                        try:
                            sent = {"session": MORNING, **body}
                            async with own.post(f"{server}/live/command", json=sent) as response:
                                answer = await response.json()
                        except aiohttp.ClientError:
                            server = heir[1]
                            continue
                        assert "reply" in answer, answer
                        acknowledged.append(body["text"])
                        break

        shown = lambda: [each["question"]["text"] for each in listener.of_type("QuestionShown")]  # noqa: E731
        asking = asyncio.gather(ask("ali", doomed[1]), ask("zainab", heir[1]))
        await until(lambda: len(acknowledged) >= 3 and shown())
        voted = listener.of_type("QuestionShown")[0]["question"]["id"]
        ballot = {"client_id": new_id(), "type": "VoteQuestion", "question": voted, "on": True, "counter": 1}
        async with http.post(f"{doomed[1]}/live/command", json={"session": MORNING, **ballot}) as response:
            assert (await response.json())["reply"] == {"on": True, "counter": 1}
        doomed[0].kill()
        await asking
        await until(lambda: len(shown()) == 10)
        assert sorted(shown()) == sorted(acknowledged)
        await until(lambda: listener.of_type("VotesCounted"))  # what the dead one had left due
        assert [each["votes"] for each in listener.of_type("VotesCounted")] == [{voted: 1}]
        await listener.sio.disconnect()
        heir[0].kill()
        await asyncio.gather(doomed[0].wait(), heir[0].wait())
    with sqlite3.connect(str(furnished.url.database)) as reopened:
        assert sorted(text for (text,) in reopened.execute("SELECT text FROM question")) == sorted(
            acknowledged
        )


class _Elsewhere:
    """The address of a server in another process."""

    def __init__(self, url: str) -> None:
        self.url = url


async def start(
    database_url: str, redis: str, *, interval: float = 0.05
) -> tuple[asyncio.subprocess.Process, str]:
    """A server process, and the address it came up at."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.live.crash_server", database_url, "0", redis, str(interval),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    url = (await process.stdout.readline()).decode().strip()
    assert url
    return process, url
