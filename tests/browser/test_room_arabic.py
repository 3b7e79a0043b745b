"""The live room once more, in Arabic and from right to left: chair, attendee, hand, mute, questions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.hall import SESSION, Hall, opened_hall
from tests.browser.person import Person
from tests.world import BASRA, CHAIR, GRACE

MS = GRACE * 1000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    async with opened_hall(chromium, tmp_path_factory.mktemp("arabic")) as hall:
        yield hall


async def test_a_chair_leads_a_session_in_arabic(hall: Hall) -> None:
    chair = await hall.come(CHAIR, path=f"{SESSION}/room")
    await expect(chair.page.locator(".check video")).to_be_visible(timeout=MS)
    hall.findings += await chair.portraits("door-chair")
    await chair.press("Join with camera and microphone")
    await chair.until("(await sent()).audio > 20")
    attendee = await hall.listen(BASRA, phone=True)
    voice = await hall.stream("microphone", seen_by=BASRA)
    await attendee.until(f"(await received())['{voice}'].energy > 0.001")
    assert await _is_mirrored(chair), "the panel stands at the end of the line, on the left"

    await attendee.press("Raise hand")
    await chair.open_tab("people")
    await chair.page.get_by_role("button", name=chair.says("Invite"), exact=True).click(timeout=MS)
    dialog = attendee.page.locator("dialog.sheet")
    await expect(dialog.locator("video")).to_be_visible(timeout=MS)
    hall.findings += await attendee.portraits("room-invited")
    await attendee.press("Go on stage with camera", within=dialog)
    theirs = await hall.stream("microphone", seen_by=CHAIR)
    await chair.until(f"(await received())['{theirs}'].energy > 0.001")
    hall.findings += await chair.portraits("room-chair-people")
    row = chair.page.locator(".people-row", has_text="مشاركة من البصرة")
    await row.locator(".icon-button").click(timeout=MS)
    hall.findings += await chair.portraits("room-person-sheet")
    await (
        chair.page.locator("dialog.sheet").get_by_role("button", name=chair.says("Mute"), exact=True).click()
    )
    await attendee.sees("A moderator has muted your microphone.")
    hall.findings += await attendee.portraits("room-muted-by-moderator")

    await attendee.open_tab("questions")
    await attendee.page.locator(".ask textarea").fill("ما رأيكم في GPT-4 للتشخيص؟")
    await attendee.press("Ask")
    await attendee.sees("Waiting for a moderator")
    hall.findings += await attendee.portraits("room-question-waits")
    await chair.open_tab("questions")
    entry = chair.page.locator("li.question", has_text="GPT-4")
    await expect(entry).to_be_visible(timeout=MS)
    hall.findings += await chair.portraits("room-moderating")
    await chair.press("Decline…", within=entry)
    hall.findings += await chair.portraits("room-declining")
    await entry.locator("textarea").fill("سُئل من قبل")
    await entry.locator("form button[type=submit]").click()
    await attendee.sees_as_typed("سُئل من قبل")
    assert hall.findings + hall.complaints() == []


async def _is_mirrored(person: Person) -> bool:
    stage = await person.page.locator(".room-stage").bounding_box()
    panel = await person.page.locator(".room-panel").bounding_box()
    return stage is not None and panel is not None and panel["x"] < stage["x"]
