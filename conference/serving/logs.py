"""Logging to standard error: lines for people, or one JSON object a line for machines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from conference.settings import LogSettings


class JsonLines(logging.Formatter):
    """One JSON object a record: at (UTC, ISO 8601), level, logger, message, and the exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(settings: LogSettings) -> None:
    """Send every log record to standard error in the chosen form."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonLines() if settings.json else logging.Formatter("%(levelname)-7s %(name)s: %(message)s")
    )
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    # Address and path of every request would be personal data in the log; counts are in /metrics.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    for chatty in ("aioice", "aiortc", "engineio", "socketio", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
