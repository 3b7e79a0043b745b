"""docs/questions.md tells the limits, rules, states, kinds and columns that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from conference.questions import asking, deciding, exporting, pseudonyms, snapshot, tagging, timing
from conference.questions.identifiers import KINDS
from conference.questions.messages import QuestionRulesChanged
from conference.questions.moderation import State
from conference.questions.rules import Defaults
from conference.questions.views import Naming

DOCUMENT = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")


def table(head: str) -> dict[str, str]:
    """The first two columns of the table that begins with *head*."""
    rows = DOCUMENT[DOCUMENT.index(head) :].split("\n\n")[0].splitlines()[2:]
    return {cells[1].strip("` "): cells[2].strip() for cells in (row.split("|") for row in rows)}


def test_limits_are_those_of_the_acts() -> None:
    assert table("| limit |") == {
        "letters of a question": str(asking.MAX_LENGTH),
        "letters of a written answer": str(deciding.MAX_ANSWER),
        "letters of a reason for declining": str(deciding.MAX_REASON),
        "letters of a pseudonym": str(pseudonyms.MAX_PSEUDONYM),
        "letters of a tag": str(tagging.MAX_TAG),
        "tags of a question": str(tagging.MAX_TAGS),
        "questions of one person that wait at once": str(asking.MAX_WAITING),
        "questions of one person in ten minutes": str(asking.MAX_RECENT),
        "hours that the device's word on when it was asked may be old": str(
            int(timing.LONGEST_OUTAGE.total_seconds() // 3600)
        ),
    }


def test_rules_are_told_with_their_first_values() -> None:
    told = table("| rule |")
    assert set(told) == {field.name for field in msgspec.structs.fields(QuestionRulesChanged)}
    first = msgspec.structs.asdict(Defaults())
    assert {name: told[name] == "yes" for name in first} == first
    assert (told["paused"], told["until"]) == ("no", "none")


def test_states_kinds_and_names_are_all_there_are() -> None:
    assert set(table("| state |")) == {state.value for state in State}
    assert set(table("| kind |")) == set(KINDS)
    assert all(f"`{naming.value}`" in DOCUMENT for naming in Naming)


def test_columns_of_the_export_are_named_in_their_order() -> None:
    told = DOCUMENT[DOCUMENT.index("Columns:") :].split(". It names")[0]
    assert tuple(re.findall(r"`(\w+)`", told)) == exporting.COLUMNS


def test_sizes_of_the_snapshot_are_told() -> None:
    words = " ".join(DOCUMENT.split())
    assert f"{snapshot.OPEN} open questions" in words
    assert f"the last {snapshot.LAST[State.ANSWERED]} answered" in words
    assert f"in pages of {snapshot.PAGE}" in words
