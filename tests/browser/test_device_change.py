"""Another camera, microphone, loudspeaker or noise treatment in the middle of a talk: the stream goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.browser.hall import Hall, opened_hall, take_the_stage
from tests.browser.person import Person, as_json
from tests.world import GRACE, MOSUL, SPEAKER

MS = GRACE * 1000
SENDS = """window.sends = (kind) => connections().flatMap((one) => one.getSenders())
    .map(({ track }) => track).find((track) => track?.kind === kind && track.readyState === "live")"""


# What the page does every two seconds it does when the test says so: `look()`.
LOOKS = """(() => {
  const every = setInterval, looks = [];
  window.setInterval = (act, ms, ...more) =>
    ms === 2000 ? looks.push(act) && every(() => {}, ms) : every(act, ms, ...more);
  window.look = () => looks.forEach((act) => act());
})()"""
# A browser that sends nothing while everything looks whole, and goes on with that whatever track it is given.
SILENCE = """(async () => {
  window.silent = connections().find((one) => one.getSenders().some(({ track }) => track?.kind === "audio"));
  const sender = silent.getSenders().find(({ track }) => track?.kind === "audio");
  window.before = sender.track.id;
  const parameters = sender.getParameters();
  parameters.encodings[0].active = false;
  await sender.setParameters(parameters);
  sender.setParameters = async () => undefined;
  sender.replaceTrack = async (track) => { window.opened = track?.id; };
})()"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """A speaker is on stage with camera and microphone, and somebody watches."""
    async with opened_hall(chromium, tmp_path_factory.mktemp("devices")) as hall:
        speaker = await take_the_stage(hall)
        await speaker.page.evaluate(SENDS)
        await hall.listen(MOSUL, phone=True)
        await hall.stream("camera", seen_by=MOSUL)
        await hall.stream("microphone", seen_by=MOSUL)
        yield hall


async def setting(person: Person, label: str) -> Locator:
    """The choice *label* among the devices, the sheet being opened for it."""
    if not await person.page.locator(".device-settings").is_visible():
        await person.press("Settings")
    name = person.page.locator("span", has_text=person.says(label))
    return person.page.locator(".device-settings label", has=name).locator("select")


async def another(choice: Locator) -> str:
    """Chooses the last of what is not chosen, and tells its value.

    Chromium's second fake camera is for depth (Y16), of which WebRTC makes no picture; the third is plain.
    """
    await expect(choice).to_be_visible(timeout=MS)
    values = await choice.locator("option").evaluate_all("all => all.map(({ value }) => value)")
    now = await choice.input_value()
    other = next(str(value) for value in reversed(values) if value not in ("", now))
    await choice.select_option(other)
    return other


async def arrives(hall: Hall, source: str, measure: str) -> None:
    """More of *source* comes to whoever watches than has come until now."""
    name = await hall.stream(source, seen_by=MOSUL)
    before = (await hall[MOSUL].received())[name][measure]
    await hall[MOSUL].until(f"(await received())['{name}']?.{measure} > {before}")


async def test_another_camera_goes_on_in_the_same_stream(hall: Hall) -> None:
    speaker = hall[SPEAKER]
    choice = await setting(speaker, "Camera")
    chosen = await another(choice)
    await speaker.until(f"sends('video')?.getSettings().deviceId === '{chosen}'")
    await expect(choice).to_have_value(chosen, timeout=MS)
    await arrives(hall, "camera", "frames")


async def test_another_microphone_stays_muted_until_it_is_switched_on(hall: Hall) -> None:
    speaker = hall[SPEAKER]
    await (await setting(speaker, "Microphone")).wait_for()
    await speaker.press("Done")
    await speaker.press("Mute")
    await speaker.until("sends('audio').enabled === false")
    chosen = await another(await setting(speaker, "Microphone"))
    await speaker.until(f"sends('audio')?.getSettings().deviceId === '{chosen}'")
    assert await speaker.page.evaluate("sends('audio').enabled") is False
    await speaker.press("Done")
    await speaker.press("Unmute")
    await speaker.until("sends('audio').enabled")
    await arrives(hall, "microphone", "packets")


async def test_noise_is_left_in_when_the_speaker_wants_it(hall: Hall) -> None:
    speaker = hall[SPEAKER]
    choice = await setting(speaker, "Noise around you")
    await choice.select_option("off")
    await speaker.until("sends('audio')?.getSettings().noiseSuppression === false")
    await choice.select_option("standard")
    await speaker.until("sends('audio')?.getSettings().noiseSuppression === true")
    await arrives(hall, "microphone", "packets")
    await speaker.press("Done")


async def test_another_loudspeaker_plays_what_is_heard(hall: Hall) -> None:
    listener = hall[MOSUL]
    chosen = await another(await setting(listener, "Loudspeaker"))
    await listener.until(
        f"[...document.querySelectorAll('audio')].some(({{ sinkId }}) => sinkId === '{chosen}')"
    )
    await listener.press("Done")
    assert hall.complaints() == []


async def test_an_unplugged_camera_gives_way_to_another(hall: Hall) -> None:
    speaker = hall[SPEAKER]
    # What the browser does when a device goes: the track ends by itself (W3C mediacapture-streams).
    gone = await speaker.page.evaluate(
        """(() => { const track = sends("video"); track.stop(); track.dispatchEvent(new Event("ended"));
            return track.id; })()"""
    )
    await speaker.until(f"sends('video') && sends('video').id !== '{gone}'")
    await arrives(hall, "camera", "frames")
    assert hall.complaints() == []


async def test_a_microphone_that_sends_nothing_is_opened_anew_and_then_its_connection(hall: Hall) -> None:
    speaker, listener = hall[SPEAKER], hall[MOSUL]
    former = await hall.stream("microphone", seen_by=MOSUL)
    await speaker.context.add_init_script(LOOKS)
    await speaker.page.reload()
    await speaker.press("Join without camera")
    heard = await hall.stream("microphone", seen_by=MOSUL, besides=[former])
    await speaker.page.evaluate(SILENCE)
    await speaker.until("(look(), window.opened)")
    assert await speaker.page.evaluate("opened !== before")
    unheard = speaker.says("You are not heard")
    await speaker.sees("You are not heard")
    await speaker.until(
        "(look(), connections().some((one) => one !== silent"
        " && one.getSenders().some(({ track }) => track?.id === opened)))"
    )
    arrived = (await listener.received()).get(heard, {}).get("packets", 0)
    await listener.until(f"![0, {arrived}].includes((await received())['{heard}']?.packets ?? 0)")
    await speaker.until(f"(look(), !document.body.innerText.includes({as_json(unheard)}))")
    assert hall.complaints() == []
