"""From a document to the PDF: in a process of its own, one at a time, for no longer than a time limit."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

import msgspec

from conference.errors import N_, Unavailable

log = logging.getLogger("majlis.agenda")

TIME_LIMIT = 120.0  # seconds; a thousand sessions take about five on a small machine
PROGRAM = "conference.agenda.exporting.printing"


class Press:
    """The one printing press of the server: more at once would only take the machine from the live rooms."""

    def __init__(self, *, time_limit: float = TIME_LIMIT) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._time_limit = time_limit

    async def print(self, document: dict[str, Any]) -> bytes:
        """The PDF of *document* (by `document_of`); `Unavailable` when it takes too long or fails."""
        async with self._one_at_a_time:
            return await self._print(msgspec.json.encode(document))

    async def _print(self, document: bytes) -> bytes:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", PROGRAM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(self._time_limit):
                pdf, trouble = await child.communicate(document)
        except TimeoutError:
            log.error("printing the programme took longer than %s s and was ended", self._time_limit)
            raise _cannot() from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode or not pdf.startswith(b"%PDF"):
            log.error("printing the programme failed: %s", trouble.decode(errors="replace")[-2000:])
            raise _cannot()
        return pdf


def _cannot() -> Unavailable:
    return Unavailable(
        N_("The programme cannot be printed just now. Try again in a few minutes."), code="agenda.no-print"
    )
