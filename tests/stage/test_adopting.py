"""A new server over rooms whose media went on: who is taken over, and who is put out."""

from __future__ import annotations

from conference.clock import ManualClock
from conference.media.engine import EVERYTHING, Rights
from conference.people.grants import ban_person
from conference.stage.adopting import Adoption
from conference.stage.enforcing import Enforcer
from conference.stage.floor import Source
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
        self.adoption = Adoption(
            database=room.database,
            clock=clock,
            engine=room.engine,
            rooms=self.rooms,
            enforcer=self.enforcer,
            news=self.news,
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


async def test_an_encoder_and_a_player_are_let_go_of_and_call_again(
    room: Auditorium, clock: ManualClock
) -> None:
    """Their sessions' addresses went with the old server: 404, upon which machines begin anew (RFC 9725)."""
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
