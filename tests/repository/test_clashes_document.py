"""docs/clashes.md says of every rule how grave it is, and names every method of prayer times."""

from __future__ import annotations

import re
from pathlib import Path

from conference.agenda.clashes.prayer import METHODS
from conference.agenda.clashes.problems import SEVERITY

DOCUMENT = (Path(__file__).parents[2] / "docs" / "clashes.md").read_text(encoding="utf-8")


def test_the_table_lists_every_rule_in_order_with_its_severity() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| .+ \|$", DOCUMENT, re.MULTILINE)
    assert rows == [(kind.value, severity.value) for kind, severity in SEVERITY.items()]


def test_every_method_of_prayer_times_is_named() -> None:
    section = DOCUMENT.split("## Prayer times")[1].split("##")[0]
    assert [name for name in re.findall(r"`(\w+)`", section) if name in METHODS] == list(METHODS)
