"""The organizers' planner with mouse and keyboard, in both directions, and with two organizers at once.

What counts is what the server holds in the end: every act is looked up in the draft of the JSON API.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Route, expect

from tests.browser.person import Person, arrive
from tests.world import CHAIR, EVENT, GRACE, ORGANIZER, Server, until

PLANNER = f"/{EVENT}/organize/planner"
API = f"/api/events/{EVENT}"
PATIENCE = GRACE * 1000
HALF_HOUR = 60  # pixels of half an hour in the grid that is not condensed

Session = dict[str, Any]
OPENING: Session = {"room": "main-hall", "starts_at": "2025-10-25T06:00:00Z", "minutes": 45}


class Desk:
    """One organizer at the planner."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page = person.page

    async def draft(self) -> dict[str, Session]:
        """The sessions as the server holds them, by code."""
        told = await self.page.evaluate(
            f"fetch('{API}/draft', {{headers: {{Accept: 'application/json'}}}}).then((said) => said.json())"
        )
        return {session["code"]: session for session in told["sessions"]}

    async def server_has(self, code: str, **wanted: Any) -> Session:
        """Waits until the server holds the session with these values."""

        async def has() -> Session | None:
            session = (await self.draft())[code]
            return session if all(session[name] == value for name, value in wanted.items()) else None

        return await until(has, f"{code} has {wanted}", every=0.2)

    def block(self, code: str) -> Locator:
        return self.page.locator(f'.ec-event[data-code="{code}"]:not(.ec-preview)').first

    async def is_ready(self) -> None:
        await expect(self.page.locator(".ec-event[data-code]").first).to_be_visible(timeout=PATIENCE)
        # Whoever is online has been told that nothing was missed: the grid is not drawn anew under the mouse.
        await self.person.sees("Every move is saved at once.")

    async def put_back_the_opening(self) -> Session:
        """As the demo has it, whatever a test before left; returns it as it stands then."""
        session = (await self.draft())["OPEN25"]
        if all(session[name] == value for name, value in OPENING.items()):
            return session
        await self.page.evaluate(
            """async ([address, act]) => {
              const { form_token } = JSON.parse(document.getElementById("planner-data").textContent);
              const headers = { "Content-Type": "application/json", "X-Form-Token": form_token };
              await fetch(address, { method: "POST", headers, body: JSON.stringify(act) });
            }""",
            [f"{API}/acts", {"act": "place", "session": "OPEN25", "edition": session["edition"], **OPENING}],
        )
        await self.shows("OPEN25", "09:00–09:45")
        return await self.server_has("OPEN25", **OPENING)

    async def says(self, text: str) -> None:
        await expect(self.page.locator("#plan-said")).to_contain_text(text, timeout=PATIENCE)

    async def shows(self, code: str, text: str) -> None:
        await expect(self.block(code)).to_contain_text(text, timeout=PATIENCE)

    async def drag(self, code: str, across: float, down: float, *, edge: bool = False) -> None:
        """Take a block (or its lower edge), carry it so many pixels, let go when the page shows it there."""
        block = self.block(code)
        await block.scroll_into_view_if_needed()
        box = await block.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + (box["height"] - 4 if edge else 10)
        mouse = self.page.mouse
        await mouse.move(x, y)
        await mouse.down()
        await mouse.move(x + across / 2, y + down / 2, steps=3)
        await mouse.move(x + across, y + down, steps=3)
        await expect(self.page.locator(".ec-preview")).to_be_visible(timeout=PATIENCE)
        await mouse.up()

    async def column(self, room: int) -> float:
        """The middle of a room's column, in pixels of the page."""
        box = await self.page.locator(".ec-col-head").nth(room).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2


@asynccontextmanager
async def at_the_desk(
    browser: Browser, server: Server, language: str, label: str = ORGANIZER
) -> AsyncIterator[Desk]:
    person = await arrive(browser, label, language, server.url)
    await person.sign_in(server.links[label])
    await person.context.add_cookies([{"name": "lang", "value": language, "url": server.url}])
    await person.open(PLANNER)
    desk = Desk(person)
    await desk.is_ready()
    yield desk
    assert person.problems == []
    await person.context.close()


