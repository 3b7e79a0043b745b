"""Which layers of a track somebody wants, so that its sender need not make the others ("dynacast")."""

from __future__ import annotations

from collections.abc import Sequence

_HOLD_SECONDS = 2.0  # a layer is given up this long after the last one wanted it; it is asked for at once
_SETTLE_SECONDS = 3.0  # after being told, a sender has this long before it is told again
_PATIENCE = 60.0


class LayerDemand:
    """Counts wishes per layer (masks: bit 0 is the lowest layer) and says when the sender must be told.

    A sender starts with everything on. The news may be lost, or come before the encoder can act on it, so a
    sender that goes on doing something else is told again, ever more rarely.
    """

    __slots__ = ("_again_at", "_counts", "_patience", "_since", "asked", "rids")

    def __init__(self, rids: Sequence[str]) -> None:
        self.rids = tuple(rids) or ("",)
        self.asked = (1 << len(self.rids)) - 1
        self._counts = [0] * len(self.rids)
        self._since: list[float | None] = [None] * len(self.rids)
        self._again_at = 0.0
        self._patience = _SETTLE_SECONDS

    def change(self, before: int, after: int) -> None:
        """One viewer wanted the layers of mask `before` and now wants those of `after`."""
        for layer in range(len(self._counts)):
            self._counts[layer] += (after >> layer & 1) - (before >> layer & 1)

    @property
    def wanted(self) -> int:
        return sum(1 << layer for layer, count in enumerate(self._counts) if count > 0)

    def due(self, active: int, now: float, *, recorded: bool = False) -> tuple[str, ...] | None:
        """The rids to tell the sender, or None when there is nothing new. `active` are the layers it sends.

        Call it about every 50 ms. `recorded`: somebody takes the highest layer without being a viewer.
        """
        wanted = self.wanted | (1 << len(self.rids) - 1 if recorded else 0)
        mask = 0
        for layer in range(len(self.rids)):
            if wanted >> layer & 1:
                self._since[layer] = now
            since = self._since[layer]
            if since is None:
                since = self._since[layer] = now
            if wanted >> layer & 1 or (self.asked >> layer & 1 and now - since < _HOLD_SECONDS):
                mask |= 1 << layer
        if mask != self.asked:
            self.asked = mask
            self._patience = _SETTLE_SECONDS
            self._again_at = now + self._patience
        elif mask == active or now < self._again_at:
            return None
        else:
            self._patience = min(_PATIENCE, self._patience * 2)
            self._again_at = now + self._patience
        return tuple(rid for layer, rid in enumerate(self.rids) if mask >> layer & 1)
