"""A chair says that the hall runs late, in Arabic right to left: organizers and the public see it."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.person import arrive
from tests.browser.planning import PATIENCE, at_the_desk
from tests.world import CHAIR, EVENT, Server

ROOM = f"/{EVENT}/session/OPEN25/room"


async def test_a_chair_moves_the_rest_of_the_day_with_one_tap(chromium: Browser, demo: Server) -> None:
    chair = await arrive(chromium, CHAIR, "ar", demo.url)
    await chair.sign_in(demo.links[CHAIR])
    await chair.open(ROOM)
    await chair.press("Listen only")
    await chair.open_tab("people")
    panel = chair.page.locator("section.late")
    await expect(panel).to_contain_text("هذه القاعة في موعدها.", timeout=PATIENCE)
    async with at_the_desk(chromium, demo, "en") as desk:
        await desk.shows("OPEN25", "09:00–09:45")
        await panel.locator("button", has_text="+12").click()
        await expect(panel).to_contain_text("12", timeout=PATIENCE)
        await expect(panel.get_by_role("button", name=chair.says("Back on time"))).to_be_visible(
            timeout=PATIENCE
        )
        await desk.shows("OPEN25", "09:00–09:57")  # what is on ends later, in the organizers' draft as well
        found = await chair.portraits("room-running-late")
        await chair.open(f"/{EVENT}/schedule")
        await expect(chair.page.locator("main")).to_contain_text("09:57", timeout=PATIENCE)
        await chair.open(ROOM)
        await chair.press("Listen only")
        await chair.open_tab("people")
        await chair.press("Back on time", within=panel)
        await expect(panel).to_contain_text("هذه القاعة في موعدها.", timeout=PATIENCE)
        await desk.shows("OPEN25", "09:00–09:45")
    assert found + chair.problems == []
    await chair.context.close()
