"""Firefox publishes to Chromium and watches it: the descriptions are standard, not one browser's."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conference.media.mux import reachable_address
from tests.media.peer import until
from tests.media.studio import Studio, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("firefox-esr") is None, reason="firefox-esr is not installed"),
]

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


@pytest.fixture
def address() -> str:
    """This machine's own address: Firefox takes no loopback one for its candidates."""
    own = reachable_address("0.0.0.0")
    if own.startswith("127."):
        pytest.skip("this machine has only a loopback address")
    return own


@pytest.fixture
async def firefox(studio: Studio, tmp_path: Path) -> AsyncIterator[Studio]:
    """Firefox on the test page, acting by itself under the name `fox`."""
    profile = tmp_path / "firefox"
    profile.mkdir()
    (profile / "user.js").write_text(PREFERENCES)
    process = await asyncio.create_subprocess_exec(
        *["firefox-esr", "--headless", "--no-remote", "--profile", str(profile), f"{studio.url}#fox"],
        env={**os.environ, "HOME": str(tmp_path), "MOZ_HEADLESS": "1"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    yield studio
    process.terminate()
    await asyncio.wait_for(process.wait(), 20)


async def test_firefox_and_chromium_see_and_hear_each_other(firefox: Studio) -> None:
    studio = firefox
    chromium = await studio.page("chrome")
    assert await chromium.evaluate("publishDrawing('camera')") == ""
    assert await chromium.evaluate("publish('microphone')") == ""
    await until(lambda: "fox" in studio.news, 60, "Firefox has started")
    await wait_until(chromium, "(await seen())['fox~camera']?.frames > 10", 30)
    await wait_until(chromium, "(await seen())['fox~microphone']?.energy > 0.001", 30)

    def watches() -> bool:
        seen = studio.news["fox"]["seen"]
        picture, sound = seen.get("chrome~camera", {}), seen.get("chrome~microphone", {})
        return bool(picture.get("frames", 0) > 10 and sound.get("energy", 0) > 0.001)

    await until(watches, 30, "Firefox watches")
    assert studio.news["fox"]["failures"] == ["", ""]
    assert studio.news["fox"]["state"] == "connected"
    await chromium.evaluate("unpublish('camera')")
    await until(lambda: "chrome~camera" not in studio.news["fox"]["seen"], 20)
    assert await chromium.evaluate("publishDrawing('camera')") == ""
    await until(watches, 30, "Firefox watches the m-line that is used again")
