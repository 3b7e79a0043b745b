"""The engine's promises to the application: rights, limits, leaving, reconnecting, and clear refusals."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from conference.media import EVERYTHING, NOTHING, Engine, EngineSettings, LocalEngine, Rights
from conference.media.errors import (
    BadAddress,
    BadIdentifier,
    BadSdp,
    EngineClosed,
    MediaError,
    NotAllowed,
    PortTaken,
    RoomFull,
    StaleAnswer,
    UnknownParticipant,
    UnknownRoom,
)
from conference.media.sdp import parse_sdp
from tests.media.peer import House, Publisher, Watcher, until


async def test_a_closed_engine_refuses(house: House) -> None:
    engine = LocalEngine(EngineSettings(host="127.0.0.1"), house)
    with pytest.raises(EngineClosed):
        await engine.open_room("hall", others=EVERYTHING)
    await engine.start()
    assert (await engine.state()).state == "ready"
    await engine.close()
    with pytest.raises(EngineClosed):
        await engine.subscribe("hall", "viewer")
    assert (await engine.state()).state == "closed"


async def test_a_taken_port_is_named(engine: LocalEngine, house: House) -> None:
    port = (await engine.state()).port
    other = LocalEngine(EngineSettings(host="127.0.0.1", port=port), house)
    with pytest.raises(PortTaken, match=str(port)):
        await other.start()


async def test_a_public_address_that_does_not_resolve_is_named(house: House) -> None:
    settings = EngineSettings(host="127.0.0.1", public_addresses=("no such host",))
    with pytest.raises(BadAddress, match="no such host"):
        await LocalEngine(settings, house).start()


async def test_an_application_that_fails_on_news_does_not_stop_the_media(
    engine: LocalEngine, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(room_id: str, participant_id: str, source: str, published: bool) -> None:
        raise RuntimeError("application fault")

    house.on_track = fail  # type: ignore[method-assign]
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    await until(partial(flowing, viewer))
    assert "application fault" in caplog.text
    await speaker.close()
    await viewer.close()


async def test_the_public_address_is_what_clients_are_told(house: House) -> None:
    settings = EngineSettings(
        host="127.0.0.1", public_addresses=("203.0.113.5", "2001:db8::5"), public_port=4444
    )
    engine = LocalEngine(settings, house)
    await engine.start()
    await engine.open_room("hall", others=EVERYTHING)
    offer = parse_sdp((await engine.subscribe("hall", "viewer")).sdp)
    candidates = [value.split() for value in offer.media[0].values("candidate")]
    assert [(kind, *where) for _, _, kind, _, *where, _, _ in (c[:8] for c in candidates)] == [
        ("udp", "203.0.113.5", "4444"),
        ("udp", "2001:db8::5", "4444"),
        ("tcp", "203.0.113.5", "4444"),
        ("tcp", "2001:db8::5", "4444"),
    ]
    await engine.close()


async def test_unknown_rooms_and_participants_are_refused(engine: LocalEngine) -> None:
    with pytest.raises(UnknownRoom):
        await engine.subscribe("cellar", "viewer")
    with pytest.raises(UnknownParticipant):
        await engine.mute("hall", "nobody", "camera", True)
    with pytest.raises(UnknownParticipant):
        await engine.subscribe_answer("hall", "nobody", 1, "")
    for name in ("", "a b", "x" * 65, "a\r\na=evil", "a~b"):
        with pytest.raises(BadIdentifier):
            await engine.subscribe("hall", name)


async def test_every_error_has_a_stable_code_and_a_sentence_for_people() -> None:
    for kind in (
        BadIdentifier,
        BadSdp,
        EngineClosed,
        NotAllowed,
        PortTaken,
        RoomFull,
        StaleAnswer,
        UnknownRoom,
    ):
        error = kind("a detail")
        assert error.code.startswith("media.")
        assert error.message.endswith(".")
        assert "a detail" in str(error)
        assert "a detail" not in error.message


async def test_who_may_not_publish_is_refused_and_nothing_is_changed(
    engine: LocalEngine, house: House
) -> None:
    await engine.allow("hall", {"visitor": Rights(publish=frozenset({"microphone"}))})
    visitor = Publisher()
    with pytest.raises(NotAllowed):
        await engine.publish("hall", "visitor", visitor.offer(), visitor.tracks)
    assert (await engine.state()).publishers == 0
    assert house.tracks == []
    await visitor.close()


async def test_rights_taken_away_take_effect_at_once(engine: LocalEngine, house: House) -> None:
    viewer, banned = await house.watch("viewer"), await house.watch("banned")
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: all(len(w.received) == 2 and w.received["speaker~camera"].frames for w in (viewer, banned))
    )
    picture = banned.received["speaker~camera"]
    await engine.allow("hall", {"banned": NOTHING})
    before = viewer.received["speaker~camera"].frames
    await until(lambda: viewer.received["speaker~camera"].frames > before + 2)  # what was under way has come
    count = len(picture.packets)
    await until(lambda: not banned.received)
    before = viewer.received["speaker~camera"].frames
    await until(lambda: viewer.received["speaker~camera"].frames > before + 10)
    assert len(picture.packets) == count
    await engine.allow("hall", {"banned": EVERYTHING})
    await until(
        lambda: banned.received.get("speaker~camera") and banned.received["speaker~camera"].frames > 3
    )
    await engine.allow("hall", {"speaker": Rights(publish=frozenset({"microphone"}))})
    await until(lambda: "speaker~camera" not in viewer.received)
    assert ("speaker", "camera", False) in house.tracks
    for peer in (speaker, viewer, banned):
        await peer.close()


async def test_a_viewer_does_not_see_itself_and_a_refused_track_never_appears(
    engine: LocalEngine, house: House
) -> None:
    await engine.allow("hall", {"viewer": Rights(receive=frozenset({"microphone"}))})
    own = await house.watch("speaker")
    viewer = await house.watch("viewer")
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~microphone") and viewer.received["speaker~microphone"].packets
    )
    assert set(viewer.received) == {"speaker~microphone"}
    assert own.received == {}
    for peer in (speaker, viewer, own):
        await peer.close()


async def test_a_mute_holds_over_a_new_connection(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    await engine.mute("hall", "speaker", "microphone", True)
    again = Publisher(("microphone",))
    await again.publish(engine, "hall", "speaker")
    await until(lambda: again.sent["microphone"] > 30)
    assert all(not entry.packets for entry in viewer.received.values())
    stats = await engine.stats("hall")
    assert [t.muted for p in stats.participants for t in p.tracks] == [True]
    for peer in (speaker, again, viewer):
        await peer.close()


async def test_a_new_connection_replaces_the_old_one(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    first, second = Publisher(("camera",)), Publisher(("camera",))
    await first.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 3
    )
    await second.publish(engine, "hall", "speaker")
    await until(lambda: first.connection.dtls.state == "closed")
    frames = viewer.received["speaker~camera"].frames
    await until(lambda: viewer.received["speaker~camera"].frames > frames + 3)
    assert (await engine.state()).publishers == 1
    for peer in (first, second, viewer):
        await peer.close()


async def test_a_full_room_says_so(engine: LocalEngine, house: House) -> None:
    await engine.open_room("small", max_publishers=1, max_viewers=1, others=EVERYTHING)
    first, second = Publisher(("microphone",)), Publisher(("microphone",))
    await engine.publish("small", "first", first.offer(), first.tracks)
    with pytest.raises(RoomFull):
        await engine.publish("small", "second", second.offer(), second.tracks)
    await engine.publish(
        "small", "first", first.offer(), first.tracks
    )  # the one inside may still renegotiate
    await engine.subscribe("small", "one")
    with pytest.raises(RoomFull):
        await engine.subscribe("small", "two")
    await engine.subscribe("small", "one")
    await first.close()
    await second.close()


async def test_unpublishing_removes_one_source_or_all(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: len(viewer.received) == 2)
    await engine.unpublish("hall", "speaker", "camera")
    await until(lambda: set(viewer.received) == {"speaker~microphone"})
    sent = speaker.sent["camera"]
    await until(lambda: speaker.sent["camera"] > sent + 10)
    assert (await engine.state()).totals["dropped_ssrc"] > 0
    await engine.unpublish("hall", "speaker", None)
    await until(lambda: not viewer.received)
    assert (await engine.state()).publishers == 0
    await speaker.close()
    await viewer.close()


async def test_a_source_is_added_and_removed_by_a_new_offer_and_the_m_line_is_used_again(
    engine: LocalEngine, house: House
) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone", "camera"))
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: len(viewer.received) == 2)
    await engine.publish("hall", "speaker", speaker.offer(), {"0": "microphone"})
    await until(lambda: set(viewer.received) == {"speaker~microphone"})
    lines = viewer.offers[-1].count("m=")
    await engine.publish("hall", "speaker", speaker.offer(), {"0": "microphone", "1": "screen"})
    await until(
        lambda: viewer.received.get("speaker~screen") and viewer.received["speaker~screen"].frames > 3
    )
    assert viewer.offers[-1].count("m=") == lines
    await speaker.close()
    await viewer.close()


async def test_only_the_answer_to_the_offer_in_flight_counts(engine: LocalEngine) -> None:
    watcher = Watcher()
    offer = await engine.subscribe("hall", "viewer")
    again = await engine.restart_subscribe("hall", "viewer")
    with pytest.raises(StaleAnswer):
        await engine.subscribe_answer("hall", "viewer", offer.version, watcher.answer(offer.sdp))
    with pytest.raises(BadSdp):
        await engine.subscribe_answer("hall", "viewer", again.version, "nonsense")
    await engine.subscribe_answer("hall", "viewer", again.version, watcher.answer(again.sdp))
    await watcher.close()


async def test_one_offer_is_in_flight_and_changes_meanwhile_come_in_the_next(
    engine: LocalEngine, house: House
) -> None:
    seen: list[int] = []

    def note(room_id: str, participant_id: str, version: int, sdp: str) -> None:
        seen.append(version)

    house.on_offer = note  # type: ignore[method-assign]
    watcher = Watcher()
    offer = await engine.subscribe("hall", "viewer")
    speakers = [Publisher(("microphone",)) for _ in range(3)]
    for number, speaker in enumerate(speakers):
        await engine.publish("hall", f"s{number}", speaker.offer(), speaker.tracks)
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)
    assert seen == []
    await engine.subscribe_answer("hall", "viewer", offer.version, watcher.answer(offer.sdp))
    await asyncio.sleep(0.02)
    assert seen == [offer.version + 1]
    for speaker in speakers:
        await speaker.close()
    await watcher.close()


async def test_ice_restart_and_a_new_address_keep_the_media(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("camera",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~camera") and viewer.received["speaker~camera"].frames > 3
    )
    picture = viewer.received["speaker~camera"]
    old = viewer.connection.remote_ufrag
    offer = await engine.restart_subscribe("hall", "viewer")
    await engine.subscribe_answer("hall", "viewer", offer.version, viewer.answer(offer.sdp))
    assert viewer.connection.remote_ufrag != old
    viewer.connection.move()
    speaker.connection.move()
    frames = picture.frames
    await until(lambda: picture.frames > frames + 10)
    assert viewer.received["speaker~camera"] is picture
    speaker.connection.ufrag = "another1"
    answer = parse_sdp(await engine.publish("hall", "speaker", speaker.offer(), speaker.tracks))
    assert answer.ice_ufrag != speaker.connection.remote_ufrag
    speaker.connection.take(answer)
    speaker.connection.move()
    frames = picture.frames
    await until(lambda: picture.frames > frames + 10)
    await speaker.close()
    await viewer.close()


async def test_a_silent_viewer_is_no_longer_sent_to_and_then_gone(engine: LocalEngine, house: House) -> None:
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    await until(
        lambda: viewer.received.get("speaker~microphone") and viewer.received["speaker~microphone"].packets
    )
    viewer.connection.consent = False
    await until(lambda: house.gone == ["viewer"])
    count = len(viewer.by_ssrc)
    heard = sum(len(entry.packets) for entry in viewer.by_ssrc.values())
    sent = speaker.sent["microphone"]
    await until(lambda: speaker.sent["microphone"] > sent + 20)
    assert sum(len(entry.packets) for entry in viewer.by_ssrc.values()) <= heard + 1
    assert count == 1
    await speaker.close()
    await viewer.close()


async def test_a_viewer_whose_link_was_away_for_long_is_sent_to_at_its_first_check() -> None:
    """With the spare credentials, without a word to anybody, and with the keys it had."""
    house = House()
    engine = house.engine = LocalEngine(EngineSettings(host="127.0.0.1", consent_seconds=2.0), house)
    await engine.start()
    await engine.open_room("hall", others=EVERYTHING)
    viewer = await house.watch("viewer")
    speaker = Publisher(("microphone",))
    await speaker.publish(engine, "hall", "speaker")
    await until(lambda: "speaker~microphone" in viewer.received)
    heard = viewer.received["speaker~microphone"]
    await until(lambda: len(heard.packets) > 5)
    room, connection = engine._rooms["hall"], viewer.connection
    connection.consent = False
    await until(lambda: not room.participants["viewer"].viewer.outgoing[0].open)  # type: ignore[union-attr]  # there
    assert house.gone == []
    offer = parse_sdp(room.participants["viewer"].viewer.offer()[1])  # type: ignore[union-attr]  # as above
    spare = next(value for name, value in offer.attributes if name == "x-ice-spare")
    connection.remote_ufrag, connection.remote_password = spare.split(" ")
    packets = len(heard.packets)
    connection.move()
    connection.consent = True
    await until(lambda: len(heard.packets) > packets + 5)
    await speaker.close()
    await viewer.close()
    await engine.close()


async def test_closing_a_room_lets_everybody_go(engine: LocalEngine, house: House) -> None:
    await house.watch("viewer")
    speaker = Publisher()
    await speaker.publish(engine, "hall", "speaker")
    await engine.close_room("hall", "the chair closed it")
    with pytest.raises(UnknownRoom):
        await engine.stats("hall")
    assert (await engine.state()).rooms == 0
    offers = len(house.watchers["viewer"].offers)
    await asyncio.sleep(0.05)
    assert len(house.watchers["viewer"].offers) == offers, "an offer for a room that is gone"
    await speaker.close()
    await house.watchers["viewer"].close()


async def test_speakers_are_announced_loudest_first(engine: LocalEngine, house: House) -> None:
    speaker, listener = Publisher(("microphone",)), Publisher(("microphone",))
    listener.level = 90
    await speaker.publish(engine, "hall", "speaker")
    await listener.publish(engine, "hall", "listener")
    await until(lambda: house.speaking and house.speaking[-1] == ["speaker"])
    speaker.level = 127
    await until(lambda: house.speaking[-1] == [])
    await speaker.close()
    await listener.close()


def flowing(viewer: Watcher) -> bool:
    return bool(viewer.received) and all(entry.packets for entry in viewer.received.values())


async def test_joins_and_leaves_end_where_they_began(engine: LocalEngine, house: House) -> None:
    tasks = len(asyncio.all_tasks())
    for round_ in range(12):
        speaker = Publisher()
        await speaker.publish(engine, "hall", f"s{round_}")
        viewer = await house.watch(f"v{round_}")
        await until(partial(flowing, viewer))
        await engine.leave("hall", f"s{round_}")
        await engine.leave("hall", f"v{round_}")
        await viewer.close()
        await speaker.close()
    await until(lambda: engine._mux.occupancy == (0, 0))
    state = await engine.state()
    assert (state.publishers, state.viewers) == (0, 0)
    await until(lambda: len(asyncio.all_tasks()) <= tasks)


def test_the_local_engine_is_an_engine(house: House) -> None:
    engine: Engine = LocalEngine(EngineSettings(), house)  # the type checker is the test
    assert isinstance(engine, LocalEngine)
    assert issubclass(UnknownParticipant, MediaError)
