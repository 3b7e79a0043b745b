"""An organizer at the planner, for the tests of it: what counts is what the server holds in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import Browser, Locator, expect

from tests.browser.person import Person, arrive
from tests.world import EVENT, GRACE, ORGANIZER, Server, until

PLANNER = f"/{EVENT}/organize/planner"
API = f"/api/events/{EVENT}"
PATIENCE = GRACE * 1000
HALF_HOUR = 60  # pixels of half an hour in the grid that is not condensed

Session = dict[str, Any]
OPENING: Session = {"room": "main-hall", "starts_at": "2025-10-25T06:00:00Z", "minutes": 45}


class Desk:
    """One organizer at the planner."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page = person.page

    async def draft(self) -> dict[str, Session]:
        """The sessions as the server holds them, by code."""
        told = await self.page.evaluate(
            f"fetch('{API}/draft', {{headers: {{Accept: 'application/json'}}}}).then((said) => said.json())"
        )
        return {session["code"]: session for session in told["sessions"]}

    async def server_has(self, code: str, **wanted: Any) -> Session:
        """Waits until the server holds the session with these values."""

        async def has() -> Session | None:
            session = (await self.draft())[code]
            return session if all(session[name] == value for name, value in wanted.items()) else None

        return await until(has, f"{code} has {wanted}", every=0.2)

    def block(self, code: str) -> Locator:
        return self.page.locator(f'.ec-event[data-code="{code}"]:not(.ec-preview)').first

    async def is_ready(self) -> None:
        await expect(self.page.locator(".ec-event[data-code]").first).to_be_visible(timeout=PATIENCE)
        # Whoever is online has been told that nothing was missed: the grid is not drawn anew under the mouse.
        await self.person.sees("Every move is saved at once.")

    async def put_back_the_opening(self) -> Session:
        """As the demo has it, whatever a test before left; returns it as it stands then."""
        session = (await self.draft())["OPEN25"]
        if all(session[name] == value for name, value in OPENING.items()):
            return session
        await self.does(act="place", session="OPEN25", edition=session["edition"], **OPENING)
        await self.shows("OPEN25", "09:00–09:45")
        return await self.server_has("OPEN25", **OPENING)

    async def does(self, **act: Any) -> dict[str, Any]:
        """An act past the page, as a program sends it."""
        done: dict[str, Any] = await self.page.evaluate(
            """async ([address, act]) => {
              const { form_token } = JSON.parse(document.getElementById("planner-data").textContent);
              const headers = { "Content-Type": "application/json", "X-Form-Token": form_token };
              const said = await fetch(address, { method: "POST", headers, body: JSON.stringify(act) });
              return said.json();
            }""",
            [f"{API}/acts", act],
        )
        return done

    async def says(self, text: str) -> None:
        await expect(self.page.locator("#plan-said")).to_contain_text(text, timeout=PATIENCE)

    async def shows(self, code: str, text: str) -> None:
        await expect(self.block(code)).to_contain_text(text, timeout=PATIENCE)

    async def drag(self, code: str, across: float, down: float, *, edge: bool = False) -> None:
        """Take a block (or its lower edge), carry it so many pixels, let go when the page shows it there."""
        block = self.block(code)
        await block.scroll_into_view_if_needed()
        box = await block.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + (box["height"] - 4 if edge else 10)
        mouse = self.page.mouse
        await mouse.move(x, y)
        await mouse.down()
        await mouse.move(x + across / 2, y + down / 2, steps=3)
        await mouse.move(x + across, y + down, steps=3)
        await expect(self.page.locator(".ec-preview")).to_be_visible(timeout=PATIENCE)
        await mouse.up()

    async def column(self, room: int) -> float:
        """The middle of a room's column, in pixels of the page."""
        box = await self.page.locator(".ec-col-head").nth(room).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2


@asynccontextmanager
async def at_the_desk(
    browser: Browser, server: Server, language: str, label: str = ORGANIZER
) -> AsyncIterator[Desk]:
    person = await arrive(browser, label, language, server.url)
    await person.sign_in(server.links[label])
    await person.context.add_cookies([{"name": "lang", "value": language, "url": server.url}])
    await person.open(PLANNER)
    desk = Desk(person)
    await desk.is_ready()
    yield desk
    assert person.problems == []
    await person.context.close()


def later(session: Session, minutes: int) -> str:
    moment = datetime.fromisoformat(session["starts_at"]) + timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
