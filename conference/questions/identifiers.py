"""What in a question could tell who a patient is: phone, national id, e-mail, date of birth, a name. Pure.

It only warns: the sender decides, and moderators see the flag. The patterns are one table,
`identifiers.json`, which the browser reads as well (`web/src/questions/identifiers.ts`). So that Python and
JavaScript read it alike, patterns use no classes whose meaning differs (`\\w`, `\\d`, `\\s`, `\\b`), no flags
and no lookbehind, and are applied to a folded text: what `dropped` matches falls away, the ten digits from
each of `zeros` become ASCII, and ASCII capitals become small.
"""

from __future__ import annotations

import re
from importlib import resources

import msgspec


class _Pattern(msgspec.Struct, frozen=True):
    kind: str
    pattern: str


class _Table(msgspec.Struct, frozen=True):
    dropped: str
    zeros: str
    kinds: list[_Pattern]


_table = msgspec.json.decode(
    resources.files("conference.questions").joinpath("identifiers.json").read_bytes(), type=_Table
)
_dropped = re.compile(_table.dropped)
_digits = {ord(zero) + value: str(value) for zero in _table.zeros for value in range(10)}
_small = {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
_patterns = [(one.kind, re.compile(one.pattern)) for one in _table.kinds]

KINDS = tuple(dict.fromkeys(one.kind for one in _table.kinds))


def folded(text: str) -> str:
    """*text* as the patterns expect it."""
    return _dropped.sub("", text).translate(_digits | _small)


def identifiers_in(text: str) -> list[str]:
    """The kinds that *text* seems to hold, in the order of `KINDS`."""
    plain = folded(text)
    found = {kind for kind, pattern in _patterns if pattern.search(plain)}
    return [kind for kind in KINDS if kind in found]
