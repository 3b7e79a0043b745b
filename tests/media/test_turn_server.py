"""config/coturn.conf.example with Debian's coturn: who may use it, where it leads, and media through it.

The addresses are the example's own, in a network namespace that has no way out.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aioice import stun, turn
from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy, RTCPeerConnection
from aiortc import RTCSessionDescription as Description
from aiortc.mediastreams import AudioStreamTrack

from conference.media import EVERYTHING, EngineSettings, LocalEngine
from conference.media.turn import TurnSettings, ice_servers
from tests.media.coturn import MEDIA, SECRET, TURN, coturn
from tests.media.namespace import inside, needs, outside, run_inside
from tests.media.peer import House
from tests.media.studio import Studio, wait_until_moves
from tests.world import until

PRIVATE = "10.0.0.5"
URLS = {
    "udp": f"turn:{TURN}:3478?transport=udp",
    "tcp": f"turn:{TURN}:3478?transport=tcp",
    "tls": f"turns:{TURN}:443?transport=tcp",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    *needs("turnserver", "setpriv", "openssl"),
]


@outside
def test_the_example_works_with_coturn_at_the_addresses_it_names() -> None:
    told = run_inside(__file__, f"{MEDIA}/24", f"{TURN}/24", f"{PRIVATE}/24")
    assert "7 passed" in told


@pytest.fixture
async def relay_server() -> AsyncIterator[Path]:
    """coturn; the folder with its log and its certificate."""
    async with coturn() as folder:
        yield folder


def servers(url: str, *, secret: str = SECRET, made: float | None = None) -> dict[str, Any]:
    """What the browser is told, of one TURN server."""
    settings = TurnSettings((url,), secret, lifetime=3600)
    (told,) = ice_servers(settings, "tab_1", time.time() if made is None else made)
    return told


async def allocation(told: dict[str, Any]) -> tuple[Any, Any]:
    """A relay, over UDP. Raises TransactionFailed when it is refused."""
    made: tuple[Any, Any] = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol,
        server_addr=(TURN, 3478),
        username=told["username"],
        password=told["credential"],
    )
    return made


async def refusal(told: dict[str, Any]) -> int | None:
    with pytest.raises(stun.TransactionFailed) as refused:
        await allocation(told)
    return refused.value.response.error_code


@inside
async def test_it_starts_without_a_complaint(relay_server: Path) -> None:
    complaints = re.compile(r"error|warn|fail|cannot|bad |unknown|deprecat|empty", re.IGNORECASE)
    assert [
        line
        for line in (relay_server / "log").read_text(errors="replace").splitlines()
        if complaints.search(line)
    ] == []


@inside
async def test_credentials_are_good_for_their_time_and_nobody_makes_their_own(relay_server: Path) -> None:
    url, now = URLS["udp"], time.time()
    transport, _ = await allocation(servers(url))
    assert transport.get_extra_info("sockname")[0] == TURN
    transport.close()
    assert await refusal(servers(url, made=now - 7200)) == 401
    assert await refusal(servers(url, secret="south")) == 401
    longer = {**servers(url), "username": f"{int(now) + 86_400}:tab_1"}
    assert await refusal(longer) == 401


@inside
async def test_it_leads_to_the_media_server_and_nowhere_else(relay_server: Path) -> None:
    transport, _ = await allocation(servers(URLS["udp"]))
    client = transport._TurnTransport__inner_protocol  # aioice offers no way to ask for a permission alone
    refused = {}
    for number, peer in enumerate(
        (MEDIA, TURN, PRIVATE, "127.0.0.1", "169.254.169.254", "0.0.0.0", "8.8.8.8")
    ):
        try:
            await client.channel_bind(0x4000 + number, (peer, 8189))
        except stun.TransactionFailed as error:
            refused[peer] = error.response.error_code
    assert refused == dict.fromkeys(
        (TURN, PRIVATE, "127.0.0.1", "169.254.169.254", "0.0.0.0", "8.8.8.8"), 403
    )
    transport.close()


@pytest.fixture
def address() -> str:
    """Where the media server is; see `studio`."""
    return MEDIA


@pytest.fixture
def browser_flags() -> list[str]:
    """Chromium knows no issuer but the public ones."""
    return ["--ignore-certificate-errors"]


@pytest.fixture
async def engine(house: House, address: str) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(EngineSettings(host=address), house)
    await engine.start()
    await engine.open_room("hall", others=EVERYTHING)
    yield engine
    await engine.close()


@inside
@pytest.mark.parametrize("way", URLS)
async def test_aioice_sends_through_it_over(
    way: str, relay_server: Path, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(relay_server / "fullchain.pem"))
    told = servers(URLS[way])
    client = RTCPeerConnection(
        RTCConfiguration(
            [RTCIceServer(told["urls"], told["username"], told["credential"])], RTCIceTransportPolicy.RELAY
        )
    )
    client.addTransceiver(AudioStreamTrack(), direction="sendonly")
    await client.setLocalDescription(await client.createOffer())
    offer = client.localDescription.sdp
    assert set(re.findall(r"a=candidate:.* typ (\w+)", offer)) == {"relay"}
    answer = await engine.publish("hall", "speaker", offer, {"0": "microphone"})
    await client.setRemoteDescription(Description(answer, "answer"))

    async def heard() -> bool:
        people = (await engine.stats("hall")).participants
        return any(track.packets > 10 for person in people for track in person.tracks)

    await until(heard, "sound arrives")
    await client.close()


BROWSER = """(told) => {
  const Plain = RTCPeerConnection;
  window.made = [];
  window.RTCPeerConnection = class extends Plain {
    constructor(configuration) {
      super({ ...configuration, iceServers: [told], iceTransportPolicy: "relay" });
      window.made.push(this);
    }
  };
}"""
RELAYED = """Promise.all(made.map(async (peer) => {
  const stats = await peer.getStats(); // its type is prflx: behind coturn stands the relay of the studio
  const transport = [...stats.values()].find((entry) => entry.selectedCandidatePairId);
  const local = stats.get(stats.get(transport.selectedCandidatePairId).localCandidateId);
  return local.relayProtocol;
}))"""


@inside
async def test_chromium_sees_and_is_seen_through_tls_alone(relay_server: Path, studio: Studio) -> None:
    await studio.context.add_init_script(f"({BROWSER})({json.dumps(servers(URLS['tls']))})")
    speaker, viewer = await studio.page("speaker"), await studio.page("viewer")
    assert await speaker.evaluate("publishDrawing('camera')") == ""
    assert await speaker.evaluate("publish('microphone')") == ""
    await wait_until_moves(viewer, "speaker~camera")
    await wait_until_moves(viewer, "speaker~microphone", "energy")
    for page in (speaker, viewer):
        assert set(await page.evaluate(RELAYED)) == {"tls"}
