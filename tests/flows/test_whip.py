"""WHIP and WHEP with a foreign client: aiortc publishes into a session and plays it, through the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from conference.stage.ingest_keys import Purpose
from conference.stage.pages import ROOMS
from conference.stage.whip import MACHINES
from tests.flows.hall import Hall, told
from tests.flows.town import CASES, CLOSED, MORNING, NOON, OPEN
from tests.world import until

FRAGMENT = "application/trickle-ice-sdpfrag"
CANDIDATES = "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 2 192.0.2.1 61764 typ host\r\n"
RESTART = "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n"


async def test_an_encoder_is_on_stage_under_the_label_of_its_key(hall: Hall) -> None:
    maryam = await hall.site.sign_in("maryam")
    async with maryam.socket() as socket:
        await socket.enter(MORNING)
        encoder = hall.machine(await hall.key())
        answer = await encoder.connect(sends=True)
        assert answer.headers["content-type"].startswith("application/sdp")
        assert answer.headers["accept-patch"] == FRAGMENT
        # GStreamer's webrtcbin looks for it in each section and nowhere else.
        assert all("a=setup:" in section for section in answer.text.split("m=")[1:])
        assert encoder.location.startswith(encoder.url + "/")
        await until(hall.publishes, "sound and picture of the encoder arrive")
        await told(socket, "FloorChanged", lambda e: "Operating theatre" in str(e) and "on-stage" in str(e))
        await told(socket, "PresenceChanged", lambda e: "Operating theatre" in str(e))
    async with maryam.socket() as later:
        entered = await later.enter(MORNING)
        assert "Operating theatre" in str(entered) + str(later.told)


async def test_hanging_up_ends_it_and_a_second_time_there_is_nothing(hall: Hall) -> None:
    encoder = hall.machine(await hall.key())
    await encoder.connect(sends=True)
    await until(hall.publishes, "media arrive")
    assert (await encoder.ask("DELETE", encoder.location, If_Match='"whatever"')).status == 200
    assert hall.app[ROOMS].get(MORNING) is None or not hall.app[MACHINES].standings(MORNING)
    assert (await encoder.ask("DELETE", encoder.location)).status == 404


async def test_a_key_taken_back_ends_the_media(hall: Hall) -> None:
    encoder = hall.machine(await hall.key())
    await encoder.connect(sends=True)
    await until(hall.publishes, "media arrive")
    await hall.revoke_all()
    await until(lambda: _gone(hall), "the machine has left")
    assert (await encoder.ask("PATCH", encoder.location, CANDIDATES, FRAGMENT, If_Match="*")).status == 401
    assert (await encoder.ask("POST", body="v=0\r\n")).status == 401


async def test_a_closed_room_ends_the_media_and_refuses_new_ones(hall: Hall) -> None:
    encoder = hall.machine(await hall.key())
    await encoder.connect(sends=True)
    await until(hall.publishes, "media arrive")
    zainab = await hall.site.sign_in("zainab")
    async with zainab.socket() as socket:
        await socket.enter(MORNING)
        assert "error" not in await socket.command("CloseRoom")
        await until(lambda: _gone(hall), "the machine has left")
    refused = await hall.machine(encoder.token).ask("POST", body=await encoder_offer(hall))
    assert refused.status == 409
    assert refused.headers["retry-after"]


async def _gone(hall: Hall) -> bool:
    return not hall.app[MACHINES].standings(MORNING)


async def encoder_offer(hall: Hall) -> str:
    return await hall.machine("").offer(sends=True)


async def test_a_chair_silences_an_encoder_and_sends_it_away(hall: Hall) -> None:
    encoder = hall.machine(await hall.key())
    await encoder.connect(sends=True)
    await until(hall.publishes, "media arrive")
    (standing,) = hall.app[MACHINES].standings(MORNING)
    async with (await hall.site.sign_in("hasan")).socket() as socket:
        await socket.enter(MORNING)
        assert "error" not in await socket.command("StopSource", person=standing.person, source="microphone")
        tracks = [t for p in (await hall.stats()).participants for t in p.tracks]
        assert {t.source: t.muted for t in tracks} == {"microphone": True, "camera": False}
        assert "error" not in await socket.command("AllowSource", person=standing.person, source="microphone")
        assert "error" not in await socket.command("SendToAudience", person=standing.person)
        assert await _gone(hall)


async def test_the_same_key_again_takes_over(hall: Hall) -> None:
    token = await hall.key()
    first, second = hall.machine(token), hall.machine(token)
    await first.connect(sends=True)
    await second.connect(sends=True)
    assert (await first.ask("DELETE", first.location)).status == 404
    assert len(hall.app[MACHINES].standings(MORNING)) == 1


async def test_an_ice_restart_gives_new_credentials_and_a_new_tag(hall: Hall) -> None:
    encoder = hall.machine(await hall.key())
    await encoder.connect(sends=True)

    async def patch(body: str, kind: str = FRAGMENT, **headers: str) -> Any:
        return await encoder.ask("PATCH", encoder.location, body, kind, **headers)

    assert (await patch(CANDIDATES, If_Match=encoder.etag)).status == 204
    assert "etag" not in (await patch(CANDIDATES, If_Match=encoder.etag)).headers
    assert (await patch(CANDIDATES)).status == 428
    assert (await patch(CANDIDATES, If_Match='"older"')).status == 412
    assert (await patch(CANDIDATES, If_Match=f"W/{encoder.etag}")).status == 412
    assert (await patch("nonsense", If_Match="*")).status == 400
    assert (await patch(CANDIDATES, "text/plain", If_Match="*")).status == 415
    restarted = await patch(RESTART, If_Match="*")
    assert restarted.status == 200
    assert restarted.headers["content-type"].startswith(FRAGMENT)
    assert "a=ice-ufrag:" in restarted.text
    assert restarted.headers["etag"] != encoder.etag
    assert (await patch(CANDIDATES, If_Match=encoder.etag)).status == 412
    assert (await patch(RESTART, If_Match=restarted.headers["etag"])).status == 204  # the same credentials


async def test_what_cannot_be_taken_is_refused_with_the_right_number(hall: Hall) -> None:
    token = await hall.key()
    machine, offer = hall.machine(token), await encoder_offer(hall)
    assert (await machine.ask("POST", body=offer, kind="text/plain")).status == 415
    assert (await machine.ask("POST", body="nonsense")).status == 400
    assert (await machine.ask("POST", body="v=0\r\n" + "a=x\r\n" * 20_000)).status == 413
    video = offer[offer.index("m=video") :]
    twice = await machine.ask("POST", body=offer + video.replace("a=mid:1", "a=mid:2"))
    assert (twice.status, "m" in twice.text) == (406, True)
    assert (await machine.ask("POST", body=offer.replace("a=sendrecv", "a=recvonly"))).status == 406
    silent = offer.replace("opus/48000", "G722/8000").replace("PCMU", "X").replace("PCMA", "X")
    assert (await machine.ask("POST", body=silent)).status == 406
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert (await machine.ask(method, machine.url, **{"Accept": "*/*"})).status == 405, method
    assert (await machine.ask("GET", machine.url + "/nobody")).status == 405
    assert (await machine.ask("DELETE", machine.url + "/nobody")).status == 404


async def test_a_key_is_good_in_its_session_for_its_purpose_and_in_its_time(hall: Hall) -> None:
    token, offer = await hall.key(), await encoder_offer(hall)
    wrong = [
        hall.machine(""),
        hall.machine("guessed"),
        hall.machine(token, NOON),
        hall.machine(token, CASES, event=CLOSED),
        hall.machine(token, event="no-such-event"),
        hall.machine(await hall.key(purpose=Purpose.PLAY)),
    ]
    answers = [await machine.ask("POST", body=offer) for machine in wrong]
    assert [a.status for a in answers] == [401] * len(wrong)
    assert len({a.text for a in answers}) == 1  # nobody learns what there is
    assert answers[0].headers["www-authenticate"] == 'Bearer realm="majlis"'
    assert 'error="invalid_token"' in answers[1].headers["www-authenticate"]
    hall.clock.advance(timedelta(days=1))
    assert (await hall.machine(token).ask("POST", body=offer)).status == 401


async def test_other_sites_may_ask_but_no_cookie_counts(hall: Hall) -> None:
    machine = hall.machine("")
    preflight = await machine.ask("OPTIONS", Origin="https://studio.example")
    assert preflight.status == 200
    assert preflight.headers["accept-post"] == "application/sdp"
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in preflight.headers
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    session_preflight = await machine.ask("OPTIONS", machine.url + "/any", Origin="https://studio.example")
    assert session_preflight.headers["accept-patch"] == FRAGMENT
    zainab = await hall.site.sign_in("zainab")
    headers = {"Content-Type": "application/sdp", "Origin": "https://studio.example"}
    path = f"/{OPEN}/session/{MORNING}/whip"
    assert (await zainab.send("POST", path, body=b"v=0\r\n", headers=headers)).status == 401


async def test_an_organizer_makes_a_key_sees_it_once_and_takes_it_back(hall: Hall) -> None:
    zainab, path = await hall.site.sign_in("zainab"), f"/{OPEN}/organize/machines/{MORNING}"
    made = await zainab.post(path, {"label": "Operating theatre", "purpose": "publish", "life": "day"})
    assert made.status == 200
    token = made.text.split('id="made-token"')[1].split('value="')[1].split('"')[0]
    page = await zainab.get(path)
    assert "Operating theatre" in page.text
    assert token not in page.text
    encoder = hall.machine(token)
    await encoder.connect(sends=True)
    key = page.text.split("/revoke")[0].rsplit("/", 1)[1]
    assert (await zainab.post(f"{path}/{key}/revoke")).status == 303
    assert await _gone(hall)  # at once, not in the next round
    assert (await encoder.ask("DELETE", encoder.location)).status == 401
    assert "1 key" not in (await zainab.get(f"/{OPEN}/organize/machines")).text
    nameless = await zainab.post(path, {"label": "", "life": "week"})
    assert (nameless.status, "Please fill this in." in nameless.text) == (400, True)
