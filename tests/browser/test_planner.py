"""The organizers' planner with mouse and keyboard, in both directions, and with two organizers at once.

What counts is what the server holds in the end: every act is looked up in the draft of the JSON API.
"""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, Route, expect

from tests.browser.planning import API, HALF_HOUR, PATIENCE, Desk, Session, at_the_desk, later
from tests.world import CHAIR, EVENT, Server, until


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
