"""What a client is given to become current: single events when it is near, a snapshot when it is far.

Everything of one answer comes from one read transaction, so a snapshot and its seqs fit together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection

from conference.live.commands import Caller
from conference.live.log import head, heads, since
from conference.live.tables import LogEvent
from conference.live.wire import event_body

# More than this in single events costs a slow link longer than a snapshot would.
WORTH_BYTES = 65_536


KEPT_SECONDS = 5.0  # what no log tells of, a changed name, is seen by then
KEPT_MOST = 64
Key = TypeVar("Key", bound=Hashable)


class _Made(NamedTuple):
    seq: int
    at: float
    json: msgspec.Raw


class Shared(Generic[Key]):
    """What all members of a channel see alike, made once for each seq of its log instead of for each joiner.

    `make(rows, key)` returns anything msgspec encodes. Every change of it has to be told in that channel: a
    client that applies the log to an older one has to end with the same. Safe among reader threads: whoever
    comes at the same time makes it twice.
    """

    def __init__(
        self, make: Callable[[Connection, Key], object], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._monotonic = monotonic
        self._made: dict[tuple[str, Key], _Made] = {}

    def of(self, rows: Connection, channel: str, key: Key) -> msgspec.Raw:
        """As JSON, for the moment that *rows* shows."""
        seq, now = head(rows, channel), self._monotonic()
        made = self._made.get((channel, key))
        if made is not None and made.seq == seq and now - made.at < KEPT_SECONDS:
            return made.json
        json = msgspec.Raw(msgspec.json.encode(self._make(rows, key)))
        if len(self._made) >= KEPT_MOST:
            self._made.clear()
        self._made[channel, key] = _Made(seq, now, json)
        return json


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
        "snapshot": {part.name: _json(part.function(rows, caller)) for part in wanted},
        "events": _bodies(events),
    }


def catch_up(rows: Connection, channel: str, after: int, limit: int) -> dict[str, Any]:
    """`{channel, events}` with everything after *after*, or `events: null` when too far behind."""
    reached = heads(rows, [channel])
    events = _missed(rows, reached, {channel: after}, limit)
    return {
        "channel": channel,
        "events": _bodies(events),
    }


def _json(part: object) -> msgspec.Raw:
    # Encoded in the reader's thread, and put into the answer as it is.
    return msgspec.Raw(msgspec.json.encode(part))


def _bodies(events: list[LogEvent] | None) -> list[msgspec.Raw] | None:
    return None if events is None else [msgspec.Raw(event_body(event).encode()) for event in events]


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