def later(session: Session, minutes: int) -> str:
    moment = datetime.fromisoformat(session["starts_at"]) + timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_the_mouse_moves_lengthens_takes_off_and_schedules(
    chromium: Browser, demo: Server, language: str
) -> None:
    async with at_the_desk(chromium, demo, language) as desk:
        opening = await desk.put_back_the_opening()
        first, second = await desk.column(0), await desk.column(1)
        assert (second < first) == (language == "ar"), "in Arabic the rooms run from right to left"
        await desk.drag("OPEN25", second - first, HALF_HOUR)
        moved = await desk.server_has("OPEN25", room="forum-1", starts_at=later(opening, 30))
        await desk.drag("OPEN25", 0, HALF_HOUR / 2, edge=True)
        await desk.server_has("OPEN25", minutes=moved["minutes"] + 15)

        listed = desk.page.locator("[data-unschedule]")
        box, block = await listed.bounding_box(), await desk.block("OPEN25").bounding_box()
        assert box is not None
        assert block is not None
        across = box["x"] + box["width"] / 2 - block["x"] - block["width"] / 2
        await desk.drag("OPEN25", across, box["y"] + 120 - block["y"])
        await desk.server_has("OPEN25", starts_at=None)
        item = desk.page.locator('[data-item="OPEN25"]')
        await expect(item).to_be_visible(timeout=PATIENCE)
        await desk.person.press("Undo")
        await desk.server_has("OPEN25", starts_at=later(opening, 30), room="forum-1")
        await desk.page.keyboard.press("Control+Shift+Z")
        await desk.server_has("OPEN25", starts_at=None)

        await desk.page.locator(".ec-main").evaluate("grid => grid.scrollTo(0, 0)")
        start = await item.bounding_box()
        target = await desk.page.locator(".ec-day").nth(0).bounding_box()
        assert start is not None
        assert target is not None
        mouse = desk.page.mouse
        await mouse.move(start["x"] + 20, start["y"] + 10)
        await mouse.down()
        await mouse.move(start["x"] + 30, start["y"] + 20, steps=2)
        x, y = target["x"] + target["width"] / 2, target["y"] + 2 * HALF_HOUR + 5

        async def is_over() -> bool:
            # Chromium's own drags tell a page of a move only with the next one: hands are never quite still.
            await mouse.move(x + 1, y)
            await mouse.move(x, y)
            return await desk.block("OPEN25").is_visible()

        await until(is_over, "the block is shown where it would be dropped")
        await mouse.up()
        await desk.server_has("OPEN25", room="main-hall", starts_at=opening["starts_at"])
        await desk.drag("OPEN25", 0, -HALF_HOUR / 2, edge=True)
        await desk.server_has("OPEN25", minutes=opening["minutes"])


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_the_keyboard_does_all_of_it(chromium: Browser, demo: Server, language: str) -> None:
    async with at_the_desk(chromium, demo, language) as desk:
        opening = await desk.put_back_the_opening()
        keys = desk.page.keyboard
        onward = "ArrowLeft" if language == "ar" else "ArrowRight"
        await desk.block("OPEN25").focus()
        await keys.press("Enter")
        forum = "قاعة المنتدى الأولى" if language == "ar" else "Forum room 1"
        for key, said in (("ArrowDown", "09:15"), (onward, forum)):
            await keys.press(key)
            await desk.says(said)
        await desk.shows("OPEN25", "09:15–10:00")
        await keys.press("Shift+ArrowDown")
        await desk.says("09:15–10:15")
        await keys.press("Enter")
        await desk.server_has(
            "OPEN25", room="forum-1", starts_at=later(opening, 15), minutes=opening["minutes"] + 15
        )
        await expect(desk.block("OPEN25")).to_be_focused(timeout=PATIENCE)

        await keys.press("Enter")
        await keys.press("ArrowDown")
        await desk.shows("OPEN25", "09:30–")
        await keys.press("Escape")
        await desk.shows("OPEN25", "09:15–10:15")
        await keys.press("Delete")
        await desk.server_has("OPEN25", starts_at=None)
        await keys.press("Control+z")
        await desk.server_has("OPEN25", starts_at=later(opening, 15))
        await desk.shows("OPEN25", "09:15–10:15")
        await keys.press("Control+z")
        await desk.server_has(
            "OPEN25", room=opening["room"], starts_at=opening["starts_at"], minutes=opening["minutes"]
        )


async def test_what_is_not_scheduled_is_found_and_lifted_into_the_grid_by_keys(
    chromium: Browser, demo: Server
) -> None:
    async with at_the_desk(chromium, demo, "ar") as desk:
        opening = await desk.put_back_the_opening()
        await desk.block("OPEN25").focus()
        await desk.page.keyboard.press("Delete")
        await desk.server_has("OPEN25", starts_at=None)
        search = desk.page.locator(".plan-list input[type=search]")
        await search.fill("لا يوجد")
        await expect(desk.page.locator("[data-item]")).to_have_count(0)
        await search.fill("جلسه الافتتاح اي")  # as people type: ه for ة, no hamza, no shadda
        item = desk.page.locator('[data-item="OPEN25"]')
        await expect(item).to_be_visible(timeout=PATIENCE)
        await item.focus()
        await desk.page.keyboard.press("Enter")
        await expect(desk.block("OPEN25")).to_be_focused(timeout=PATIENCE)
        await desk.page.keyboard.press("Enter")
        scheduled = await until(
            lambda: _scheduled(desk, "OPEN25"), "the first free place of the day is taken", every=0.2
        )
        assert scheduled["room"] is not None
        for _ in range(2):
            await desk.person.press("Undo")
        await desk.server_has("OPEN25", starts_at=opening["starts_at"], room=opening["room"])


