"""Importing in the browser: nothing before the preview, exactly what it showed, and never twice."""

from __future__ import annotations

import io
import json
import re
import zipfile

import openpyxl
import pytest
from aiohttp import FormData

from conference.agenda.drafting.shown_session import DraftSession
from conference.agenda.drafting.whole_draft import draft_of
from conference.agenda.reading import event_by_slug, rooms_of
from tests.agenda.organizing.conftest import DESK, KARBALA, Desk, Office
from tests.people.site import Page

IMPORT, SESSIONS = f"{DESK}/import", f"{DESK}/sessions"
ARABIC = "﻿العنوان (عربي);العنوان بالإنجليزية;القاعة;التاريخ;البداية;المدة;المتحدثون\n"


async def upload(desk: Desk, data: bytes, name: str, **fields: str) -> Page:
    page = await desk.open(IMPORT)
    form = FormData({"form_token": page.form(IMPORT)["form_token"], "keeps_event": "yes"} | fields)
    form.add_field("file", io.BytesIO(data), filename=name, content_type="application/octet-stream")
    return await desk.send(IMPORT, form)


async def apply(desk: Desk, seen: Page) -> Page:
    return await desk.press(seen, seen.path)


async def sessions(office: Office) -> dict[str, DraftSession]:
    draft = await office.database.read(
        lambda rows: draft_of(rows, event_by_slug(rows, "karbala-2025"), reader=None)
    )
    return {one.code: one for one in draft.sessions}


async def test_an_arabic_table_is_shown_then_applied_and_never_twice(office: Office, desk: Desk) -> None:
    before = await sessions(office)
    table = ARABIC + "التعلم من بعد;Learning from afar;القاعة الزرقاء;٢٥/١٠/٢٠٢٥;١٩:٠٠;45;د. نور الهدى; \n"
    seen = await upload(desk, table.encode(), "sessions.csv")
    assert seen.status == 200, seen.words
    assert "1 new, 0 changed" in seen.words
    assert "is not known in this event and is added" in seen.words  # the blue hall, with its place
    assert "sessions.csv:2, C" in seen.words
    assert await sessions(office) == before  # nothing happened yet
    done = await apply(desk, seen)
    assert "The file was applied as you saw it." in done.words, done.words[:500]
    made = [one for code, one in (await sessions(office)).items() if code not in before]
    assert len(made) == 1
    assert made[0].title == {"ar": "التعلم من بعد", "en": "Learning from afar"}
    assert (str(made[0].starts_at), made[0].minutes) == ("2025-10-25 16:00:00+00:00", 45)
    assert [part.name for part in made[0].people] == [{"ar": "د. نور الهدى"}]
    again = await upload(desk, table.encode(), "sessions.csv")
    assert "Nothing would change" in again.words
    moved = await upload(desk, table.replace("١٩:٠٠", "20:15").encode("utf-16"), "again.csv")
    assert "0 new, 1 changed" in moved.words
    await apply(desk, moved)
    assert len(await sessions(office)) == len(before) + 1
    assert str((await sessions(office))[made[0].code].starts_at) == "2025-10-25 17:15:00+00:00"


async def test_columns_and_cells_that_are_empty_leave_what_is_stored(office: Office, desk: Desk) -> None:
    talk = next(one for one in (await sessions(office)).values() if one.people and one.track and one.room)
    seen = await upload(desk, f"Code,Minutes,Track,Notes\n{talk.code},90,,\n".encode(), "a.csv")
    assert "0 new, 1 changed" in seen.words
    await apply(desk, seen)
    now = (await sessions(office))[talk.code]
    assert (now.minutes, now.track, now.room, now.people) == (90, talk.track, talk.room, talk.people)
    seen = await upload(desk, f"Code,Track,Speakers\n{talk.code},-,-\n".encode(), "b.csv")
    await apply(desk, seen)
    now = (await sessions(office))[talk.code]
    assert now.track is None
    assert not [part for part in now.people if part.role == "speaker"]


async def test_what_changed_since_the_preview_is_not_overwritten(office: Office, desk: Desk) -> None:
    talk = next(iter(await sessions(office)))
    seen = await upload(desk, f"Code,Minutes\n{talk},90\n".encode(), "a.csv")
    other = await office.enter("Hasan")
    editor = await other.open(f"{SESSIONS}/{talk}")
    await other.press(editor, f"{SESSIONS}/{talk}", notes="written meanwhile")
    refused = await apply(desk, seen)
    assert (refused.status, "The draft changed since you looked" in refused.words) == (409, True)
    assert (await sessions(office))[talk].minutes != 90
    assert "applied as you saw" in (await apply(desk, refused)).words  # having looked again
    assert (await sessions(office))[talk].minutes == 90


