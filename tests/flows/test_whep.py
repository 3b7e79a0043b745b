"""WHEP with a foreign client: aiortc plays what another publishes into a session, through the server."""

from __future__ import annotations

from conference.stage.ingest_keys import Purpose
from conference.stage.pages import ROOMS
from conference.stage.whip import MACHINES
from tests.flows.hall import Hall
from tests.flows.machine import Machine
from tests.flows.test_whip import CANDIDATES, FRAGMENT, RESTART
from tests.flows.town import MORNING, OPEN
from tests.world import until


async def a_player(hall: Hall, token: str = "") -> Machine:
    return hall.machine(token or await hall.key(label="Lobby", purpose=Purpose.PLAY), act="whep")


def players(hall: Hall) -> int:
    return sum(not machine.publishes for machine in hall.app[MACHINES]._here.values())


async def plays(machine: Machine) -> None:
    """From now on sound and picture come and can be decoded."""
    before = dict(machine.heard)

    async def heard() -> bool:
        return all(count > before[kind] + 10 for kind, count in machine.heard.items())

    await until(heard, "decoded sound and picture")


async def test_a_player_gets_sound_and_picture_whoever_came_first(hall: Hall) -> None:
    early = await a_player(hall)
    answer = await early.connect(sends=False)
    assert answer.headers["content-type"].startswith("application/sdp")
    assert early.location.startswith(early.url + "/")
    sections = answer.text.split("m=")[1:]
    assert len(sections) == 2
    assert all("a=sendonly" in each and "a=setup:" in each for each in sections)  # as GStreamer wants it
    encoder = hall.machine(await hall.key())
    await encoder.connect(sends=True)
    await plays(early)
    late = await a_player(hall, early.token)  # several screens may have one key
    await late.connect(sends=False)
    await plays(late)
    assert players(hall) == 2


async def test_the_picture_goes_from_one_encoder_to_another(hall: Hall) -> None:
    player, first = await a_player(hall), hall.machine(await hall.key())
    second = hall.machine(await hall.key(label="Studio"))
    await player.connect(sends=False)
    await first.connect(sends=True)
    await plays(player)
    await second.connect(sends=True)
    await first.ask("DELETE", first.location)
    await plays(player)


async def test_a_player_is_in_the_audience_under_the_label_of_its_key(hall: Hall) -> None:
    maryam = await hall.site.sign_in("maryam")
    async with maryam.socket() as socket:
        await socket.enter(MORNING)
        player = await a_player(hall)
        await player.connect(sends=False)
        room = hall.app[ROOMS].get(MORNING)
        assert room is not None
        assert "Lobby" in [person.name for person, _ in room.people.tabs()]
        assert room.people.here == 2
        assert not hall.app[MACHINES].standings(MORNING)  # nobody on stage
        assert (await player.ask("DELETE", player.location)).status == 200
        assert (await player.ask("DELETE", player.location)).status == 404
        assert room.people.here == 1


async def test_a_key_taken_back_ends_the_playing(hall: Hall) -> None:
    encoder, player = hall.machine(await hall.key()), await a_player(hall)
    await encoder.connect(sends=True)
    await player.connect(sends=False)
    await plays(player)
    await hall.revoke_all()

    async def gone() -> bool:
        return players(hall) == 0

    await until(gone, "the player has left")
    assert (await player.ask("PATCH", player.location, CANDIDATES, FRAGMENT, If_Match="*")).status == 401
    assert (await player.ask("POST", body="v=0\r\n")).status == 401


async def test_a_closed_room_ends_the_playing_and_refuses_new_ones(hall: Hall) -> None:
    player = await a_player(hall)
    await player.connect(sends=False)
    async with (await hall.site.sign_in("zainab")).socket() as socket:
        await socket.enter(MORNING)
        assert "error" not in await socket.command("CloseRoom")

        async def gone() -> bool:
            return players(hall) == 0

        await until(gone, "the player has left")
    again = await a_player(hall, player.token)
    refused = await again.ask("POST", body=await again.offer(sends=False))
    assert (refused.status, bool(refused.headers["retry-after"])) == (409, True)


async def test_an_ice_restart_of_a_player(hall: Hall) -> None:
    player = await a_player(hall)
    await player.connect(sends=False)
    restarted = await player.ask("PATCH", player.location, RESTART, FRAGMENT, If_Match=player.etag)
    assert (restarted.status, "a=ice-ufrag:" in restarted.text) == (200, True)
    assert (
        await player.ask("PATCH", player.location, CANDIDATES, FRAGMENT, If_Match=player.etag)
    ).status == 412


async def test_what_cannot_be_played_is_refused_and_nobody_is_left_behind(hall: Hall) -> None:
    player = await a_player(hall)
    offer = await player.offer(sends=False)
    assert (await player.ask("POST", body="nonsense")).status == 400
    assert (await player.ask("POST", body=offer, kind="text/plain")).status == 415
    sending = offer.replace("a=recvonly", "a=sendonly")
    assert (await player.ask("POST", body=sending)).status == 406
    twice = offer + offer[offer.index("m=video") :].replace("a=mid:1", "a=mid:2")
    assert (await player.ask("POST", body=twice)).status == 406
    other = offer.replace("opus/48000", "speex/48000")
    assert (await player.ask("POST", body=other)).status == 406
    assert players(hall) == 0
    wrong = hall.machine(await hall.key(), act="whep")  # a key to publish with
    assert (await wrong.ask("POST", body=offer)).status == 401


async def test_an_organizer_makes_a_key_for_a_player(hall: Hall) -> None:
    zainab, path = await hall.site.sign_in("zainab"), f"/{OPEN}/organize/machines/{MORNING}"
    made = await zainab.post(path, {"label": "Lobby", "purpose": "play", "life": "day"})
    assert f"/session/{MORNING}/whep" in made.text
    token = made.text.split('id="made-token"')[1].split('value="')[1].split('"')[0]
    player = await a_player(hall, token)
    await player.connect(sends=False)
    assert players(hall) == 1