async def _scheduled(desk: Desk, code: str) -> Session | None:
    session = (await desk.draft())[code]
    return session if session["starts_at"] else None


async def test_two_organizers_see_each_other_and_neither_overwrites_the_other(
    chromium: Browser, demo: Server
) -> None:
    async with at_the_desk(chromium, demo, "en") as one:
        await make_organizer(one, demo, CHAIR)
        async with at_the_desk(chromium, demo, "ar", CHAIR) as other:
            opening = await one.put_back_the_opening()
            await one.drag("OPEN25", 0, HALF_HOUR / 2)
            await other.shows("OPEN25", "09:15–10:00")
            await expect(other.page.locator(".plan-news")).to_contain_text("Organizer", timeout=PATIENCE)

            # The chair's act is held back on its way, so that it arrives with an edition that has become old.
            held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
            await other.page.route(f"**{API}/acts", lambda route: held.set_result(route), times=1)
            await other.drag("OPEN25", 0, HALF_HOUR)
            route = await held
            await one.drag("OPEN25", await one.column(1) - await one.column(0), 0)
            await one.server_has("OPEN25", room="forum-1")
            async with other.person.forgiving("status of 409"):
                await route.continue_()
                dialog = other.page.locator("dialog")
                await expect(dialog).to_contain_text("09:15–10:00", timeout=PATIENCE)  # theirs
                await expect(dialog).to_contain_text("09:45–10:30", timeout=PATIENCE)  # mine
                assert await other.person.violations() == []
                assert (await one.draft())["OPEN25"]["room"] == "forum-1", (
                    "nothing is lost until the choice is made"
                )
                await other.person.press("Put mine on top")
            await one.server_has("OPEN25", room=opening["room"], starts_at=later(opening, 45))
            await one.shows("OPEN25", "09:45–10:30")

            # What was missed while the connection was away is caught up with.
            async with other.person.forgiving("Failed to load resource", "WebSocket"):
                await other.person.context.set_offline(True)
                await one.drag("OPEN25", 0, -1.5 * HALF_HOUR)
                await one.server_has("OPEN25", starts_at=opening["starts_at"])
                await other.person.context.set_offline(False)
                await other.shows("OPEN25", "09:00–09:45")


async def make_organizer(desk: Desk, server: Server, label: str) -> None:
    """By the form of the people's pages, as an organizer does it."""
    name = {CHAIR: "رئيس الجلسة"}[label]
    page = await desk.person.tab()
    await page.goto(f"{server.url}/{EVENT}/organize/people")
    await page.locator('a[href*="/organize/people/"]').filter(has_text=name).first.click()
    await page.locator("details.fold summary").click()
    form = page.locator("form[action$='/grant']")
    await form.locator("[name=role]").select_option("organizer")
    await form.locator("button").click()
    await page.wait_for_load_state("load")
    await page.close()


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_it_looks_right_everywhere_and_a_phone_moves_by_a_form(
    chromium: Browser, demo: Server, language: str
) -> None:
    async with at_the_desk(chromium, demo, language) as desk:
        opening = await desk.put_back_the_opening()
        await desk.block("OPEN25").click()
        await expect(desk.page.locator(".plan-sheet")).to_be_visible(timeout=PATIENCE)
        found = await desk.person.portraits("planner")
        await desk.page.set_viewport_size({"width": 360, "height": 740})
        sheet = desk.page.locator("dialog.sheet")
        await expect(sheet).to_be_visible(timeout=PATIENCE)
        await sheet.locator("input[type=time]").fill("09:05")
        await desk.person.press("Move", within=sheet)
        await desk.server_has("OPEN25", starts_at=later(opening, 5))
        await desk.page.keyboard.press("Escape")
        await expect(desk.page.locator(".plan-entry").filter(has_text="09:05")).to_be_visible(
            timeout=PATIENCE
        )
        await desk.person.picture(f"planner-list-{language}-phone", full=True)
        found += await desk.person.violations()
        await desk.person.press("Undo")
        await desk.server_has("OPEN25", starts_at=opening["starts_at"])
        assert found == []
