"""Debian's Firefox, driven over WebDriver BiDi (w3.org/TR/webdriver-bidi) by a plain websocket."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

START_SECONDS = 120.0
# A command may itself wait for a negotiation on a busy machine.
COMMAND_SECONDS = 120.0

PREFERENCES = """
user_pref("media.navigator.permission.disabled", true);
user_pref("media.navigator.streams.fake", true);
user_pref("media.peerconnection.ice.obfuscate_host_addresses", false);
user_pref("media.autoplay.default", 0);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.safebrowsing.downloads.remote.enabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9/");
"""


class BidiError(Exception):
    """The browser refused a command, or the script it was to run threw."""


class FirefoxPage:
    """One tab. `evaluate` takes what Playwright's does: an expression, whose promise is awaited."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self._context = context

    async def goto(self, url: str) -> None:
        await self._firefox.command(
            "browsingContext.navigate", {"context": self._context, "url": url, "wait": "complete"}
        )

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression as JSON knows it. Raises BidiError with what the script threw."""
        parameters = {
            # Values come as JSON text: the protocol's own serialisation stops at some depth.
            "expression": f"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
            "target": {"context": self._context},
            "awaitPromise": True,
            "userActivation": True,
        }
        result = await self._firefox.command("script.evaluate", parameters)
        if result["type"] == "exception":
            raise BidiError(f"{expression}: {result['exceptionDetails']['text']}")
        return json.loads(result["result"]["value"])

    async def wait_until(self, expression: str, seconds: float = 60) -> None:
        """Until an expression is true; on failure say what the page sees instead."""
        end = time.monotonic() + seconds
        while not await self.evaluate(expression):
            if time.monotonic() > end:
                state = await self.evaluate("[await seen(), shown(), report()]")
                raise AssertionError(f"not reached in {seconds} s: {expression}; {state}")
            await asyncio.sleep(0.15)


class Firefox:
    """The browser's process with a profile of its own, and the session with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def open(self) -> None:
        profile = self._folder / "firefox"
        profile.mkdir()
        (profile / "user.js").write_text(PREFERENCES)
        command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(profile)]
        self._process = await asyncio.create_subprocess_exec(
            *[*command, "--remote-debugging-port", "0", "about:blank"],
            env={**os.environ, "HOME": str(self._folder), "MOZ_HEADLESS": "1"},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._client = ClientSession()
        self._socket = await self._client.ws_connect(await self._address(profile), max_msg_size=0)
        self._reader = asyncio.create_task(self._read(self._socket))
        await self.command("session.new", {"capabilities": {}})

    async def _address(self, profile: Path) -> str:
        """The port is the system's choice; Firefox leaves it in its profile."""
        file = profile / "WebDriverBiDiServer.json"
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                told = json.loads(file.read_text())
                return f"ws://{told['ws_host']}:{told['ws_port']}/session"
            except (FileNotFoundError, json.JSONDecodeError):  # not there yet, or half written
                assert self._process.returncode is None, "Firefox ended"
                assert time.monotonic() < end, "Firefox has not started"
                await asyncio.sleep(0.1)

    async def page(self) -> FirefoxPage:
        created = await self.command("browsingContext.create", {"type": "tab"})
        return FirefoxPage(self, created["context"])

    async def command(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(json.dumps({"id": number, "method": method, "params": params}))
        return await asyncio.wait_for(answer, COMMAND_SECONDS)

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            told = json.loads(message.data)
            answer = self._answers.pop(told.get("id"), None)
            if answer is None or answer.done():
                continue
            if told["type"] == "success":
                answer.set_result(told["result"])
            else:
                answer.set_exception(BidiError(f"{told['error']}: {told['message']}"))
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(BidiError("Firefox closed the session"))

    async def close(self) -> None:
        await self._socket.close()
        await self._reader
        await self._client.close()
        if self._process.returncode is None:
            self._process.terminate()
        await asyncio.wait_for(self._process.wait(), 60)
