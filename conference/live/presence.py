"""Who is here: tabs by channel, and when a person (of several tabs) comes first or leaves last."""

from __future__ import annotations

from collections import defaultdict

from conference.live.commands import Caller


class Presence:
    """The callers of every channel, by connection."""

    def __init__(self) -> None:
        self._here: defaultdict[str, dict[str, Caller]] = defaultdict(dict)

    def enter(self, caller: Caller) -> None:
        for channel in caller.channels:
            self._here[channel][caller.connection_id] = caller

    def leave(self, caller: Caller) -> None:
        for channel in caller.channels:
            self._here[channel].pop(caller.connection_id, None)
            if not self._here[channel]:
                del self._here[channel]

    def callers(self, channel: str) -> list[Caller]:
        """Every tab in *channel*, in the order they came."""
        return list(self._here[channel].values()) if channel in self._here else []

    def people(self, channel: str) -> list[Caller]:
        """One caller per account in *channel*, the tab that came first."""
        first: dict[int, Caller] = {}
        for caller in self.callers(channel):
            first.setdefault(caller.account_id, caller)
        return list(first.values())
