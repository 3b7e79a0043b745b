"""How long nothing may be heard of what was sent before it means something; pure, in the caller's time.

Reports come at a rhythm of the viewer's. A few missing ones are a collapse, unless it has turned out lately
that they were nothing: programs are put aside, radios sleep, and the way back fails without the way there.
"""

from __future__ import annotations

import math

_TICK = 0.1  # seconds between two looks
_LEAST = 0.17  # seconds that mean something, at least
_DOUBT = 0.6  # and where shorter silences have turned out to be nothing, at most
_MOST = 2.5
_FORGET = 60.0  # seconds after which that is hardly remembered


class Silence:
    """`heard_at` is when the latest news came, −infinity before the first; `gap` the seconds between two."""

    def __init__(self) -> None:
        self.heard_at = -math.inf
        self.gap = 0.1
        self._deviation = 0.05
        self._least = _LEAST
        self._looked = 0.0
        self._from = 0.0

    @property
    def limit(self) -> float:
        """Seconds that mean a collapse: about three missing reports."""
        return min(_MOST, max(self._least, 3.5 * self.gap + 4 * self._deviation))

    def ends(self, now: float, first_sent: float, *, meant_something: bool) -> None:
        """News, of packets of which the first was sent then."""
        if self.heard_at > -math.inf:
            self._least -= min(1.0, (now - self.heard_at) / _FORGET) * (self._least - _LEAST)
            if not meant_something:
                gap = min(now - max(self.heard_at, first_sent), 2.0)
                self._deviation += 0.1 * (abs(gap - self.gap) - self._deviation)
                self.gap += 0.1 * (gap - self.gap)
        self.heard_at = now

    def was_nothing(self, now: float) -> None:
        """The one that has just ended and was too long: the next has to be longer."""
        self._least = min(_DOUBT, max(self._least, 1.3 * (now - self._from)))

    def looked(self, now: float) -> float:
        """Seconds this look comes late."""
        late, self._looked = now - self._looked - _TICK, now
        return late

    def is_too_long(self, now: float, late: float, unheard_since: float | None) -> bool:
        """At a look that comes `late`; `unheard_since` is when the first packet was sent of which nothing was
        heard, None when there is none."""
        if self.heard_at == -math.inf or unheard_since is None:
            return False
        if late > 0.05:
            # We were kept from looking, and what we have not read yet cannot be counted as silence.
            self.heard_at = min(now, self.heard_at + late)
        if now - self.heard_at <= self.limit or now - unheard_since <= self.limit:
            return False
        self._from = self.heard_at
        return True
