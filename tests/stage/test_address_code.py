"""The QR code on the wall: its form by the standard, and nothing drawn in the white around it."""

from __future__ import annotations

import re

import segno

from conference.stage.address_code import QUIET_ZONE, address_code

ADDRESS = "https://conference.example.org/karbala/session/MORN01"


def squares(path: str) -> set[tuple[int, int]]:
    """Every dark module (x, y) that *path* draws."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path)
    assert "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in runs) == path
    return {(int(x) + step, int(y)) for x, y, n in runs for step in range(int(n))}


def test_path_draws_the_modules_of_the_code_inside_its_quiet_zone() -> None:
    code = address_code(ADDRESS)
    rows = segno.make_qr(ADDRESS, error="m", boost_error=False).matrix
    assert code.size == len(rows) + 2 * QUIET_ZONE
    expected = {
        (x + QUIET_ZONE, y + QUIET_ZONE) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    }
    assert squares(code.path) == expected


def test_three_corners_have_the_finder_pattern() -> None:
    code = address_code(ADDRESS)
    drawn, last = squares(code.path), code.size - QUIET_ZONE - 7
    finder = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
    for left, top in [(QUIET_ZONE, QUIET_ZONE), (last, QUIET_ZONE), (QUIET_ZONE, last)]:
        for y, line in enumerate(finder):
            found = "".join("#" if (left + x, top + y) in drawn else "." for x in range(7))
            assert found == line


def test_long_address_has_a_code_too() -> None:
    assert address_code(ADDRESS + "/مجلس" * 40).size > address_code(ADDRESS).size
