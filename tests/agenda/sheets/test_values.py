"""Cells as people write them: days, times, lengths, yes and no, in Latin and Arabic digits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.sheets.columns import KINDS, SPOKEN, Column, column_named, fields_of, heading
from conference.agenda.sheets.values import (
    clock_in,
    day_in,
    minutes_in,
    names_in,
    number_in,
    texts_in,
    truth_in,
)
from conference.agenda.sheets.workbook import Cell, Value, read_sheets
from conference.errors import BadInput

HERE = "a.csv:2, C"


def refusal(read: Callable[[], object]) -> str:
    """Why it was refused; "" when it was read."""
    try:
        read()
    except BadInput as error:
        return str(error)
    return ""


def cell(value: Value) -> Cell:
    return Cell(value, HERE)


@pytest.mark.parametrize(
    "written",
    ["2025-10-25", "25/10/2025", "25.10.2025", "٢٥/١٠/٢٠٢٥", date(2025, 10, 25), datetime(2025, 10, 25, 9)],  # noqa: DTZ001
)
def test_a_day_is_read_however_it_is_written(written: Value) -> None:
    assert day_in(cell(written)) == date(2025, 10, 25)


@pytest.mark.parametrize("written", ["9:30", "09:30", "٩:٣٠", "09.30", time(9, 30), "2025-10-25 09:30"])
def test_a_time_is_read_however_it_is_written(written: Value) -> None:
    assert clock_in(cell(written)) == time(9, 30)


@pytest.mark.parametrize("written", ["90", 90, 90.0, "1:30", "٩٠ دقيقة", "90 min", time(1, 30)])
def test_a_length_is_read_however_it_is_written(written: Value) -> None:
    assert minutes_in(cell(written)) == 90


@pytest.mark.parametrize(
    ("written", "means"), [("نعم", True), ("Yes", True), (1, True), ("لا", False), ("-", False)]
)
def test_yes_and_no(written: Value, means: bool) -> None:
    assert truth_in(cell(written)) is means


def test_names_have_semicolons_between_them_and_commas_within() -> None:
    assert names_in(cell("Dr. Ali Hasan, MD; Sara ؛ نور\nOmar;Sara")) == [
        "Dr. Ali Hasan, MD",
        "Sara",
        "نور",
        "Omar",
    ]
    assert texts_in(cell("Sara"), None) == {"en": "Sara"}
    assert texts_in(cell("سارة"), None) == {"ar": "سارة"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_every_heading_of_the_templates_is_understood(kind: str, lang: str) -> None:
    for field in fields_of(kind):  # type: ignore[arg-type]  # one of the kinds
        words = heading(field, kind, lang)  # type: ignore[arg-type]
        assert column_named(words, kind) == Column(field)  # type: ignore[arg-type]
        if field in SPOKEN:
            for tag, name in (("ar", "بالعربية"), ("en", "English"), ("ar", "ar"), ("en", "الإنجليزية")):
                assert column_named(f"{words} ({name})", kind) == Column(field, tag)  # type: ignore[arg-type]


@given(st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.booleans(), st.times(), st.dates()))
def test_a_cell_is_read_or_refused_with_its_place(written: Value) -> None:
    for read in (day_in, clock_in, minutes_in, number_in, truth_in):
        assert (refusal(lambda read=read: read(cell(written))) or HERE).startswith(HERE)  # type: ignore[misc]


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe", b"Title;Start\n"]),
)
def test_a_file_of_any_bytes_is_a_table_or_refused(data: bytes, start: bytes) -> None:
    assert (refusal(lambda: read_sheets(start + data, "a.csv")) or "a.csv").startswith("a.csv")
