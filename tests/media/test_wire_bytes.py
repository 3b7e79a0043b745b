"""The data meter: its arithmetic in Node.js, and its totals against what a relay before Chromium counts."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.media.studio import ROOT, Relay, Studio, wait_until

MOST_WRONG = 0.03


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wire") / "wire_bytes.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), "web/src/media/wire_bytes.ts", "--format=esm", f"--outfile={out}"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return out


def total(module: Path, *reports: tuple[str, list[dict[str, Any]]]) -> dict[str, float]:
    """What the meter says after these reports, each of the connection of that name."""
    node = shutil.which("node")
    assert node, "Node.js is needed"
    script = (
        f"import {{ WireBytes }} from {json.dumps(module.as_uri())};"
        "const meter = new WireBytes();"
        f"for (const [name, report] of {json.dumps(reports)}) meter.add(name, report);"
        "console.log(JSON.stringify(meter.total));"
    )
    ran = subprocess.run(
        [node, "--input-type=module", "-e", script], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def pair(received: int, packets: int, *, address: str = "192.0.2.1", **local: str) -> list[dict[str, Any]]:
    """A report with one candidate pair on which so much has come."""
    return [
        {
            "id": "pair", "type": "candidate-pair", "bytesReceived": received, "packetsReceived": packets,
            "bytesSent": 0, "packetsSent": 0, "localCandidateId": "here", "remoteCandidateId": "there",
        },
        {"id": "here", "type": "local-candidate", **({"protocol": "udp"} | local)},
        {"id": "there", "type": "remote-candidate", "address": address},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("report", "received", "sent"),
    [
        (pair(10_000, 100), 10_000 + 100 * 28, 0),
        (pair(10_000, 100, address="2001:db8::1"), 10_000 + 100 * 48, 0),
        (pair(10_000, 100, protocol="tcp"), 10_000 + 100 * 54, 100 * 26),
        (pair(10_000, 100, candidateType="relay", relayProtocol="udp"), 10_000 + 100 * 32, 0),
        (pair(10_000, 100, candidateType="relay", relayProtocol="tls"), 10_000 + 100 * 80, 100 * 26),
    ],
    ids=["UDP", "IPv6", "TCP", "TURN", "TURN over TLS"],
)
def test_each_packet_costs_what_the_way_adds_to_it(
    module: Path, report: list[dict[str, Any]], received: int, sent: int
) -> None:
    assert total(module, ("one", report)) == {"received": received, "sent": sent}


def test_what_was_counted_stays_when_a_pair_or_a_connection_goes(module: Path) -> None:
    before, after = pair(10_000, 100), pair(2_000, 20)
    after[0]["id"] = "another"
    once = 10_000 + 100 * 28
    assert total(module, ("one", before), ("one", []), ("one", before)) == {"received": once, "sent": 0}
    both = once + 2_000 + 20 * 28
    assert total(module, ("one", before), ("one", after), ("one", after))["received"] == both
    assert total(module, ("one", before), ("two", before))["received"] == 2 * once


def test_a_browser_that_counts_no_packets_of_pairs_is_asked_for_those_of_streams(module: Path) -> None:
    report = pair(10_000, 0)
    del report[0]["packetsReceived"], report[0]["packetsSent"]
    report.append({"id": "in", "type": "inbound-rtp", "packetsReceived": 90})
    assert total(module, ("one", report))["received"] == 10_000 + 90 * 28


@pytest.mark.browser
@pytest.mark.slow
async def test_the_meter_agrees_with_the_wire(studio: Studio, relay: Relay) -> None:
    """Totals at the end of a transfer: whatever the machine's speed, both have seen the same packets."""
    speaker, viewer = await studio.page("speaker", watch=False), await studio.page("viewer")
    assert await speaker.evaluate("publish('microphone')") == ""
    assert await speaker.evaluate("publish('camera')") == ""
    await wait_until(viewer, "report().quality?.bytesReceived > 600_000", 90)
    for source in ("camera", "microphone"):
        await speaker.evaluate(f"unpublish('{source}')")
    for page in (speaker, viewer):
        await wait_until(page, "report().quality.kbitDown + report().quality.kbitUp < 4", 90)
    read = [(await page.evaluate("report()"))["quality"] for page in (speaker, viewer)]
    sent, received = sum(q["bytesSent"] for q in read), sum(q["bytesReceived"] for q in read)
    assert received > 600_000
    assert abs(sent / relay.inward - 1) <= MOST_WRONG, (sent, relay.inward)
    assert abs(received / relay.outward - 1) <= MOST_WRONG, (received, relay.outward)
    print("meter/wire, up and down:", sent / relay.inward, received / relay.outward)
