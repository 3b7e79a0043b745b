"""The questions panel in real Chromium: what people see, and that nothing they typed is lost."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from conference.clock import ManualClock
from conference.questions.tables import question
from conference.storage.database import Database
from tests.live.seminar import Seminar, tab
from tests.questions.browser import DESK, ROOT, bundle, chromium, open_page, serve_page, stays
from tests.questions.hall import open_hall
from tests.world import GRACE, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

expect.set_options(timeout=GRACE * 1000)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("page"))


@pytest.fixture
async def hall(furnished: Database, clock: ManualClock, built: Path) -> AsyncIterator[Seminar]:
    async with open_hall(furnished, clock, more=serve_page(built)) as hall:
        yield hall


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


async def ask(page: Page, text: str) -> None:
    await page.get_by_label("Your question", exact=True).fill(text)
    await page.get_by_role("button", name="Ask", exact=True).click()


async def look(page: Page, name: str) -> None:
    """Keep a picture when SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"questions-{name}.png", full_page=True)


def no_errors(*pages: Page) -> None:
    for page in pages:
        assert page.__dict__["errors"] == []


async def test_question_goes_from_the_asker_over_the_moderator_to_everybody(
    hall: Seminar, browser: Browser
) -> None:
    ali = await open_page(browser, hall.url, "ali")
    sara = await open_page(browser, hall.url, "sara")
    zainab = await open_page(browser, hall.url, "zainab", viewport=DESK)
    await expect(ali.get_by_text("No questions yet. Yours could be the first.")).to_be_visible()
    await look(ali, "empty")

    await ali.get_by_label("How the room knows you").select_option("anonymous")
    await ask(ali, "هل الجرعة ٥ ملغ آمنة للأطفال؟")
    await expect(ali.get_by_text("Waiting for a moderator")).to_be_visible()
    await expect(ali.get_by_label("Your question", exact=True)).to_have_value("")
    await look(ali, "waiting")
    await look(zainab, "to-approve")
    await expect(zainab.get_by_text("Name hidden from the room")).to_be_visible()
    await zainab.get_by_role("button", name="Approve", exact=True).click()
    await expect(sara.get_by_text("هل الجرعة ٥ ملغ آمنة للأطفال؟")).to_be_visible()
    await expect(sara.get_by_text("Someone in the room")).to_be_visible()

    await sara.get_by_role("button", name="Vote").click()
    await expect(sara.locator(".vote-count")).to_have_text("1")
    await expect(ali.locator(".vote-count")).to_have_text("1")
    await expect(sara.get_by_role("button", name="Voted")).to_have_attribute("aria-pressed", "true")
    await sara.reload()
    await expect(sara.get_by_role("button", name="Voted")).to_have_attribute("aria-pressed", "true")
    await sara.get_by_role("button", name="Voted").click()
    await expect(ali.locator(".vote-count")).to_have_text("0")

    await zainab.get_by_role("button", name="Shown 1").click()
    await zainab.get_by_role("button", name="More…").click()
    await zainab.get_by_role("button", name="Answer in writing").click()
    await zainab.get_by_label("Written answer").fill("نعم، بحسب الوزن.")
    await zainab.get_by_role("button", name="Publish the answer").click()
    await expect(sara.get_by_text("نعم، بحسب الوزن.")).to_be_visible()
    await look(sara, "answered")
    await look(zainab, "desk")
    no_errors(ali, sara, zainab)


async def test_new_questions_wait_behind_a_bar_and_move_nothing(hall: Seminar, browser: Browser) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        await zainab.command("ChangeQuestionRules", moderated=False)
        await ali.command("AskQuestion", text="The first question")
        sara = await open_page(browser, hall.url, "sara")
        await expect(sara.get_by_text("The first question")).to_be_visible()
        top = "document.querySelector('.question').getBoundingClientRect().top"
        await ali.command("AskQuestion", text="The second question")
        third = (await ali.command("AskQuestion", text="The third question"))["reply"]["question"]
        await zainab.command("VoteQuestion", question=third, on=True, counter=1)
        bar = sara.get_by_role("button", name="2 new questions")
        await expect(bar).to_be_visible()
        await look(sara, "two-new")
        before = await sara.evaluate(top)
        await ali.command("AskQuestion", text="The fourth question")
        await expect(sara.get_by_role("button", name="3 new questions")).to_be_visible()
        await stays(sara, f"{top} === {before}")
        await sara.get_by_role("button", name="3 new questions").click()
        await expect(sara.locator(".question-text")).to_have_text(
            ["The third question", "The first question", "The second question", "The fourth question"]
        )
        no_errors(sara)


async def test_declined_asker_reads_why_and_undo_brings_it_back(hall: Seminar, browser: Browser) -> None:
    ali = await open_page(browser, hall.url, "ali")
    zainab = await open_page(browser, hall.url, "zainab", lang="en")
    await ask(ali, "About Mrs Kareem in bed four")
    await zainab.get_by_role("button", name="Decline…").click()
    await zainab.get_by_label("Why?").fill("Please ask without the patient's name.")
    await zainab.get_by_role("button", name="Decline", exact=True).click()
    await expect(ali.get_by_text("Please ask without the patient's name.")).to_be_visible()
    await look(ali, "declined")
    await zainab.locator(".question").get_by_role("button", name="Undo").click()
    await expect(ali.get_by_text("Waiting for a moderator")).to_be_visible()
    no_errors(ali, zainab)


