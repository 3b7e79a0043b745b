"""The network is cut in the middle of a vote, in real Chromium: it counts once, and the page says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from playwright.async_api import Browser, Page, WebSocketRoute, expect
from sqlalchemy import Connection, select

from conference.clock import ManualClock
from conference.questions.tables import question, question_vote
from conference.storage.database import Database
from tests.live.seminar import GRACE, MORNING, Seminar, tab, until
from tests.questions.browser import bundle, chromium, serve_page
from tests.questions.hall import open_hall

pytestmark = [pytest.mark.browser, pytest.mark.slow]

expect.set_options(timeout=GRACE * 1000)


@pytest.fixture
async def hall(furnished: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Seminar]:
    async with open_hall(furnished, clock, more=serve_page(bundle(tmp_path))) as hall:
        yield hall


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


class Line:
    """Between page and server: it breaks once, with a vote on its way or its answer on the way back."""

    def __init__(self, breaks: Literal["going", "coming"]) -> None:
        self.opened: list[str] = []
        self.votes: list[str] = []
        self._breaks = breaks
        self._broken = False
        self._tasks: set[asyncio.Task[None]] = set()

    def carry(self, page_side: WebSocketRoute) -> None:
        """For `Page.route_web_socket`."""
        self.opened.append(page_side.url)
        server_side, answers = page_side.connect_to_server(), True

        def to_server(message: str | bytes) -> None:
            nonlocal answers
            is_vote = isinstance(message, str) and '"VoteQuestion"' in message
            if is_vote:
                self.votes.append(str(message))
            if is_vote and not self._broken:
                self._broken = True
                if self._breaks == "going":
                    self._cut(page_side)
                    return
                answers = False
            server_side.send(message)

        def to_page(message: str | bytes) -> None:
            if answers:
                page_side.send(message)
            elif str(message).startswith("43"):  # the acknowledgement, which nobody will ever hear
                self._cut(page_side)

        page_side.on_message(to_server)
        server_side.on_message(to_page)

    def _cut(self, page_side: WebSocketRoute) -> None:
        cutting = asyncio.ensure_future(page_side.close(code=3001, reason="cut"))
        self._tasks.add(cutting)
        cutting.add_done_callback(self._tasks.discard)


async def open_over(line: Line, browser: Browser, hall: Seminar, asked: list[str]) -> Page:
    page = await (await browser.new_context()).new_page()
    page.set_default_timeout(GRACE * 1000)
    await page.route_web_socket("**/live/socket/**", line.carry)
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{hall.url}/room/sara")
    await page.wait_for_selector("body[data-state=online]")
    return page


@pytest.mark.parametrize("breaks", ["going", "coming"])
async def test_vote_counts_once_when_the_line_breaks_in_the_middle(
    hall: Seminar, furnished: Database, browser: Browser, breaks: Literal["going", "coming"]
) -> None:
    line, asked = Line(breaks), list[str]()
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        await zainab.command("ChangeQuestionRules", moderated=False)
        await ali.command("AskQuestion", text="Is it safe?")
        page = await open_over(line, browser, hall, asked)
        await page.get_by_role("button", name="Vote").click()
        await expect(page.get_by_role("button", name="Voted")).to_have_attribute("aria-pressed", "true")
        await until(lambda: len(line.opened) == 2)
        await page.wait_for_selector("body[data-state=online][data-waiting='0']")
        await expect(page.get_by_role("button", name="Voted")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator(".vote-count")).to_have_text("1")
        await until(lambda: ali.of_type("VotesCounted"))
        assert {count for told in ali.of_type("VotesCounted") for count in told["votes"].values()} == {1}

    def kept(rows: Connection) -> tuple[list[int], list[tuple[bool, int]]]:
        votes = rows.execute(select(question_vote.c.on, question_vote.c.counter)).all()
        return list(rows.scalars(select(question.c.votes))), [(on, counter) for on, counter in votes]

    assert await furnished.read(kept) == ([1], [(True, 1)])
    # The same command was sent again, under the same name, on a line of the same room.
    ids = {msgspec.json.decode(sent[sent.index("[") :])[1]["client_id"] for sent in line.votes}
    assert (len(line.votes), len(ids)) == (2, 1)
    live = [url for url in [*line.opened, *asked] if "/live/" in url]
    assert len(live) >= 4
    assert all(f"room={MORNING}" in url for url in live)
