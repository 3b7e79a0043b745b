"""Make before break: the old connection carries on until the new one is connected, and no longer."""

from __future__ import annotations

import asyncio

from conference.media import EVERYTHING, NOTHING, LocalEngine
from conference.media.sdp import parse_sdp
from tests.media.peer import House, Publisher, Watcher, until

LONG = 60.0
CAMERA, MICROPHONE = "speaker~camera", "speaker~microphone"


def frames(watcher: Watcher) -> int:
    return watcher.received[CAMERA].frames if CAMERA in watcher.received else 0


async def more(watcher: Watcher, count: int = 5) -> None:
    """Until so many more pictures have come."""
    before = frames(watcher)
    await until(lambda: frames(watcher) >= before + count, LONG)


async def on_air(engine: LocalEngine) -> Publisher:
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    return speaker


async def test_a_viewer_that_reconnects_sees_the_old_connection_until_the_new_one_stands(
    engine: LocalEngine, house: House
) -> None:
    speaker = await on_air(engine)
    old = await house.watch("viewer")
    await more(old)
    new = house.watchers["viewer"] = Watcher()
    offer = await engine.subscribe("hall", "viewer")
    answer = new.answer(offer.sdp)
    await engine.subscribe_answer("hall", "viewer", offer.version, answer)
    await more(old)  # agreed, but not connected yet
    assert frames(new) == 0

    await new.connection.connect(parse_sdp(offer.sdp))
    await more(new)
    await until(lambda: old.connection.dtls.state == "closed", LONG)
    assert len(engine._rooms["hall"].watching) == 1
    await old.close(goodbye=False)
    await speaker.close()
    await new.close()


async def test_a_new_connection_that_never_stands_costs_the_viewer_nothing(
    engine: LocalEngine, house: House
) -> None:
    speaker = await on_air(engine)
    old = await house.watch("viewer")
    await more(old)
    for _ in range(5):
        lost = Watcher()
        offer = await engine.subscribe("hall", "viewer")
        await engine.subscribe_answer("hall", "viewer", offer.version, lost.answer(offer.sdp))
        await lost.close(goodbye=False)
        await more(old, 2)
    assert len(engine._rooms["hall"].watching) == 2
    new = await house.watch("viewer")
    await more(new)
    await until(lambda: len(engine._rooms["hall"].watching) == 1, LONG)
    await until(lambda: engine._mux.occupancy[0] == 4, LONG)
    for peer in (old, new):
        await peer.close(goodbye=False)
    await speaker.close()
    await engine.leave("hall", "viewer")


async def test_the_old_connection_shows_nothing_that_is_no_longer_allowed(
    engine: LocalEngine, house: House
) -> None:
    speaker = await on_air(engine)
    old = await house.watch("viewer")
    await more(old)
    await engine.subscribe("hall", "viewer")
    (former,) = [v for v in engine._rooms["hall"].watching if v.outgoing and v.outgoing[0].open]
    await engine.allow("hall", {"viewer": NOTHING})
    assert not former.outgoing
    await engine.allow("hall", {"viewer": EVERYTHING})
    assert not former.outgoing  # the new one will be shown it
    await old.close(goodbye=False)
    await speaker.close()
    await engine.leave("hall", "viewer")


async def test_a_speaker_that_reconnects_is_seen_and_heard_on_without_a_word_to_the_viewers(
    engine: LocalEngine, house: House
) -> None:
    viewer = await house.watch("viewer")
    old = Publisher(("microphone", "camera"))
    await old.publish(engine, "hall", "speaker")
    await more(viewer)
    await engine.mute("hall", "speaker", "microphone", True)
    new = Publisher(("camera", "microphone"))
    answer = await engine.publish("hall", "speaker", new.offer(), new.tracks)
    offers, picture, sound = len(viewer.offers), viewer.received[CAMERA], viewer.received[MICROPHONE]
    await more(viewer)  # from the old connection: the new one is agreed, but not connected yet
    told = list(house.tracks)

    await new.connection.connect(parse_sdp(answer))
    new._task = asyncio.create_task(new._send_media())
    await until(lambda: old.connection.dtls.state == "closed", LONG)
    await old.close(goodbye=False)
    await more(viewer)
    silent = len(sound.packets)
    await engine.mute("hall", "speaker", "microphone", False)
    await until(lambda: len(sound.packets) > silent + 5, LONG)
    assert viewer.received == {CAMERA: picture, MICROPHONE: sound}
    assert len(viewer.offers) == offers
    assert house.tracks == told
    assert (picture.missing(), sound.missing()) == ([], [])
    assert len(engine._rooms["hall"].publishers) == 1
    await new.close()
    await viewer.close()


async def test_a_speaker_may_go_back_to_the_old_connection(engine: LocalEngine, house: House) -> None:
    """The answer to the new one's offer was lost, and so the browser gave it up."""
    viewer = await house.watch("viewer")
    speaker = await on_air(engine)
    await more(viewer)
    given_up = Publisher(("camera",))
    await engine.publish("hall", "speaker", given_up.offer(), given_up.tracks)
    await engine.publish("hall", "speaker", speaker.offer(), speaker.tracks)
    await more(viewer)
    await until(lambda: engine._mux.occupancy[0] == 4, LONG)
    await given_up.close(goodbye=False)
    await speaker.close()
    await viewer.close()


async def test_a_source_taken_back_while_reconnecting_does_not_come_with_the_new_connection(
    engine: LocalEngine, house: House
) -> None:
    viewer = await house.watch("viewer")
    old = await on_air(engine)
    await more(viewer)
    new = Publisher(("camera",))
    answer = await engine.publish("hall", "speaker", new.offer(), new.tracks)
    await engine.allow("hall", {"speaker": NOTHING})
    await new.connection.connect(parse_sdp(answer))
    await until(lambda: old.connection.dtls.state == "closed", LONG)
    room = engine._rooms["hall"]
    await until(lambda: room.participants["speaker"].next_publisher is None, LONG)
    assert room.tracks == []
    for peer in (old, new):
        await peer.close(goodbye=False)
    await viewer.close()
    await engine.leave("hall", "speaker")
