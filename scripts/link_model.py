"""A viewer behind a modelled link, in virtual time: what `simulate_links` draws and the tests judge.

Everything between the two ends is modelled (publisher, bottleneck queue, losses, the client's feedback,
retransmissions and play-out); the sending side is the program's own `conference.media.sending`.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial

from conference.media.allocate import Allocation, Layer, Offered
from conference.media.engine import Viewing
from conference.media.probing import PROBE_SIZE
from conference.media.rtcp import TransportFeedback, parse_rtcp
from conference.media.send_log import OVERHEAD
from conference.media.sending import SendControl
from conference.media.twcc import ArrivalLog
from scripts.modelled_link import Link, Phase, World
from scripts.modelled_viewer import Ear, Run, Sample

LAYERS = (
    Layer(130_000, 320, 180, (0.5, 0.7, 1.0)),
    Layer(450_000, 640, 360, (0.5, 0.7, 1.0)),
    Layer(1_500_000, 1280, 720, (0.5, 0.7, 1.0)),
)
_FPS = 24
_KEY = 7.0  # a key frame is this many times an average one
_PACKET = 1100
_KINDS = {"full": (20, 80), "lean": (60, 125), "saver": (60, 50)}  # ms, bytes of payload


class Simulation:
    """One publisher of camera and microphone, one viewer. `buffer` seconds of the listener's play-out.

    `pauses` are the (begin, end) in which the client's program is put aside, as on a busy or a cheap
    telephone: what arrives then is taken in, and its next report made, at the end; a report that was due in
    between before all of it has been taken in.
    """

    def __init__(
        self,
        phases: Sequence[Phase],
        seed: int = 1,
        *,
        buffer: float = 0.2,
        viewing: Viewing | None = None,
        layers: Sequence[Layer] = LAYERS,
        bitrate: int | None = None,
        feedback: bool = True,
        voice: bool = True,
        voice_nack: bool = False,
        pauses: Sequence[tuple[float, float]] = (),
    ) -> None:
        self.world = World()
        self.down = Link(self.world, phases, seed)
        self.up = Link(self.world, phases, seed + 1, up=True)
        self.control = SendControl(bitrate=bitrate, feedback=feedback)
        self.viewing = viewing or Viewing()
        self.run_ = Run(ear=Ear(buffer))
        self._layers = tuple(layers)
        self._random = random.Random(seed + 2)
        self._arrivals = ArrivalLog()
        self._offered: tuple[Offered, ...] = ()
        self._speakers = ("speaker",)
        self._rates = [float(layer.bitrate) for layer in layers]
        self._current: int | None = None
        self._temporal = 2
        self._wanted: int | None = None
        self._switch_at = 0.0
        self._live_from = [0.0] * len(self._layers)
        self._asleep_from = [math.inf] * len(self._layers)
        self._wanted_at = [-10.0] * len(self._layers)
        self._frame = self._pictures = 0
        self._count = 0
        self._voice = 0
        self._resent: dict[tuple[int, int], float] = {}
        self._received_bytes = 0
        self._incoming = 0.0
        self._key_asked = False
        self._padding_spent = 0
        self._voice_nack = voice_nack
        self._has_voice = voice
        self._pauses = pauses
        self._reported = (0, 0)
        self._seen = [0, 0]

    def run(self, seconds: float) -> Run:
        world = self.world
        for start, act in ((0.0, self._tick), (0.01, self._say), (0.02, self._film), (0.05, self._feedback)):
            world.at(start, act)
        world.at(0.1, self._listen)
        world.at(0.05, self._step)
        world.run(seconds)
        return self.run_

    # --------------------------------------------------------------- the sender

    def _send(self, size: int, arrive: Callable[[float], None]) -> None:
        """One packet, numbered as the program numbers it. `size` is bytes on the wire."""
        sent = self.world.now
        number = int.from_bytes(self.control.log.note(size - OVERHEAD, sent), "big")
        self._seen[0] += 1

        def arrived(when: float) -> None:
            if (awake := self._awake(when)) > when:
                self.world.at(awake, lambda: arrived(awake))
                return
            self._seen[1] += 1
            self._arrivals.add(number, when + 1000.0)
            self._received_bytes += size
            arrive(when)

        self.down.send(size, arrived)

    def _offer(self) -> tuple[Offered, ...]:
        camera = tuple(
            Layer(int(rate), layer.width, layer.height, layer.shares)
            for rate, layer in zip(self._rates, self._layers, strict=True)
        )
        voice = Offered("speaker", "microphone", (Layer(_voice_rate("full")),))
        pictures = Offered("speaker", "camera", camera)
        return (voice, pictures) if self._has_voice else (pictures,)

    def _tick(self) -> None:
        now = self.world.now
        self.world.at(now + 0.1, self._tick)
        if int(now * 10) % 5 == 0:
            for index, layer in enumerate(self._layers):
                swing = 1 + 0.12 * math.sin(now / 3 + index)
                self._rates[index] = layer.bitrate * swing
            self._offered = self._offer()
        self._look()
        self._sample()

    def _look(self) -> None:
        self._pad(self.control.tick(self.world.now, self._offered, self.viewing, self._speakers))
        self._apply(self.control.allocation)

    def _step(self) -> None:
        """Between two ticks the program steps a fill once more."""
        self.world.at(self.world.now + 0.1, self._step)
        if self.control.filling:
            self._look()

    def _pad(self, padding: int) -> None:
        for _ in range(padding // PROBE_SIZE):
            self._padding_spent += PROBE_SIZE
            self._send(PROBE_SIZE, lambda when: None)

    def _apply(self, allocation: Allocation) -> None:
        choice = allocation.pictures.get(("speaker", "camera"))
        wanted = None if choice is None else choice.layer
        now = self.world.now
        if choice is not None:
            self._temporal = choice.temporal
            self._wake(choice.layer)
        if wanted != self._wanted:
            self._wanted = wanted
            if wanted is None:
                self._current = None
            else:
                if self._current is not None and wanted < self._current:
                    self._current = None
                # The key frame has to be asked for; a layer nobody wanted has to be encoded again first.
                self._switch_at = max(now + 0.15, self._live_from[wanted] + 0.1)
                if self._current is None and self._live_from[wanted] > now:
                    self._wake(0)
                    self._current = 0
                    self._key_asked = True

    def _wake(self, layer: int) -> None:
        now = self.world.now
        if now - self._wanted_at[layer] > 2.0:
            self._live_from[layer] = now + 1.0
        self._wanted_at[layer] = now

    def _film(self) -> None:
        now = self.world.now
        self.world.at(now + 1 / _FPS, self._film)
        key = self._key_asked
        if self._wanted is not None and self._wanted != self._current and now >= self._switch_at:
            self._current = self._wanted
            key = True
        if self._current is None:
            return
        stuck = self.run_.eye.stuck_since
        if stuck is not None and now - stuck > 3.0:
            key = True
            self.run_.eye.stuck_since = None
        self._key_asked = False
        self._pictures += 1
        if not key and self._pictures % (4, 2, 1)[self._temporal]:
            return
        self._frame += 1
        shares = self._layers[self._current].shares
        share = shares[self._temporal] * (1, 2, 4)[2 - self._temporal]
        mean = self._rates[self._current] / 8 / _FPS * share
        size = int(mean * (_KEY if key else self._random.uniform(0.6, 1.35)))
        self.run_.key_frames += key
        packets = max(1, -(-size // _PACKET))
        self.run_.eye.expect(self._frame, packets, self._current, key, now)
        pace = _PACKET * 8 / (2.5 * self._rates[self._current])
        number = self._frame
        for part in range(packets):
            body = min(_PACKET, size - part * _PACKET) if part == packets - 1 else _PACKET
            self.world.at(now + part * pace, partial(self._video, number, part, max(60, body) + 72))

    def _video(self, frame: int, part: int, size: int, tries: int = 0) -> None:
        def arrived(when: float) -> None:
            got[0] = True
            self.run_.eye.arrived(frame, when)

        got = [False]
        self._send(size, arrived)
        if self._current is None:
            return
        # The viewer asks again once later packets have come, which takes a queue and a round trip.
        wait = min(self.down.delay, 3.0) + 2 * self.down.phase.delay / 1000 + 0.02
        if tries < 8:

            def again() -> None:
                if not got[0] and self._current is not None:
                    if self._random.random() < self.up.phase.loss / 100:
                        self.world.at(self.world.now + 0.1, again)
                        return
                    for _ in range(self.control.copies - 1):
                        self._send(size, arrived)
                    self._video(frame, part, size, tries + 1)

            self.world.at(self.world.now + max(wait, 0.1), again)

    def _say(self) -> None:
        if not self._has_voice:
            return
        milliseconds, payload = _KINDS.get(self.control.allocation.sound, _KINDS["full"])
        self.world.at(self.world.now + milliseconds / 1000, self._say)
        number = self._voice
        self._voice += 1
        self._speak(number, milliseconds, payload, 0)

    def _speak(self, number: int, milliseconds: int, payload: int, tries: int) -> None:
        got = [False]

        def arrived(when: float) -> None:
            got[0] = True
            self.run_.ear.arrived(number, milliseconds)

        self._send(payload + 72, arrived)
        if self._voice_nack and tries < 3:
            wait = min(self.down.delay, 3.0) + 2 * self.down.phase.delay / 1000 + 0.06
            self.world.at(
                self.world.now + wait,
                lambda: None if got[0] else self._speak(number, milliseconds, payload, tries + 1),
            )

    # ------------------------------------------------------------- the receiver

    def _feedback(self) -> None:
        """Chromium reports every 50 to 250 ms: as often as a twentieth of what it receives allows."""
        now = self.world.now
        if (awake := self._awake(now)) > now:
            self.world.at(awake, self._feedback)
            return
        self._incoming += 0.3 * (self._received_bytes * 8 / 0.1 - self._incoming)
        self._received_bytes = 0
        interval = min(0.25, max(0.05, 68 * 8 / max(1.0, 0.05 * self._incoming)))
        self.world.at(now + interval, self._feedback)
        for packet in self._arrivals.take(1, 2):
            self.up.send(len(packet) + 60, partial(self._heard, packet))

    def _awake(self, when: float) -> float:
        """When the client's program runs next."""
        latest = bisect_right(self._pauses, (when, math.inf)) - 1
        return max(when, self._pauses[latest][1]) if latest >= 0 else when

    def _heard(self, packet: bytes, when: float) -> None:
        found, _ = parse_rtcp(packet)
        for part in found:
            if isinstance(part, TransportFeedback):
                self.control.on_feedback(part.body, self.world.now)
                if self.control.urgent:
                    self._look()

    def _listen(self) -> None:
        self.world.at(self.world.now + 0.01, self._listen)
        self.run_.ear.play(self.world.now)

    def _sample(self) -> None:
        control, estimator = self.control, self.control.estimator
        self.run_.failures = control.prober.failures if control.prober else 0
        self.run_.samples.append(
            Sample(
                self.world.now,
                self.down.rate,
                estimator.bitrate,
                control.sending,
                estimator.acked,
                self.down.delay,
                estimator.loss,
                control.allocation.rung,
                -1 if self._current is None else self._current,
                control.allocation.sound,
                self._padding_spent,
            )
        )


def _voice_rate(kind: str) -> int:
    milliseconds, payload = _KINDS[kind]
    return int((payload + 72) * 8 * 1000 / milliseconds)
