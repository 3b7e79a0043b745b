"""A new server over rooms whose media went on: who is taken over, and who is put out."""

from __future__ import annotations

from conference.clock import ManualClock
from conference.media.engine import EVERYTHING, Rights
from conference.people.grants import ban_person
from conference.stage.adopting import Adoption
from conference.stage.enforcing import Enforcer
from conference.stage.floor import Source
from conference.stage.ingest import Machines
from conference.stage.ingest_keys import IngestKey, Life, Purpose, make_key, revoke_key
from conference.stage.media_news import MediaNews
from conference.stage.presence import TAB_KEPT
from conference.stage.rooms import Rooms
from tests.flows.machine import Machine
from tests.live.seminar import MORNING, account_id, tab
from tests.media.peer import Publisher
from tests.stage.auditorium import MORNING_ROOM, Auditorium, done, participant, publishing, watching


class NextServer:
    """What a server that was started anew has: the same database and engine, and an empty memory."""

    def __init__(self, room: Auditorium, clock: ManualClock) -> None:
        self.rooms = Rooms()
        self.news = MediaNews(self.rooms)
        self.enforcer = Enforcer(
            database=room.database,
            clock=clock,
            engine=room.engine,
            rooms=self.rooms,
            news=self.news,
            max_publishers=4,
            max_viewers=4,
        )
        self.machines = Machines(
            database=room.database,
            clock=clock,
            engine=room.engine,
            rooms=self.rooms,
            enforcer=self.enforcer,
        )
        self.adoption = Adoption(
            database=room.database,
            clock=clock,
            engine=room.engine,
            rooms=self.rooms,
            enforcer=self.enforcer,
            news=self.news,
            machines=self.machines,
        )


async def held_people(room: Auditorium) -> dict[str, tuple[str, ...]]:
    """Participants of the morning with the sources they publish, as the engine has them."""
    found = {each.room_id: each for each in await room.engine.held()}
    return {each.participant_id: each.sources for each in found[MORNING].participants}


async def test_people_are_taken_over_with_their_floor_their_sources_and_their_stops(
    room: Auditorium, clock: ManualClock
) -> None:
    async with (
        tab(room.server, "zainab") as chair,
        tab(room.server, "omar") as omar,
        tab(room.server, "ali") as ali,
    ):
        await done(omar, "TakeFloor")
        publisher, watcher = await publishing(omar), await watching(ali)
        await done(chair, "StopSource", person="omar-public-id", source="microphone")
        await done(ali, "ChooseViewing", pictures="low")
        server = NextServer(room, clock)
        await server.adoption.start()
        people = server.rooms.room(MORNING_ROOM).people
        assert people.may_send(participant(omar))
        assert not people.may_send(participant(ali))
        assert people.viewing_of(participant(ali)).pictures == "low"
        (shown,) = [person for person in people.shown() if person.person == "omar-public-id"]
        assert shown.away
        assert [(each.microphone, each.camera) for each in shown.participants] == [(True, True)]
        assert set(await held_people(room)) == {participant(omar), participant(ali)}
        track = room.engine._rooms[MORNING].participants[participant(omar)]
        assert Source.MICROPHONE.value in track.muted

        # Nobody but its account goes on with a tab; one that nobody claims is let go of.
        people.enter("new-connection", next(person for person, _ in people.tabs()))
        assert people.here == 1
        clock.advance(TAB_KEPT)
        assert set(people.lost_tabs(clock.now())) == {participant(omar), participant(ali)}
        await publisher.close()
        await watcher.close()


async def test_who_was_banned_or_sent_back_meanwhile_is_put_out(room: Auditorium, clock: ManualClock) -> None:
    async with tab(room.server, "omar") as omar, tab(room.server, "ali") as ali:
        await done(omar, "TakeFloor")
        publisher, watcher = await publishing(omar), await watching(ali)
        now = clock.now()
        await room.database.write(
            lambda tx: ban_person(tx, account_id("ali"), 1, 1, by=account_id("zainab"), now=now)
        )
        server = NextServer(room, clock)
        await server.adoption.start()
        assert await held_people(room) == {participant(omar): ("camera", "microphone")}
        assert server.rooms.here(MORNING) == 0
        await publisher.close()
        await watcher.close()


