"""Tables as CSV (RFC 4180) for spreadsheets, safe to open although strangers wrote what is in them.

With a byte order mark, by which Excel knows Arabic for UTF-8. A text that a spreadsheet would run as a
formula begins with an apostrophe (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv"
_formula = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones count as well

Cell = str | int | float | None


def harmless(cell: str) -> str:
    """*cell* as a spreadsheet shows it instead of running it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_formula) else cell


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark, lines by CR LF. Texts are made harmless, numbers stay numbers, None is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")
