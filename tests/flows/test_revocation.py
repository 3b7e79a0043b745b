"""Taking rights away works at once: on the next request, and on connections that are open."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import socketio.exceptions

from tests.figures import note_figure
from tests.flows.town import MORNING, OPEN
from tests.flows.visitor import LiveSocket, Site, Visitor
from tests.world import until

Ending = Callable[[Site, Visitor], Awaitable[object]]


async def end_everywhere(site: Site, maryam: Visitor) -> object:
    return await (await site.sign_in("maryam")).post("/me/sessions/end-all")


async def sign_out(site: Site, maryam: Visitor) -> object:
    return await maryam.post("/sign-out")


async def ban(site: Site, maryam: Visitor) -> object:
    return await (await site.sign_in("zainab")).post(f"/{OPEN}/organize/people/maryam-public/ban")


async def take_the_role(site: Site, maryam: Visitor) -> object:
    zainab = await site.sign_in("zainab")
    return await zainab.post(f"/{OPEN}/organize/people/maryam-public/revoke", {"role": "attendee"})


@pytest.mark.parametrize(
    ("end", "stays"), [(end_everywhere, False), (sign_out, False), (ban, True), (take_the_role, True)]
)
async def test_an_open_live_connection_ends_with_the_right_to_it(
    site: Site, end: Ending, stays: bool
) -> None:
    """Signed out, the connection is closed; still signed in, it is put out of the room."""
    maryam = await site.sign_in("maryam")
    async with maryam.socket() as socket:
        assert "error" not in await socket.enter(MORNING)
        began = time.monotonic()
        await end(site, maryam)

        async def is_outside() -> bool:
            if not socket.sio.connected:
                return True
            with suppress(socketio.exceptions.SocketIOError):  # it may be closed under the question
                return stays and "error" in await socket.command("ListPeople", seconds=5)
            return False

        await until(is_outside, "Maryam is out of the room")
        note_figure(f"out of the room after {end.__name__}, s", round(time.monotonic() - began, 3))
        if socket.sio.connected:  # still signed in, so she may look for another room, but not come back
            assert (await socket.enter(MORNING))["error"]["code"].startswith("not-allowed")
        else:
            assert [said["code"] for said in socket.closed] == ["live.signed-out"]
        heard = len(socket.told)
        async with (await site.sign_in("ali")).socket() as other:
            await other.enter(MORNING)
            await other.command("RaiseHand")
        assert len(socket.told) == heard, "nothing of the room reaches her any more"


async def test_others_and_other_browsers_stay_when_one_browser_signs_out(site: Site) -> None:
    phone, desk, ali = await site.sign_in("maryam"), await site.sign_in("maryam"), await site.sign_in("ali")
    async with phone.socket() as one, desk.socket() as two, ali.socket() as three:
        for socket in (one, two, three):
            await socket.enter(MORNING)
        await phone.post("/sign-out")

        async def is_over() -> bool:
            return not one.sio.connected

        await until(is_over, "the phone's socket is closed")
        assert "error" not in await two.command("RaiseHand")
        assert "error" not in await three.command("ListPeople")
    assert (await desk.get("/me")).status == 200
    assert (await phone.get("/me")).status == 401


async def test_a_ticket_dies_with_its_session(site: Site) -> None:
    maryam = await site.sign_in("maryam")
    issued = await maryam.send("POST", "/live/ticket", headers={"X-Form-Token": maryam.form_token})
    await maryam.post("/sign-out")
    socket = LiveSocket(site)

    async def is_refused() -> bool:  # whether before the connection stands or just after
        with suppress(socketio.exceptions.SocketIOError):
            await socket.connect(issued.text.split('"ticket":"')[1].split('"')[0])
            return "error" in await socket.enter(MORNING, seconds=5)
        return True

    assert await is_refused()
    await socket.sio.disconnect()
