"""The links of low-bandwidth listeners, P0 to P8, others that change or lose, what ought to come of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scripts.bench.link import Conditions, Relay

_KBIT = 1000


@dataclass(frozen=True)
class Profile:
    """`steps` are (seconds after the listener's tap, change); `dark` the (begin, end) of an outage; `falls`
    is when the link becomes much slower, `heals` when it is as before.

    `goals` maps a figure of `bench_links.Outcome` to (the least, the most); None: no bound on that side.
    """

    name: str
    words: str
    seconds: float
    full_seconds: float
    start: Callable[[Relay], None]
    steps: tuple[tuple[float, Callable[[Relay], None]], ...] = ()
    dark: tuple[float, float] | None = None
    whole: bool = False
    falls: float | None = None
    heals: float | None = None
    goals: dict[str, tuple[float | None, float | None]] | None = None


def link(down: int, up: int, round_trip: float, loss: float, burst: float = 1.0) -> Callable[[Relay], None]:
    """Set both directions: kbit/s (0: any), seconds, fraction of packets lost each way."""

    def change(relay: Relay) -> None:
        relay.down.conditions = Conditions(down * _KBIT, round_trip / 2, loss, burst)
        relay.up.conditions = Conditions(up * _KBIT, round_trip / 2, loss, burst)

    return change


def _darken(relay: Relay) -> None:
    relay.up.dark = relay.down.dark = True


def _lighten(relay: Relay) -> None:
    relay.up.dark = relay.down.dark = False


def _block_udp(relay: Relay) -> None:
    link(0, 0, 0.1, 0.0)(relay)
    relay.udp_blocked = True


def _outage(name: str, words: str, long: float, *, whole: bool = True) -> Profile:
    begin, end = 15.0, 15.0 + long
    return Profile(
        name, words, end + 25, end + 25, link(2000, 1000, 0.1, 0.0), ((begin, _darken), (end, _lighten)),
        (begin, end), whole, goals={"recovery_seconds": (None, 2)},
    )  # fmt: skip


def profiles(*, full: bool) -> list[Profile]:
    power_cut = 1200.0 if full else 45.0
    return [
        Profile("P0", "24 kbit/s, 600 ms, 5 %", 40, 300, link(24, 24, 0.6, 0.05),
                goals={"kbits_mean": (None, 24), "first_sound_seconds": (None, 12)}),
        Profile("P1", "64 down, 32 up, 300 ms, 5 %", 45, 3600, link(64, 32, 0.3, 0.05),
                goals={"concealed_percent": (None, 1), "kbits_mean": (None, 32), "kbits_p95": (None, 40),
                       "first_sound_seconds": (None, 5)}),
        Profile("P2", "256 down, 128 up, 250 ms, 3 %", 40, 300, link(256, 128, 0.25, 0.03),
                goals={"concealed_percent": (None, 1)}),
        Profile("P3", "512, 400 ms, 10 % in bursts", 40, 300, link(512, 512, 0.4, 0.10, 4),
                goals={"concealed_percent": (None, 2.5)}),
        _outage("P4", "30 s blackout", 30),
        _outage("P5", f"{power_cut:.0f} s without anything", power_cut),
        Profile("P6", "UDP blocked", 30, 120, _block_udp, goals={"first_sound_seconds": (None, 8)}),
        Profile("P7", "800 ms, 5 %", 45, 3600, link(2000, 1000, 0.8, 0.05),
                goals={"concealed_percent": (None, 1), "reconnects": (None, 0)}),
        Profile("P8", "512, then 64, then 512", 75, 300, link(512, 512, 0.15, 0.0),
                ((25, link(64, 64, 0.15, 0.0)), (50, link(512, 512, 0.15, 0.0))),
                goals={"concealed_percent": (None, 2)}),
        Profile("FALL", "no limit, then 64, 300 ms, 5 %, then no limit", 75, 300, link(0, 0, 0.02, 0.0),
                ((25, link(64, 64, 0.3, 0.05)), (50, link(0, 0, 0.02, 0.0))), falls=25, heals=50,
                goals={"fallen_percent": (None, 5), "back_seconds": (None, 15)}),
        Profile("LOSS", "80 ms, 10 % at random", 70, 300, link(0, 0, 0.08, 0.1),
                goals={"concealed_percent": (None, 2.5), "freezes": (None, 5 if full else 1)}),
        _outage("MEDIA", "45 s without media, but with the page", 45, whole=False),
    ]  # fmt: skip
