"""The first user's link: 64 kbit/s down, 32 up, 300 ms. What a visit weighs, and that it works at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.hall import SESSION, Hall, opened_hall
from tests.browser.person import arrive
from tests.figures import note_figure
from tests.world import BASRA, GRACE, LANGUAGES, MOSUL, SPEAKER

MS = GRACE * 1000
ROOM_WEIGHS = 75_000  # bytes on the wire for a first visit, nothing cached
P1 = {"offline": False, "latency": 300, "downloadThroughput": 8_000, "uploadThroughput": 4_000}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """A speaker is on stage with a microphone."""
    async with opened_hall(chromium, tmp_path_factory.mktemp("weak")) as hall:
        speaker = await hall.come(SPEAKER, path=f"{SESSION}/room")
        await speaker.press("Join without camera")
        await speaker.until("(await sent()).audio > 5")
        yield hall


async def test_a_first_visit_to_a_live_room_weighs_little(hall: Hall) -> None:
    visitor = await arrive(hall.browser, BASRA, LANGUAGES[BASRA], hall.server.url, phone=True)
    hall.people[BASRA] = visitor
    # Signed in by another tab's cookie alone: nothing of the site is in this browser's cache.
    signed = await arrive(hall.browser, BASRA, LANGUAGES[BASRA], hall.server.url)
    await signed.sign_in(hall.server.links[BASRA])
    await visitor.context.add_cookies(await signed.context.cookies())  # type: ignore[arg-type]
    await signed.context.close()
    wire = await visitor.context.new_cdp_session(visitor.page)
    weight = 0

    def weigh(event: dict[str, Any]) -> None:
        nonlocal weight
        weight += int(event.get("encodedDataLength") or len(event.get("response", {}).get("payloadData", "")))

    await wire.send("Network.enable")
    wire.on("Network.loadingFinished", weigh)
    wire.on("Network.webSocketFrameReceived", weigh)
    await visitor.open(f"{SESSION}/room")
    await visitor.press("Join the room")
    await visitor.until("Object.values(await received()).some(({ energy }) => energy > 0.001)")
    note_figure("first visit to a live room, bytes", weight)
    assert 20_000 < weight < ROOM_WEIGHS


async def test_a_weak_link_is_enough_to_listen_and_ask(hall: Hall) -> None:
    listener = await arrive(hall.browser, MOSUL, LANGUAGES[MOSUL], hall.server.url, phone=True)
    hall.people[MOSUL] = listener
    wire = await listener.context.new_cdp_session(listener.page)
    await wire.send("Network.enable")
    await wire.send("Network.emulateNetworkConditions", P1)
    await listener.sign_in(hall.server.links[MOSUL])
    tapped = time.monotonic()
    await listener.open(f"{SESSION}/room")
    note_figure("weak link: room page, s", round(time.monotonic() - tapped, 1))
    await listener.press("Join the room")
    await listener.until("Object.values(await received()).some(({ energy }) => energy > 0.001)")
    note_figure("weak link: first sound after opening the page, s", round(time.monotonic() - tapped, 1))
    await listener.page.locator(".ask textarea").fill("Is this heard in Mosul?")
    # Twice in a hurry, as people do when nothing happens at once.
    await listener.page.locator(".ask button[type=submit]").dblclick()
    await listener.sees("Waiting for a moderator")
    await asyncio.sleep(0)
    asked = listener.page.locator("li.question", has_text="Is this heard in Mosul?")
    await expect(asked).to_have_count(1, timeout=MS)
    assert hall.complaints() == []
