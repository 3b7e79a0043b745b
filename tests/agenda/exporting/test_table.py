"""The table for spreadsheets: whole, in both languages, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

from conference.agenda.demo import demo_programme
from conference.agenda.exporting.table import columns, export_csv
from conference.clock import ManualClock
from conference.serving.spreadsheet_text import harmless
from conference.storage.database import Database
from tests.agenda.exporting.editions import edition_of


async def test_a_row_for_each_session_in_both_languages(database: Database, clock: ManualClock) -> None:
    programme = demo_programme()
    opened = next(one for one in programme.sessions if one.code == "OPEN25")
    opened.title = {"ar": '=HYPERLINK("https://evil.example")', "en": 'quote " and, comma'}
    edition = await edition_of(database, programme, clock)
    data = export_csv(edition)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(programme.sessions)
    assert list(rows[0]) == columns(edition)
    opening = next(row for row in rows if row["code"] == "OPEN25")
    assert opening["title_ar"] == '\'=HYPERLINK("https://evil.example")'
    assert opening["title_en"] == 'quote " and, comma'
    assert (opening["date"], opening["start"], opening["end"]) == ("2025-10-25", "09:00", "09:45")
    assert (opening["speaker"], opening["chair"]) == ("المتحدّث أ", "رئيس الجلسة أ")
    assert not [cell for row in rows for cell in row.values() if cell != harmless(cell)]
