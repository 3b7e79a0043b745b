"""What each viewer gets of what is published: a pure rule over a budget in bit/s.

Sound comes first and is never given up for a picture; then room for slides, which travel beside the media;
then the shared screen, the active speaker's camera, and the other cameras by the size they are shown at.
Something better is given only when it fits with a margin, and kept as long as it fits at all: so a budget
that trembles changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from conference.media.engine import Viewing

Sound = Literal["full", "lean", "saver", "none"]
Rung = Literal["full", "one", "sound", "lean", "saver", "text"]
Reason = Literal["ok", "chosen", "link", "cap"]
Key = tuple[str, str]  # participant, source

RAISE = 1.15  # something better must fit this many times
VOICE = 60_000  # bit/s: one voice, Opus at 32 kbit/s in 20 ms packets with all headers
LEAN = 26_000  # the mix at 16 kbit/s in 60 ms packets, with resends
SAVER = 15_000  # the mix at 6 kbit/s
SLIDES = 12_000  # left for slides and messages while pictures move
_ONE = 200_000  # pictures in all at or below which a lone picture is called a low one
_SOUND_RANK = {"none": 0, "saver": 1, "lean": 2, "full": 3}


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoding. `bitrate` is bit/s on the wire with everything; `shares` what of it temporal layers
    0, 0–1 and 0–2 need (1.0 each where there are none). `width` 0 means not known yet."""

    bitrate: int
    width: int = 0
    height: int = 0
    shares: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Offered:
    """A published track as one viewer may have it; lowest layer first. Of sound only the bitrate counts."""

    participant_id: str
    source: str
    layers: tuple[Layer, ...]

    @property
    def key(self) -> Key:
        return self.participant_id, self.source

    @property
    def is_sound(self) -> bool:
        return self.source in ("microphone", "screen-audio")


@dataclass(frozen=True, slots=True)
class Choice:
    layer: int
    temporal: int = 2


@dataclass(frozen=True, slots=True)
class Allocation:
    """`pictures` holds what is sent, so a missing key is paused. `cost` is what it all needs (bit/s), `next`
    the budget at which something better would be given and `best` the one that gives everything wanted; both
    0 when nothing is missing."""

    sound: Sound = "full"
    pictures: Mapping[Key, Choice] = field(default_factory=dict)
    rung: Rung = "full"
    reason: Reason = "ok"
    cost: int = 0
    next: int = 0
    best: int = 0


def allocate(
    budget: int,
    offered: Sequence[Offered],
    viewing: Viewing,
    speakers: Sequence[str] = (),
    before: Allocation | None = None,
    *,
    sound_only: bool = False,
    protection: int = 0,
) -> Allocation:
    """`speakers` is loudest or latest first; `sound_only` drops every picture at once (a collapse).
    `protection` (bit/s) goes to the redundancy of sound before pictures get anything, and is part of `cost`;
    it is never a reason for less sound."""
    capped = 0 < viewing.max_bitrate < budget
    if capped:
        budget = viewing.max_bitrate
    before = before or Allocation(sound=_start_sound(viewing))
    voices = _voices(offered)
    sound = _sound(budget, voices, viewing, before.sound)
    spent = _sound_cost(sound, voices) + protection
    wishes = _wishes(offered, viewing, speakers)
    chosen: dict[Key, Choice] = {}
    if sound in ("full", "none") and not sound_only:
        given = _give(budget, spent + SLIDES, wishes, before, chosen)
        spent = given if chosen else spent
    best, missing = _missing(wishes, chosen, voices, viewing, sound, spent, protection)
    limited = bool(missing)
    return Allocation(
        sound,
        chosen,
        _rung(sound, chosen, wishes, offered),
        _reason(limited, capped, viewing),
        spent,
        missing,
        best if limited else 0,
    )


# ---------------------------------------------------------------------- sound


def _start_sound(viewing: Viewing) -> Sound:
    return "full" if viewing.sound == "auto" else viewing.sound


def _voices(offered: Sequence[Offered]) -> int:
    """What full sound needs: what is being said now, and never less than one voice, which may begin."""
    rates = [o.layers[0].bitrate for o in offered if o.is_sound and o.layers]
    return max(VOICE, sum(rates)) if rates else 0


def _sound_cost(sound: Sound, voices: int) -> int:
    return {"full": voices, "lean": min(voices, LEAN), "saver": min(voices, SAVER), "none": 0}[sound]


def _sound(budget: int, voices: int, viewing: Viewing, before: Sound) -> Sound:
    """Full, or a mix when it does not fit; back with a margin, because a change is heard."""
    if viewing.sound != "auto":
        return viewing.sound
    if voices == 0:
        return before if before != "none" else "full"
    rank = _SOUND_RANK[before]
    if budget >= voices * (1.0 if rank >= 3 else 1.25):
        return "full"
    if budget >= LEAN * (1.0 if rank >= 2 else 1.25):
        return "lean"
    return "saver"


# ------------------------------------------------------------------- pictures


@dataclass(frozen=True, slots=True)
class _Wish:
    """One picture the viewer could see, with its steps from the smallest to the one it is worth."""

    key: Key
    steps: tuple[tuple[Choice, int], ...]  # choice, bit/s
    together: bool  # shares what is left with others of its kind


