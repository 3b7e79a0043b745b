"""One person at one browser: what they open, press and see, and everything their browser complains of."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from conference.serving.translation import translate
from tests.world import EVENT, GRACE, ROOT

Received = dict[str, dict[str, float]]  # participant~source -> frames, energy, packets, bytes of payload

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
SCREENSHOTS = ROOT / "test-results" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

# Keeps every peer connection of the page, to read what it really decodes and sends (W3C webrtc-stats).
WATCH_MEDIA = """(() => {
  const Real = window.RTCPeerConnection;
  const made = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); made.push(this); }
  };
  window.connections = () => made.filter((one) => one.connectionState !== "closed");
  // participant~source -> what has arrived of it, over all connections the page has had
  window.received = async () => {
    const found = {};
    for (const connection of window.connections()) {
      const names = {};
      for (const section of (connection.remoteDescription?.sdp ?? "").split(/\\r?\\nm=/).slice(1)) {
        const mid = /a=mid:(\\S+)/.exec(section)?.[1];
        const track = /a=msid:\\S+ (\\S+)/.exec(section)?.[1];
        if (mid === undefined || !track || !/a=sendonly/.test(section)) continue;
        names[mid] = track.split("~").slice(0, 2).join("~");
      }
      for (const transceiver of connection.getTransceivers()) {
        const name = names[transceiver.mid];
        if (!name) continue;
        (await transceiver.receiver.getStats()).forEach((stat) => {
          if (stat.type === "inbound-rtp") found[name] = {
            frames: stat.framesDecoded ?? 0, width: stat.frameWidth ?? 0,
            energy: stat.totalAudioEnergy ?? 0, packets: stat.packetsReceived ?? 0,
            bytes: stat.bytesReceived ?? 0,
          };
        });
      }
    }
    return found;
  };
  window.sent = async () => {
    const sum = { frames: 0, audio: 0, video: 0 };
    for (const connection of window.connections())
      (await connection.getStats()).forEach((stat) => {
        if (stat.type !== "outbound-rtp") return;
        sum[stat.kind] += stat.packetsSent ?? 0;
        sum.frames += stat.framesEncoded ?? 0;
      });
    return sum;
  };
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI}`));
})()"""


class Person:
    """A browser context of one person with one page (`tab()` opens more)."""

    def __init__(self, name: str, language: str, context: BrowserContext, url: str) -> None:
        self.name = name
        self.language = language
        self.context = context
        self.url = url
        self.page: Page
        self.problems: list[str] = []
        self._forgiven: list[str] = []

    # -- opening ------------------------------------------------------------------------------------

    async def tab(self) -> Page:
        """One more tab of the same browser."""
        page = await self.context.new_page()
        page.set_default_timeout(GRACE * 1000)
        page.on("pageerror", lambda error: self._complain(f"exception: {error}"))
        page.on("console", lambda said: self._complain(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self._check_address(request.url))
        return page

    async def open(self, path: str) -> None:
        await self.page.goto(self.url + path if path.startswith("/") else path)

    async def sign_in(self, link: str) -> None:
        """The personal link and its one button."""
        await self.open(link)
        await self.page.locator("main form button").click()
        await self.page.wait_for_url(f"**/{EVENT}/**")

    # -- words and things on the page -----------------------------------------------------------------

    def says(self, text: str, **values: Any) -> str:
        """*text* as this person reads it."""
        found = translate(self.language, text)
        for name, value in values.items():
            found = found.replace(f"%({name})s", str(value)).replace("{" + name + "}", str(value))
        return found

    def button(self, text: str, *, within: Locator | None = None) -> Locator:
        place = within if within is not None else self.page
        return place.get_by_role("button", name=re.compile(re.escape(self.says(text))))

    async def press(self, text: str, *, within: Locator | None = None) -> None:
        await self.button(text, within=within).first.click()

    async def sees(self, text: str, **values: Any) -> None:
        await expect(self.page.get_by_text(self.says(text, **values)).first).to_be_visible(
            timeout=GRACE * 1000
        )

    async def sees_as_typed(self, text: str) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible(timeout=GRACE * 1000)

    async def open_tab(self, name: str) -> None:
        """`questions` or `people` in the room's panel."""
        await self.page.locator(f"#tab-{name}").click()

    # -- media ----------------------------------------------------------------------------------------

    async def received(self) -> dict[str, dict[str, float]]:
        return dict(await self.page.evaluate("received()"))

    async def sent(self) -> dict[str, float]:
        return dict(await self.page.evaluate("sent()"))

    async def until(self, expression: str, *, seconds: float = GRACE) -> Any:
        """Until a JavaScript expression (it may await) is true; says what the page saw when it never was."""
        end = time.monotonic() + seconds
        while True:
            found = await self.page.evaluate(f"(async () => ({expression}))()")
            if found:
                return found
            if time.monotonic() > end:
                media = await self.page.evaluate("(async () => [await received(), await sent()])()")
                text = (await self.page.locator("body").inner_text())[:1200]
                raise AssertionError(
                    f"{self.name}: not within {seconds:.0f} s: {expression}\n{media}\n{text}"
                )
            await asyncio.sleep(0.1)

    # -- complaints -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def forgiving(self, *patterns: str) -> AsyncIterator[None]:
        """Inside the block, console errors that match are expected: the server is down, a page is refused."""
        self._forgiven += patterns
        try:
            yield
        finally:
            await asyncio.sleep(0)
            for pattern in patterns:
                self._forgiven.remove(pattern)

    def _complain(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in self._forgiven):
            self.problems.append(f"{self.name} at {urlsplit(self.page.url).path}: {text}")

    def _check_address(self, url: str) -> None:
        parts = urlsplit(url)
        ours = urlsplit(self.url).netloc
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != ours:
            self.problems.append(f"{self.name} asked another host: {url}")

    async def violations(self, rules: Sequence[str] = ()) -> list[str]:
        """Serious and critical findings of axe-core on the page as it is; all its rules, or *rules*."""
        if not await self.page.evaluate("Boolean(window.axe)"):
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate(
            """async (rules) => (await axe.run(document, {
                resultTypes: ["violations"], ...(rules.length ? { runOnly: rules } : {}) })).violations
            .filter(({ impact }) => impact === "serious" || impact === "critical")
            .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3)
              .map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`)""",
            list(rules),
        )
        return [f"{urlsplit(self.page.url).path} ({self.language}): {one}" for one in found]

    async def portraits(self, name: str, *, full: bool = False) -> list[str]:
        """Screenshots of the page as it is, phone and desk, light and dark; returns what axe found."""
        size = self.page.viewport_size
        found: list[str] = []
        for theme in ("light", "dark"):
            await self.page.emulate_media(color_scheme="light" if theme == "light" else "dark")
            for device, wanted in (("phone", PHONE), ("desk", DESK)):
                if self.page.viewport_size != wanted:
                    await self.page.set_viewport_size(wanted)  # type: ignore[arg-type]
                await self.picture(f"{name}-{self.language}-{device}-{theme}", full=full)
                wide = await self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
                found += [f"{name} ({self.language}, {device}) scrolls sideways"] if wide else []
            # A theme changes colours and nothing else, so the second time only those are judged.
            rules = [] if theme == "light" else ["color-contrast"]
            found += [f"{name}, {theme}: {one}" for one in await self.violations(rules)]
        await self.page.emulate_media(color_scheme="light")
        if size is not None:
            await self.page.set_viewport_size(size)
        return found

    async def picture(self, name: str, *, full: bool = False) -> Path:
        """A screenshot under test-results/screenshots."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        file = SCREENSHOTS / f"{name}.png"
        await self.page.screenshot(path=file, full_page=full, animations="disabled")
        return file


async def arrive(
    browser: Browser,
    name: str,
    language: str,
    url: str,
    *,
    phone: bool = False,
    theme: str = "light",
    javascript: bool = True,
) -> Person:
    """A person with a fresh browser profile."""
    context = await browser.new_context(
        viewport=PHONE if phone else DESK,  # type: ignore[arg-type]  # a TypedDict of the same shape
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
        color_scheme="dark" if theme == "dark" else "light",
        locale="ar-IQ" if language == "ar" else "en-GB",
        timezone_id="Asia/Baghdad",
        java_script_enabled=javascript,
    )
    await context.add_init_script(WATCH_MEDIA)
    person = Person(name, language, context, url)
    person.page = await person.tab()
    return person


def grown(before: Received, after: Received, key: str, what: str) -> float:
    """By how much a figure of one stream has grown."""
    return after.get(key, {}).get(what, 0) - before.get(key, {}).get(what, 0)


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
