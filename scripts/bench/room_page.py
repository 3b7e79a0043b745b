"""What a page of the live room shows and when: every frame that was painted, every wish that was told.

Times are milliseconds of the machine's clock, so that they can be compared with what happened elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.browser.person import Person

# requestVideoFrameCallback runs when a decoded frame is composited (W3C HTML extension, all browsers).
NOTE_PICTURES = """(() => {
  const now = () => performance.timeOrigin + performance.now();
  window.pictures = [];
  window.told = [];
  window.tapped = 0;
  window.resized = [];
  addEventListener("click", () => { window.tapped = now(); }, true);
  addEventListener("resize", () => { window.resized.push(now()); }, true);
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (typeof data === "string" && /"(ShowTiles|ChooseViewing)"/.test(data)) window.told.push([now(), data]);
    return send.call(this, data);
  };
  const seen = new WeakSet();
  const follow = (video) => {
    seen.add(video);
    const step = () => {
      const track = video.srcObject?.getVideoTracks()[0]?.id ?? "";
      window.pictures.push([now(), track, video.videoWidth]);
      video.requestVideoFrameCallback(step);
    };
    video.requestVideoFrameCallback(step);
  };
  new MutationObserver(() => {
    for (const video of document.querySelectorAll("video")) if (!seen.has(video)) follow(video);
  }).observe(document, { subtree: true, childList: true });
})()"""


@dataclass(frozen=True)
class Picture:
    """One painted frame. `track` is `participant~source~unique`; `width` in pixels."""

    at: float
    track: str
    width: int

    @property
    def participant(self) -> str:
        return self.track.partition("~")[0]


@dataclass(frozen=True)
class Switch:
    """To the wished frame: `took` from the wish, `acted` from what somebody did; `gap` is the longest pause
    between frames meanwhile. All in ms.
    """

    took: float
    acted: float
    gap: float


async def pictures(person: Person) -> list[Picture]:
    """Every frame since the page was opened, the oldest first."""
    found: list[list[Any]] = await person.page.evaluate("pictures")
    return [Picture(float(at), str(track), int(width)) for at, track, width in sorted(found)]


async def wishes(person: Person, kind: str) -> list[tuple[float, str]]:
    """What the page told the server of this kind: when, and the message as it was sent."""
    found: list[list[Any]] = await person.page.evaluate("told")
    return [(float(at), str(text)) for at, text in found if f'"{kind}"' in text]


def switched(shown: list[Picture], act: float, wish: float, wanted: Picture) -> Switch:
    """*wanted* is the first frame of what was wished at *wish*, because of what somebody did at *act*."""
    around = [picture.at for picture in shown if wish - 200 <= picture.at <= wanted.at + 500]
    gap = max((b - a for a, b in pairwise(around)), default=0.0)
    return Switch(wanted.at - wish, wanted.at - act, gap)