def _wishes(offered: Sequence[Offered], viewing: Viewing, speakers: Sequence[str]) -> list[_Wish]:
    if viewing.pictures == "none":
        return []
    sizes = None if viewing.tiles is None else {(t.participant_id, t.source): t for t in viewing.tiles}
    ranked: list[tuple[int, int, Key, _Wish]] = []
    for track in offered:
        if track.is_sound or not track.layers:
            continue
        camera = track.source == "camera"
        if camera and viewing.only is not None and track.participant_id != viewing.only:
            continue
        tile = None if sizes is None else sizes.get(track.key)
        if sizes is not None and (tile is None or tile.width <= 0 or tile.height <= 0):
            continue
        top = 0 if viewing.pictures == "low" else _worth(track.layers, tile.width if tile else 0)
        speaking = speakers.index(track.participant_id) if track.participant_id in speakers else 99
        first = camera and (track.participant_id == viewing.only or speaking == 0)
        kind = 0 if not camera else 1 if first else 2
        area = tile.width * tile.height if tile else 0
        wish = _Wish(track.key, _steps(track.layers[: top + 1], screen=not camera), kind == 2)
        ranked.append((kind, -area if area else min(speaking, 50), track.key, wish))
    ranked.sort(key=lambda entry: entry[:3])
    return [wish for _, _, _, wish in ranked]


def _worth(layers: Sequence[Layer], width: int) -> int:
    """The smallest layer that fills `width` device pixels nearly; the largest when the width is not known."""
    if width > 0:
        for index, layer in enumerate(layers):
            if layer.width and layer.width >= 0.8 * width:
                return index
    return len(layers) - 1


def _steps(layers: Sequence[Layer], *, screen: bool) -> tuple[tuple[Choice, int], ...]:
    """A camera is worth more smooth than sharp: fewer frames are a step only below its smallest layer. A
    screen is worth more sharp than smooth. Steps never get cheaper."""
    steps: list[tuple[Choice, int]] = []
    for index, layer in enumerate(layers):
        costs = [int(layer.bitrate * share) for share in layer.shares]
        for temporal in range(3):
            if index and not screen and temporal < 2:
                continue
            if temporal < 2 and costs[temporal] >= costs[temporal + 1]:
                continue  # costs as much as the next: the same frames
            if steps and costs[temporal] <= steps[-1][1]:
                if screen or temporal == 2:
                    steps = [step for step in steps if step[1] < costs[temporal]]
                else:
                    continue
            steps.append((Choice(index, temporal), costs[temporal]))
    return tuple(steps)


def _rank(choice: Choice | None) -> tuple[int, int]:
    return (-1, -1) if choice is None else (choice.layer, choice.temporal)


def _give(
    budget: int, spent: int, wishes: Sequence[_Wish], before: Allocation, chosen: dict[Key, Choice]
) -> int:
    """Fill `chosen` in order of worth; the bitrate spent. Equal cameras all get their smallest first."""
    limit = budget / RAISE
    costs: dict[Key, int] = {}

    def improve(wish: _Wish, steps: Sequence[tuple[Choice, int]]) -> None:
        nonlocal spent
        had = _rank(before.pictures.get(wish.key))
        for choice, cost in reversed(steps):
            others = spent - costs.get(wish.key, 0)
            if others + cost <= (budget if _rank(choice) <= had else limit):
                spent = others + cost
                costs[wish.key] = cost
                chosen[wish.key] = choice
                return

    for wish in wishes:
        improve(wish, wish.steps[:1] if wish.together else wish.steps)
    for top in (0, 9):
        for wish in wishes:
            if wish.together and wish.key in chosen:
                improve(wish, [step for step in wish.steps if step[0].layer <= top])
    return spent


# --------------------------------------------------------------------- verdict


def _missing(
    wishes: Sequence[_Wish],
    chosen: Mapping[Key, Choice],
    voices: int,
    viewing: Viewing,
    sound: Sound,
    spent: int,
    protection: int,
) -> tuple[int, int]:
    """The budget for everything wanted, and the one for the next improvement (0: nothing is missing)."""
    full: Sound = "full" if viewing.sound == "auto" else viewing.sound
    best = _sound_cost(full, voices) + protection + (SLIDES if wishes else 0)
    following = 0
    if voices and _SOUND_RANK[sound] < _SOUND_RANK[full]:
        following = int((LEAN if sound == "saver" else voices) * 1.25) + 1
    for wish in wishes:
        best += wish.steps[-1][1]
        had = chosen.get(wish.key)
        if following or had == wish.steps[-1][0]:
            continue
        now = next((cost for choice, cost in wish.steps if choice == had), 0)
        above = next(cost for choice, cost in wish.steps if _rank(choice) > _rank(had))
        held = spent if chosen else spent + SLIDES
        following = int((held - now + above) * RAISE) + 1
    return int(best * RAISE) + 1, following


def _rung(
    sound: Sound, chosen: Mapping[Key, Choice], wishes: Sequence[_Wish], offered: Sequence[Offered]
) -> Rung:
    pictures = any(not o.is_sound for o in offered)
    if chosen or not pictures:
        cost = sum(cost for w in wishes for choice, cost in w.steps if chosen.get(w.key) == choice)
        satisfied = all(chosen.get(w.key) == w.steps[-1][0] for w in wishes)
        lone = len(chosen) == 1 and cost <= _ONE and not (satisfied and len(wishes) == _cameras(offered))
        if chosen:
            return "one" if lone else "full"
    if sound == "full":
        return "sound" if pictures else "full"
    if sound == "none":
        return "text"
    return sound


def _cameras(offered: Sequence[Offered]) -> int:
    return sum(not o.is_sound for o in offered)


def _reason(limited: bool, capped: bool, viewing: Viewing) -> Reason:
    if limited:
        return "cap" if capped else "link"
    restricted = viewing.pictures != "auto" or viewing.sound != "auto" or viewing.only is not None
    return "chosen" if restricted else "ok"