async def test_a_participant_of_nobody_known_and_a_room_of_no_session_are_ended(
    room: Auditorium, clock: ManualClock
) -> None:
    await room.engine.open_room("no-such-session")
    await room.engine.open_room(MORNING)
    await room.engine.allow(
        MORNING, {"ghost": Rights(EVERYTHING.publish, EVERYTHING.receive, "account:ghost")}
    )
    ghost = Publisher(("microphone",))
    await room.engine.publish(MORNING, "ghost", ghost.offer(), ghost.tracks)
    server = NextServer(room, clock)
    await server.adoption.start()
    assert [each.room_id for each in await room.engine.held()] == [MORNING]
    assert await held_people(room) == {}
    assert server.rooms.room(MORNING_ROOM).people.is_empty
    await ghost.close(goodbye=False)


async def new_key(room: Auditorium, clock: ManualClock, purpose: Purpose) -> IngestKey:
    now, session_id = clock.now(), MORNING_ROOM.session_id
    key, _ = await room.database.write(
        lambda tx: make_key(tx, session_id, "Operating theatre", purpose, Life.DAY, by=None, now=now)
    )
    return key


async def test_an_encoder_and_a_player_go_on_at_the_addresses_they_were_given(
    room: Auditorium, clock: ManualClock
) -> None:
    before = NextServer(room, clock)
    sending, screen = Publisher(("microphone",)), Machine("", "")
    key = await new_key(room, clock, Purpose.PUBLISH)
    encoder, _ = await before.machines.publish(key, MORNING_ROOM, sending.offer(), "ufrag", sending.tracks)
    player, _ = await before.machines.play(
        await new_key(room, clock, Purpose.PLAY), MORNING_ROOM, await screen.offer(sends=False), "other"
    )
    await before.machines.stop_source(MORNING_ROOM, encoder.person, Source.MICROPHONE, stopped=True)
    held = {encoder.participant: ("microphone",), player.participant: ()}
    assert await held_people(room) == held

    after = NextServer(room, clock)
    await after.adoption.start()
    await after.machines.start()
    assert await held_people(room) == held
    found = after.machines.find(encoder.resource)
    assert found is not None
    assert (found.etag, found.ufrag, found.stopped) == (encoder.etag, "ufrag", frozenset({Source.MICROPHONE}))
    assert after.machines.find(player.resource) is not None
    (standing,) = after.machines.standings(MORNING)
    assert (standing.name, standing.stopped) == ("Operating theatre", [Source.MICROPHONE])
    assert after.rooms.here(MORNING) == 2

    await after.machines.end(player.resource)
    assert await held_people(room) == {encoder.participant: ("microphone",)}
    now = clock.now()
    await room.database.write(lambda tx: revoke_key(tx, MORNING_ROOM.session_id, key.public_id, now=now))
    last = NextServer(room, clock)
    await last.adoption.start()
    await last.machines.look_again(clock.now())
    assert await held_people(room) == {}, "its key was taken back while no server was there"
    await after.machines.close()
    await screen.close()
    await sending.close(goodbye=False)


async def test_machines_of_no_known_session_are_let_go_of_and_call_again(
    room: Auditorium, clock: ManualClock
) -> None:
    """At their addresses is nothing any more: 404, upon which machines begin anew (RFC 9725)."""
    encoder, player = "machine-encoder", "machine-player"
    await room.engine.open_room(MORNING)
    rights = {
        encoder: Rights(EVERYTHING.publish, EVERYTHING.receive, "machine-key"),
        player: Rights(frozenset(), EVERYTHING.receive, "machine-player"),
    }
    await room.engine.allow(MORNING, rights)
    sending = Publisher(("microphone",))
    await sending.publish(room.engine, MORNING, encoder)
    screen = Machine("", "")
    await room.engine.play(MORNING, player, await screen.offer(sends=False))
    assert set(await held_people(room)) == {encoder, player}
    server = NextServer(room, clock)
    await server.adoption.start()
    assert await held_people(room) == {}
    assert server.rooms.room(MORNING_ROOM).people.is_empty
    await screen.close()
    await sending.close(goodbye=False)
