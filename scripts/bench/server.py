"""A media engine alone in a process, as a worker is: requests are lines of JSON on standard input.

{"publish": name, "sdp": offer}                 -> {"sdp": answer}; "tracks" when it is no camera
{"view": name}                                  -> {"sdp": offer, "version": n}; "viewing" when not all
{"answer": name, "version": n, "sdp": answer}   -> {}
{"encodes": true}                               -> {"encodes": n}: encoders of lean sound in use
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, cast

from conference.media import LocalEngine
from conference.media.collecting import calm_collector
from conference.media.engine import EVERYTHING, EngineSettings, Viewing
from conference.media.turns import TurnLoop

ROOM = "bench"


class Silence:
    """A listener to whom no news matters."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


async def serve() -> None:
    settings = EngineSettings(host="127.0.0.1", public_addresses=("127.0.0.1",))
    engine = LocalEngine(settings, cast(Any, Silence()))
    await engine.start()
    await engine.open_room(ROOM, max_viewers=2000, others=EVERYTHING)
    calm_collector()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(json.dumps({"ready": True}), flush=True)
    while line := await reader.readline():
        print(json.dumps(await _reply(engine, json.loads(line))), flush=True)
    await engine.close()


async def _reply(engine: LocalEngine, request: dict[str, Any]) -> dict[str, Any]:
    if "publish" in request:
        tracks = request.get("tracks", {"0": "camera"})
        return {"sdp": await engine.publish(ROOM, request["publish"], request["sdp"], tracks)}
    if "encodes" in request:
        return {"encodes": engine._rooms[ROOM].sound.lean.encodes}
    if "view" in request:
        if "viewing" in request:
            await engine.view(ROOM, request["view"], Viewing(**request["viewing"]))
        offer = await engine.subscribe(ROOM, request["view"])
        return {"sdp": offer.sdp, "version": offer.version}
    await engine.subscribe_answer(ROOM, request["answer"], request["version"], request["sdp"])
    return {}


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=TurnLoop) as runner:
        runner.run(serve())
