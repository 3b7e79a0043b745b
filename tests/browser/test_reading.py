"""Reading the agenda in a real browser: what the small script adds, and that nothing needs it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from tests.world import BASRA, EVENT, GRACE, Server

MS = GRACE * 1000
SCHEDULE = f"/{EVENT}/schedule"
FIRST_TIME = ".slot:first-of-type .slot-time"


@asynccontextmanager
async def reader(
    chromium: Browser, *, zone: str = "Asia/Baghdad", wide: bool = True, javascript: bool = True
) -> AsyncIterator[Page]:
    """Somebody who reads English, on a device set to *zone*."""
    size = {"width": 1280, "height": 900} if wide else {"width": 360, "height": 740}
    context = await chromium.new_context(
        viewport=size,  # type: ignore[arg-type]  # a TypedDict of the same shape
        locale="en-GB",
        timezone_id=zone,
        java_script_enabled=javascript,
    )
    page = await context.new_page()
    page.set_default_timeout(MS)
    yield page
    await context.close()


async def sign_in(page: Page, demo: Server) -> None:
    await page.goto(demo.links[BASRA])
    await page.locator("main form button").click()
    await page.wait_for_url(f"**/{EVENT}/**")


async def test_the_readers_clock_stands_beside_the_events_from_the_first_page_on(
    chromium: Browser, demo: Server
) -> None:
    async with reader(chromium, zone="Pacific/Honolulu") as page:
        await page.goto(demo.url + SCHEDULE)
        first = page.locator(f"{FIRST_TIME} .there")
        await expect(first).to_have_text(re.compile(r"^\w+day \d\d:\d\d$"))  # by the script
        added = await first.inner_text()
        await page.reload()
        await expect(first).to_have_text(added)  # by the server, which was told the zone
        assert "Honolulu" in await page.locator(".clock-line").inner_text()


async def test_a_first_page_that_is_a_session_says_whose_clock_is_meant(
    chromium: Browser, demo: Server
) -> None:
    async with reader(chromium, zone="Europe/London") as page:
        await page.goto(f"{demo.url}/{EVENT}/session/OPEN25")
        await expect(page.locator(".session-side .there")).to_have_text("07:00 in your zone")


async def test_who_sits_where_the_event_is_sees_each_time_once(chromium: Browser, demo: Server) -> None:
    async with reader(chromium, zone="Asia/Baghdad") as page:
        for _visit in range(2):
            await page.goto(demo.url + SCHEDULE)
            await expect(page.locator(f"{FIRST_TIME} time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
            assert await page.locator(".there").count() == 0


async def test_a_star_is_set_without_leaving_the_page_and_is_kept(chromium: Browser, demo: Server) -> None:
    async with reader(chromium) as page:
        await sign_in(page, demo)
        await page.goto(demo.url + SCHEDULE)
        await page.evaluate("window.stillHere = true")
        star = page.locator("button.star").first
        title = await page.locator(".block:has(button.star) .entry-title a").first.inner_text()
        async with page.expect_response("**/star"):
            await star.click()
        await expect(star).to_have_attribute("aria-pressed", "true")
        assert await page.evaluate("window.stillHere")
        await page.goto(f"{demo.url}{SCHEDULE}/mine")
        await expect(page.locator("main")).to_contain_text(title)
        async with page.expect_response("**/star"):
            await page.locator("button.star").first.click()
        await page.reload()
        await expect(page.locator("main")).not_to_contain_text(title)


async def test_a_star_set_without_a_connection_is_kept_and_sent_later(
    chromium: Browser, demo: Server
) -> None:
    async with reader(chromium, wide=False) as page:
        await sign_in(page, demo)
        await page.goto(demo.url + SCHEDULE)
        star = page.locator(".block .star").nth(2)
        await expect(star).to_have_attribute("aria-pressed", "false")
        await page.context.set_offline(True)
        await star.click()
        await expect(page.locator("#waiting")).to_be_visible()
        await expect(star).to_have_attribute("aria-pressed", "true")
        await page.context.set_offline(False)
        await expect(page.locator("#waiting")).to_be_hidden()
        await page.reload()
        await expect(star).to_have_attribute("aria-pressed", "true")


async def test_a_filter_applies_as_soon_as_it_is_chosen_and_leaves_a_clean_address(
    chromium: Browser, demo: Server
) -> None:
    async with reader(chromium, wide=False) as page:
        await page.goto(demo.url + SCHEDULE)
        await page.locator("summary", has_text=re.compile("Filter|تصفية")).first.click()
        await page.locator("#room").select_option(index=1)
        await page.wait_for_url(re.compile(r"schedule\?day=[\d-]+&room=[\w-]+$"))
        await expect(page.locator("#room")).to_be_visible()  # the fold stays open


async def test_colours_change_at_once_and_stay(chromium: Browser, demo: Server) -> None:
    async with reader(chromium) as page:
        await page.goto(demo.url + SCHEDULE)
        await page.locator(".preferences-fold summary").click()
        await page.locator("#theme-choice").select_option("dark")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await page.reload()
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_everything_can_be_read_and_chosen_without_javascript(chromium: Browser, demo: Server) -> None:
    async with reader(chromium, wide=False, javascript=False) as page:
        await sign_in(page, demo)
        await page.goto(demo.url + SCHEDULE)
        await page.locator(".block .star").nth(1).click()
        await page.wait_for_url(f"**{SCHEDULE}")
        await expect(page.locator(".block .star").nth(1)).to_have_attribute("aria-pressed", "true")
        await page.locator(".preferences-fold summary").click()
        await page.locator("#zone-choice").fill("Australia/Sydney")
        await page.locator("form[action='/zone'] button").click()
        await expect(page.locator(f"{FIRST_TIME} .there")).to_be_visible()
        await page.locator("form.language button").click()
        await expect(page.locator("html")).to_have_attribute("lang", re.compile("ar|en"))
        await page.locator(".block .entry-title a").first.click()
        await expect(page.locator("h1")).to_be_visible()


async def test_the_keyboard_reaches_the_content_first_and_focus_is_seen(
    chromium: Browser, demo: Server
) -> None:
    async with reader(chromium) as page:
        await page.goto(demo.url + SCHEDULE)
        await page.keyboard.press("Tab")
        skip = page.locator("a.skip")
        await expect(skip).to_be_focused()
        await expect(skip).to_be_in_viewport()
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        await page.keyboard.press("Tab")
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px"


async def test_at_four_times_the_size_nothing_needs_scrolling_sideways(
    chromium: Browser, demo: Server
) -> None:
    async with reader(chromium) as page:
        await page.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024 at 400 % (WCAG 1.4.10)
        for path in ("/", f"/{EVENT}/", SCHEDULE, f"{SCHEDULE}/now", f"/{EVENT}/speakers", "/sign-in"):
            await page.goto(demo.url + path)
            assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), path


async def test_a_question_asked_ahead_without_a_connection_is_kept_and_sent_later(
    chromium: Browser, demo: Server
) -> None:
    async with reader(chromium, wide=False) as page:
        await sign_in(page, demo)
        await page.goto(demo.url + SCHEDULE)
        later = await page.locator('.block a[href*="/session/"]').last.get_attribute("href")
        await page.goto(demo.url + str(later))
        await page.locator("#session-questions-open").click()
        await expect(page.locator("#ask")).to_be_hidden()  # the plain form is for where no script runs
        field = page.locator(".ask textarea")
        await expect(field).to_be_focused()
        await page.context.set_offline(True)
        await field.fill("متى نبدأ؟ asked in the dark")
        await page.locator(".ask button[type=submit]").click()
        await expect(page.locator(".questions-unsent .question-text")).to_contain_text("asked in the dark")
        await page.context.set_offline(False)
        await expect(page.locator(".questions-own .question-text")).to_contain_text("asked in the dark")
        await expect(page.locator(".questions-unsent")).to_have_count(0)
        await page.reload()
        # By the server alone, before any script: readable, once.
        await expect(page.locator("#session-questions .as-typed")).to_have_text("متى نبدأ؟ asked in the dark")
