"""Short texts that mean the same, counted together. Pure.

Texts are grouped by themselves when they are the same after normalisation (`serving.arabic`: letters that
are written in several ways, diacritics, digits, case, punctuation). Moderators put groups together, name
them and keep them from the room; what they did is a `Sorting` for each normalised text, so it also holds
for answers that come later.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from conference.serving.arabic import normalised


class Sorting(msgspec.Struct, frozen=True):
    """What moderators decided for one key. `into`: the key it counts with (itself: ""); `label` and
    `hidden` are of a group as a whole and stand at its own key."""

    into: str = ""
    label: str = ""
    hidden: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answers that count together. `id` is stable; `merged`: how many spellings a moderator put together."""

    id: str
    label: str
    count: int
    hidden: bool = False
    merged: int = 1


def key_of(text: str) -> str:
    """What two texts of one group have in common; a text of nothing but signs is its own."""
    return normalised(text) or text


def group_id(key: str) -> str:
    """A short name for a key, which may be long and in any script."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def grouped(texts: Iterable[tuple[str, int]], sorting: Mapping[str, Sorting]) -> list[Group]:
    """The groups of *texts* (a text, how many gave it), the largest first, then by label.

    A group is called by the moderators' label, or as most people wrote it.
    """
    spellings: dict[str, Counter[str]] = {}
    members: dict[str, set[str]] = {}
    for text, count in texts:
        key = key_of(text)
        into = sorting.get(key, Sorting()).into or key
        spellings.setdefault(into, Counter())[text] += count
        members.setdefault(into, set()).add(key)
    found = []
    for key, written in spellings.items():
        decided = sorting.get(key, Sorting())
        label = decided.label or min(written, key=lambda text: (-written[text], text))
        found.append(
            Group(
                id=group_id(key), label=label, count=written.total(),
                hidden=decided.hidden, merged=len(members[key]),
            )
        )  # fmt: skip
    return sorted(found, key=lambda group: (-group.count, group.label, group.id))


def merged(sorting: Mapping[str, Sorting], keys: list[str], label: str) -> dict[str, Sorting]:
    """*keys* and all that count with them in one group, at the first of them, called *label*.

    Hidden when one of them was: what was kept from the room does not come back by being merged.
    """
    home = keys[0]
    hidden = any(sorting.get(key, Sorting()).hidden for key in keys)
    moved = {key for key, decided in sorting.items() if decided.into in keys} | set(keys)
    changed = dict(sorting)
    for key in moved - {home}:
        changed[key] = Sorting(into=home)
    changed[home] = Sorting(label=label, hidden=hidden)
    return changed


def split(sorting: Mapping[str, Sorting], key: str) -> dict[str, Sorting]:
    """The group at *key* as it was before anybody touched it: each of its texts for itself.

    Hidden ones stay hidden, all of them.
    """
    hidden = sorting.get(key, Sorting()).hidden
    kept = {name: decided for name, decided in sorting.items() if name != key and decided.into != key}
    if hidden:
        parts = {key, *(name for name, decided in sorting.items() if decided.into == key)}
        kept |= {name: Sorting(hidden=True) for name in parts}
    return kept


def hidden(sorting: Mapping[str, Sorting], key: str, *, hide: bool) -> dict[str, Sorting]:
    """The group at *key* kept from the room, or shown again."""
    decided = sorting.get(key, Sorting())
    return {**sorting, key: msgspec.structs.replace(decided, hidden=hide)}
