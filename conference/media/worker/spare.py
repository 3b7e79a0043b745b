"""An interpreter that has loaded everything a worker needs, and waits for its settings.

Loading takes more than a second of processor time, and it would be needed just when a worker has died and the
browsers of its rooms come anew. So one is kept warm: it becomes a worker when settings are written to its
standard input, and ends by itself when that closes without any.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parents[3])  # for a checkout that is not installed


def begun(command: list[str]) -> subprocess.Popen[bytes]:
    """A process of its own session that waits for settings on its standard input. Raises OSError."""
    path = os.pathsep.join([_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(  # noqa: S603  # the program is ours
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": path},
    )


class Spare:
    """At most one waiting process. The next one is begun *seconds* after the last was taken: not while
    those who lost their worker need the processor. With None there is never one.
    """

    def __init__(self, command: list[str], seconds: float | None) -> None:
        self._command = command
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int:
        """0 when there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

    def take(self) -> subprocess.Popen[bytes]:
        """The warm process, or one that is only beginning. Raises OSError."""
        if not self.pid:
            self._end()
        process, self._process = self._process, None
        self.later()
        return process or begun(self._command)

    def later(self) -> None:
        """Begin the next one when it is calm again."""
        if self._timer is not None:
            self._timer.cancel()
        if self._seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._begin)

    def _begin(self) -> None:
        try:
            self._process = begun(self._command)
        except OSError as error:
            log.warning("no spare media worker is kept: %s", error)

    def close(self) -> None:
        """Ends the one that waits."""
        self._seconds = None
        if self._timer is not None:
            self._timer.cancel()
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                with suppress(BrokenPipeError):
                    process.stdin.close()
