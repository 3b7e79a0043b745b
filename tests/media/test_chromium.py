"""The browser code and the engine together, in real headless Chromium."""

from __future__ import annotations

import asyncio
import time

import pytest
from playwright.async_api import Page

from conference.media import EVERYTHING, Rights
from tests.media.peer import House
from tests.media.studio import Relay, Studio, seen, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_a_speaker_is_seen_and_heard_muted_and_shares_a_screen(studio: Studio, house: House) -> None:
    engine = studio.engine
    speaker = await studio.page("speaker", watch=False)
    viewers = [await studio.page("one"), await studio.page("two")]
    assert await speaker.evaluate("publish('microphone')") == ""
    assert await speaker.evaluate("publish('camera')") == ""
    for viewer in viewers:
        await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5")
        await wait_until(viewer, "(await seen())['speaker~microphone']?.energy > 0.001")
    encoded = (await speaker.evaluate("sent()"))["frames"]
    before = [await seen(viewer) for viewer in viewers]
    await wait_until(speaker, f"(await sent()).frames > {encoded} + 30")
    for viewer, old in zip(viewers, before, strict=True):
        # Every picture that is sent is shown: the frames a viewer decodes keep up with those encoded.
        frames, energy = old["speaker~camera"]["frames"], old["speaker~microphone"]["energy"]
        await wait_until(viewer, f"(await seen())['speaker~camera'].frames > {frames} + 25")
        await wait_until(viewer, f"(await seen())['speaker~microphone'].energy > {energy} + 0.001")
        assert (await seen(viewer))["speaker~camera"]["width"] >= 160  # it grows with the estimate
    # Transport-wide feedback reaches Chromium: without it its estimate stays where it starts.
    await wait_until(speaker, "![0, 300000].includes((await sent()).bitrate)")
    await _until(lambda: ["speaker"] in house.speaking)

    await engine.mute("hall", "speaker", "microphone", True)
    still = await _quiet(viewers[0], "speaker~microphone")
    await wait_until(
        viewers[0], f"(await seen())['speaker~camera'].frames > {still['speaker~camera']['frames']} + 10"
    )
    quiet = await seen(viewers[0])
    assert quiet["speaker~microphone"]["packets"] == still["speaker~microphone"]["packets"]
    await engine.mute("hall", "speaker", "microphone", False)
    await wait_until(
        viewers[0], f"(await seen())['speaker~microphone'].packets > {still['speaker~microphone']['packets']}"
    )

    assert await speaker.evaluate("publish('screen')") == ""
    for viewer in viewers:
        await wait_until(viewer, "(await seen())['speaker~screen']?.frames > 5")
    await speaker.evaluate("unpublish('screen')")
    for viewer in viewers:
        await wait_until(viewer, "!shown().includes('speaker~screen')")
    assert await speaker.evaluate("publish('screen')") == ""
    for viewer in viewers:
        await wait_until(viewer, "(await seen())['speaker~screen']?.frames > 5")
    print("answer bytes", await viewers[0].evaluate("subscribeAnswer()"))
    print("offer bytes", await speaker.evaluate("publishOffer()"))

    await studio.engine.allow("hall", {"speaker": Rights(publish=frozenset({"microphone", "screen"}))})
    await wait_until(viewers[0], "!shown().includes('speaker~camera')")
    await wait_until(viewers[0], "report().state === 'connected' && report().quality?.rttMs !== null")
    assert (await viewers[0].evaluate("report()"))["quality"]["bytesReceived"] > 20_000


async def test_a_blackout_heals_without_a_reload(studio: Studio, relay: Relay) -> None:
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer")
    assert await speaker.evaluate("publish('camera')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5")
    relay.dark = True
    for page in (speaker, viewer):
        await page.evaluate("cutSignal()")
        await wait_until(page, "report().states.includes('reconnecting')")
    relay.dark = False
    await speaker.evaluate("restoreSignal('hall', 'speaker')")
    await viewer.evaluate("restoreSignal('hall', 'viewer')")
    start = time.monotonic()
    before = (await seen(viewer)).get("speaker~camera", {}).get("frames", 0)
    await wait_until(viewer, f"(await seen())['speaker~camera']?.frames > {before} + 5")
    print("healed after", round(time.monotonic() - start, 2))
    for page in (speaker, viewer):
        await wait_until(page, "report().state === 'connected'")


