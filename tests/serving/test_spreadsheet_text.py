"""Tables for spreadsheets: read back as they were, and nothing in them that would run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.serving.spreadsheet_text import csv_bytes, harmless


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_formulas_are_disarmed(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "09:00", "محاضرة", "a=b", "2025-10-25"])
def test_plain_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_table_begins_with_a_mark_and_numbers_stay_numbers() -> None:
    assert (
        csv_bytes([["سؤال", "votes"], ['a "b", c', -3], [None, 1.5]])
        == ('\ufeffسؤال,votes\r\n"a ""b"", c",-3\r\n,1.5\r\n').encode()
    )


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
            min_size=2,
            max_size=2,
        ),
        max_size=8,
    )
)
def test_what_is_read_back_is_what_was_written_and_runs_nowhere(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_bytes(rows).decode("utf-8-sig"), newline="")))
    assert read == [[harmless(cell) for cell in row] for row in rows]
    assert not [
        cell for row in read for cell in row if cell.lstrip(" ")[:1] in set("=+-@\t\r\n＝＋－＠") - {""}
    ]
