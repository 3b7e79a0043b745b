"""Around the stage, with a chair and two attendees: hands in order, reactions, signals, notifications."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.hall import Hall, opened_hall
from tests.world import BASRA, CHAIR, EVENT, GRACE, MOSUL

MS = GRACE * 1000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """The chair at a desk; Basra on a phone and Mosul at a desk listen."""
    async with opened_hall(chromium, tmp_path_factory.mktemp("around")) as hall:
        await hall.listen(CHAIR)
        await hall.listen(BASRA, phone=True)
        await hall.listen(MOSUL)
        await hall[CHAIR].open_tab("people")
        yield hall


async def test_hands_are_a_queue_that_the_chair_arranges_and_whoever_is_next_is_told(hall: Hall) -> None:
    chair, basra, mosul = hall[CHAIR], hall[BASRA], hall[MOSUL]
    await basra.press("Raise hand")
    await basra.sees("Your hand is up: you are next.")
    await mosul.press("Raise hand")
    await mosul.sees("Your hand is up: number {place} of {count}.", place=2, count=2)
    rows = chair.page.locator(".people-row:has(.hand-acts)")
    await expect(rows).to_have_count(2, timeout=MS)
    mosul_id = await hall.public_id(MOSUL)
    await rows.nth(1).get_by_role("button").first.click()  # up
    await expect(rows.first).to_have_attribute("data-person", mosul_id, timeout=MS)
    await basra.sees("Your hand is up: number {place} of {count}.", place=2, count=2)
    hall.findings += await chair.portraits("hands")
    await chair.press("Invite the next")
    await mosul.sees("You are invited to the floor")
    # Basra is next now: said in a sentence, counted beside the bell, and kept in the list.
    await basra.sees("You are next to speak.")
    await expect(basra.page.locator(".bell .badge")).to_have_text("1", timeout=MS)
    await basra.page.locator(".bell").click()
    await expect(basra.page.locator(".notice-row")).to_have_count(1, timeout=MS)
    hall.findings += await basra.violations()
    await expect(basra.page.locator(".bell .badge")).to_have_count(0, timeout=MS)
    await basra.page.keyboard.press("Escape")
    await mosul.press("Not now")
    await chair.press("Lower all")
    await chair.press("Lower all", within=chair.page.locator("dialog"))
    await expect(basra.page.locator(".hand-place")).to_have_count(0, timeout=MS)


async def test_reactions_are_seen_and_signals_reach_those_who_speak(hall: Hall) -> None:
    chair, basra, mosul = hall[CHAIR], hall[BASRA], hall[MOSUL]
    # A reaction passes after seconds, which a busy machine may take to look: it is noted when it is there.
    await mosul.page.evaluate(
        """new MutationObserver(() => {
            const shown = document.querySelector(".mood-reaction");
            if (shown) window.seen = shown.textContent;
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    await basra.press("React")
    await basra.press("Applause")
    await mosul.until("window.seen")
    signal = basra.button("I cannot hear")
    await signal.click()
    await expect(signal).to_have_attribute("aria-pressed", "true", timeout=MS)
    await chair.sees("Some cannot hear you.")
    await mosul.press("React")
    await mosul.press("I cannot hear")
    await chair.sees("Most of the room cannot hear you.")
    await chair.picture("mood")
    # Others are told nothing of it; and what is taken back, or a minute old, is gone.
    await expect(mosul.page.locator(".mood-signal")).to_have_count(0)
    for person in (basra, mosul):
        if await person.button("I cannot hear").get_attribute("aria-pressed") == "true":
            await person.press("I cannot hear")
    await expect(chair.page.locator(".mood-signal")).to_have_count(0, timeout=3 * MS)
    hall.findings += await basra.portraits("reacting")


async def test_whoever_is_on_another_page_is_told_at_its_upper_edge_and_finds_it_in_the_list(
    hall: Hall,
) -> None:
    chair, mosul = hall[CHAIR], hall[MOSUL]
    await mosul.press("Raise hand")
    await expect(chair.page.locator(".people-row:has(.hand-acts)")).to_have_count(1, timeout=MS)
    await mosul.open(f"/{EVENT}/notifications")  # which reads what was told before
    await expect(mosul.page.locator("form[data-read]")).to_be_hidden(timeout=MS)
    await mosul.open(f"/{EVENT}/speakers")
    badge, toasts = mosul.page.locator(".bar-bell .badge"), mosul.page.locator(".toast")
    # A line goes by itself after a while: it is noted when it comes.
    await mosul.page.evaluate(
        """new MutationObserver((changes) => {
            window.told = [...(window.told ?? []), ...changes.flatMap(({ addedNodes }) => [...addedNodes])];
        }).observe(document.getElementById("toasts"), { childList: true })"""
    )
    await chair.press("Invite the next")
    # Somebody comes back to the page: it asks at once instead of within 20 seconds.
    await expect(chair.page.locator(".people-row:has(.hand-acts)")).to_have_count(0, timeout=MS)
    await mosul.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(badge).to_have_text("1", timeout=MS)
    await mosul.until("window.told?.length")
    assert await mosul.page.evaluate("document.activeElement === document.body")
    hall.findings += await mosul.violations()
    await mosul.page.locator(".bar-bell").click()
    await mosul.sees("You are invited to the floor.")
    hall.findings += await mosul.violations()
    await mosul.open(f"/{EVENT}/speakers")
    await expect(badge).to_be_hidden(timeout=MS)
    await expect(toasts).to_have_count(0)


async def test_nothing_is_hard_to_read_or_complained_of(hall: Hall) -> None:
    assert hall.findings == []
    assert hall.complaints() == []
