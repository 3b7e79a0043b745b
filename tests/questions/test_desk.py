"""The moderators' desk, the speaker's view and the wall in real Chromium, with whatever people may write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from conference.clock import ManualClock
from conference.storage.database import Database
from tests.live.seminar import GRACE, Seminar, Tab, tab
from tests.questions.browser import DESK, ROOT, bundle, chromium, open_page, serve_page
from tests.questions.hall import open_hall

pytestmark = [pytest.mark.browser, pytest.mark.slow]

expect.set_options(timeout=GRACE * 1000)

HOSTILE = [
    "<img src=x onerror=\"window.hurt='yes'\"><script>window.hurt='yes'</script>",
    '=HYPERLINK("http://evil.example","click")',
    "safe \u202etxt.exe\u202c \u2067mixed\u2069 \u200fend",
    "ب" + "\u0651\u064b" * 300 + " zalgo",
    "W" * 600,
    "ما الجرعة؟\n\n" + "سطر\n" * 60,
]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("desk"))


@pytest.fixture
async def hall(furnished: Database, clock: ManualClock, built: Path) -> AsyncIterator[Seminar]:
    async with open_hall(furnished, clock, more=serve_page(built)) as hall:
        yield hall


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


async def asked(person: Tab, moderator: Tab, *texts: str) -> list[str]:
    """Shown to the room, in this order."""
    found = []
    for text in texts:
        public_id = (await person.command("AskQuestion", text=text))["reply"]["question"]
        await moderator.command("ApproveQuestion", question=public_id)
        found.append(public_id)
    return found


async def serious(page: Page) -> list[str]:
    await page.add_script_tag(path=ROOT / "node_modules" / "axe-core" / "axe.min.js")
    found = await page.evaluate("axe.run('#questions').then((result) => result.violations)")
    return [each["id"] for each in found if each["impact"] in ("serious", "critical")]


async def test_what_is_asked_next_is_ordered_by_buttons_and_keys_and_goes_to_the_speaker_and_the_wall(
    hall: Seminar, browser: Browser
) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        await asked(ali, zainab, "First asked", "Second asked", "Third asked")
        desk = await open_page(browser, hall.url, "zainab", viewport=DESK)
        wall = await open_page(browser, hall.url, "sara", view="projector", viewport=DESK)
        speaker = await open_page(browser, hall.url, "zainab", view="speaker", lang="ar")
        await desk.get_by_role("button", name="Shown 3").click()
        for text in ("First", "Second", "Third"):
            item = desk.locator(".desk-queue .question", has_text=text)
            await item.get_by_role("button", name="Ask next").click()
            await expect(item.get_by_text("Next: number")).to_be_visible()
        line = desk.locator(".desk-line .question-text")
        await expect(line).to_have_text(["First asked", "Second asked", "Third asked"])
        await (
            desk.locator(".desk-line .question", has_text="Third")
            .get_by_role("button", name="Earlier")
            .click()
        )
        await expect(line).to_have_text(["First asked", "Third asked", "Second asked"])
        # By keys alone, from the button that was pressed: it is still the one in focus.
        await expect(
            desk.locator(".desk-line .question", has_text="Third").get_by_role("button", name="Earlier")
        ).to_be_focused()
        await desk.keyboard.press("Alt+ArrowUp")
        await expect(line).to_have_text(["Third asked", "First asked", "Second asked"])
        # The speaker's list knows the whole new order, and shows it when it is asked to.
        for place, text in enumerate(("Third", "First", "Second"), start=1):
            item = speaker.locator(".speaker-list .question", has_text=text)
            await expect(item.locator(".badge-line")).to_contain_text(str(place))
        bar = speaker.locator(".questions-moved, .questions-fresh")
        if await bar.count():
            await bar.first.click()
        await expect(speaker.locator(".speaker-list .speaker-text")).to_have_text(
            ["Third asked", "First asked", "Second asked"]
        )
        await expect(wall.locator(".projector-text")).to_have_text("The febrile child")
        await speaker.locator(".speaker-list .question", has_text="Third").get_by_role("button").click()
        await expect(wall.locator(".projector-text")).to_have_text("Third asked")
        await expect(wall.get_by_role("button")).to_have_count(0)
        await expect(desk.locator(".desk-line .question-now")).to_contain_text("Third asked")
        assert [await serious(page) for page in (desk, wall, speaker)] == [[], [], []]
        await speaker.locator(".speaker-now .button").click()
        await expect(wall.locator(".projector-text")).to_have_text("The febrile child")
        await expect(line).to_have_text(["First asked", "Second asked"])
        assert [page.__dict__["errors"] for page in (desk, wall, speaker)] == [[], [], []]


async def test_a_patients_details_are_warned_of_and_the_writer_decides(
    hall: Seminar, browser: Browser
) -> None:
    ali = await open_page(browser, hall.url, "ali", lang="ar")
    field = ali.locator(".ask textarea")
    await field.fill("المريضة هاتفها ٠٧٧٠ ١٢٣ ٤٥٦٧، هل تحتاج إلى بزل؟")
    # What looks for details is fetched by now: a slow link would leave that to the server.
    await expect(ali.locator(".ask > p[aria-live=polite]")).to_be_attached()
    await ali.locator(".ask button[type=submit]").click()
    warning = ali.locator(".ask-warning")
    await expect(warning).to_be_focused()
    assert await serious(ali) == []
    await warning.get_by_role("button").first.click()
    await expect(field).to_be_focused()
    await expect(warning).to_have_count(0)
    await ali.keyboard.press("Control+Enter")
    await expect(warning).to_be_focused()
    await warning.get_by_role("button").last.click()
    await expect(ali.locator(".questions-own .question-text")).to_contain_text("بزل")
    await expect(field).to_have_value("")
    zainab = await open_page(browser, hall.url, "zainab", viewport=DESK)
    await expect(zainab.locator(".question-flag")).to_contain_text("a phone number")
    await zainab.get_by_label("Which questions").select_option("flagged")
    await expect(zainab.locator(".desk-queue .question-text")).to_have_count(1)
    await zainab.get_by_label("Which questions").select_option("edited")
    await expect(zainab.locator(".desk-queue .question-text")).to_have_count(0)
    assert ali.__dict__["errors"] == zainab.__dict__["errors"] == []


async def test_a_question_like_the_one_being_typed_is_voted_for_instead(
    hall: Seminar, browser: Browser
) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        await asked(ali, zainab, "ما الجرعة القصوى للباراسيتامول عند الأطفال؟", "Is dexamethasone useful?")
        sara = await open_page(browser, hall.url, "sara")
        await sara.locator(".ask textarea").fill("الجرعه القصوي من الباراسيتامول")
        proposed = sara.locator(".asked-already .question")
        await expect(proposed).to_have_count(1)
        await proposed.get_by_role("button", name="Vote").click()
        await expect(sara.locator(".question-list .vote[aria-pressed=true]")).to_have_count(1)
        await expect(proposed.locator(".vote-count")).to_have_text("1")
        assert sara.__dict__["errors"] == []


async def test_merged_edited_and_taken_back_as_the_asker_reads_it(hall: Seminar, browser: Browser) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        await asked(ali, zainab, "When is a lumbar puncture needed in a febrile child?")
        sara = await open_page(browser, hall.url, "sara")
        await sara.get_by_label("Your question", exact=True).fill(
            "Febrile child: lumbar puncture needed when?"
        )
        await sara.get_by_role("button", name="Ask", exact=True).click()
        desk = await open_page(browser, hall.url, "zainab", viewport=DESK)
        await desk.locator(".question-alike").get_by_role("button", name="Put together").click()
        await expect(sara.get_by_text("It became part of")).to_be_visible()
        await desk.locator(".desk-last").get_by_role("button", name="Undo").click()
        await expect(sara.get_by_text("Waiting for a moderator")).to_be_visible()
        item = desk.locator(".desk-queue .question")
        await item.get_by_role("button", name="More…").click()
        await item.get_by_role("button", name="Edit…").click()
        await desk.get_by_label("What the room reads.").fill("Lumbar puncture in a febrile child: when?")
        await desk.get_by_role("button", name="Save the words").click()
        await expect(sara.get_by_text("edited by a moderator")).to_be_visible()
        await desk.get_by_text("The original words").click()
        await expect(desk.locator(".question-original")).to_contain_text("needed when?")
        await desk.get_by_label("Search the questions").fill("NEEDED  whén")
        await expect(desk.locator(".desk-queue .question-text")).to_have_count(1)
        await desk.get_by_label("Search the questions").fill("nothing of the kind")
        await expect(desk.get_by_text("No question here fits the search.")).to_be_visible()
        assert sara.__dict__["errors"] == desk.__dict__["errors"] == []


async def test_hostile_texts_are_text_in_every_view(hall: Seminar, browser: Browser) -> None:
    async with tab(hall, "ali") as ali, tab(hall, "zainab") as zainab:
        ids = await asked(ali, zainab, *HOSTILE)
        for public_id in ids[:2]:
            await zainab.command("TagQuestion", question=public_id, tags=["<b>tag</b>", "=1+1"])
        room = await open_page(browser, hall.url, "sara", lang="ar")
        desk = await open_page(browser, hall.url, "zainab")
        speaker = await open_page(browser, hall.url, "zainab", view="speaker")
        wall = await open_page(browser, hall.url, "sara", view="projector", lang="ar", viewport=DESK)
        await expect(room.locator(".question-text")).to_have_count(len(HOSTILE))
        await desk.get_by_role("button", name=f"Shown {len(HOSTILE)}").click()
        await expect(desk.locator(".desk-queue .question-text")).to_have_count(len(HOSTILE))
        await expect(speaker.locator(".speaker-list .speaker-text")).to_have_count(len(HOSTILE))
        shown = await room.locator(".question-text").all_inner_texts()
        assert HOSTILE[0] in shown
        assert not any(mark in text for text in shown for mark in "\u202e\u202c\u2067\u2069")
        for public_id in ids:
            await zainab.command("AnswerNow", question=public_id)
            text = (await room.locator(f"#question-text-{public_id}").inner_text())[:12]
            await expect(wall.locator(".projector-text")).to_contain_text(text)
            fits = "(e) => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + 1"
            assert await wall.locator(".projector-place").evaluate(fits)
        await room.locator(".ask textarea").fill("ا" * 10_000)
        await expect(room.locator(".ask button[type=submit]")).to_be_disabled()
        await expect(room.locator(".ask .field-error").last).not_to_be_empty()
        for page in (room, desk, speaker, wall):
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert await page.evaluate("window.hurt") is None
            assert page.__dict__["errors"] == []
