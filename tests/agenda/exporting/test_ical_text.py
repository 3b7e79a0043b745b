"""Content lines: whatever is folded is the same when it is unfolded, and no line is longer than it may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.exporting.ical_text import FOLD, escaped, folded

printed = st.text(
    st.one_of(st.characters(exclude_categories=("Cs", "Cc")), st.sampled_from("ابتثجحخ🕌ﷺ,;\\")), max_size=400
)


@given(printed)
def test_a_folded_line_is_the_same_unfolded(text: str) -> None:
    data = folded(f"SUMMARY:{text}")
    assert data.endswith(b"\r\n")
    lines = data[:-2].split(b"\r\n")
    assert all(len(line) <= FOLD for line in lines)
    assert all(line.decode("utf-8").startswith(" ") for line in lines[1:])  # no letter is cut in two
    assert data.replace(b"\r\n ", b"").decode() == f"SUMMARY:{text}\r\n"


@given(printed)
def test_an_escaped_text_is_one_value_on_one_line(text: str) -> None:
    value = escaped(text + "\nX-EVIL:1")
    assert "\n" not in value
    bare = value.replace("\\\\", "").replace("\\,", "").replace("\\;", "").replace("\\n", "")
    assert not {",", ";", "\\"} & set(bare)
