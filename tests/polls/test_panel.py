"""Polls in real Chromium: from making over an outage to results, by keys alone, in both directions."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from conference.clock import ManualClock
from conference.storage.database import Database
from tests.live.seminar import GRACE, tab
from tests.polls.browser import DESK, ROOT, bundle, no_errors, open_page, serve_page
from tests.polls.hall import ANSWERS, BALLOT, WORDS, open_hall, opened
from tests.questions.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

expect.set_options(timeout=GRACE * 1000)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("polls"))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


# What a poll's words may hold: markup, marks that turn others around, both directions, endless words.
HOSTILE = [
    "<img src=x onerror=window.hurt=1>", "\u202egnp.exe\u202c", "\u2067mixed\u2069 النصّ with ١٢٣", "=1+1",
    "x" * 120, "لا" * 60, *(f"{number} " + "word كلمة " * 11 for number in range(6)),
]  # fmt: skip
FITS = """() => [...document.querySelectorAll('.projector-poll')].every((place) => place.clientHeight > 0 &&
    place.scrollHeight <= place.clientHeight && place.scrollWidth <= place.clientWidth)"""


async def look(page: Page, name: str) -> None:
    """Keep a picture when SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"polls-{name}.png", full_page=True)


async def test_poll_goes_from_making_over_an_outage_to_results(
    furnished: Database, clock: ManualClock, built: Path, browser: Browser
) -> None:
    async with open_hall(furnished, clock, more=serve_page(built)) as hall:
        port = int(hall.url.rsplit(":", 1)[1])
        ali = await open_page(browser, hall.url, "ali")
        zainab = await open_page(browser, hall.url, "zainab", viewport=DESK)
        await expect(ali.get_by_text("No poll yet.")).to_be_visible()
        await zainab.get_by_role("button", name="New poll").click()
        await zainab.get_by_label("What is asked").fill("أي دواء أولاً؟")
        await zainab.get_by_label("Option 1", exact=True).fill("Metformin")
        await zainab.get_by_label("Option 2", exact=True).fill("الأنسولين")
        await look(zainab, "making")
        await zainab.get_by_role("button", name="Open now").click()
        await expect(ali.locator("#tab")).to_contain_text("1 open")
        await expect(ali.get_by_role("heading", name="أي دواء أولاً؟")).to_be_visible()
        assert len(await ali.evaluate("notes")) == 1
        await ali.get_by_text("الأنسولين").click()

    # The server is away; the answer is given all the same, and the page loaded anew.
    await expect(ali.locator("body")).not_to_have_attribute("data-state", "online")
    await ali.get_by_role("button", name="Answer", exact=True).click()
    await expect(ali.get_by_text("Kept on this device.")).to_be_visible()
    await look(ali, "outage")

    async with open_hall(furnished, clock, more=serve_page(built), port=port):
        await ali.reload()
        await ali.wait_for_selector("body[data-state=online][data-waiting='0']")
        await expect(ali.get_by_text("Your answer counts.")).to_be_visible()
        await expect(ali.locator("#tab")).not_to_contain_text("open")
        await expect(zainab.locator(".poll-bar-said")).to_have_text(["0 people · 0%", "1 person · 100%"])
        await expect(ali.locator(".poll-bar")).to_have_count(0)
        await ali.get_by_text("Metformin").click()
        await ali.get_by_role("button", name="Change my answer").click()
        await expect(zainab.locator(".poll-bar-said")).to_have_text(["1 person · 100%", "0 people · 0%"])
        await zainab.get_by_role("button", name="Close", exact=True).click()
        await expect(ali.locator(".poll-bar").first).to_contain_text("your answer")
        await look(ali, "results")
        await look(zainab, "desk")
        no_errors(ali, zainab)


async def test_options_are_put_in_order_and_sent_by_keys_alone(
    furnished: Database, clock: ManualClock, built: Path, browser: Browser
) -> None:
    async with open_hall(furnished, clock, more=serve_page(built)) as hall, tab(hall, "zainab") as zainab:
        await opened(zainab, "ordering", results="live")
        ali = await open_page(browser, hall.url, "ali")
        await ali.get_by_role("button", name="Down: Cost").focus()
        await ali.keyboard.press("Enter")
        await expect(ali.get_by_role("button", name="Down: Cost")).to_be_focused()
        await ali.keyboard.press("Enter")
        await expect(ali.get_by_text("Cost is now number 3 of 3")).to_be_attached()
        # At the end there is no further down: the way back has the focus.
        await expect(ali.get_by_role("button", name="Up: Cost")).to_be_focused()
        await ali.keyboard.press("Tab")
        await ali.keyboard.press("Enter")
        await expect(ali.locator(".poll-bar-text bdi")).to_have_text(["Safety", "Speed", "Cost"])
        no_errors(ali)


@pytest.mark.parametrize(
    ("lang", "scheme", "people"), [("en", "light", ["sara", "wall"]), ("ar", "dark", ["sara", "zainab"])]
)
async def test_polls_have_no_serious_accessibility_fault_and_fit_a_phone_and_every_wall(
    furnished: Database,
    clock: ManualClock,
    built: Path,
    browser: Browser,
    lang: str,
    scheme: Literal["light", "dark"],
    people: list[str],
) -> None:
    async with open_hall(furnished, clock, more=serve_page(built)) as hall:
        async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
            for kind in WORDS:
                poll = await opened(zainab, kind, anonymous=kind != "text", results="live")
                await ali.command("AnswerPoll", poll=poll, counter=1, ballot=BALLOT, **ANSWERS[kind])
                if kind == "quiz":
                    await zainab.command("ClosePoll", poll=poll)
            await zainab.command("MakePoll", words=WORDS["multiple"])
            labels = {"question": " ".join(HOSTILE)[:300], "low": HOSTILE[0], "high": HOSTILE[1]}
            await opened(zainab, "likert", **labels)
            clock.advance(timedelta(seconds=1))
            last = await opened(
                zainab, "multiple", question=labels["question"], options=HOSTILE, results="live"
            )
            await ali.command("AnswerPoll", poll=last, counter=1, ballot=BALLOT, choices=["a", "e"])
        for person in people:
            page = await open_page(
                browser, hall.url, "sara" if person == "wall" else person, lang=lang, color_scheme=scheme,
                wall=person == "wall",
            )  # fmt: skip
            await expect(page.locator(".poll-bar").first).to_be_visible()
            if person == "zainab":
                await page.locator(".polls-new").click()
                for details in await page.locator(".poll-desk details > summary").all():
                    await details.click()
            await look(page, f"{person}-{lang}-{scheme}")
            assert await page.evaluate("window.hurt") is None
            assert not set("\u202e\u202c\u2067\u2069") & set(await page.locator("#polls").inner_text())
            if person == "wall":
                for width, height in ((600, 1000), (1920, 1080), (1024, 768)):
                    await page.set_viewport_size({"width": width, "height": height})
                    await page.wait_for_function(FITS)
                    await look(page, f"wall-{width}")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await page.add_script_tag(path=ROOT / "node_modules" / "axe-core" / "axe.min.js")
            found = await page.evaluate("axe.run('#polls').then((result) => result.violations)")
            serious = [each for each in found if each["impact"] in ("serious", "critical")]
            assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in serious] == []
            no_errors(page)
            await page.context.close()
