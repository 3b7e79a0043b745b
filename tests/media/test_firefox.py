"""Firefox publishes to Chromium and watches it: the descriptions are standard, not one browser's.

Firefox takes no loopback address for its candidates, so the test runs itself once more in a network
namespace of its own, which has another address and no way out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.media.firefox import Firefox, FirefoxPage
from tests.media.studio import Studio, seen, wait_until

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


@pytest.fixture
def address() -> str:
    return ADDRESS


@pytest.fixture
async def fox(studio: Studio, tmp_path: Path) -> AsyncIterator[FirefoxPage]:
    """Firefox in the hall, under the name `fox`."""
    firefox = Firefox(tmp_path)
    await firefox.open()
    try:
        page = await firefox.page()
        await page.goto(studio.url)
        # Firefox uses every network interface only after a device was granted.
        await page.evaluate("openMicrophone().then((track) => track.stop())")
        await page.evaluate("join('hall', 'fox')")
        yield page
    finally:
        await firefox.close()


@pytest.mark.skipif(INSIDE, reason="this is the inner run")
def test_firefox_works_in_a_namespace_of_its_own() -> None:
    inner = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    command = ["unshare", "--net", "sh", "-euc", NAMESPACE, "sh", *inner]
    run = subprocess.run(
        command, env={**os.environ, "MAJLIS_TEST_NAMESPACE": "1"}, capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


async def watched(page: FirefoxPage) -> None:
    """Chromium's picture and sound move in Firefox from now on."""
    before = (await page.evaluate("seen()")).get("chrome~camera", {}).get("frames", 0)
    await page.wait_until(f"(await seen())['chrome~camera']?.frames > {before} + 10")
    energy = (await page.evaluate("seen()")).get("chrome~microphone", {}).get("energy", 0)
    await page.wait_until(f"(await seen())['chrome~microphone']?.energy > {energy} + 0.001")


@pytest.mark.skipif(not INSIDE, reason="runs in the namespace that the other test makes")
async def test_firefox_and_chromium_see_and_hear_each_other(studio: Studio, fox: FirefoxPage) -> None:
    chromium = await studio.page("chrome")
    assert await chromium.evaluate("publish('camera')") == ""
    assert await chromium.evaluate("publish('microphone')") == ""
    assert await fox.evaluate("publishDrawing('camera')") == ""
    assert await fox.evaluate("publish('microphone')") == ""
    await wait_until(chromium, "(await seen())['fox~camera']?.frames > 10")
    await wait_until(chromium, "(await seen())['fox~microphone']?.energy > 0.001")
    await watched(fox)
    if "MAJLIS_CAPTURE" in os.environ:
        assert await chromium.evaluate("layers().then(Object.keys)") == ["q", "h", "f"]
        await wait_until(chromium, "Object.values(await layers()).every((of) => of.frames > 10)", 120)

    # Firefox switches its camera off, and on again; its sound goes on meanwhile.
    await fox.evaluate("unpublish('camera')")
    await wait_until(chromium, "!shown().includes('fox~camera')")
    energy = (await seen(chromium))["fox~microphone"]["energy"]
    await wait_until(chromium, f"(await seen())['fox~microphone'].energy > {energy} + 0.001")
    assert await fox.evaluate("publishDrawing('camera')") == ""
    await wait_until(chromium, "(await seen())['fox~camera']?.frames > 10", 240)

    # Chromium's camera comes back as another, smaller picture in the same m-line.
    await chromium.evaluate("unpublish('camera')")
    await fox.wait_until("!shown().includes('chrome~camera')")
    assert await chromium.evaluate("publishDrawing('camera')") == ""
    await watched(fox)
    assert (await fox.evaluate("report()"))["state"] == "connected"
