"""What real browsers sent: recorded once, decrypted, and kept as fixtures (`tests/data/captures`).

To record again, run the test that joins Firefox and Chromium with a folder to write to:
`MAJLIS_CAPTURE=tests/data/captures pytest tests/media/test_firefox.py`. One file per browser: its publish
offer, the first packets of each of its streams, and the checks and reports it sent, in the order of arrival.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from conference.media import LocalEngine
from conference.media.mux import Mux, local_ufrag
from conference.media.publisher import Publisher
from conference.media.rtp import parse_rtp
from conference.media.viewer import Viewer

FOLDER = Path(__file__).parents[1] / "data" / "captures"
# Packets of each stream, and of each direction's reports and checks.
_KEPT = {"rtp": 40, "rtcp": 60, "stun": 6}


class Captured(NamedTuple):
    """One datagram after SRTP and DTLS were taken off. `at` counts seconds from the first."""

    at: float
    kind: Literal["rtp", "rtcp", "stun"]
    data: bytes


class Capture(NamedTuple):
    browser: str
    offer: str
    tracks: dict[str, str]  # mid → source
    packets: list[Captured]


def captures() -> list[Capture]:
    """Every kept recording."""
    found = []
    for file in sorted(FOLDER.glob("*.json")):
        kept = json.loads(file.read_text())
        packets = [Captured(at, kind, base64.b64decode(data)) for at, kind, data in kept["packets"]]
        found.append(Capture(file.stem, kept["offer"], kept["tracks"], packets))
    return found


class Recorder:
    """Listens at the doors of the engine's classes while a browser test runs."""

    def __init__(self) -> None:
        self.offers: dict[str, tuple[str, dict[str, str]]] = {}
        self._packets: dict[str, list[tuple[float, str, bytes]]] = {}
        self._counts: Counter[tuple[str, str, object]] = Counter()
        self._checks: list[tuple[float, str, bytes]] = []

    def note(self, name: str, kind: str, stream: object, data: bytes, now: float) -> None:
        self._counts[name, kind, stream] += 1
        if self._counts[name, kind, stream] <= _KEPT[kind]:
            self._packets.setdefault(name, []).append((now, kind, bytes(data)))

    def check(self, data: bytes, now: float) -> None:
        self._counts["", "stun", local_ufrag(data)] += 1
        if self._counts["", "stun", local_ufrag(data)] <= _KEPT["stun"]:
            self._checks.append((now, "stun", bytes(data)))

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for participant, (offer, tracks) in self.offers.items():
            name = {"fox": "firefox", "chrome": "chromium"}.get(participant, participant)
            own = self._packets.get(participant, [])
            # The remote half of USERNAME is the browser's own fragment, which its offer names.
            mine = [c for c in self._checks if any(f":{u}".encode() in c[2] for u in _fragments(offer))]
            packets = sorted([*own, *mine], key=lambda packet: packet[0])
            start = packets[0][0]
            rows = [[round(at - start, 4), kind, base64.b64encode(d).decode()] for at, kind, d in packets]
            text = json.dumps({"offer": offer, "tracks": tracks, "packets": rows}, indent=0)
            (folder / f"{name}.json").write_text(text + "\n")


def _fragments(offer: str) -> set[str]:
    return {line.partition(":")[2] for line in offer.splitlines() if line.startswith("a=ice-ufrag:")}


@contextmanager
def recording(folder: Path) -> Iterator[None]:
    """Everything that reaches an engine started meanwhile is noted, and written at the end."""
    recorder = Recorder()
    publish, on_rtp, on_rtcp = LocalEngine.publish, Publisher.on_rtp, Publisher.on_rtcp
    viewer_rtcp, stun = Viewer.on_rtcp, Mux.stun

    async def noted_publish(
        self: LocalEngine, room: str, name: str, sdp: str, tracks: Mapping[str, str]
    ) -> str:
        answer = await publish(self, room, name, sdp, tracks)
        recorder.offers[name] = (sdp, dict(tracks))
        return answer

    def noted_rtp(self: Publisher, data: bytes, now: float) -> None:
        recorder.note(self.participant_id, "rtp", parse_rtp(bytes(data)).ssrc, data, now)
        on_rtp(self, data, now)

    def noted_rtcp(self: Publisher, data: bytes, now: float) -> None:
        recorder.note(self.participant_id, "rtcp", "publish", data, now)
        on_rtcp(self, data, now)

    def noted_viewer(self: Viewer, data: bytes, now: float) -> None:
        recorder.note(self.participant_id, "rtcp", "watch", data, now)
        viewer_rtcp(self, data, now)

    def noted_stun(self: Mux, data: bytes, path: Any, now: float) -> bool:
        recorder.check(data, now)
        return stun(self, data, path, now)

    LocalEngine.publish = noted_publish  # type: ignore[method-assign, assignment]
    Publisher.on_rtp, Publisher.on_rtcp = noted_rtp, noted_rtcp  # type: ignore[method-assign]
    Viewer.on_rtcp, Mux.stun = noted_viewer, noted_stun  # type: ignore[method-assign]
    try:
        yield
    finally:
        LocalEngine.publish = publish  # type: ignore[method-assign]
        Publisher.on_rtp, Publisher.on_rtcp = on_rtp, on_rtcp  # type: ignore[method-assign]
        Viewer.on_rtcp, Mux.stun = viewer_rtcp, stun  # type: ignore[method-assign]
        recorder.write(folder)
