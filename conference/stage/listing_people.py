"""The list of who is here: everybody by name in a room that fits on a screen, numbers in a full one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from conference.serving.arabic import normalised
from conference.stage.floor import Floor
from conference.stage.messages import PersonHere
from conference.stage.presence import Present

FULL = 200  # people; above it the audience is a number
FOUND = 50  # by a search


class PeopleListed(msgspec.Struct, frozen=True):
    """`people` are all who are here unless `only_counts`: then those whom everybody sees, or who was searched
    for. `roles` and `countries` (as shared) count everybody, listed or not."""

    people: list[PersonHere]
    only_counts: bool
    roles: dict[str, int]
    countries: dict[str, int]


def list_people(
    everybody: Sequence[Present], *, search: str, moderates: bool, full: int = FULL
) -> PeopleListed:
    """*everybody* in their order. Names are compared in their plain form (`serving.arabic`)."""
    present = [one for one in everybody if one.lost_at is None and one.state is not Floor.REMOVED]
    only_counts = len(present) > full
    listed = [one for one in everybody if one.shown_to_all] if only_counts else list(everybody)
    if search:
        words = normalised(search)
        among = everybody if moderates or not only_counts else listed
        listed = [one for one in among if words in normalised(one.name)][:FOUND]
    return PeopleListed(
        people=[one.described() for one in listed],
        only_counts=only_counts,
        roles=dict(Counter(one.role.value for one in present)),
        countries=dict(Counter(one.country for one in present if one.country).most_common()),
    )
