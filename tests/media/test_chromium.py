"""The browser code and the engine together, in real headless Chromium."""

from __future__ import annotations

import asyncio
import time
from random import Random

import pytest
from playwright.async_api import Page

from conference.media import EVERYTHING, Rights
from conference.media.bandwidth import Estimator
from tests.media.peer import House, until
from tests.media.studio import Relay, Studio, seen, wait_until, wait_until_moves

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
    await until(lambda: ["speaker"] in house.speaking)

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
    for page in (speaker, *viewers):
        assert await page.evaluate("dtlsRoles()") == ["server"]  # it was us who opened the handshake
    print("answer bytes", await viewers[0].evaluate("subscribeAnswer()"))
    print("offer bytes", await speaker.evaluate("publishOffer()"))

    await studio.engine.allow("hall", {"speaker": Rights(publish=frozenset({"microphone", "screen"}))})
    await wait_until(viewers[0], "!shown().includes('speaker~camera')")
    await wait_until(viewers[0], "report().state === 'connected' && report().quality?.rttMs !== null")
    assert (await viewers[0].evaluate("report()"))["quality"]["bytesReceived"] > 20_000


async def test_a_smaller_camera_in_the_place_of_a_larger_one_is_shown_in_full(studio: Studio) -> None:
    """The transceiver keeps its three layers; Chromium begins only the lowest of them for a small picture."""
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer")
    large = "{width: {exact: 960}, height: {exact: 540}, frameRate: {ideal: 10, max: 10}}"
    assert await speaker.evaluate(f"publish('camera', {large})") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5")
    publisher = studio.engine._rooms["hall"].publishers[0]
    layer = next(iter(publisher.tracks.values())).streams[0]
    # Once its SSRC has been reported, Chromium names mid and rid no more.
    await until(lambda: layer._received_before)
    await speaker.evaluate("unpublish('camera')")
    await wait_until(viewer, "!shown().includes('speaker~camera')")

    assert await speaker.evaluate("publishDrawing('camera')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.width === 320")
    before = (await seen(viewer))["speaker~camera"]["frames"]
    await wait_until(viewer, f"(await seen())['speaker~camera'].frames > {before} + 10")
    assert [stream.rid for stream in next(iter(publisher.tracks.values())).streams] == ["q"]


async def test_a_blackout_of_six_seconds_heals_without_a_reload(studio: Studio, relay: Relay) -> None:
    speaker, viewer = await _in_the_dark(studio, relay)
    began = time.monotonic()
    for page in (speaker, viewer):
        await wait_until(page, "report().states.includes('reconnecting')")
    await asyncio.sleep(max(0.0, began + 6 - time.monotonic()))
    assert studio.house.gone == []
    await _light_again(studio, relay, speaker, viewer)


@pytest.mark.parametrize("kept_seconds", [32.0])
async def test_a_blackout_so_long_that_the_server_gave_everybody_up_heals_too(
    studio: Studio, relay: Relay
) -> None:
    """Consent to send lasts for 30 s (RFC 7675 §5.1), and here viewers are kept hardly longer: nothing of
    either is left in the engine."""
    speaker, viewer = await _in_the_dark(studio, relay)
    await until(lambda: sorted(studio.house.gone) == ["speaker", "viewer"], 120, "both are given up")
    assert studio.engine.counts() == (1, 0, 0)
    await _light_again(studio, relay, speaker, viewer)


async def _in_the_dark(studio: Studio, relay: Relay) -> tuple[Page, Page]:
    """A speaker and a viewer who sees it; then neither media nor the live channel gets through any more."""
    speaker = await studio.page("speaker", watch=False)
    viewer = await studio.page("viewer")
    assert await speaker.evaluate("publishDrawing('camera')") == ""
    await wait_until(viewer, "(await seen())['speaker~camera']?.frames > 5")
    relay.dark = True
    for page in (speaker, viewer):
        await page.evaluate("cutSignal()")
    return speaker, viewer


async def _light_again(studio: Studio, relay: Relay, speaker: Page, viewer: Page) -> None:
    relay.dark = False
    start = time.monotonic()
    await speaker.evaluate("restoreSignal('hall', 'speaker')")
    await viewer.evaluate("restoreSignal('hall', 'viewer')")
    for page in (speaker, viewer):
        await wait_until(page, "report().state === 'connected'")
    await wait_until_moves(viewer, "speaker~camera")
    print("healed after", round(time.monotonic() - start, 2))


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


@pytest.fixture
def good_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links that carry everything: a slow machine looks like a slow link, and would get the mix."""

    def steady(self: Estimator, *what: object, **more: object) -> None:
        self.bitrate, self.known = 20_000_000, True

    for measures in ("take", "tick", "learned"):
        monkeypatch.setattr(Estimator, measures, steady)


async def test_five_tabs_in_fifty_random_acts_end_with_every_stream_moving(
    studio: Studio, good_links: None
) -> None:
    names = ["a", "b", "c", "d", "e"]
    heard = names[:3]  # of more than three, only the loudest are sent on
    pages = {name: await studio.page(name) for name in names}
    await asyncio.gather(*(pages[name].evaluate("publishTone()") for name in heard))
    random = Random(26)  # always the same acts; how they interleave is the machine's
    plans = {name: random.choices(["camera", "screen", "away"], (5, 3, 2), k=10) for name in names}

    async def restless(name: str) -> list[str]:
        page, shows = pages[name], set[str]()
        for act in plans[name]:
            if act == "away":
                await page.evaluate("leave()")
                await page.evaluate("n => join('hall', n)", name)
                assert name not in heard or await page.evaluate("publishTone()") == ""
                shows.clear()
            elif act in shows:
                await page.evaluate(f"unpublish('{act}')")
                shows.remove(act)
            else:
                assert await page.evaluate(f"publishDrawing('{act}')") == ""
                shows.add(act)
        return sorted([*shows, *(["microphone"] if name in heard else [])])

    expected = dict(zip(names, await asyncio.gather(*map(restless, names)), strict=True))
    assert {"camera", "screen", "microphone"} <= {source for shows in expected.values() for source in shows}
    for name, page in pages.items():
        streams = sorted(f"{other}~{s}" for other in names if other != name for s in expected[other])
        await wait_until(page, f"JSON.stringify(shown()) === '{_json(streams)}'")
        for stream in streams:
            await wait_until_moves(page, stream, "packets" if stream.endswith("microphone") else "frames")
    state = await studio.engine.state()
    assert (state.publishers, state.viewers) == (5, 5)


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
