"""The chat in real Chromium: two people, both directions, a drop in between, and nothing typed is lost."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy import select

from conference.chat.announcing import announce, withdraw
from conference.chat.settings import ChatDefaults, change_defaults
from conference.chat.tables import chat_message
from conference.clock import ManualClock
from conference.storage.database import Database
from tests.browser.person import AXE
from tests.chat.browser import DESK, bundle, chromium, open_page, serve_page
from tests.chat.hall import open_hall
from tests.live.seminar import GRACE, Seminar, tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

expect.set_options(timeout=GRACE * 1000)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("chat-page"))


@pytest.fixture
async def hall(furnished: Database, clock: ManualClock, built: Path) -> AsyncIterator[Seminar]:
    async with open_hall(furnished, clock, more=serve_page(built)) as hall:
        yield hall


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


def said(page: Page, text: str) -> Locator:
    """A message in the list; what is read aloud a moment later has the same words in a place of its own."""
    return page.locator(".chat-message .chat-text", has_text=text)


async def look(page: Page, name: str) -> None:
    """Keep a picture when SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"chat-{name}.png")


async def violations(page: Page) -> list[str]:
    """Serious and critical findings of axe-core."""
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target }) => target).join(" | ")}`)"""
    )
    return list(found)


def no_errors(*pages: Page) -> None:
    for page in pages:
        assert page.__dict__["errors"] == []


async def test_two_people_write_in_both_directions_over_a_drop(
    furnished: Database, clock: ManualClock, built: Path, browser: Browser
) -> None:
    async with open_hall(furnished, clock, more=serve_page(built)) as hall:
        port = int(hall.url.rsplit(":", 1)[1])
        ali = await open_page(browser, hall.url, "ali", lang="ar", color_scheme="dark")
        sara = await open_page(browser, hall.url, "sara")
        await expect(sara.get_by_text("Nothing has been said yet.")).to_be_visible()
        await ali.locator("textarea").fill("السلام عليكم، see https://example.org/a?b=1, thanks")
        await ali.locator("textarea").press("Enter")
        link = sara.locator(".chat-text a")
        await expect(link).to_have_attribute("href", "https://example.org/a?b=1")
        await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        await expect(sara.locator(".chat-text").first).to_have_attribute("dir", "auto")
        right = "getComputedStyle(document.querySelector('.chat-text')).direction"
        assert await sara.evaluate(right) == "rtl", "its own direction, in a page of the other"
        # Mention by what is typed, chosen by the keyboard alone.
        await sara.locator("textarea").press_sequentially("@al")
        await expect(sara.locator(".chat-names button")).to_have_text(["Ali"])
        await sara.locator("textarea").press("ArrowDown")
        await sara.keyboard.press("Enter")
        await expect(sara.locator("textarea")).to_have_value("@Ali ")
        await sara.keyboard.type("welcome")
        await sara.keyboard.press("Enter")
        await expect(ali.locator("bdi.chat-mention")).to_have_text("@Ali")
        await expect(ali.locator(".chat-message")).to_have_count(2)
    # The server is gone. What is written now is kept, also over a closed tab.
    await expect(sara.locator("body")).not_to_have_attribute("data-state", "online")
    await sara.locator("textarea").fill("written in the dark")
    await sara.get_by_role("button", name="Send", exact=True).click()
    await expect(sara.get_by_text("Kept on this device.")).to_be_visible()
    await look(sara, "kept")
    await sara.locator("textarea").fill("half a thou")
    async with open_hall(furnished, clock, more=serve_page(built), port=port):
        await sara.wait_for_selector("body[data-state=online][data-waiting='0']")
        await ali.wait_for_selector("body[data-state=online]")
        for page in (sara, ali):
            await expect(page.locator(".chat-message")).to_have_count(3)
            await expect(said(page, "written in the dark")).to_be_visible()
        await sara.reload()
        await expect(sara.locator("textarea")).to_have_value("half a thou")
        await expect(sara.locator(".chat-message")).to_have_count(3)
    kept = await furnished.read(lambda rows: list(rows.scalars(select(chat_message.c.text))))
    assert len(kept) == 3, "nothing is said twice"
    no_errors(ali, sara)


async def test_new_messages_wait_below_and_older_ones_come_when_asked_for(
    hall: Seminar, browser: Browser, clock: ManualClock
) -> None:
    async with tab(hall, "zainab") as zainab:
        for number in range(40):
            clock.advance(timedelta(seconds=20))
            await zainab.command("SendChat", text=f"message number {number}")
        sara = await open_page(browser, hall.url, "sara")
        last = said(sara, "message number 39")
        await expect(last).to_be_in_viewport()
        await expect(sara.get_by_text("message number 9", exact=True)).to_have_count(0)
        log = "document.querySelector('.chat-log')"
        await sara.evaluate(f"{log}.scrollTop = 200")
        await sara.wait_for_function(f"{log}.scrollTop === 200")
        for number in range(3):
            await zainab.command("SendChat", text=f"news {number}")
        bar = sara.get_by_role("button", name="3 new messages")
        await expect(bar).to_be_visible()
        assert await sara.evaluate(f"{log}.scrollTop") == 200
        await look(sara, "three-new")
        await bar.click()
        await expect(said(sara, "news 2")).to_be_in_viewport()
        await expect(bar).to_have_count(0)
        await sara.evaluate(f"{log}.scrollTop = 0")
        await sara.get_by_role("button", name="Earlier messages").click()
        await expect(sara.locator(".chat-message")).to_have_count(43)
        await expect(sara.get_by_role("button", name="Earlier messages")).to_have_count(0)
        # Not looked at, the tab tells how many are new; looked at, it is silent again.
        await sara.locator("#tab-chat").click()
        await expect(sara.locator(".chat")).to_be_hidden()
        await zainab.command("SendChat", text="while away")
        await expect(sara.locator("#tab-chat .badge")).to_have_text("1 new")
        await sara.reload()
        await expect(sara.locator("#tab-chat .badge")).to_have_count(0)
        no_errors(sara)


async def test_moderator_hides_with_undo_and_a_refused_text_comes_back(
    hall: Seminar, furnished: Database, clock: ManualClock, browser: Browser
) -> None:
    await furnished.write(lambda tx: change_defaults(tx, 1, ChatDefaults(direct=True), by=1, now=clock.now()))
    text = {"ar": "الغداء الآن", "en": "Lunch now"}
    made = await furnished.write(lambda tx: announce(tx, 1, text, by=1, now=clock.now()))
    async with tab(hall, "ali") as ali:
        zainab = await open_page(browser, hall.url, "zainab", viewport=DESK, color_scheme="dark")
        sara = await open_page(browser, hall.url, "sara", lang="ar")
        await expect(sara.locator(".chat-told .chat-text")).to_have_text("الغداء الآن")
        await expect(sara.locator(".chat-told").get_by_role("status")).to_have_text("الغداء الآن")
        await ali.command("SendChat", text="<img src=x onerror=alert(1)> something rude")
        await expect(said(sara, "something rude")).to_be_visible()
        rude = zainab.get_by_role("listitem").filter(has_text="something rude")
        await rude.get_by_role("button", name="Actions for the message of Ali").click()
        await zainab.get_by_role("button", name="Hide it from the room").click()
        await expect(rude.get_by_text("hidden from the room")).to_be_visible()
        await expect(sara.locator(".chat-gone")).to_have_count(1)
        await expect(said(sara, "something rude")).to_have_count(0)
        await rude.get_by_role("button", name="Actions for the message of Ali").click()
        await zainab.get_by_role("button", name="Show it again").click()
        await expect(said(sara, "something rude")).to_be_visible()
        assert await violations(zainab) == []
        assert await violations(sara) == []
        # Slow mode: the second message is not taken, and what was typed is where it was.
        await zainab.get_by_text("Rules of this chat").click()
        await zainab.get_by_label("Slow mode").select_option("60")
        await expect(sara.locator(".chat-write .hint").first).to_be_visible()
        await look(zainab, "rules")
        assert await violations(zainab) == []
        for words in ("first", "second"):
            await sara.locator("textarea").fill(words)
            await sara.locator(".chat-row button").click()
        await expect(sara.locator("textarea")).to_have_value("second")
        await expect(sara.locator(".chat-write .field-error")).not_to_be_empty()
        await zainab.get_by_role("button", name="Freeze the chat").click()
        await expect(zainab.get_by_role("button", name="Open the chat again")).to_be_visible()
        # To one person alone, from the message's menu.
        await sara.locator(".chat-message", has_text="something rude").locator(".icon-button").click()
        await look(sara, "sheet-ar")
        assert await violations(sara) == []
        await sara.locator(".sheet-choice", has_text="Ali").first.click()
        await sara.locator(".chat-row button").click()
        await expect(sara.locator(".chat-message .badge", has_text="Ali")).to_be_visible()
        await expect(zainab.locator(".chat-message", has_text="second")).to_have_count(0)
        await furnished.write(lambda tx: withdraw(tx, 1, made.announcement, by=1, now=clock.now()))
        await sara.reload()
        await expect(sara.locator(".chat-message").first).to_be_visible()
        await expect(sara.locator(".chat-told")).to_have_count(0)
        assert await sara.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = """[...document.querySelectorAll('.chat button, .chat select, .chat textarea')]
            .filter((one) => one.offsetHeight && one.getBoundingClientRect().height < 43.5)
            .map((one) => one.className + one.textContent)"""
        assert await sara.evaluate(small) == []
        no_errors(zainab, sara)
