"""A CSV or XLSX file as plain cells, each with its place. Nothing in the file is run, fetched or expanded.

CSV (RFC 4180) in UTF-8 with or without BOM, or UTF-16 as spreadsheets save it; commas, semicolons or tabs.
XLSX (ECMA-376): a ZIP archive of XML. Its sizes are looked at before anything is unpacked, and a document
type in any of its parts is refused: that is how entity bombs and outside files come in.
"""

from __future__ import annotations

import csv
import io
import logging
import warnings
import zipfile
from datetime import date, datetime, time
from typing import Any, NoReturn, TypeAlias

import msgspec
import openpyxl

from conference.agenda.importing.fields import refuse
from conference.errors import N_

log = logging.getLogger("majlis.agenda")

LARGEST_UNPACKED = 48 * 1024 * 1024  # bytes of all parts of an XLSX file
MOST_PARTS = 300
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 10_000, 120, 12
LONGEST_CELL = 100_000  # characters

#: What people choose by mistake, by its first bytes.
_OTHERS = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "RIFF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
)

Value: TypeAlias = str | int | float | bool | date | datetime | time


class Cell(msgspec.Struct, frozen=True):
    """A value that is not empty, and where it stands: ``programme.xlsx, Sessions, C5``."""

    value: Value
    place: str


class Sheet(msgspec.Struct, frozen=True):
    """A table: cells by row and column, None where empty; `name` is "" in a CSV file."""

    name: str
    place: str
    rows: list[list[Cell | None]]


def read_sheets(data: bytes, file: str) -> list[Sheet]:
    """The tables of *data*; *file* is the name errors begin with. `BadInput` for anything else."""
    if data.startswith(b"PK\x03\x04"):
        return _read_xlsx(data, file)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        refuse(file, N_("%(place)s: this is an old Excel file (.xls). Save it as .xlsx or CSV."))
    for start, kind in _OTHERS:
        if data.startswith(start):
            refuse(file, N_("%(place)s: this is a %(kind)s file, neither a table nor a schedule."), kind=kind)
    return [_read_csv(data, file)]


def is_spreadsheet(data: bytes) -> bool:
    """Whether *data* is a table and not a schedule in XML or JSON."""
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return b"<" not in data[:8]
    return not start.startswith((b"<", b"{", b"["))


def _read_csv(data: bytes, file: str) -> Sheet:
    text = _decoded(data, file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[Cell | None]] = []
    try:
        for values in reader:
            line = reader.line_num
            if len(rows) >= MOST_ROWS or len(values) > MOST_COLUMNS:
                _too_many(f"{file}:{line}")
            rows.append([_cell(value, f"{file}:{line}, {_letters(at)}") for at, value in enumerate(values)])
    except csv.Error as error:
        refuse(
            f"{file}:{reader.line_num}",
            N_("%(place)s: this is not a table (%(reason)s)."),
            reason=str(error),
        )
    return Sheet("", file, rows)


def _decoded(data: bytes, file: str) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        refuse(file, N_("%(place)s: this is not UTF-8. Save it as “CSV UTF-8” or as XLSX."))
    if "\0" in text:
        refuse(file, N_("%(place)s: this is neither a table nor a schedule."))
    return text


def _delimiter(text: str) -> str:
    """The one of comma, semicolon and tab that the first line has most of, outside quotes."""
    line, quoted = "", False
    for letter in text[:20_000]:
        quoted ^= letter == '"'
        if letter in "\r\n" and not quoted and line.strip():
            break
        line += "" if quoted else letter
    return max((",", ";", "\t"), key=line.count)


def _read_xlsx(data: bytes, file: str) -> list[Sheet]:
    _check_archive(data, file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which are nothing to us
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets = [_sheet(each, file) for each in book.worksheets[:MOST_SHEETS]]
            book.close()
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
    ) as error:
        # What the library raises for a damaged file is of many kinds; `BadInput` of ours is none of these.
        _damaged(file, error)
    except SyntaxError as error:  # of its XML: ElementTree's ParseError is one
        _damaged(file, error)
    return [sheet for sheet in sheets if sheet.rows]


def _check_archive(data: bytes, file: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if not any(part.filename.startswith("xl/") for part in parts):
                refuse(
                    file, N_("%(place)s: this is a ZIP file but no workbook. Save the table as .xlsx or CSV.")
                )
            # zipfile never unpacks more of a part than the size it declares, so the declared sizes hold.
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                refuse(file, N_("%(place)s: unpacked, this file is larger than a programme can be."))
            for part in parts:
                if part.flag_bits & 1:
                    refuse(file, N_("%(place)s: this file is locked with a password."))
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    # Without zero bytes UTF-16 reads like ASCII.
                    text = archive.read(part).replace(b"\0", b"").lower()
                    if b"<!doctype" in text or b"<!entity" in text:
                        refuse(
                            file, N_("%(place)s: a document type (DOCTYPE) is not accepted in a schedule.")
                        )
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        _damaged(file, error)


def _damaged(file: str, error: Exception) -> NoReturn:
    log.info("a damaged XLSX file: %r", error)
    refuse(
        file,
        N_("%(place)s: this XLSX file is damaged. Open it in the program it comes from and save it anew."),
    )


def _sheet(sheet: Any, file: str) -> Sheet:
    place = f"{file}, {sheet.title}"
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows: list[list[Cell | None]] = []
    blank = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        while values and values[-1] is None:
            values = values[:-1]
        if len(values) > MOST_COLUMNS or len(rows) - blank > MOST_ROWS:
            _too_many(f"{place}, {number}")
        cells = [_cell(value, f"{place}, {_letters(at)}{number}") for at, value in enumerate(values)]
        blank = 0 if any(cells) else blank + 1
        if blank > 1000:  # formatted to the last row of the sheet, but empty
            break
        rows.append(cells)
    return Sheet(sheet.title, place, rows[: len(rows) - blank] if blank else rows)


def _cell(value: Any, place: str) -> Cell | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str | int | float | bool | date | datetime | time):
        value = str(value)
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        refuse(
            place,
            N_("%(place)s: this is %(length)d characters long; at most %(limit)d fit."),
            length=len(value),
            limit=LONGEST_CELL,
        )
    return Cell(value, place)


def _too_many(place: str) -> None:
    refuse(
        place,
        N_("%(place)s: at most %(rows)d rows of %(columns)d columns fit."),
        rows=MOST_ROWS,
        columns=MOST_COLUMNS,
    )


def _letters(column: int) -> str:
    """What spreadsheets call a column: A … Z, AA …"""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
