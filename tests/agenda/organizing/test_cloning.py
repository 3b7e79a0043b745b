"""Cloning: days move whole, clocks stay; what people did stays behind. And making the very first one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from conference.agenda.organizing.cloning import shifted
from conference.agenda.organizing.hours import Hours, closures_of, hours_of, set_hours
from conference.agenda.organizing.people import everybody, windows_of
from conference.agenda.reading import event_by_slug, people_of, rooms_of, schedule_of
from conference.agenda.star import star_session
from conference.agenda.tables import person, session, star
from conference.people.permissions import Role
from conference.people.tables import grant
from conference.storage.database import Transaction
from tests.agenda.organizing.conftest import DESK, Office, fields_of

CLONE = f"{DESK}/clone"
ZONES = ["Asia/Baghdad", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]


@given(
    moment=st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(  # noqa: DTZ001  # made aware next
        lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    days=st.integers(-800, 800),
    zone=st.sampled_from(ZONES),
)
def test_the_time_of_day_stays_wherever_it_exists(moment: datetime, days: int, zone: str) -> None:
    there, exists = shifted(moment, timedelta(days), zone)
    before, after = (at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in (moment, there))
    if exists:
        assert after - before == timedelta(days)
    else:  # the clocks jump over it: as much later, never another day's hour
        assert timedelta(0) < after - before - timedelta(days) <= timedelta(hours=1)


def test_london_keeps_nine_o_clock_over_the_change() -> None:
    nine = datetime(2025, 10, 25, 8, tzinfo=UTC)  # 09:00, summer time
    assert shifted(nine, timedelta(1), "Europe/London") == (datetime(2025, 10, 26, 9, tzinfo=UTC), True)
    skipped = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)
    assert shifted(skipped, timedelta(1), "Europe/London") == (
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        False,
    )


async def test_a_clone_has_the_plan_and_nothing_of_the_people(office: Office) -> None:
    desk, old = await office.enter("Sara"), office.demo.event.id

    def used(tx: Transaction) -> None:
        rows = tx.connection
        first = rows.execute(select(func.min(session.c.id)).where(session.c.event_id == old)).scalar_one()
        star_session(tx, desk.account_id, first, at=office.clock.now())
        rows.execute(person.update().where(person.c.event_id == old).values(account_id=desk.account_id))
        source = event_by_slug(rows, "karbala-2025")
        hall = rooms_of(rows, old)[0].id
        set_hours(tx, old, hall, [Hours(source.starts, time(8), time(18))])

    await office.database.write(used)
    page = await desk.press(
        await desk.open(CLONE), CLONE, slug="karbala-2026", title_en="Second Congress", starts="2026-10-24"
    )
    assert "The event is made" in page.words, page.words
    assert page.path.startswith("/karbala-2026/organize/settings")

    def compare(rows: Connection) -> None:
        source, clone = (event_by_slug(rows, slug) for slug in ("karbala-2025", "karbala-2026"))
        one, other = schedule_of(rows, source), schedule_of(rows, clone)
        assert (clone.ends - clone.starts, clone.title["en"]) == (
            source.ends - source.starts,
            "Second Congress",
        )
        assert [room.slug for room in other.rooms] == [room.slug for room in one.rooms]
        kept = [each for each in one.sessions if not each.is_cancelled]
        assert len(other.sessions) == len(kept)
        apart = clone.starts - source.starts
        for before, after in zip(kept, other.sessions, strict=True):
            local = [
                each.starts_at.astimezone(source.zone_info).replace(tzinfo=None) for each in (before, after)
            ]
            assert local[1] - local[0] == apart
            assert (after.title, after.minutes, after.kind) == (before.title, before.minutes, before.kind)
            assert [part.role for part in after.parts] == [part.role for part in before.parts]
        assert not {each.code for each in one.sessions} & {each.code for each in other.sessions}
        assert {who.account_id for who in people_of(rows, clone.id)} == {None}
        assert hours_of(rows, clone.id, other.rooms[0].id) == [Hours(clone.starts, time(8), time(18))]
        count = select(func.count()).select_from(star).join(session).where(session.c.event_id == clone.id)
        assert rows.execute(count).scalar_one() == 0
        held = rows.execute(
            select(grant.c.account_id, grant.c.role).where(grant.c.event_id == clone.id)
        ).all()
        assert [tuple(each) for each in held] == [(desk.account_id, "organizer")]

    await office.database.read(compare)


async def test_closures_and_availability_come_along_when_wished(office: Office) -> None:
    desk, old = await office.enter("Sara"), office.demo.event.id
    for slug, wished in (("karbala-2026", "yes"), ("karbala-2027", None)):
        said = {"slug": slug, "title_en": "Next", "starts": "2026-10-24", "with_dates": wished}
        await desk.press(await desk.open(CLONE), CLONE, **said)

    def dates(rows: Connection, slug: str) -> list[tuple[datetime, datetime]]:
        clone = event_by_slug(rows, slug)
        people = everybody(rows, clone.id)
        windows = [window for one in people for window in windows_of(rows, one.person.id)]
        spans = [(one.starts_at, one.ends_at) for one in closures_of(rows, clone.id)]
        return spans + [(one.starts_at, one.ends_at) for one in windows]

    def compare(rows: Connection) -> None:
        before = dates(rows, event_by_slug(rows, "karbala-2025").slug)
        assert len(before) == 6, f"the demo {old} has three closures and three windows"
        days = timedelta(364)  # 25 October 2025 to 24 October 2026, on clocks that never change
        assert dates(rows, "karbala-2026") == [(one + days, other + days) for one, other in before]
        assert dates(rows, "karbala-2027") == []

    await office.database.read(compare)


async def test_what_holds_in_live_rooms_comes_along(office: Office) -> None:
    desk, here = await office.enter("Sara"), f"{DESK}/live"
    page = await desk.open(here)
    usual = dict(fields_of(page, here))
    await desk.press(
        page, here, chat_mode="off", chat_slow="20", stage_hands=None, questions_ahead=None, chat_direct="yes"
    )
    kept = dict(fields_of(await desk.open(here), here))
    assert (kept["chat_mode"], kept["chat_slow"]) == ("off", "20")
    assert {"stage_hands", "questions_ahead"} <= usual.keys() - kept.keys()
    await desk.press(await desk.open(CLONE), CLONE, slug="karbala-2026", title_en="Next", starts="2026-10-24")
    there = "/karbala-2026/organize/live"
    assert dict(fields_of(await desk.open(there), there)) == kept


@pytest.mark.parametrize(
    ("slug", "field"), [("karbala-2025", "slug"), ("api", "slug"), ("Ümlaut", "slug"), ("", "slug")]
)
async def test_a_taken_or_impossible_address_is_refused(office: Office, slug: str, field: str) -> None:
    desk = await office.enter("Sara")
    page = await desk.press(await desk.open(CLONE), CLONE, slug=slug, starts="2026-10-24", title_en="Kept")
    assert page.status in (400, 409)
    assert page.error_at(field)
    assert page.form(CLONE)["title_en"] == "Kept"


async def test_organizers_make_events_and_others_do_not(office: Office) -> None:
    desk = await office.enter("Sara")
    typed = {"title_ar": "أيام البصرة", "slug": "basra-2026", "starts": "2026-02-01", "ends": "2026-02-02"}
    page = await desk.press(await desk.open("/events/new"), "/events/new", **typed)
    assert page.path.startswith("/basra-2026/organize/settings")
    listed = await desk.open("/events")
    assert "/basra-2026/organize/" in listed.text
    assert "/karbala-2025/organize/" in listed.text
    attendee = await office.enter("Ali", Role.ATTENDEE)
    assert (await attendee.open("/events/new")).status == 403
    assert "You organize no event" in (await attendee.open("/events")).words
    assert (await attendee.open(CLONE)).status == 403


async def test_whoever_came_by_a_personal_link_gets_one_for_the_new_event(office: Office) -> None:
    desk = await office.enter("Sara", only=office.demo.event.id)
    typed = {"slug": "karbala-2026", "starts": "2026-10-24", "with_sessions": None}
    page = await desk.press(await desk.open(CLONE), CLONE, **typed)
    assert "/join/" in page.text
    assert (await desk.open("/karbala-2026/organize/")).status in (
        401,
        404,
    )  # this session opens one event only
