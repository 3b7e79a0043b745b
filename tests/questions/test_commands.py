"""Whatever a client sends as a question's command: it is understood, or refused with its place."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conference.errors import BadInput
from conference.live.commands import Commands, LiveCommand
from conference.live.counters import Counters
from conference.questions.live import QuestionDesk
from tests.live.seminar import new_id


class _Nothing:
    """Stands where the database would be: nothing is run."""

    def __getattr__(self, name: str) -> Any:
        return name


nothing: Any = _Nothing()
ROWS: list[LiveCommand] = QuestionDesk(nothing, nothing, nothing, nothing).commands()
COMMANDS = Commands(ROWS, database=nothing, permit=nothing, counters=Counters())
FIELDS = sorted({name for row in ROWS for name in row.struct.__struct_fields__} | {"channel", "seq", "actor"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
    | st.sampled_from(["named", "merged", "0001-01-01T00:00:00+14:00", "2025-10-25T06:05:00", "9999-12-31"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ROWS), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5))
def test_any_message_is_understood_or_refused(row: LiveCommand, body: dict[str, Any]) -> None:
    code, understood = "", False
    try:
        found, command, _ = COMMANDS.decode({**body, "client_id": new_id(), "type": row.type})
        understood = found is row and isinstance(command, row.struct)
    except BadInput as error:
        code = error.code
    assert understood or code == "live.malformed"


def test_only_what_changes_nothing_is_not_durable_and_bound_to_the_room() -> None:
    reading = {"SearchQuestions", "FindSimilar", "ListQuestions"}
    assert {row.type for row in ROWS if not row.durable} == reading
    assert {row.type for row in ROWS if not row.outside} == reading
