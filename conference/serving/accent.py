"""One accent per event, made readable on our grounds whatever colour an organizer chose.

Contrast as in WCAG 2.2 (relative luminance, 1.4.3 and 1.4.11). Pure.
"""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache

import msgspec

DEFAULT_ACCENT = "#0b6158"
# The grounds of web/styles/tokens.css that an accent has to be read on.
LIGHT_GROUND, DARK_GROUND = "#faf9f6", "#161615"
# More than the 4.5 of level AA, so that it also holds on the soft tint of itself.
READABLE_ON_LIGHT, READABLE_ON_DARK = 5.4, 7.0

Colour = tuple[int, int, int]


def parse_colour(text: str | None) -> Colour | None:
    """``#rgb`` or ``#rrggbb`` as three numbers 0–255; nothing for anything else."""
    match = re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", text or "")
    if not match:
        return None
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    channels = [value / 255 for value in colour]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio, 1 to 21."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def readable_on(colour: Colour, ground: Colour) -> Colour:
    """The colour of the same hue nearest to *colour* whose contrast on *ground* is readable."""
    hue, light, saturation = colorsys.rgb_to_hls(*(value / 255 for value in colour))
    darker = luminance(ground) > 0.18
    wanted = READABLE_ON_LIGHT if darker else READABLE_ON_DARK
    for step in range(101):
        lightness = light * (1 - step / 100) if darker else light + (1 - light) * step / 100
        red, green, blue = (round(v * 255) for v in colorsys.hls_to_rgb(hue, lightness, saturation))
        if contrast((red, green, blue), ground) >= wanted:
            return red, green, blue
    return (0, 0, 0) if darker else (255, 255, 255)


def ink_on(colour: Colour) -> Colour:
    """White or near-black, whichever is easier to read on *colour*."""
    white, black = (255, 255, 255), (17, 17, 17)
    return white if contrast(white, colour) >= contrast(black, colour) else black


def mixed(colour: Colour, ground: Colour, share: float) -> Colour:
    """*share* of *colour* laid on *ground*."""
    red, green, blue = (round(c * share + g * (1 - share)) for c, g in zip(colour, ground, strict=True))
    return red, green, blue


@lru_cache
def accent_styles(accent: str | None) -> str:
    """The custom properties of one event's accent, for both grounds, as a small style sheet.

    A colour that is none falls back to the default, so nothing an organizer typed reaches the page.
    """
    chosen = parse_colour(accent) or parse_colour(DEFAULT_ACCENT)
    assert chosen
    light, dark = (_properties(chosen, ground) for ground in (LIGHT_GROUND, DARK_GROUND))
    return (
        f":root{{{light}}}@media screen{{[data-theme=dark]{{{dark}}}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
    )


def _properties(chosen: Colour, ground_text: str) -> str:
    ground = parse_colour(ground_text)
    assert ground
    accent = readable_on(chosen, ground)
    soft = mixed(accent, ground, 0.1)
    named = {"accent": accent, "accent-ink": ink_on(accent), "accent-soft": soft}
    return ";".join(f"--{name}:#{red:02x}{green:02x}{blue:02x}" for name, (red, green, blue) in named.items())


class AccentSample(msgspec.Struct, frozen=True):
    """How an accent looks on one ground: `name` "light" or "dark", the contrast it has as chosen and as used,
    and the rules of ``.sample-{name}``."""

    name: str
    chosen: str
    used: str
    ratio_chosen: float
    ratio_used: float
    styles: str


def accent_samples(accent: str | None) -> list[AccentSample]:
    """The accent on the light and the dark ground, for the page where it is chosen."""
    chosen = parse_colour(accent) or parse_colour(DEFAULT_ACCENT)
    assert chosen
    samples = []
    for name, ground_text, ink in (("light", LIGHT_GROUND, "#1c1b19"), ("dark", DARK_GROUND, "#ebe8e3")):
        ground = parse_colour(ground_text)
        assert ground
        used, properties = readable_on(chosen, ground), _properties(chosen, ground_text)
        samples.append(
            AccentSample(
                name=name,
                chosen=_hex(chosen),
                used=_hex(used),
                ratio_chosen=round(contrast(chosen, ground), 1),
                ratio_used=round(contrast(used, ground), 1),
                styles=f".sample-{name}{{{properties};background:{ground_text};color:{ink}}}",
            )
        )
    return samples


def _hex(colour: Colour) -> str:
    red, green, blue = colour
    return f"#{red:02x}{green:02x}{blue:02x}"
