"""Opening hours and closures by their forms."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import update

from conference.agenda.organizing.hours import Hours, closures_of, hours_of
from conference.agenda.reading import rooms_of
from conference.agenda.tables import ClosureKind, event
from tests.agenda.organizing.conftest import DESK, Desk, Office

HOURS, CLOSURES = f"{DESK}/hours", f"{DESK}/closures"
DAY = date(2025, 10, 25)


async def test_hours_are_set_for_all_rooms_and_for_one(office: Office, desk: Desk) -> None:
    event_id = office.demo.event.id
    page = await desk.press(
        await desk.open(HOURS), HOURS,
        **{"opens_2025-10-25_0": "08:00", "closes_2025-10-25_0": "12:30",
           "opens_2025-10-25_1": "14:00", "closes_2025-10-25_1": "01:00", "fill": "yes"},
    )  # fmt: skip
    assert "Saved." in page.words
    everywhere = await office.database.read(lambda rows: hours_of(rows, event_id, None))
    assert len(everywhere) == 6  # two spans on each of three days
    assert everywhere[:2] == [Hours(DAY, time(8), time(12, 30)), Hours(DAY, time(14), time(1))]
    room = (await office.database.read(lambda rows: rooms_of(rows, event_id)))[1]
    own = await desk.open(f"{HOURS}?room={room.slug}")
    page = await desk.press(own, HOURS, **{"opens_2025-10-26_0": "10:00", "closes_2025-10-26_0": "16:00"})
    assert "own hours" in page.words
    theirs = await office.database.read(lambda rows: hours_of(rows, event_id, room.id))
    assert theirs == [Hours(date(2025, 10, 26), time(10), time(16))]
    assert len(await office.database.read(lambda rows: hours_of(rows, event_id, None))) == 6


async def test_half_an_opening_is_told_beside_its_field(office: Office, desk: Desk) -> None:
    stored = await office.database.read(lambda rows: hours_of(rows, office.demo.event.id, None))
    page = await desk.press(
        await desk.open(HOURS), HOURS,
        **{"opens_2025-10-25_0": "8 o'clock", "closes_2025-10-25_0": "", "opens_2025-10-26_0": "09:00",
           "closes_2025-10-26_0": "09:00"},
    )  # fmt: skip
    assert page.status == 400
    for field in ("opens_2025-10-25_0", "closes_2025-10-25_0", "closes_2025-10-26_0"):
        assert page.error_at(field), field
    assert page.form(HOURS)["opens_2025-10-25_0"] == "8 o'clock"
    assert await office.database.read(lambda rows: hours_of(rows, office.demo.event.id, None)) == stored


async def test_the_usual_shutdown_is_one_press_away(office: Office, desk: Desk) -> None:
    page = await desk.open(CLOSURES)
    page = await desk.press(page, CLOSURES)
    page = await desk.press(page, CLOSURES)  # once more: nothing is doubled
    closures = await office.database.read(lambda rows: closures_of(rows, office.demo.event.id))
    assert [one.starts_at for one in closures] == [
        datetime(2025, 10, day, 3, tzinfo=UTC) for day in (25, 26, 27)
    ]
    assert {one.ends_at - one.starts_at for one in closures} == {
        datetime(2025, 1, 1, 8) - datetime(2025, 1, 1, 6)  # noqa: DTZ001  # a length
    }
    assert closures[0].name["ar"]
    address = f"{CLOSURES}/{closures[0].id}"
    entry = await desk.open(address)
    assert entry.form(address)["starts_time"] == "06:00"
    await desk.press(entry, address, starts_time="05:00", name_en="Exams")
    await desk.press(await desk.open(CLOSURES), f"{CLOSURES}/{closures[1].id}/delete")
    left = await office.database.read(lambda rows: closures_of(rows, office.demo.event.id))
    assert [(one.name["en"], one.starts_at.hour) for one in left] == [
        ("Exams", 2), (closures[2].name["en"], 3),
    ]  # fmt: skip


async def test_a_holiday_without_times_lasts_whole_days_also_where_the_clocks_change(
    office: Office, desk: Desk
) -> None:
    await office.database.write(lambda tx: tx.connection.execute(update(event).values(zone="Europe/London")))
    typed = {"kind": "holiday", "starts_day": "2025-10-26", "ends_day": "", "starts_time": "",
             "ends_time": "", "daily": None}  # fmt: skip
    await desk.press(await desk.open(CLOSURES), CLOSURES, **typed)
    stored = await office.database.read(lambda rows: closures_of(rows, office.demo.event.id))
    (closure,) = (one for one in stored if one.kind is ClosureKind.HOLIDAY)
    assert (closure.starts_at, closure.ends_at) == (
        datetime(2025, 10, 25, 23, tzinfo=UTC), datetime(2025, 10, 27, tzinfo=UTC),
    )  # fmt: skip  # 25 hours


async def test_an_impossible_closure_is_refused(office: Office, desk: Desk) -> None:
    await office.database.write(lambda tx: tx.connection.execute(update(event).values(zone="Europe/London")))
    stored = await office.database.read(lambda rows: closures_of(rows, office.demo.event.id))
    page = await desk.open(CLOSURES)
    for typed, field in (
        ({"starts_day": "2026-03-29", "ends_day": "2026-03-29", "starts_time": "01:30"}, "starts_time"),
        ({"starts_day": "2025-10-27", "ends_day": "2025-10-26"}, "ends_day"),
        ({"kind": "strike"}, "kind"),
        ({"name_ar": "", "name_en": ""}, "name"),
    ):
        refused = await desk.press(page, CLOSURES, **typed)
        assert (refused.status, bool(refused.error_at(field))) == (400, True), field
    assert await office.database.read(lambda rows: closures_of(rows, office.demo.event.id)) == stored
