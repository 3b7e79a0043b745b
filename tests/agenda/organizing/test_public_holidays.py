"""Holidays on the same day of every year are offered, and added with one press."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from conference.agenda.organizing.public_holidays import FIXED, holidays_within
from conference.agenda.tables import event
from tests.agenda.organizing.conftest import DESK, Office

CLOSURES = f"{DESK}/closures"


def test_those_of_the_country_within_the_days_are_found_over_the_turn_of_a_year() -> None:
    found = holidays_within("Asia/Baghdad", date(2025, 12, 25), date(2026, 1, 5))
    assert [(one.day, one.name["en"]) for one in found] == [
        (date(2025, 12, 25), "Christmas Day"),
        (date(2026, 1, 1), "New Year's Day"),
    ]
    assert holidays_within("Europe/London", date(2025, 12, 25), date(2026, 1, 5)) == []
    assert all(set(name) == {"ar", "en"} for listed in FIXED.values() for _, _, name in listed)


async def test_what_falls_into_the_event_is_offered_until_it_is_added(office: Office) -> None:
    desk = await office.enter("Sara")
    assert "Public holidays in these days" not in (await desk.open(CLOSURES)).words
    days = {"starts": date(2026, 3, 20), "ends": date(2026, 3, 22)}
    await office.database.write(
        lambda tx: tx.connection.execute(update(event).where(event.c.slug == "karbala-2025").values(days))
    )
    page = await desk.open(CLOSURES)
    assert "Nowruz" in page.words
    sent = {"kind": "holiday", "starts_day": "2026-03-21", "name_en": "Nowruz", "name_ar": "عيد نوروز"}
    assert all(f'value="{value}"' in page.text for value in sent.values())
    blank = dict.fromkeys(("ends_day", "starts_time", "ends_time", "daily"))
    added = await desk.press(page, CLOSURES, **sent, **blank)
    assert "Added." in added.words
    assert "Public holidays in these days" not in added.words
    assert "Nowruz" in added.words
