"""Empty tables to fill in: the headings in the reader's language and one example, as CSV and XLSX."""

from __future__ import annotations

import csv
import io
from typing import cast

import openpyxl

from conference.agenda.sheets.columns import KINDS, SPOKEN, Kind, fields_of, heading
from conference.errors import N_
from conference.serving.translation import translate

TEMPLATE_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHEETS = {"sessions": N_("Sessions"), "speakers": N_("Speakers"), "rooms": N_("Rooms")}
_TONGUES = {"ar": N_("Arabic"), "en": N_("English")}
_LEFT_OUT = frozenset({"guid", "id"})  # for programs; files that have them may of course keep them
_EXAMPLES: dict[str, dict[str, str]] = {
    "sessions": {
        "title_ar": "الذكاء الاصطناعي في التعليم الطبي",
        "title_en": "Artificial intelligence in medical education",
        "type": "Lecture",
        "room": "Main hall",
        "day": "2025-10-25",
        "start": "09:00",
        "minutes": "45",
        "language": "ar",
        "speakers": "Dr. Sara Kamil; Prof. Ali Hasan",
        "is_cme": "yes",
    },
    "speakers": {
        "name_ar": "د. سارة كامل",
        "name_en": "Dr. Sara Kamil",
        "zone": "Europe/London",
        "is_remote": "yes",
    },
    "rooms": {"name_ar": "القاعة الكبرى", "name_en": "Main hall", "capacity": "400"},
}


def template_file(kind: str, ending: str, lang: str) -> bytes:
    """A table of *kind* ("programme": all of them, in XLSX one sheet each) with headings in *lang*."""
    kinds = KINDS if kind == "programme" else (cast(Kind, kind),)
    if ending == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(_rows(kinds[0], lang))
        return text.getvalue().encode("utf-8-sig")  # the mark by which Excel knows UTF-8
    book = openpyxl.Workbook()
    book.remove(book.active)
    for each in kinds:
        sheet = book.create_sheet(translate(lang, _SHEETS[each]))
        sheet.sheet_view.rightToLeft = lang == "ar"
        sheet.freeze_panes = "A2"
        for row in _rows(each, lang):
            sheet.append(row)
        for column in sheet.iter_cols(max_row=1):
            sheet.column_dimensions[column[0].column_letter].width = 22
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _rows(kind: Kind, lang: str) -> list[list[str]]:
    columns: list[tuple[str, str]] = []
    for field in fields_of(kind):
        if field in SPOKEN:
            columns += [
                (f"{field}_{tag}", f"{heading(field, kind, lang)} ({translate(lang, name)})")
                for tag, name in _TONGUES.items()
            ]
        elif field not in _LEFT_OUT:
            columns.append((field, heading(field, kind, lang)))
    return [[words for _, words in columns], [_EXAMPLES[kind].get(field, "") for field, _ in columns]]
