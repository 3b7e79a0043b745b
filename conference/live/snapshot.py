"""What a client is given to become current: single events when it is near, a snapshot when it is far.

Everything of one answer comes from one read transaction, so a snapshot and its seqs fit together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from conference.live.commands import Caller
from conference.live.log import heads, since
from conference.live.tables import LogEvent
from conference.live.wire import event_body

# More than this in single events costs a slow link longer than a snapshot would.
WORTH_BYTES = 65_536


class SnapshotPart(msgspec.Struct, frozen=True):
    """One domain's state for one caller: `function(rows, caller)`, anything msgspec encodes.

    `always`: also sent beside single events, for state that no log tells of (my own votes).
    It belongs to places of one *kind*.
    """

    name: str
    function: Callable[[Connection, Caller], object]
    always: bool = False
    kind: Literal["session", "event"] = "session"


def current_state(
    rows: Connection, caller: Caller, last: Mapping[str, int], parts: Sequence[SnapshotPart], limit: int
) -> dict[str, Any]:
    """`{heads, snapshot, events}`: `events` is null when `snapshot` is whole and replaces everything.

    *last* is the last seq the client has of each channel; one that is missing means a snapshot.
    """
    reached = heads(rows, caller.channels)
    events = _missed(rows, reached, last, limit)
    wanted = [part for part in parts if part.kind == caller.kind and (part.always or events is None)]
    return {
        "heads": reached,
        "snapshot": {part.name: msgspec.to_builtins(part.function(rows, caller)) for part in wanted},
        "events": None if events is None else [msgspec.json.decode(event_body(event)) for event in events],
    }


def catch_up(rows: Connection, channel: str, after: int, limit: int) -> dict[str, Any]:
    """`{channel, events}` with everything after *after*, or `events: null` when too far behind."""
    reached = heads(rows, [channel])
    events = _missed(rows, reached, {channel: after}, limit)
    return {
        "channel": channel,
        "events": None if events is None else [msgspec.json.decode(event_body(event)) for event in events],
    }


def _missed(
    rows: Connection, reached: Mapping[str, int], last: Mapping[str, int], limit: int
) -> list[LogEvent] | None:
    # A client ahead of the log has seen a history that was taken back (an old backup): it starts anew.
    if any(not 0 <= last.get(channel, -1) <= seq for channel, seq in reached.items()):
        return None
    if sum(seq - last[channel] for channel, seq in reached.items()) > limit:
        return None
    missed = [event for channel in reached for event in since(rows, channel, last[channel], limit)]
    complete = len(missed) == sum(seq - last[channel] for channel, seq in reached.items())
    return missed if complete and sum(len(event.body) for event in missed) <= WORTH_BYTES else None
