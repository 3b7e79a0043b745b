"""The program of one media worker: `python -m conference.media_worker`, settings as JSON on standard input.

Started by the supervisor, never by hand. It imports nothing but logging and media, which keeps it small.
"""

from __future__ import annotations

import asyncio
import logging
import sys

import msgspec

from conference.media.errors import MediaError
from conference.media.turns import TurnLoop
from conference.media.worker.process import Worker, WorkerSettings
from conference.serving.logs import set_up_logging
from conference.settings import LogSettings

log = logging.getLogger("majlis.media")


class Started(msgspec.Struct, frozen=True):
    """What the supervisor writes."""

    worker: WorkerSettings
    log: LogSettings


def main() -> int:
    settings = sys.stdin.buffer.read()
    if not settings:
        return 0  # a spare that was never needed
    started = msgspec.json.decode(settings, type=Started)
    set_up_logging(started.log)
    try:
        with asyncio.Runner(loop_factory=TurnLoop) as runner:
            runner.run(Worker(started.worker).run())
    except (MediaError, OSError) as error:
        log.error("media worker %d: %s", started.worker.index, error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
