"""A slide shared from a screen is read by the audience as it was drawn; this is also the README's picture."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.hall import SESSION, Hall, opened_hall
from tests.world import BASRA, CHAIR, GRACE, MOSUL, ROOT, SPEAKER

MS = GRACE * 1000
README_PICTURE = ROOT / "docs" / "pictures" / "room.png"
# In place of a real screen: a canvas with a slide on it. From there on everything is as with any screen.
DRAWN_SCREEN = """navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const pen = canvas.getContext("2d");
  const draw = () => {
    pen.fillStyle = "#fbfaf7"; pen.fillRect(0, 0, 1280, 720);
    pen.fillStyle = "#0b6158"; pen.fillRect(0, 0, 1280, 16);
    pen.fillStyle = "#1c1b19"; pen.font = "bold 58px sans-serif";
    pen.fillText("Which doctor do we want?", 80, 130);
    pen.font = "34px sans-serif"; pen.fillStyle = "#5d5952";
    ["Knows what to ask, not only what to answer", "Works with machines and checks them",
     "Learns for forty years after the last exam"]
      .forEach((line, n) => pen.fillText("•  " + line, 80, 220 + n * 64));
    [140, 175, 190, 235, 262].forEach((height, n) => {
      pen.fillStyle = n === 4 ? "#0b6158" : "#a9c9c3"; pen.fillRect(90 + n * 150, 660 - height, 96, height);
    });
    pen.fillStyle = "#5d5952"; pen.font = "26px sans-serif";
    pen.fillText("Hours with patients, by year", 880, 650);
    setTimeout(draw, 100);
  };
  draw();
  return canvas.captureStream(10);
}"""
COLOUR_AT = """([x, y]) => {
  const video = document.querySelector(".shared-screen video");
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  canvas.getContext("2d").drawImage(video, 0, 0, 1280, 720);
  return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3);
}"""
QUESTIONS = {
    BASRA: "كيف نقيس أن الطبيب يسأل السؤال الصحيح؟",
    MOSUL: "Where can we read the five-year figures?",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    async with opened_hall(chromium, tmp_path_factory.mktemp("picture")) as hall:
        yield hall


async def test_a_shared_slide_arrives_as_it_was_drawn(hall: Hall) -> None:
    for label in (SPEAKER, CHAIR):
        person = await hall.come(label)
        await person.context.add_init_script(DRAWN_SCREEN)
        await person.open(f"{SESSION}/room")
        await person.press("Join without camera")
        await person.until("(await sent()).audio > 5")
    await hall[SPEAKER].press("Share screen")
    viewer = await hall.listen(MOSUL)
    asker = await hall.listen(BASRA, phone=True)
    await hall.stream("screen", seen_by=MOSUL)
    for x, y, wanted in ((640, 8, (11, 97, 88)), (1200, 300, (251, 250, 247)), (740, 600, (11, 97, 88))):
        await _is_coloured(hall, x, y, wanted)

    await hall[CHAIR].open_tab("questions")
    for person in (asker, viewer):
        text = QUESTIONS[person.name]
        await person.page.locator(".ask textarea").fill(text)
        await person.press("Ask")
        entry = hall[CHAIR].page.locator("li.question", has_text=text)
        await hall[CHAIR].press("Approve", within=entry)
    for person in (asker, viewer):
        fresh = person.page.locator(".questions-fresh")
        vote = person.page.locator("li.question", has_text=QUESTIONS[BASRA]).locator(".vote")
        await expect(vote.or_(fresh).first).to_be_visible(timeout=MS)
        if not await vote.count():
            await fresh.first.click()
        await vote.click()
    await expect(
        viewer.page.locator("li.question", has_text=QUESTIONS[BASRA]).locator(".vote-count")
    ).to_have_text("2", timeout=MS)
    if await viewer.page.locator(".questions-fresh").count():
        await viewer.page.locator(".questions-fresh").first.click()
    await viewer.sees_as_typed(QUESTIONS[MOSUL])
    picture = await viewer.picture("readme-room")
    if not README_PICTURE.exists():
        README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, README_PICTURE)
    assert hall.complaints() == []


async def _is_coloured(hall: Hall, x: int, y: int, wanted: tuple[int, int, int]) -> None:
    """The viewer's video shows about that colour there: compression may bend it a little."""
    near = f"""(({COLOUR_AT})([{x}, {y}])).every((part, n) => Math.abs(part - {list(wanted)}[n]) < 40)"""
    await hall[MOSUL].until(near)