async def test_a_server_that_forgot_everything_is_joined_again(studio: Studio) -> None:
    engine = studio.engine
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer")
    assert await speaker.evaluate("publish('camera')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5")
    await engine.close_room("hall", "test")
    await engine.open_room("hall", others=EVERYTHING)
    await wait_until(viewer, "report().states.includes('reconnecting')")
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5")


async def test_joining_and_leaving_in_any_order_ends_with_every_stream_moving(studio: Studio) -> None:
    names = ["a", "b", "c"]
    pages = {name: await studio.page(name) for name in names}
    await asyncio.gather(*(page.evaluate("publish('microphone')") for page in pages.values()))

    async def restless(name: str, turns: str) -> None:
        page = pages[name]
        for turn in turns:
            if turn == "c":
                assert await page.evaluate("publishDrawing('camera')") == ""
            elif turn == "x":
                await page.evaluate("unpublish('camera')")
            elif turn == "s":
                assert await page.evaluate("publishDrawing('screen')") == ""
            elif turn == "y":
                await page.evaluate("unpublish('screen')")
            else:
                await page.evaluate("leave()")
                await page.evaluate("n => join('hall', n)", name)
                assert await page.evaluate("publish('microphone')") == ""

    await asyncio.gather(restless("a", "cxcslc"), restless("b", "scyxlcs"), restless("c", "lclcxc"))
    expected = {
        "a": ["camera", "microphone"],
        "b": ["camera", "microphone", "screen"],
        "c": ["camera", "microphone"],
    }
    for name, page in pages.items():
        streams = sorted(
            f"{other}~{source}" for other in names if other != name for source in expected[other]
        )
        await wait_until(page, f"JSON.stringify(shown()) === '{_json(streams)}'")
        before = await seen(page)
        for stream in streams:
            measure = "packets" if stream.endswith("microphone") else "frames"
            grown = before.get(stream, {}).get(measure, 0)
            await wait_until(page, f"(await seen())['{stream}']?.{measure} > {grown} + 5")
    state = await studio.engine.state()
    assert (state.publishers, state.viewers) == (3, 3)


def _json(items: list[str]) -> str:
    return "[" + ",".join(f'"{item}"' for item in items) + "]"


async def test_a_camera_switched_off_while_the_live_channel_is_down_stays_off(studio: Studio) -> None:
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer")
    assert await speaker.evaluate("publishDrawing('camera')") == ""
    assert await speaker.evaluate("publish('microphone')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5")
    await speaker.evaluate("cutSignal()")
    await speaker.evaluate("unpublish('camera')")
    await speaker.evaluate("restoreSignal('hall', 'speaker')")
    await wait_until(viewer, "JSON.stringify(shown()) === '[\"speaker~microphone\"]'")
    await wait_until(speaker, "report().state === 'connected'")


async def test_missing_and_refused_devices_are_named(studio: Studio) -> None:
    page = await studio.page("someone")
    refuse = "() => Promise.reject(new DOMException('', '{}'))"
    for name, code in (
        ("NotAllowedError", "refused"),
        ("NotFoundError", "none-found"),
        ("NotReadableError", "in-use"),
    ):
        await page.evaluate(f"void (navigator.mediaDevices.getUserMedia = {refuse.format(name)})")
        assert await page.evaluate("publish('camera')") == code
    assert await page.evaluate("listed()") == [1, 3]


async def _quiet(page: Page, stream: str) -> dict[str, dict[str, float]]:
    """What the page sees once nothing of the stream comes any more (what was on its way has arrived)."""
    now = await seen(page)
    while True:
        before = now
        await asyncio.sleep(1)
        now = await seen(page)
        if now[stream]["packets"] == before[stream]["packets"]:
            return now


async def _until(condition: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
