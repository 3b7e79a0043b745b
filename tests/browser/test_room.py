"""The main job in real browsers: a talk with picture and sound, a hand, questions, and what goes wrong.

One organizer, one speaker and two attendees (one of them on a phone, in Arabic) sit in the demo's opening
session from the first test to the last; each test leaves the room as it found it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.conftest import FAILED
from tests.browser.hall import Hall, opened_hall, take_the_stage
from tests.browser.person import Person, grown
from tests.figures import note_figure
from tests.world import BASRA, GRACE, MOSUL, ORGANIZER, SPEAKER, until

MS = GRACE * 1000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """The speaker is on stage with camera and microphone; the other three listen."""
    async with opened_hall(chromium, tmp_path_factory.mktemp("hall")) as hall:
        await take_the_stage(hall, pictures=True)
        await hall.listen(BASRA, phone=True)
        await hall.listen(MOSUL)
        await hall.listen(ORGANIZER)
        yield hall


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _no_complaints(hall: Hall, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """No console error, no request to another host, no CSP violation, no serious finding of axe."""
    yield
    if request.node.stash.get(FAILED, False):
        for person in hall.people.values():
            await person.picture(f"../failures/{request.node.name}-{person.name.replace(' ', '-')}")
    complaints, findings = hall.complaints(), hall.findings
    hall.findings = []
    assert complaints == []
    assert findings == []


async def test_attendees_decode_what_is_published_and_hear_more_than_silence(hall: Hall) -> None:
    speaker, watchers = hall[SPEAKER], [hall[BASRA], hall[MOSUL]]
    camera = await hall.stream("camera", seen_by=BASRA)
    voice = await hall.stream("microphone", seen_by=BASRA)
    for watcher in watchers:
        await watcher.until(f"(await received())['{camera}']?.frames > 10")
    began = time.monotonic()
    sent, before = await speaker.sent(), [await watcher.received() for watcher in watchers]
    await speaker.until(f"(await sent()).frames >= {sent['frames'] + 45}")
    sent_after, after = await speaker.sent(), [await watcher.received() for watcher in watchers]
    published = sent_after["frames"] - sent["frames"]
    note_figure("published frames per second", round(published / (time.monotonic() - began), 1))
    for watcher, old, new in zip(watchers, before, after, strict=True):
        note_figure(
            f"decoded of {published:.0f} published frames, {watcher.name}", grown(old, new, camera, "frames")
        )
        await watcher.until(f"(await received())['{camera}'].frames > {old[camera]['frames'] + 30}")
        # totalAudioEnergy sums squared levels over time: silence stays at 0, comfort noise below 1e-6.
        await watcher.until(f"(await received())['{voice}'].energy > {old[voice]['energy'] + 0.001}")
    for person in (hall[BASRA], hall[MOSUL], speaker):
        hall.findings += await person.portraits(f"room-{person.name.lower().replace(' ', '-')}")


async def test_the_shared_screen_arrives_large_and_goes_away_again(hall: Hall) -> None:
    speaker = hall[SPEAKER]
    await speaker.press("Share screen")
    for label in (BASRA, MOSUL):
        await hall.stream("screen", seen_by=label)
        await expect(hall[label].page.locator(".shared-screen video")).to_be_visible(timeout=MS)
    hall.findings += await hall[BASRA].portraits("room-screen")
    hall.findings += await hall[MOSUL].portraits("room-screen")
    await speaker.press("Stop sharing")
    for label in (BASRA, MOSUL):
        await expect(hall[label].page.locator(".shared-screen")).to_have_count(0, timeout=MS)


async def test_a_raised_hand_is_invited_speaks_and_goes_back(hall: Hall) -> None:
    guest, organizer, listener = hall[MOSUL], hall[ORGANIZER], hall[BASRA]
    talk = [await hall.stream("microphone", seen_by=BASRA), await hall.stream("camera", seen_by=BASRA)]
    assert (await guest.sent())["audio"] == 0, "a listener sends nothing"
    await guest.press("Raise hand")
    await expect(guest.button("Lower hand")).to_be_visible(timeout=MS)
    await organizer.open_tab("people")
    await organizer.sees("Raised hands")
    hall.findings += await organizer.portraits("room-hand-raised")
    await organizer.page.get_by_role("button", name=organizer.says("Invite"), exact=True).click()
    dialog = guest.page.locator("dialog.sheet")
    await expect(dialog.locator("video")).to_be_visible(timeout=MS)
    hall.findings += await guest.portraits("room-invited")
    await guest.press("Go on stage with camera", within=dialog)
    camera = await hall.stream("camera", seen_by=BASRA, besides=talk)
    voice = await hall.stream("microphone", seen_by=BASRA, besides=talk)
    await listener.until(
        f"(await received())['{voice}'].energy > 0.001 && (await received())['{camera}'].frames > 10"
    )
    await hall.stream("camera", seen_by=SPEAKER)  # the speaker sees the guest, too
    await expect(listener.page.locator(".tile")).to_have_count(2, timeout=MS)
    hall.findings += await listener.portraits("room-two-on-stage")
    hall.findings += await guest.portraits("room-guest-on-stage")

    await _act_on(organizer, "Attendee in Mosul", "Send back to the audience")
    await expect(listener.page.locator(".tile")).to_have_count(1, timeout=MS)
    await guest.sees("You are back in the audience.")
    await guest.until("connections().every((one) => one.getSenders().every(({ track }) => !track))")
    await _goes_on_hearing(listener, besides=voice)  # what was under way has arrived
    silent = await listener.received()
    await _goes_on_hearing(listener, besides=voice)
    assert grown(silent, await listener.received(), voice, "packets") <= 0


async def test_a_muted_speaker_is_silent_for_everyone_although_the_client_goes_on_sending(hall: Hall) -> None:
    speaker, organizer, watchers = hall[SPEAKER], hall[ORGANIZER], [hall[BASRA], hall[MOSUL]]
    voice = await hall.stream("microphone", seen_by=BASRA)
    camera = await hall.stream("camera", seen_by=BASRA)
    await organizer.open_tab("people")
    await _act_on(organizer, "Speaker A", "Mute")
    await speaker.sees("A moderator has muted your microphone.")
    # A client that does not care: the microphone is switched on again behind the page's back.
    await speaker.page.evaluate(
        """connections().flatMap((one) => one.getSenders())
             .forEach(({ track }) => { if (track) track.enabled = true; })"""
    )
    for watcher in watchers:
        quiet = await _falls_silent(watcher, voice, while_sending=speaker)
        await watcher.until(f"(await received())['{camera}'].frames > {quiet[camera]['frames']} + 5")
        new = await watcher.received()
        assert grown(quiet, new, voice, "bytes") == 0, watcher.name
        assert grown(quiet, new, voice, "energy") < 0.0005, watcher.name
    hall.findings += await speaker.portraits("room-muted-by-moderator")
    hall.findings += await hall[BASRA].portraits("room-speaker-muted")

    await _act_on(organizer, "Speaker A", "Allow the microphone again")
    await speaker.sees("You can use your microphone again.")
    unmute = speaker.button("Unmute")
    await expect(unmute.or_(speaker.button("Mute")).first).to_be_enabled(timeout=MS)
    if await unmute.count():
        await unmute.click()
    quiet = await hall[BASRA].received()
    await hall[BASRA].until(f"(await received())['{voice}'].packets > {quiet[voice]['packets'] + 25}")


async def test_a_question_is_there_for_all_in_under_a_second_and_survives_a_reload(hall: Hall) -> None:
    asker, others = hall[BASRA], [hall[MOSUL], hall[SPEAKER]]
    text = "هل يصل الصوت إلى الموصل؟"
    await _ask_for_approval(hall[ORGANIZER], False)
    for person in others:
        await person.open_tab("questions")
    shown = [asyncio.ensure_future(_when_visible(person, text)) for person in others]
    began = time.monotonic()
    await asker.page.locator(".ask textarea").fill(text)
    await asker.press("Ask")
    moments = await asyncio.gather(*shown)
    note_figure("question shown to others after, s", [round(moment - began, 3) for moment in moments])

    await hall[MOSUL].page.reload()
    await hall[MOSUL].press("Join the room")
    await hall[MOSUL].sees_as_typed(text)
    vote = hall[MOSUL].page.locator("li.question", has_text=text).locator(".vote")
    await vote.click()
    for person in (asker, hall[SPEAKER]):
        counter = person.page.locator("li.question", has_text=text).locator(".vote-count")
        await expect(counter).to_have_text("1", timeout=MS)
    await expect(vote).to_have_attribute("aria-pressed", "true", timeout=MS)
    hall.findings += await asker.portraits("room-question")


async def test_a_moderated_question_waits_is_approved_and_answered(hall: Hall) -> None:
    asker, organizer, listener = hall[MOSUL], hall[ORGANIZER], hall[BASRA]
    text, answer = "Is the microscope course recorded?", "Yes, for two weeks."
    await _ask_for_approval(organizer, True)
    await asker.page.locator(".ask textarea").fill(text)
    await asker.page.locator(".ask-name select").select_option("anonymous")
    await asker.press("Ask")
    await asker.sees("Waiting for a moderator")
    await organizer.sees_as_typed(text)
    assert await listener.page.get_by_text(text).count() == 0, "not before it is approved"
    hall.findings += await organizer.portraits("room-moderating")
    entry = organizer.page.locator("li.question", has_text=text)
    await expect(entry).to_contain_text("Attendee in Mosul", timeout=MS)
    await organizer.press("Approve", within=entry)
    await _finds(listener, text)
    seen = listener.page.locator("li.question", has_text=text)
    assert "Mosul" not in await seen.inner_text(), "the name is hidden from the room"

    await organizer.page.locator(".question-views button").nth(1).click()
    entry = organizer.page.locator("li.question", has_text=text)
    await organizer.press("More…", within=entry)
    await organizer.press("Answer in writing", within=entry)
    await entry.locator("textarea").fill(answer)
    await organizer.press("Publish the answer", within=entry)
    await listener.sees_as_typed(answer)
    hall.findings += await listener.portraits("room-answered")
    await _ask_for_approval(organizer, False)


async def test_a_dropped_media_path_is_mended_without_a_reload(hall: Hall) -> None:
    speaker, watcher = hall[SPEAKER], hall[MOSUL]
    for person in (speaker, watcher):
        await person.page.evaluate("window.sameLife = true")
    await hall.stream("camera", seen_by=MOSUL)
    hall.relay.dark = True
    for person in (speaker, watcher):
        await expect(person.page.locator(".status-link[data-quality=reconnecting]")).to_be_visible(timeout=MS)
    hall.findings += await watcher.portraits("room-reconnecting")
    hall.relay.dark = False
    began = time.monotonic()
    await _plays_on(watcher)
    note_figure("picture back after the path returned, s", round(time.monotonic() - began, 1))
    for person in (speaker, watcher):
        assert await person.page.evaluate("window.sameLife"), f"{person.name} had to reload"


async def test_a_killed_server_costs_nothing_that_was_done(hall: Hall) -> None:
    speaker, asker, watcher = hall[SPEAKER], hall[BASRA], hall[MOSUL]
    kept, later = "هل يصل الصوت إلى الموصل؟", "سؤال كُتب والخادم غائب"
    for person in (speaker, asker, watcher):
        await person.page.evaluate("window.sameLife = true")
    gone = ("ERR_CONNECTION", "WebSocket", "Failed to fetch", "ERR_EMPTY_RESPONSE", "Failed to load resource")
    organizer = hall[ORGANIZER]
    async with (
        speaker.forgiving(*gone), asker.forgiving(*gone), watcher.forgiving(*gone), organizer.forgiving(*gone)
    ):  # fmt: skip
        hall.server.kill()
        await expect(asker.page.locator(".note-outage")).to_be_visible(timeout=MS)
        await asker.page.locator(".ask textarea").fill(later)
        await asker.press("Ask")
        await asker.sees("Kept on this device. It will be sent when the connection returns.")
        hall.findings += await asker.portraits("room-server-gone")
        hall.findings += await watcher.portraits("room-server-gone")
        began = time.monotonic()
        await hall.server.start()
        note_figure("server ready again after, s", round(time.monotonic() - began, 1))
        await hall.aim()
        await _finds(watcher, later)
        note_figure("kept question shown after the restart began, s", round(time.monotonic() - began, 1))
        await expect(asker.page.locator(".note-outage")).to_have_count(0, timeout=MS)
        for person in (asker, watcher, speaker):
            for text in (kept, later):
                await _finds(person, text)
                await expect(person.page.locator("li.question", has_text=text)).to_have_count(1, timeout=MS)
        await _plays_on(watcher)
        note_figure("picture back after the restart began, s", round(time.monotonic() - began, 1))
    for person in (speaker, asker, watcher):
        assert await person.page.evaluate("window.sameLife"), f"{person.name} had to reload"
    vote = watcher.page.locator("li.question", has_text=kept).locator(".vote")
    await expect(vote).to_have_attribute("aria-pressed", "true", timeout=MS)


async def _falls_silent(watcher: Person, voice: str, *, while_sending: Person) -> dict[str, dict[str, float]]:
    """What the watcher has received once nothing of the voice comes any more, though it goes on being sent.

    What was under way still arrives, what was lost is repeated, the play-out buffer is emptied: hence until
    two readings agree. Padding, which asks a path whether it is there, is no voice.
    """
    before = now = await watcher.received()
    for _ in range(40):
        before, sent = now, (await while_sending.sent())["audio"]
        await while_sending.until(f"(await sent()).audio > {sent} + 75")
        now = await watcher.received()
        if grown(before, now, voice, "bytes") == 0:
            return now
    raise AssertionError(f"{watcher.name} goes on hearing {voice}: {before} then {now}")


async def _goes_on_hearing(watcher: Person, *, besides: str) -> None:
    """Sound other than that one goes on arriving: a voice of its own or, on a slow machine, the mix."""
    before = await watcher.received()

    async def more() -> bool:
        now = await watcher.received()
        sounds = [key for key in now if key.endswith(("~microphone", "~mix")) and key != besides]
        return any(grown(before, now, key, "packets") > 50 for key in sounds)

    await until(more, f"{watcher.name} hears somebody else")


async def _act_on(moderator: Person, name: str, what: str) -> None:
    """A choice from the actions for the person of that name."""
    row = moderator.page.locator(".people-row", has_text=name)
    await row.locator(".icon-button").click(timeout=MS)
    await (
        moderator.page.locator("dialog.sheet")
        .get_by_role("button", name=moderator.says(what), exact=True)
        .click()
    )


async def _ask_for_approval(organizer: Person, wanted: bool) -> None:
    """Whether each question waits for a moderator; attendees' pages follow by themselves."""
    await organizer.open_tab("questions")
    rules = organizer.page.locator(".question-rules")
    if await rules.get_attribute("open") is None:
        await rules.locator("summary").click()
    approval = rules.get_by_label(organizer.says("A moderator approves each question first"))
    if await approval.is_checked() != wanted:
        await approval.click()  # it shows what the server says, so it follows a moment later
    await expect(approval).to_be_checked(checked=wanted, timeout=MS)


