"""The event's settings by the forms on their pages: what is stored, what is refused, and nothing is lost."""

from __future__ import annotations

import struct
import zlib

from aiohttp import FormData
from sqlalchemy import select, update

from conference.agenda.reading import event_by_slug
from conference.agenda.tables import event
from tests.agenda.organizing.conftest import DESK, KARBALA, Desk, Office

SETTINGS, LOGO = f"{DESK}/settings", f"{DESK}/logo"


def png(width: int = 2, height: int = 2, *, note: bytes = b"") -> bytes:
    """A whole PNG picture; *note* is text a program wrote into it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    lines = b"".join(b"\0" + b"\x10\x60\x50" * 2 for _ in range(2))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    text = chunk(b"tEXt", note) if note else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head) + text + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    )  # fmt: skip


async def test_settings_are_stored_and_say_so(office: Office, desk: Desk) -> None:
    page = await desk.open(SETTINGS)
    assert page.status == 200
    saved = await desk.press(
        page, SETTINGS,
        title_ar="مؤتمر كربلاء", title_en="", zone="Europe/London", ends="2025-10-28",
        changeover_minutes="١٥", walking_minutes="7", holding_minutes="0", day_start_hour="5",
        latitude="32,6", longitude="44.02", method="jafari", accent="#aa3355", accent_none=None,
        other_languages="ckb, fr", is_public="closed",
    )  # fmt: skip
    assert saved.status == 200, saved.words
    assert "Saved." in saved.words
    row = (await office.database.read(lambda rows: rows.execute(select(event)).mappings().all()))[0]
    assert row["title"] == {"ar": "مؤتمر كربلاء"}  # the English name was emptied
    assert (row["zone"], str(row["ends"]), row["day_start_hour"]) == ("Europe/London", "2025-10-28", 5)
    assert (row["changeover_minutes"], row["walking_minutes"], row["holding_minutes"]) == (15, 7, 0)
    assert row["prayer"] == {"latitude": 32.6, "longitude": 44.02, "method": "jafari"}
    assert (row["accent"], row["languages"], row["is_public"]) == (
        "#aa3355", ["ar", "en", "ckb", "fr"], False,
    )  # fmt: skip


async def test_every_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(
    office: Office, desk: Desk
) -> None:
    long = "طويل " * 2000
    typed = {
        "title_ar": long, "zone": "Baghdad", "starts": "2025-10-28", "ends": "2025-10-27",
        "day_start_hour": "13", "changeover_minutes": "five", "latitude": "north", "longitude": "44",
        "method": "jafari", "other_languages": "Kurdish", "url": "javascript:alert(1)",
    }  # fmt: skip
    page = await desk.press(await desk.open(SETTINGS), SETTINGS, **typed)
    assert page.status == 400
    for field in ("title_ar", "zone", "ends", "day_start_hour", "changeover_minutes", "latitude",
                  "other_languages", "url"):  # fmt: skip
        assert page.error_at(field), field
    kept = page.form(SETTINGS)
    assert {name: kept[name] for name in typed} == typed
    assert (
        await office.database.read(lambda rows: event_by_slug(rows, "karbala-2025"))
    ).zone == "Asia/Baghdad"


async def test_a_colour_is_shown_on_both_grounds_before_it_is_stored(desk: Desk, office: Office) -> None:
    page = await desk.press(
        await desk.open(SETTINGS), SETTINGS, preview="yes", accent="#ffff00", accent_none=None
    )
    assert page.status == 200
    assert "Made readable" in page.words
    assert ".sample-light{--accent:#" in page.text
    stored = await office.database.read(lambda rows: event_by_slug(rows, "karbala-2025"))
    assert stored.accent != "#ffff00"


async def test_two_organizers_at_once_lose_nothing(office: Office, desk: Desk) -> None:
    other = await office.enter("Hasan", lang="ar")
    mine, theirs = await desk.open(SETTINGS), await other.open(SETTINGS)
    assert (await other.press(theirs, SETTINGS, venue_en="Basra")).status == 200
    stale = await desk.press(mine, SETTINGS, venue_en="Najaf", timeslot_minutes="15")
    assert stale.status == 409
    assert "Somebody else changed this" in stale.words
    assert "Basra" in stale.words  # theirs, beside mine
    assert stale.form(SETTINGS)["venue_en"] == "Najaf"
    again = await desk.press(stale, SETTINGS)  # having seen both, mine goes on top
    assert again.status == 200
    row = await office.database.read(lambda rows: event_by_slug(rows, "karbala-2025"))
    assert (row.venue["en"], row.timeslot_minutes) == ("Najaf", 15)


async def test_a_logo_is_kept_without_its_notes_and_served(office: Office, desk: Desk) -> None:
    page = await desk.open(SETTINGS)
    token = page.form(LOGO)["form_token"]
    form = FormData({"form_token": token})
    form.add_field("file", png(note=b"Author\0Sara"), filename="logo.png", content_type="image/png")
    sent = await desk.send(LOGO, form)
    assert (sent.status, "Saved." in sent.words) == (200, True)
    address = (await office.database.read(lambda rows: event_by_slug(rows, "karbala-2025"))).logo
    assert address.startswith(f"{KARBALA}/logo/")
    served = await desk.client.get(desk.origin + address)
    assert (served.status, served.content_type) == (200, "image/png")
    assert await served.read() == png()
    assert (await desk.client.get(desk.origin + f"{KARBALA}/logo/..%2fmajlis.sqlite3")).status == 404
    removal = FormData({"form_token": token})
    removal.add_field("remove", "yes")
    removal.add_field("file", b"", filename="", content_type="application/octet-stream")
    await desk.send(LOGO, removal)
    assert (await office.database.read(lambda rows: event_by_slug(rows, "karbala-2025"))).logo == ""


async def test_what_is_no_small_picture_is_refused(desk: Desk) -> None:
    token = (await desk.open(SETTINGS)).form(LOGO)["form_token"]
    for data, words in (
        (b"<svg onload='alert(1)'/>", "not a whole PNG"),
        (png()[:-6], "not a whole PNG"),
        (png(5000, 5000), "larger than 2000"),
        (b"\x89PNG" + bytes(70_000), "larger than 64 kB"),
    ):
        form = FormData({"form_token": token})
        form.add_field("file", data, filename="logo.png", content_type="image/png")
        page = await desk.send(LOGO, form)
        assert page.status == 400
        assert words in page.words


async def test_a_form_with_a_file_needs_its_token_too(desk: Desk, office: Office) -> None:
    for fields in ({}, {"form_token": "guessed"}):
        form = FormData(fields)
        form.add_field("file", png(), filename="logo.png", content_type="image/png")
        assert (await desk.send(LOGO, form)).status == 403
    foreign = await desk.client.post(desk.origin + LOGO, data=b"", headers={"Origin": "http://evil.example"})
    assert foreign.status == 403
    assert (await office.database.read(lambda rows: event_by_slug(rows, "karbala-2025"))).logo == ""


async def test_a_name_in_a_third_language_has_its_own_field(office: Office, desk: Desk) -> None:
    """Imported files bring other languages: they are not lost by saving the form."""
    await office.database.write(
        lambda tx: tx.connection.execute(update(event).values(title={"ckb": "کۆنگرە", "en": "Congress"}))
    )
    page = await desk.open(SETTINGS)
    assert page.form(SETTINGS)["title_ckb"] == "کۆنگرە"
    await desk.press(page, SETTINGS, title_ar="مؤتمر")
    row = await office.database.read(lambda rows: event_by_slug(rows, "karbala-2025"))
    assert row.title == {"ar": "مؤتمر", "ckb": "کۆنگرە", "en": "Congress"}
