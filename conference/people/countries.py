"""Countries as people may share them: the codes of ISO 3166-1 with their names from CLDR, by Babel.

A country is what somebody chose in their account, never a guess from an address.
"""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale

_code = re.compile(r"[A-Z]{2}")
# What CLDR names beside ISO 3166-1: reserved codes, groups of countries, and placeholders.
_OTHERS = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
)


@lru_cache
def country_choices(lang: str) -> list[tuple[str, str]]:
    """`(code, name)` of every country, by name in the reader's language."""
    locale = Locale.parse(lang)
    known = [(code, name) for code, name in locale.territories.items() if _code.fullmatch(code)]
    return sorted(((code, name) for code, name in known if code not in _OTHERS), key=lambda pair: pair[1])


def is_country(code: str) -> bool:
    """Whether *code* is one of them."""
    return any(code == known for known, _ in country_choices("en"))
