"""Firefox publishes to Chromium and watches it: the descriptions are standard, not one browser's.

Firefox takes no loopback address for its candidates, so the test runs itself once more in a network
namespace of its own, which has another address and no way out.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.media.peer import until
from tests.media.studio import Studio, wait_until

ADDRESS = "10.99.0.1"
NAMESPACE = f"""
ip link set lo up && ip link add inner type veth peer name outer
ip addr add {ADDRESS}/24 dev inner && ip link set inner up && ip link set outer up
ip route add default via 10.99.0.2 # Firefox asks which address leads outside; nothing answers there
exec "$@"
"""
INSIDE = "MAJLIS_TEST_NAMESPACE" in os.environ
MISSING = [name for name in ("firefox-esr", "unshare", "ip") if shutil.which(name) is None]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root"),
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
    return ADDRESS


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
    await asyncio.wait_for(process.wait(), 60)


@pytest.mark.skipif(INSIDE, reason="this is the inner run")
def test_firefox_works_in_a_namespace_of_its_own() -> None:
    inner = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    command = ["unshare", "--net", "sh", "-euc", NAMESPACE, "sh", *inner]
    run = subprocess.run(
        command, env={**os.environ, "MAJLIS_TEST_NAMESPACE": "1"}, capture_output=True, text=True, timeout=400
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


@pytest.mark.skipif(not INSIDE, reason="runs in the namespace that the other test makes")
async def test_firefox_and_chromium_see_and_hear_each_other(firefox: Studio) -> None:
    studio = firefox
    chromium = await studio.page("chrome")
    assert await chromium.evaluate("publishDrawing('camera')") == ""
    assert await chromium.evaluate("publish('microphone')") == ""
    await until(lambda: "fox" in studio.news, what="Firefox has started")
    await wait_until(chromium, "(await seen())['fox~camera']?.frames > 10")
    await wait_until(chromium, "(await seen())['fox~microphone']?.energy > 0.001")

    def watches() -> bool:
        seen = studio.news["fox"]["seen"]
        picture, sound = seen.get("chrome~camera", {}), seen.get("chrome~microphone", {})
        return bool(picture.get("frames", 0) > 10 and sound.get("energy", 0) > 0.001)

    await until(watches, what="Firefox watches")
    assert studio.news["fox"]["failures"] == ["", ""]
    assert studio.news["fox"]["state"] == "connected"
    await chromium.evaluate("unpublish('camera')")
    await until(lambda: "chrome~camera" not in studio.news["fox"]["seen"])
    assert await chromium.evaluate("publishDrawing('camera')") == ""
    await until(watches, what="Firefox watches the m-line that is used again")
