"""Figures of the live channel, counted plainly; whoever serves `/metrics` reads them."""

from __future__ import annotations

import msgspec


class Counters(msgspec.Struct):
    """Totals since the start, and `connections` open now."""

    connections: int = 0
    commands: int = 0
    refused: int = 0
    failed: int = 0
    limited: int = 0  # messages above the rate
    cut_off: int = 0  # connections closed for flooding, malformed or forbidden messages
    delivered: int = 0  # messages handed to a socket
    delivered_bytes: int = 0
    resyncs: int = 0  # clients whose queue ran over
    snapshots: int = 0
    catch_ups: int = 0
