"""A hall of listeners on weak links: three microphones that speak, and hundreds who get their mix."""

from __future__ import annotations

import asyncio
import secrets
import struct
import time
from dataclasses import dataclass
from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext

from scripts.bench.candidates import Majlis
from scripts.bench.peer import Connection, Remote, Viewer, answer
from scripts.bench.receiving import Batch
from tests.media.sounds import RATE, speech

_FRAME = 960  # samples in a packet of a browser: 20 ms
_PACKET_SECONDS = _FRAME / RATE
_SPEECH_SECONDS = 3
_SLICES = 4  # a listener is read every fourth time
_HANDSHAKES_AT_ONCE = 16
_WARM_UP_SECONDS = 3.0


@dataclass(frozen=True)
class LeanFigures:
    """`core`: processor seconds a second of the engine's process; `packets` a second and listener."""

    listeners: int
    encodes: int
    core: float
    packets: float
    least_packets: float


class Microphone(Connection):
    """Sends speech as a browser does: Opus in packets of 20 ms with the audio level (RFC 6464)."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.ssrc = secrets.randbits(31) | 1
        self._packets = _encoded(speech(_SPEECH_SECONDS * RATE, seed))
        self._sent = 0

    def offer(self) -> str:
        lines = ["v=0", f"o=- {secrets.randbits(60)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
        lines += ["a=msid-semantic: WMS *", "m=audio 9 UDP/TLS/RTP/SAVPF 111", *self.lines("active")]
        lines += ["a=mid:0", "a=sendonly", "a=rtcp-mux", "a=rtcp-rsize", "a=msid:bench bench"]
        lines += ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"]
        lines += ["a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level"]
        lines += [f"a=ssrc:{self.ssrc} cname:bench"]
        return "\r\n".join(lines) + "\r\n"

    def send(self) -> None:
        number = self._sent = self._sent + 1
        header = struct.pack("!BBHLL", 0x90, 111, number & 0xFFFF, number * _FRAME & 0xFFFFFFFF, self.ssrc)
        level = struct.pack("!HHBBBB", 0xBEDE, 1, 1 << 4, 0x80 | 25, 0, 0)  # a voice, 25 dB below the loudest
        self.send_rtp(header + level + self._packets[number % len(self._packets)])
        if number % 50 == 0:
            self.check()


def _encoded(samples: bytes) -> list[bytes]:
    context = av.CodecContext.create("libopus", "w")
    assert isinstance(context, AudioCodecContext)
    context.sample_rate, context.layout, context.bit_rate = RATE, "mono", 32_000
    context.format = av.AudioFormat("s16")
    context.options = {"application": "voip", "frame_duration": "20"}
    packets: list[bytes] = []
    for start in range(0, len(samples) // 2 - _FRAME + 1, _FRAME):
        frame = av.AudioFrame(format="s16", layout="mono", samples=_FRAME)
        frame.sample_rate, frame.pts = RATE, start
        frame.planes[0].update(samples[2 * start : 2 * (start + _FRAME)])
        packets += [bytes(packet) for packet in context.encode(frame)]
    return packets


class LeanHall(Majlis):
    """The engine of bench_media, asked for sound."""

    async def speak(self, microphone: Microphone) -> None:
        name = f"speaker-{secrets.token_hex(4)}"
        reply = await self._ask(publish=name, sdp=microphone.offer(), tracks={"0": "microphone"})
        await microphone.connect(Remote.read(reply["sdp"]))

    async def listen(self, viewer: Viewer) -> None:
        name = f"listener-{secrets.token_hex(6)}"
        offer = await self._ask(view=name, viewing={"pictures": "none", "sound": "lean"})
        remote = Remote.read(offer["sdp"])
        viewer.expect(remote)
        await self._ask(answer=name, version=offer["version"], sdp=answer(offer["sdp"], viewer))
        await viewer.connect(remote)

    async def encodes(self) -> int:
        return cast(int, (await self._ask(encodes=True))["encodes"])


async def lean_figures(listeners: int, seconds: float, speakers: int = 3) -> LeanFigures:
    """Raises ConnectionError, TimeoutError when the hall cannot be filled."""
    hall = LeanHall()
    await hall.start()
    microphones = [Microphone(seed) for seed in range(speakers)]
    viewers = [Viewer() for _ in range(listeners)]
    try:
        for microphone in microphones:
            await hall.speak(microphone)
        at_once = asyncio.Semaphore(_HANDSHAKES_AT_ONCE)

        async def join(viewer: Viewer) -> None:
            async with at_once:
                await hall.listen(viewer)

        await asyncio.gather(*map(join, viewers))
        batch = Batch()
        _talk(microphones, viewers, _WARM_UP_SECONDS, batch)
        before, cpu, begin = [viewer.packets for viewer in viewers], hall.cpu(), time.monotonic()
        _talk(microphones, viewers, seconds, batch)
        took, cpu = time.monotonic() - begin, hall.cpu() - cpu
        rates = [(v.packets - was) / took for v, was in zip(viewers, before, strict=True)]
        return LeanFigures(listeners, await hall.encodes(), cpu / took, sum(rates) / len(rates), min(rates))
    finally:
        for peer in (*viewers, *microphones):
            await peer.close()
        await hall.close()


def _talk(microphones: list[Microphone], viewers: list[Viewer], seconds: float, batch: Batch) -> None:
    """Send on all microphones and read on all listeners, for so long."""
    due = begin = time.monotonic()
    turn = 0
    while (now := time.monotonic()) < begin + seconds:
        for microphone in microphones:
            microphone.send()
        for viewer in viewers[turn % _SLICES :: _SLICES]:
            viewer.drain(batch, now)
        turn += 1
        due = max(due + _PACKET_SECONDS, now)  # late packets are not sent in a burst
        time.sleep(max(0.0, due - time.monotonic()))
