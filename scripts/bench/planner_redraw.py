"""How long an organizer waits until the planner shows what they did, in a real browser.

A block is carried and put down with keys, and dragged with the mouse. The clock starts at the event itself
(its `timeStamp`: when the browser received the key or the button) and stops when the first frame has been
made in which that block is drawn anew. Beside it stands the processor time of the page's main thread
(`threadTicks` of Chromium) from before the event to after that frame, which other work on the machine
changes least.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from playwright.async_api import CDPSession, Locator, Page, async_playwright

from conference.people.accounts import create_account
from conference.people.grants import grant_role
from conference.people.permissions import Role
from conference.people.session_cookie import session_cookie
from conference.people.sessions import begin_session
from conference.storage.database import Transaction
from scripts.bench.programme import Served
from tests.browser.conftest import FLAGS, chromium_path

_HALF_HOUR = 60  # pixels in the grid
_PATIENCE = 120_000  # ms; it only ends what hangs

# A message that is posted in an animation frame arrives when the picture of that frame has been made.
_STOPWATCH = """([kind, code]) => {
  const drawn = () =>
    [...document.querySelectorAll(`.ec-event[data-code="${code}"]:not(.ec-preview)`)]
      .map((block) => block.outerHTML)
      .join();
  window.took = new Promise((done) => {
    document.addEventListener(kind, (event) => {
      const before = drawn();
      const look = () => {
        if (drawn() === before) return requestAnimationFrame(look);
        const frame = new MessageChannel();
        frame.port1.onmessage = () => done(performance.now() - event.timeStamp);
        frame.port2.postMessage(null);
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
  });
}"""


class Took(NamedTuple):
    """Milliseconds by the clock and of the processor."""

    seen: float
    processor: float


@dataclass
class Redraws:
    """One for each time: a step with an arrow key, put down with Enter, dropped by the mouse; and how many
    blocks the grid showed."""

    step: list[Took] = field(default_factory=list)
    put_down: list[Took] = field(default_factory=list)
    drop: list[Took] = field(default_factory=list)
    blocks: int = 0


async def redraws(event: Served, times: int) -> Redraws:
    """Each of *times* moves by keys has four steps; as many by the mouse follow."""
    found = Redraws()
    async with _planner(event) as page:
        watch = await _stopwatch(page)
        blocks = page.locator(".ec-event[data-code]:not(.ec-preview)")
        found.blocks = await blocks.count()
        # In the middle of the grid: room to go either way.
        code = await blocks.nth(found.blocks // 2).get_attribute("data-code")
        block = page.locator(f'.ec-event[data-code="{code}"]:not(.ec-preview)').first
        for number in range(times):
            key = "ArrowDown" if number % 2 else "ArrowUp"
            await block.focus()
            await page.keyboard.press("Enter")
            for _ in range(4):
                found.step.append(await watch.time("keydown", code, partial(page.keyboard.press, key)))
            found.put_down.append(await watch.time("keydown", code, partial(page.keyboard.press, "Enter")))
            await _is_saved(page)
        for number in range(times):
            await _carry(page, block, _HALF_HOUR if number % 2 else -_HALF_HOUR)
            found.drop.append(await watch.time("pointerup", code, page.mouse.up))
            await _is_saved(page)
    return found


class _Stopwatch:
    def __init__(self, page: Page, tools: CDPSession) -> None:
        self.page, self.tools = page, tools

    async def time(self, kind: str, code: str | None, act: Callable[[], Awaitable[None]]) -> Took:
        """What *act* takes, whose event of this *kind* has the block of *code* drawn anew."""
        await self.page.evaluate(_STOPWATCH, [kind, code])
        before = await self._worked()
        await act()
        seen = float(await self.page.evaluate("window.took"))
        return Took(seen, await self._worked() - before)

    async def _worked(self) -> float:
        listed = (await self.tools.send("Performance.getMetrics"))["metrics"]
        return 1000 * next(float(one["value"]) for one in listed if one["name"] == "TaskDuration")


async def _stopwatch(page: Page) -> _Stopwatch:
    tools = await page.context.new_cdp_session(page)
    await tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    return _Stopwatch(page, tools)


async def _carry(page: Page, block: Locator, down: int) -> None:
    """Take the block with the mouse and hold it over another time."""
    await block.scroll_into_view_if_needed()
    box = await block.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 10
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + down, steps=4)
    await page.locator(".ec-preview").wait_for(timeout=_PATIENCE)


async def _is_saved(page: Page) -> None:
    """Nothing of one move is left to be drawn in the next."""
    await page.locator(".ec-event[data-waiting]").wait_for(state="detached", timeout=_PATIENCE)
    await page.wait_for_timeout(300)


@asynccontextmanager
async def _planner(event: Served) -> AsyncIterator[Page]:
    """An organizer's planner, drawn."""

    def begin(tx: Transaction) -> str:
        now = event.clock.now()
        account = create_account(tx, "planner@example.org", "Planner", now=now)
        grant_role(tx, account.id, event.event_id, Role.ORGANIZER, now=now)
        return begin_session(tx, account.id, now=now, life=timedelta(days=1))

    token = await event.database.write(begin)
    site = f"http://127.0.0.1:{event.port}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.context.add_cookies([{"name": session_cookie(False), "value": token, "url": site}])
        await page.goto(f"{site}/{event.slug}/organize/planner")
        await page.locator(".ec-event[data-code]").first.wait_for(timeout=_PATIENCE)
        yield page
        await browser.close()
