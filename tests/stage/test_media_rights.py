"""Only people on the floor are heard and seen, whatever their client sends: real engine, real packets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conference.media.engine import Tile, Viewing
from conference.people.grants import ban_person
from conference.stage.floor import Floor
from tests.live.seminar import MORNING, Tab, account_id, tab
from tests.media.peer import Publisher, Watcher, until
from tests.stage.auditorium import (
    Auditorium,
    Signalling,
    done,
    participant,
    publishing,
    refused,
    watching,
)


@asynccontextmanager
async def on_stage(
    room: Auditorium, name: str = "omar", sources: tuple[str, ...] = ("microphone", "camera")
) -> AsyncIterator[tuple[Tab, Publisher]]:
    async with tab(room.server, name) as one:
        await done(one, "TakeFloor")
        publisher = await publishing(one, sources)
        try:
            yield one, publisher
        finally:
            await publisher.close()


@asynccontextmanager
async def viewer(room: Auditorium, name: str = "ali") -> AsyncIterator[tuple[Tab, Watcher]]:
    async with tab(room.server, name) as one:
        watcher = await watching(one)
        try:
            yield one, watcher
        finally:
            await watcher.close()


async def heard(watcher: Watcher, track: str) -> None:
    """Wait until packets of the track come in, from now on."""
    await until(lambda: track in watcher.received, what=f"{track} is offered")
    before = len(watcher.received[track].packets)
    await until(lambda: len(watcher.received[track].packets) > before + 10, what=f"{track} flows")


async def silent(publisher: Publisher, source: str, watcher: Watcher, track: str) -> None:
    """While the publisher goes on sending, nothing of the track arrives any more."""
    received = watcher.received[track]

    async def still() -> int:
        """How many have come after the client has gone on sending for a while."""
        sent = publisher.sent[source]
        await until(lambda: publisher.sent[source] > sent + 30, what="the client goes on sending")
        return len(received.packets)

    # What was in the sockets when it was muted may still come; then nothing.
    before = await still()
    while (now := await still()) != before:
        before = now
    assert await still() == before


async def test_off_stage_nobody_publishes(room: Auditorium) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "omar") as omar:
        publisher = Publisher()
        offer, sources = publisher.offer(), publisher.tracks
        for one in (ali, omar):
            assert await refused(one, "PublishMedia", sdp=offer, sources=sources) == "stage.not-on-stage"
        await done(ali, "RaiseHand")
        assert await refused(ali, "PublishMedia", sdp=offer, sources=sources) == "stage.not-on-stage"
        await publisher.close(goodbye=False)
    assert (await room.engine.state()).publishers == 0


async def test_a_raised_hand_gets_the_floor_and_is_heard(room: Auditorium) -> None:
    async with tab(room.server, "zainab") as chair, tab(room.server, "ali") as ali:
        await done(ali, "RaiseHand")
        await done(chair, "InviteToFloor", person="ali-public-id")
        await done(ali, "TakeFloor")
        async with viewer(room, "sara") as (_, watcher):
            publisher = await publishing(ali, ("microphone",))
            await heard(watcher, f"{participant(ali)}~microphone")
            await publisher.close()


async def test_a_muted_speaker_is_silent_though_the_client_goes_on_sending(room: Auditorium) -> None:
    async with (
        tab(room.server, "zainab") as chair,
        on_stage(room) as (omar, publisher),
        viewer(room) as (_, watcher),
    ):
        sound, picture = (f"{participant(omar)}~{source}" for source in ("microphone", "camera"))
        await heard(watcher, sound)
        await done(chair, "StopSource", person="omar-public-id", source="microphone")
        await silent(publisher, "microphone", watcher, sound)
        await heard(watcher, picture)
        await done(chair, "AllowSource", person="omar-public-id", source="microphone")
        await heard(watcher, sound)


async def test_a_stop_holds_for_a_fresh_connection_of_the_speaker(room: Auditorium) -> None:
    async with tab(room.server, "zainab") as chair, tab(room.server, "omar") as omar:
        await done(omar, "TakeFloor")
        await done(chair, "StopSource", person="omar-public-id", source="microphone")
        publisher = await publishing(omar)
        async with viewer(room) as (_, watcher):
            await heard(watcher, f"{participant(omar)}~camera")
            await silent(publisher, "microphone", watcher, f"{participant(omar)}~microphone")
        await publisher.close()


async def test_sent_back_means_gone_at_once_and_publishing_again_is_refused(room: Auditorium) -> None:
    async with (
        tab(room.server, "zainab") as chair,
        on_stage(room) as (omar, publisher),
        viewer(room) as (_, watcher),
    ):
        await heard(watcher, f"{participant(omar)}~microphone")
        await done(chair, "SendToAudience", person="omar-public-id")
        await until(lambda: not watcher.received, what="the tracks leave")
        again = await omar.command("PublishMedia", sdp=publisher.offer(), sources=publisher.tracks)
        assert again["error"]["code"] == "stage.not-on-stage"
        assert (await room.engine.state()).publishers == 0


async def test_closing_the_room_ends_all_sound_and_picture(room: Auditorium) -> None:
    async with (
        tab(room.server, "zainab") as chair,
        on_stage(room) as (omar, _publisher),
        viewer(room) as (_, watcher),
    ):
        await heard(watcher, f"{participant(omar)}~microphone")
        await done(chair, "CloseRoom")
        state = await room.engine.state()
        assert (state.publishers, state.viewers) == (0, 0)
        assert (await room.standing("omar")).state is Floor.AUDIENCE


async def test_a_removed_viewer_receives_nothing_more(room: Auditorium) -> None:
    async with (
        tab(room.server, "zainab") as chair,
        on_stage(room) as (omar, publisher),
        viewer(room) as (ali, watcher),
    ):
        track = f"{participant(omar)}~microphone"
        await heard(watcher, track)
        await done(chair, "RemovePerson", person="ali-public-id")
        await until(lambda: not ali.sio.connected)
        await silent(publisher, "microphone", watcher, track)
        assert (await room.engine.state()).viewers == 0


async def test_a_ban_is_asked_at_every_publish(room: Auditorium, clock: object) -> None:
    async with tab(room.server, "omar") as omar:
        await done(omar, "TakeFloor")
        now = room.enforcer._clock.now()
        await room.database.write(
            lambda tx: ban_person(tx, account_id("omar"), 1, 1, by=account_id("zainab"), now=now)
        )
        publisher = Publisher()
        code = await refused(omar, "PublishMedia", sdp=publisher.offer(), sources=publisher.tracks)
        assert code == "not-allowed.banned"
        await publisher.close(goodbye=False)


async def test_a_person_speaks_from_one_tab_at_a_time(room: Auditorium) -> None:
    async with on_stage(room) as (first, _old), tab(room.server, "omar") as second:
        publisher = await publishing(second, ("microphone",))
        await until(lambda: any(told["type"] == "MediaEnded" for told in first.ephemeral))
        assert (await room.engine.state()).publishers == 1
        async with viewer(room) as (_, watcher):
            await heard(watcher, f"{participant(second)}~microphone")
            assert list(watcher.received) == [f"{participant(second)}~microphone"]
        await publisher.close()


async def test_sound_goes_on_while_the_live_channel_is_down_and_after(room: Auditorium) -> None:
    async with tab(room.server, "zainab"), viewer(room) as (_, watcher):
        omar = Tab(room.server, "omar", MORNING)
        await omar.connect()
        await omar.enter()
        await done(omar, "TakeFloor")
        publisher = await publishing(omar, ("microphone",))
        track = f"{participant(omar)}~microphone"
        await heard(watcher, track)
        await omar.sio.disconnect()
        await heard(watcher, track)
        async with tab(room.server, "omar") as back:
            assert (await done(back, "ResumeTab", participant=participant(omar)))["kept"]
            await heard(watcher, track)
            assert (await room.engine.state()).publishers == 1
        await publisher.close()


async def test_an_offer_lost_with_the_old_link_is_made_again(room: Auditorium) -> None:
    async with tab(room.server, "zainab"), tab(room.server, "omar") as omar:
        await done(omar, "TakeFloor")
        async with tab(room.server, "ali") as ali:
            watcher = Watcher()  # its tab hears of no offer by the server
            await watcher.subscribe(Signalling(ali), MORNING, "ali")
            publisher = await publishing(omar, ("microphone",))
            await until(lambda: any(told["type"] == "MediaOffered" for told in ali.ephemeral))
            async with tab(room.server, "ali") as back:
                assert (await done(back, "ResumeTab", participant=participant(ali)))["kept"]
                await until(lambda: any(told["type"] == "MediaOffered" for told in back.ephemeral))
                offer = next(told for told in back.ephemeral if told["type"] == "MediaOffered")
                answer = watcher.answer(offer["sdp"])
                await done(back, "AnswerMedia", version=offer["version"], sdp=answer)
                await heard(watcher, f"{participant(omar)}~microphone")
            await watcher.close()
            await publisher.close()


async def test_a_tab_that_wants_sound_only_is_sent_no_pictures(room: Auditorium) -> None:
    async with (
        tab(room.server, "zainab"),
        on_stage(room) as (omar, _publisher),
        viewer(room) as (ali, watcher),
        viewer(room, "sara") as (_, other),
    ):
        sound, picture = (f"{participant(omar)}~{source}" for source in ("microphone", "camera"))
        await heard(watcher, picture)
        await done(ali, "ChooseViewing", pictures="none")
        await until(lambda: picture not in watcher.received, what="the picture leaves")
        await heard(watcher, sound)
        await heard(other, picture)
        await done(ali, "ChooseViewing")
        await heard(watcher, picture)


async def test_what_a_tab_wants_to_see_reaches_the_engine_as_one_record(room: Auditorium) -> None:
    async with tab(room.server, "ali") as ali:
        await done(
            ali, "ShowTiles", tiles=[{"participant": "x", "source": "camera", "width": 320, "height": 180}]
        )
        await done(ali, "ChooseViewing", pictures="low", sound="saver", only="x", max_kbits=64)
        wanted = Viewing("low", "saver", "x", (Tile("x", "camera", 320, 180),), 64_000)
        assert await viewing_in(room, participant(ali)) == wanted
        await done(ali, "ShowTiles", tiles=[])  # the tab went into the background
        assert (await viewing_in(room, participant(ali))).tiles == ()
        assert await refused(ali, "ChooseViewing", pictures="huge") == "live.malformed"


async def test_news_of_layers_and_rungs_reach_the_tab_they_are_about(room: Auditorium) -> None:
    async with tab(room.server, "ali") as ali, tab(room.server, "sara") as sara:
        news = room.enforcer._news
        news.on_rung(MORNING, participant(ali), "sound", "link")
        news.on_layers(MORNING, participant(ali), "camera", ("q", "h"))
        news.on_reopened(MORNING)
        await until(lambda: "RoomMoved" in [told["type"] for told in ali.ephemeral])
        await until(lambda: "RoomMoved" in [told["type"] for told in sara.ephemeral])
        told = {one["type"]: one for one in ali.ephemeral}
        assert (told["RungChanged"]["rung"], told["RungChanged"]["reason"]) == ("sound", "link")
        assert (told["LayersWanted"]["source"], told["LayersWanted"]["rids"]) == ("camera", ["q", "h"])
        assert not {"RungChanged", "LayersWanted"} & {one["type"] for one in sara.ephemeral}


async def viewing_in(room: Auditorium, participant_id: str) -> Viewing:
    return room.engine._room(MORNING).participants[participant_id].viewing


async def test_a_full_room_says_so(room: Auditorium) -> None:
    async with tab(room.server, "ali") as one:
        await room.engine.open_room(MORNING, max_viewers=0)
        room.enforcer._max_viewers = 0
        assert await refused(one, "SubscribeMedia") == "stage.full"


async def test_a_full_stage_is_told_apart_from_a_full_room(room: Auditorium) -> None:
    async with tab(room.server, "omar") as omar:
        await done(omar, "TakeFloor")
        await room.engine.open_room(MORNING, max_publishers=0)
        room.enforcer._max_publishers = 0
        publisher = Publisher()
        offer, sources = publisher.offer(), publisher.tracks
        code = await refused(omar, "PublishMedia", sdp=offer, sources=sources)
        await publisher.close(goodbye=False)
        assert code == "stage.no-room-on-stage"
        watcher = await watching(omar)  # who is not heard can still listen
        await watcher.close()


async def test_an_offer_the_engine_cannot_read_is_refused_in_words(room: Auditorium) -> None:
    async with tab(room.server, "omar") as omar:
        await done(omar, "TakeFloor")
        code = await refused(omar, "PublishMedia", sdp="v=0\r\n", sources={"0": "microphone"})
        assert code.startswith("media.")
