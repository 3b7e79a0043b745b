"""The program that typesets: a document as JSON on standard input, the PDF on standard output.

A process of its own, so that a programme too large for the machine costs its own process and nothing else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typst

HERE = Path(__file__).parent
#: Above this the machine's own fonts may help: our two and typst's own know Arabic, Latin, Greek, Cyrillic.
_COVERED = 0x52F
_ALSO_COVERED = (
    range(0x600, 0x780),
    range(0x8A0, 0x900),
    range(0x1E00, 0x2070),
    range(0xFB50, 0xFE00),
    range(0xFE70, 0xFF00),
)


def main() -> None:
    document = sys.stdin.buffer.read().decode()
    # Values go in as data: what somebody wrote into a title is text to typst, never markup or code.
    sys.stdout.buffer.write(
        typst.compile(
            HERE / "programme.typ",
            root=HERE,
            font_paths=[HERE],
            ignore_system_fonts=_covered(json.loads(document)),
            sys_inputs={"document": document},
            format="pdf",
        )
    )


def _covered(value: object) -> bool:
    """Whether every character of the texts in *value* is in the fonts that come with us and with typst."""
    if isinstance(value, str):
        return all(ord(c) <= _COVERED or any(ord(c) in known for known in _ALSO_COVERED) for c in value)
    if isinstance(value, dict):
        return all(map(_covered, value.values()))
    return not isinstance(value, list) or all(map(_covered, value))


if __name__ == "__main__":
    main()