async def _finds(person: Person, text: str) -> None:
    """Sees the question, at once or behind the button that tells of new ones."""
    question = person.page.locator("li.question", has_text=text)
    fresh = person.page.locator(".questions-fresh:not(.questions-moved)")
    while not await question.count():
        await expect(question.or_(fresh).first).to_be_visible(timeout=MS)
        if not await question.count():
            await fresh.first.click()  # which may have told of another one
    await expect(question).to_be_visible(timeout=MS)


async def _when_visible(person: Person, text: str) -> float:
    await expect(person.page.get_by_text(text).first).to_be_visible(timeout=MS)
    return time.monotonic()


async def _plays_on(watcher: Person) -> None:
    """Pictures are decoded and sound arrives now, whatever came before."""
    await watcher.until("Object.keys(await received()).some((key) => key.endsWith('~camera'))")
    start = await watcher.received()
    for ending, measure, more in (("~camera", "frames", 10), ("~microphone", "packets", 20)):
        sum_now = f"""Object.entries(await received()).filter(([key]) => key.endsWith('{ending}'))
          .reduce((sum, [, of]) => sum + of.{measure}, 0)"""
        had = sum(of[measure] for key, of in start.items() if key.endswith(ending))
        await watcher.until(f"({sum_now}) > {had} + {more} || ({sum_now}) < {had} && ({sum_now}) > {more}")
