"""What the verdict on a chaos counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scripts.bench.chaos_actor import Actor

Done = list[tuple[Actor, str, dict[str, Any]]]  # who, the client id, the command with its reply


@dataclass
class Verdict:
    """Counts that have to be 0, and what they are of."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    diverged_clients: int = 0
    notes: list[str] = field(default_factory=list)

    def lose(self, note: str, count: int = 1) -> None:
        self.lost += count
        self.notes.append(f"lost: {note}")

    def double(self, note: str, count: int = 1) -> None:
        self.doubled += count
        self.notes.append(f"doubled: {note}")