async def test_the_templates_come_back_as_they_went_out(office: Office, desk: Desk) -> None:
    arabic = await office.enter("Zainab", lang="ar")
    table = b""
    for browser in (desk, arabic):
        address = f"{browser.origin}{IMPORT}/template/programme.xlsx"
        table = await (await browser.client.get(address, cookies=browser.cookies)).read()
        seen = await upload(browser, table, "programme.xlsx")
        assert seen.status == 200, seen.words
        assert "Ali Hasan" in seen.words
    await apply(desk, await upload(desk, table, "programme.xlsx"))
    rooms = await office.database.read(lambda rows: rooms_of(rows, office.demo.event.id))
    assert [room.name["en"] for room in rooms].count("Main hall") == 1
    csv = await (await desk.client.get(f"{desk.origin}{IMPORT}/template/sessions.csv")).read()
    assert csv.startswith(b"\xef\xbb\xbf")


async def test_our_own_export_changes_nothing(desk: Desk) -> None:
    """A pretalx file by our own hand: everything is recognised."""
    for path in ("schedule.json", "schedule.xml"):
        export = await (await desk.client.get(f"{desk.origin}{KARBALA}/schedule/export/{path}")).read()
        seen = await upload(desk, export, path)
        assert "Nothing would change" in seen.words, seen.words[:1500]


async def test_a_changed_pretalx_file_is_shown_field_by_field(office: Office, desk: Desk) -> None:
    address = f"{desk.origin}{KARBALA}/schedule/export/schedule.json"
    export = json.loads(await (await desk.client.get(address)).read())
    room = next(iter(export["schedule"]["conference"]["days"][0]["rooms"].values()))
    room[0]["title"] = "A title from outside"
    export["schedule"]["conference"]["title"] = "Renamed"
    seen = await upload(desk, json.dumps(export).encode(), "changed.json")
    assert "A title from outside" in seen.words
    assert "Renamed" not in seen.words
    renamed = await upload(desk, json.dumps(export).encode(), "changed.json", keeps_event="")
    assert "Renamed" in renamed.words


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return written.getvalue()


ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Please fill this in"),
        (b"Title,Date,Start\nTalk,2025-02-31,09:00\n", "a.csv:2, B: “2025-02-31” is not a day"),
        (b"Title,Date,Start\nTalk,2025-10-25,9 o'clock\n", "a.csv:2, C: “9 o'clock” is not a time of day"),
        (b"Title,Minutes\nTalk,soon\n", "a.csv:2, B: “soon” is not a length"),
        (b"Title,Start\nTalk,09:00\n", "there is a time but no day"),
        (b"Code,Minutes\nNOSUCH,30\n", "the session has no title"),
        (b"Title\n" + b"x" * 10_000 + b"\n", "10000 characters"),
        (b"Colour,Weather\nred,fine\n", "no row of headings"),
        (b"\xff\xfeT\x00\x00", "not UTF-8"),
        ("Title\nقاعة\n".encode("cp1256"), "not UTF-8"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel file"),
        (b"%PDF-1.7\n1 0 obj", "this is a PDF file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "this is a PNG file"),
        (zipped({"word/document.xml": b"<a/>"}), "a ZIP file but no workbook"),
        (b"PK\x03\x04nonsense", "damaged"),
        (zipped({"xl/workbook.xml": b"<a/>"}), "damaged"),
        (zipped({"xl/worksheets/sheet1.xml": ENTITY}), "DOCTYPE"),
        (zipped({"xl/worksheets/sheet1.xml": ENTITY.decode().encode("utf-16")}), "DOCTYPE"),
        (zipped({"xl/bomb.xml": bytes(60 * 1024 * 1024)}), "larger than a programme can be"),
        (b"<svg/>", "schedule"),
        (bytes(9 * 1024 * 1024), "larger than 8192 kB"),
        (workbook([["Title", "Start"], ["Talk", "25:00"]]), "Sheet, B2"),
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_right_is_refused_with_its_place(
    desk: Desk, data: bytes, words: str
) -> None:
    page = await upload(desk, data, "a.csv")
    assert page.status in (400, 413), page.words
    assert words in re.sub(r"\s+", " ", page.words), page.words
    assert "Traceback" not in page.text


async def test_what_is_wrong_with_a_file_runs_as_the_arabic_page_does(office: Office) -> None:
    """Its first word is the file's Latin name: isolated, the sentence would run from left to right."""
    page = await upload(await office.enter("Noor", lang="ar"), b"%PDF-1.7", "a.pdf")
    assert '<span class="field-error" id="file-error">a.pdf: هذا ملف PDF' in page.text


async def test_a_preview_belongs_to_its_event_and_ends(office: Office, desk: Desk) -> None:
    seen = await upload(desk, b"Title\nTalk\n", "a.csv")
    assert (await desk.open(f"{IMPORT}/AAAAAAAAAAAAAAAAAAAAAAAA")).status == 404
    attendee = await office.enter("Ali", None)
    assert (await attendee.open(seen.path)).status == 403
    await apply(desk, seen)
    assert (await desk.open(seen.path)).status == 404
