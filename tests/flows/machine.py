"""A foreign WebRTC client that speaks WHIP and WHEP: aiortc's peer connection, as an encoder or a player."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

import aiohttp
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack

from tests.flows.visitor import Answer


@contextmanager
def on_loopback() -> Iterator[None]:
    """aioice leaves the loopback out, which is all that some machines have."""
    with patch("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"]):
        yield


class Tone(AudioStreamTrack):
    """440 Hz, because silence is not always sent."""

    async def recv(self) -> Any:
        frame: Any = await super().recv()
        samples = (
            8000 * math.sin(math.tau * 440 * (frame.pts + i) / frame.rate) for i in range(frame.samples)
        )
        frame.planes[0].update(array("h", map(int, samples)).tobytes())
        return frame


class Machine:
    """One peer connection and the requests that belong to it. `heard` counts decoded pictures, and decoded
    frames of sound that are not silent."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self.peer = RTCPeerConnection()
        self.heard: dict[str, int] = {"audio": 0, "video": 0}
        self.location = self.etag = ""
        self._tasks: list[asyncio.Task[None]] = []
        self.peer.on("track", self._on_track)

    async def ask(
        self, method: str, url: str = "", body: str = "", kind: str = "application/sdp", **headers: str
    ) -> Answer:
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= {"Content-Type": kind} if body else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, url or self.url, data=body.encode() or None, headers=sent) as answer,
        ):
            text = await answer.text()
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, text)

    async def offer(self, *, sends: bool) -> str:
        if sends:
            self.peer.addTrack(Tone())
            self.peer.addTrack(VideoStreamTrack())
        else:
            self.peer.addTransceiver("audio", direction="recvonly")
            self.peer.addTransceiver("video", direction="recvonly")
        with on_loopback():
            await self.peer.setLocalDescription(await self.peer.createOffer())
        return self.peer.localDescription.sdp

    async def connect(self, *, sends: bool) -> Answer:
        answer = await self.ask("POST", body=await self.offer(sends=sends))
        assert answer.status == 201, answer.text
        self.location, self.etag = answer.headers["location"], answer.headers["etag"]
        await self.peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        return answer

    def _on_track(self, track: Any) -> None:
        self._tasks.append(asyncio.ensure_future(self._listen(track)))

    async def _listen(self, track: Any) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self.heard[track.kind] += track.kind == "video" or any(bytes(frame.planes[0]))

    async def close(self) -> None:
        await self.peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