async def test_refused_question_comes_back_to_the_form(hall: Seminar, browser: Browser) -> None:
    ali = await open_page(browser, hall.url, "ali")
    for number in range(5):
        await ask(ali, f"Question {number}")
        await expect(ali.get_by_text(f"Question {number}")).to_be_visible()
    await ask(ali, "One too many")
    await expect(ali.get_by_label("Your question", exact=True)).to_have_value("One too many")
    await expect(ali.get_by_text("You have asked many questions.")).to_be_visible()
    await look(ali, "refused")
    await ali.reload()
    await expect(ali.get_by_label("Your question", exact=True)).to_have_value("One too many")
    no_errors(ali)


async def test_what_is_asked_without_a_server_is_kept_over_a_reload_and_sent_once(
    furnished: Database, clock: ManualClock, built: Path, browser: Browser
) -> None:
    async with open_hall(furnished, clock, more=serve_page(built)) as hall:
        port = int(hall.url.rsplit(":", 1)[1])
        ali = await open_page(browser, hall.url, "ali")
    await expect(ali.locator("body")).not_to_have_attribute("data-state", "online")
    await ask(ali, "Asked in the dark")
    await expect(ali.get_by_text("Kept on this device.")).to_be_visible()
    await look(ali, "offline")
    await ali.get_by_label("Your question", exact=True).fill("half a thou")
    async with open_hall(furnished, clock, more=serve_page(built), port=port):
        await ali.reload()
        await ali.wait_for_selector("body[data-state=online][data-waiting='0']")
        await expect(ali.get_by_text("Waiting for a moderator")).to_be_visible()
        await expect(ali.get_by_label("Your question", exact=True)).to_have_value("half a thou")
        await ali.reload()
        await ali.wait_for_selector("body[data-state=online]")
    asked = await furnished.read(lambda rows: list(rows.scalars(select(question.c.text))))
    assert asked == ["Asked in the dark"]
    no_errors(ali)


async def test_durable_commands_go_by_https_where_no_socket_opens(hall: Seminar, browser: Browser) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    page.set_default_timeout(GRACE * 1000)
    # A network that knows no WebSocket: the browser's own constructor fails, everything else works.
    await page.add_init_script("window.WebSocket = function () { throw new Error('blocked') }")
    await page.goto(f"{hall.url}/room/ali")
    await ask(page, "By post")
    async with tab(hall, "zainab") as zainab:

        async def arrived() -> bool:
            state = await zainab.enter()
            return [each["text"] for each in state["snapshot"]["questions"]["filed"]] == ["By post"]

        await until(arrived, "the question is there")
    await expect(page.locator("body")).to_have_attribute("data-waiting", "0")


async def test_panel_in_arabic(hall: Seminar, browser: Browser) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "sara") as sara:
        for text in ("ما الفرق بين Metformin 500 mg و SGLT2؟", "Is it safe in pregnancy?"):
            await ali.command("AskQuestion", text=text)
        await sara.command("AskQuestion", text="متى نبدأ بالأنسولين؟", anonymous=True)
        zainab = await open_page(browser, hall.url, "zainab", lang="ar", viewport=DESK)
        await expect(zainab.locator(".question-text")).to_have_count(3)
        await look(zainab, "desk-ar")
        await zainab.locator(".question .button-soft").nth(0).click()
        await zainab.locator(".question .button-soft").nth(1).click()
        phone = await open_page(browser, hall.url, "sara", lang="ar", color_scheme="dark")
        await expect(phone.locator(".question-text").first).to_be_visible()
        await look(phone, "room-ar-dark")
        assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        no_errors(zainab, phone)


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("ar", "dark")])
async def test_panel_has_no_serious_accessibility_fault(
    hall: Seminar, browser: Browser, lang: str, scheme: Literal["light", "dark"]
) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        shown = (await ali.command("AskQuestion", text="A shown one"))["reply"]["question"]
        pinned = (await ali.command("AskQuestion", text="A pinned one", anonymous=True))["reply"]["question"]
        await ali.command("AskQuestion", text="One that waits")
        for name in (shown, pinned):
            await zainab.command("ApproveQuestion", question=name)
        await zainab.command("PinQuestion", question=pinned, pinned=True)
        for person in ("ali", "zainab"):
            page = await open_page(browser, hall.url, person, lang=lang, color_scheme=scheme)
            await expect(page.locator(".question").first).to_be_visible()
            await page.add_script_tag(path=ROOT / "node_modules" / "axe-core" / "axe.min.js")
            found = await page.evaluate("axe.run('#questions').then((result) => result.violations)")
            serious = [each for each in found if each["impact"] in ("serious", "critical")]
            assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in serious] == []
