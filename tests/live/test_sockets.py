"""The doors of the socket: what no client of ours sends ends the connection, and nobody else's."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator

import engineio.async_socket
import pytest
import socketio

from conference.clock import ManualClock
from conference.live import sockets
from conference.storage.database import Database
from tests.live.saying import Podium
from tests.live.seminar import MORNING, Seminar, new_id, raw_socket, running, tab, until


@pytest.fixture
async def seminar(furnished: Database, clock: ManualClock) -> AsyncIterator[Seminar]:
    async with running(furnished, clock, Podium(furnished, clock).commands()) as seminar:
        yield seminar


@pytest.mark.parametrize(
    "text",
    [
        '451-["enter",{"_placeholder":true,"num":0}]',
        '42["connect",{"HTTP_ORIGIN":"forged"},{"ticket":"x"}]',
        '42["disconnect","x"]',
        '42["message",{}]',
        '42/admin,["enter",{}]',
        '42{"enter":1}',
        '42["enter",{}',
        '42["enter",{},{},{}]',
        '42["enter",' + "[" * 5000 + "]" * 5000 + "]",
        "40",
        "43[1]",
        "44",
        "49",
        "x",
        '42["enter",{"session":"' + "x" * 20_000 + '"}]',
    ],
    ids=lambda text: text[:24],
)
async def test_what_no_client_of_ours_sends_ends_its_connection_only(seminar: Seminar, text: str) -> None:
    async with tab(seminar, "ali") as ali, raw_socket(seminar) as stranger:
        await stranger.log_in(seminar, "sara")
        await stranger.socket.send_str(text)
        await stranger.closed()
        await until(lambda: seminar.hub.counters.connections == 1)
        assert (await ali.command("Say", text="undisturbed"))["reply"] == {"seq": 1}


async def test_binary_frame_ends_the_connection(seminar: Seminar) -> None:
    async with raw_socket(seminar) as stranger:
        await stranger.log_in(seminar, "sara")
        await stranger.socket.send_bytes(b'2["enter",{}]')
        await stranger.closed()


async def test_forged_login_event_is_not_a_login(seminar: Seminar) -> None:
    async with raw_socket(seminar) as stranger:
        await stranger.receive("0")
        ticket = seminar.ticket("ali")
        await stranger.socket.send_str('42["connect",{},{"ticket":"' + ticket + '"}]')
        await stranger.closed()
    assert seminar.tickets.redeem(ticket) is not None


async def test_flood_is_slowed_down_then_cut_off(seminar: Seminar) -> None:
    async with tab(seminar, "ali") as ali, raw_socket(seminar) as flooder:
        await flooder.log_in(seminar, "sara")
        await flooder.call("enter", {"session": MORNING})

        async def flood() -> None:
            while not flooder.socket.closed:
                await flooder.socket.send_str(
                    '427["command",{"client_id":"' + new_id() + '","type":"Say","text":"flood"}]'
                )

        sending = asyncio.create_task(flood())
        await flooder.receive('437[{"client_id"')
        answers = await flooder.until_closed()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        assert any("live.too-fast" in answer and '"retry_after":1' in answer for answer in answers)
        assert seminar.hub.counters.cut_off == 1
        assert "reply" in await ali.command("Say", text="undisturbed")


async def test_socket_that_never_logs_in_is_swept(seminar: Seminar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "LOGIN_SECONDS", 0)
    async with raw_socket(seminar) as silent, tab(seminar, "ali") as ali:
        await silent.receive("0")
        seminar.hub.sockets.sweep()
        await silent.closed()
        assert "reply" in await ali.command("Say", text="undisturbed")


async def test_polling_transport_is_refused(seminar: Seminar) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as http:
        address = f"{seminar.url}/live/socket/?EIO=4&transport=polling"
        async with http.get(address, headers={"Origin": seminar.url}) as response:
            assert response.status == 400


async def test_no_socket_is_left_behind(seminar: Seminar) -> None:
    for _ in range(3):
        async with tab(seminar, "ali") as ali:
            await ali.command("Say", text="hello")
    async with raw_socket(seminar) as stranger:
        await stranger.log_in(seminar, "sara")
    hub = seminar.hub
    await until(lambda: not len(hub._connections) and not hub.sockets._open)
    await until(lambda: not hub.sockets.sio.environ)
    assert hub.counters.connections == 0


def test_library_internals_we_stand_on_are_there() -> None:
    """Fails when an upgrade moves what `sockets.py` touches."""
    server = socketio.AsyncServer(async_mode="aiohttp")
    for name in ("_handle_eio_connect", "_handle_eio_message", "_handle_eio_disconnect"):
        assert callable(getattr(server, name))
    assert set(server.eio.handlers) == {"connect", "message", "disconnect"}
    assert hasattr(server.eio, "sockets")
    driver = server.eio._async["websocket"]
    assert list(inspect.signature(driver.__init__).parameters) == ["self", "handler", "server"]
    for name in ("__call__", "wait", "send", "close"):
        assert inspect.signature(getattr(driver, name)) == inspect.signature(getattr(_Plain, name)), name
    source = inspect.getsource(engineio.async_socket.AsyncSocket)
    assert "await self.queue.put(pkt)" in source
    assert "self.server._async['websocket'](" in source
    assert "await ws.send(pkt.encode())" in source


class _Plain:
    """The shape of the driver's websocket that ours stands in for."""

    async def __call__(self, environ): ...  # type: ignore[no-untyped-def]  # as the library writes it
    async def close(self): ...  # type: ignore[no-untyped-def]
    async def send(self, message): ...  # type: ignore[no-untyped-def]
    async def wait(self): ...  # type: ignore[no-untyped-def]
