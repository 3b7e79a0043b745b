"""Whatever colour an event chooses, its links and buttons can be read in light and dark."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from conference.serving.accent import (
    DARK_GROUND,
    DEFAULT_ACCENT,
    LIGHT_GROUND,
    accent_styles,
    contrast,
    ink_on,
    parse_colour,
    readable_on,
)

colours = st.tuples(*[st.integers(0, 255)] * 3)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert round(contrast((119, 119, 119), (255, 255, 255)), 2) == 4.48  # #777, the usual example


@given(colours)
def test_any_accent_is_readable_on_both_grounds_and_under_its_ink(colour: tuple[int, int, int]) -> None:
    for text in (LIGHT_GROUND, DARK_GROUND):
        ground = parse_colour(text)
        assert ground
        accent = readable_on(colour, ground)
        assert contrast(accent, ground) >= 4.5
        assert contrast(ink_on(accent), accent) >= 4.5


@given(colours)
def test_any_accent_is_readable_on_its_own_soft_tint(colour: tuple[int, int, int]) -> None:
    styles = accent_styles("#{:02x}{:02x}{:02x}".format(*colour))
    pairs = re.findall(r"--accent:(#\w+);--accent-ink:#\w+;--accent-soft:(#\w+)", styles)
    assert len(pairs) == 3  # light, dark by choice, dark by the device
    for accent, soft in pairs:
        one, other = parse_colour(accent), parse_colour(soft)
        assert one
        assert other
        assert contrast(one, other) >= 4.5


@given(st.text())
def test_nothing_an_organizer_typed_reaches_the_style_sheet(text: str) -> None:
    assert parse_colour(text) or accent_styles(text) == accent_styles(DEFAULT_ACCENT)
    assert "</" not in accent_styles(text)
