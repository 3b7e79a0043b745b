"""The people of the programme by their forms: names, zones, windows, accounts."""

from __future__ import annotations

from datetime import UTC, datetime

from conference.agenda.organizing.people import Window, check_windows, everybody, windows_of
from conference.agenda.reading import person_by_code
from conference.people.accounts import account_by_id
from conference.people.permissions import Role
from tests.agenda.organizing.conftest import DESK, Office

PEOPLE = f"{DESK}/speakers"


def at(day: int, hour: int) -> datetime:
    return datetime(2025, 10, day, hour, tzinfo=UTC)


def test_windows_that_touch_are_one() -> None:
    apart, touching = Window(at(26, 9), at(26, 12)), Window(at(25, 12), at(25, 14))
    assert check_windows([touching, apart, Window(at(25, 9), at(25, 12)), apart]) == [
        Window(at(25, 9), at(25, 14)),
        apart,
    ]


async def test_somebody_is_added_changed_and_deleted(office: Office) -> None:
    desk, event_id = await office.enter("Sara"), office.demo.event.id
    page = await desk.press(
        await desk.open(f"{PEOPLE}/new"), f"{PEOPLE}/new",
        name_ar="د. نور الهدى", biography_ar="سطر\n\nسطر آخر", zone="Europe/London", is_remote="yes",
        from_0_day="2025-10-25", from_0_time="09:00", until_0_day="2025-10-25", until_0_time="12:30",
    )  # fmt: skip
    assert "Added." in page.words, page.words[:400]
    code = page.path.split("/")[-1].split("?")[0]
    address = f"{PEOPLE}/{code}"
    row = await office.database.read(lambda rows: person_by_code(rows, event_id, code))
    assert (row.name, row.zone, row.is_remote) == ({"ar": "د. نور الهدى"}, "Europe/London", True)
    assert row.biography["ar"] == "سطر\n\nسطر آخر"
    windows = await office.database.read(lambda rows: windows_of(rows, row.id))
    assert windows == [Window(at(25, 6), at(25, 9).replace(minute=30))]  # on the event's clocks
    sara = next(value for value in page.text.split('<option value="') if "sara@example.org" in value)
    await desk.press(await desk.open(address), address, account=sara.split('"')[0], is_remote=None)
    row = await office.database.read(lambda rows: person_by_code(rows, event_id, code))
    assert (row.account_id, row.is_remote) == (desk.account_id, False)
    gone = await desk.press(await desk.open(address), f"{address}/delete")
    assert "Deleted." in gone.words
    assert (await desk.open(address)).status == 404


async def test_half_a_window_and_a_foreign_account_are_refused(office: Office) -> None:
    desk = await office.enter("Sara")
    stranger = await office.enter("Karim", None)
    before = len(await office.database.read(lambda rows: everybody(rows, office.demo.event.id)))
    page = await desk.press(
        await desk.open(f"{PEOPLE}/new"), f"{PEOPLE}/new",
        name_en="", zone="London", from_0_day="2025-10-25", from_0_time="09:00",
        from_1_day="2025-10-26", from_1_time="12:00", until_1_day="2025-10-26", until_1_time="11:00",
    )  # fmt: skip
    assert page.status == 400
    for field in ("name", "zone", "until_0_day", "until_1_time"):
        assert page.error_at(field), field
    assert page.form(f"{PEOPLE}/new")["until_1_time"] == "11:00"
    karim = await office.database.read(lambda rows: account_by_id(rows, stranger.account_id))
    assert karim is not None
    page = await desk.press(
        await desk.open(f"{PEOPLE}/new"), f"{PEOPLE}/new", name_en="Karim", account=karim.public_id
    )
    assert (page.status, bool(page.error_at("account"))) == (400, True)
    assert len(await office.database.read(lambda rows: everybody(rows, office.demo.event.id))) == before


async def test_who_takes_part_cannot_be_deleted_and_two_editors_lose_nothing(office: Office) -> None:
    desk, other = await office.enter("Sara"), await office.enter("Hasan")
    speaker = next(
        one
        for one in await office.database.read(lambda rows: everybody(rows, office.demo.event.id))
        if one.parts
    )
    address = f"{PEOPLE}/{speaker.person.code}"
    mine, theirs = await desk.open(address), await other.open(address)
    token = mine.form(address)["form_token"]
    assert (await desk.send(f"{address}/delete", {"form_token": token})).status == 409
    await other.press(theirs, address, biography_en="Theirs")
    stale = await desk.press(mine, address, biography_en="Mine")
    assert (stale.status, "Theirs" in stale.words) == (409, True)
    assert stale.form(address)["biography_en"].strip() == "Mine"


async def test_the_list_is_for_organizers_and_finds_names_as_they_look(office: Office) -> None:
    desk = await office.enter("Sara")
    speaker = (await office.database.read(lambda rows: everybody(rows, office.demo.event.id)))[0].person
    name = next(iter(speaker.name.values()))
    assert speaker.code in (await desk.open(f"{PEOPLE}?q={name.upper()}")).text
    assert "Nobody fits" in (await desk.open(f"{PEOPLE}?q=zzzzzz")).words
    attendee = await office.enter("Ali", Role.ATTENDEE)
    assert (await attendee.open(PEOPLE)).status == 403
