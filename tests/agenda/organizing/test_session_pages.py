"""The session's form: everything of a session, both versions when two wrote at once, and its buttons."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from conference.agenda.drafting.shown_session import DraftSession, DraftSessionDetails
from conference.agenda.drafting.whole_draft import draft_of, draft_session
from conference.agenda.reading import event_by_slug, rooms_of, tracks_of, types_of
from conference.agenda.tables import SessionRole, SessionState, edit, event, session
from conference.people.permissions import Role
from tests.agenda.organizing.conftest import DESK, KARBALA, Desk, Office

SESSIONS = f"{DESK}/sessions"
NEW = f"{SESSIONS}/new"


async def drafts(office: Office) -> list[DraftSession]:
    return (
        await office.database.read(
            lambda rows: draft_of(rows, event_by_slug(rows, "karbala-2025"), reader=None)
        )
    ).sessions


async def stored(office: Office, code: str) -> DraftSessionDetails:
    return await office.database.read(lambda rows: draft_session(rows, office.demo.event.id, code))


async def a_talk(office: Office) -> DraftSession:
    """A session with people, a room and a time."""
    return next(one for one in await drafts(office) if one.people and one.kind == "session" and one.room)


async def test_a_session_is_made_with_everything(office: Office, desk: Desk) -> None:
    hall, track, kind = await office.database.read(
        lambda rows: tuple(of(rows, office.demo.event.id)[0].slug for of in (rooms_of, tracks_of, types_of))
    )
    speaker = (await a_talk(office)).people[0]
    page = await desk.press(
        await desk.open(f"{NEW}?room={hall}&day=2025-10-26&time=20:00"), NEW,
        title_ar="جلسة مسائية", title_en="Evening session", subtitle_en="With tea",
        abstract_en="Long\n\ntext",
        type=kind, track=track, minutes="", language="ar", notes="Bring the blue cable",
        who_0=speaker.name["en"], role_0="speaker", who_1="د. نور الهدى", role_1="interpreter", new_1="yes",
        do_not_record="yes", takes_sign_ups="yes", capacity="٣٠",
    )  # fmt: skip
    assert "Added." in page.words, page.words[:600]
    made = await stored(office, page.path.split("/")[-1].split("?")[0])
    usual = (await office.database.read(lambda rows: types_of(rows, office.demo.event.id)))[0].minutes
    assert made.title == {"ar": "جلسة مسائية", "en": "Evening session"}
    assert (made.starts_at, made.minutes) == (datetime(2025, 10, 26, 17, tzinfo=UTC), usual)
    assert (made.room, made.track, made.type, made.language) == (hall, track, kind, "ar")
    assert (made.notes, made.abstract["en"]) == ("Bring the blue cable", "Long\n\ntext")
    assert (made.do_not_record, made.is_cme, made.takes_sign_ups, made.capacity) == (True, True, True, 30)
    assert [(part.name.get("ar"), part.role) for part in made.people] == [
        (speaker.name.get("ar"), SessionRole.SPEAKER), ("د. نور الهدى", SessionRole.INTERPRETER),
    ]  # fmt: skip


async def test_mistakes_in_a_session_stand_beside_their_fields(office: Office, desk: Desk) -> None:
    await office.database.write(lambda tx: tx.connection.execute(update(event).values(zone="Europe/London")))
    typed = {
        "title_en": "x" * 10_000, "starts_day": "2025-10-25", "starts_time": "25:00", "minutes": "-5",
        "who_0": "Nobody Known", "language": "klingon-language-of-old", "notes": "kept",
    }  # fmt: skip
    page = await desk.press(await desk.open(NEW), NEW, **typed)
    assert page.status == 400
    for field in ("title_en", "starts_time", "minutes", "who_0", "language"):
        assert page.error_at(field), field
    form = page.form(NEW)
    assert {name: form[name].strip() for name in typed if name != "language"} == {
        name: text for name, text in typed.items() if name != "language"
    }
    twice = {"title_en": "Night", "starts_day": "2025-10-26", "starts_time": "01:30", "minutes": "30"}
    room = (await office.database.read(lambda rows: rooms_of(rows, office.demo.event.id)))[0].slug
    page = await desk.press(await desk.open(NEW), NEW, room=room, **twice)
    assert (page.status, bool(page.error_at("starts_fold"))) == (400, True)
    page = await desk.press(page, NEW, starts_fold="second")
    made = await stored(office, page.path.split("/")[-1].split("?")[0])
    assert made.starts_at == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
    again = await desk.open(f"{SESSIONS}/{made.code}")
    assert again.form(f"{SESSIONS}/{made.code}")["starts_fold"] == "second"


async def test_two_editors_of_a_session_see_both_versions_and_lose_nothing(
    office: Office, desk: Desk
) -> None:
    other, talk = await office.enter("Hasan"), await a_talk(office)
    address = f"{SESSIONS}/{talk.code}"
    mine, theirs = await desk.open(address), await other.open(address)
    assert (await other.press(theirs, address, title_en="Their title", notes="theirs")).status == 200
    stale = await desk.press(mine, address, title_en="My title", abstract_en="My abstract")
    assert stale.status == 409
    assert "Their title" in stale.words
    assert re.findall(r'id="(\w+)-theirs"', stale.text) == ["title_en", "abstract_en", "notes"]
    assert stale.form(address)["title_en"] == "My title"
    assert (await stored(office, talk.code)).title["en"] == "Their title"
    resolved = await desk.press(stale, address, notes="theirs and mine")
    assert resolved.status == 200
    now = await stored(office, talk.code)
    assert (now.title["en"], now.notes, now.abstract["en"]) == ("My title", "theirs and mine", "My abstract")
    acts = await office.database.read(lambda rows: rows.scalars(select(edit.c.act)).all())
    assert acts == ["edit", "edit"]  # the refused one left no trace


async def test_people_of_a_session_change_places_roles_and_leave(office: Office, desk: Desk) -> None:
    talk = await a_talk(office)
    address = f"{SESSIONS}/{talk.code}"
    page = await desk.open(address)
    form = page.form(address)
    first = form["who_0"]
    spare = len(talk.people)
    await desk.press(page, address, who_0="", **{f"who_{spare}": first, f"role_{spare}": "technician"})
    parts = (await stored(office, talk.code)).people
    assert parts[-1].code == talk.people[0].code
    assert parts[-1].role is SessionRole.TECHNICIAN
    public = await desk.open(f"{KARBALA}/session/{talk.code}")
    assert "Technician" not in public.words


async def test_the_buttons_copy_split_merge_cancel_restore_and_delete(office: Office, desk: Desk) -> None:
    talk = await a_talk(office)
    address = f"{SESSIONS}/{talk.code}"
    rooms = await office.database.read(lambda rows: rooms_of(rows, office.demo.event.id))
    before = {one.code for one in await drafts(office)}
    office.clock.advance(timedelta(minutes=1))  # what is made from now on was not in the release

    async def press(act: str, **typed: str) -> str:
        page = await desk.press(await desk.open(address), f"{address}/do/{act}", **typed)
        assert page.status == 200, (act, page.words[:400])
        return page.words

    assert "Copied." in await press("copy", copy_to="all")
    copies = [one for one in await drafts(office) if one.code not in before]
    assert {one.room for one in copies} == {room.slug for room in rooms} - {talk.room}
    assert {one.starts_at for one in copies} == {talk.starts_at}
    assert "Split" in await press("split", split_minutes="10", split_pause="5")
    half = await stored(office, talk.code)
    second = next(one for one in await drafts(office) if one.code not in before | {c.code for c in copies})
    assert (half.minutes, second.minutes) == (10, talk.minutes - 15)
    assert "Merged." in await press("merge", merge_other=f"{second.code} {second.edition}")
    assert (await stored(office, talk.code)).minutes == talk.minutes
    assert "Cancelled." in await press("cancel")
    assert (await stored(office, talk.code)).state is SessionState.CANCELLED
    assert "Restored." in await press("restore")
    await press("unschedule")
    assert (await stored(office, talk.code)).starts_at is None
    refused = await desk.press(await desk.open(address), f"{address}/do/delete")
    assert (refused.status, "Cancel it instead" in refused.words) == (409, True)  # it was released
    copy = f"{SESSIONS}/{copies[0].code}"
    deleted = await desk.press(await desk.open(copy), f"{copy}/do/delete")
    assert (deleted.status, "Deleted." in deleted.words) == (200, True)
    assert copies[0].code not in {one.code for one in await drafts(office)}


async def test_an_impossible_split_is_told_where_it_was_asked(office: Office, desk: Desk) -> None:
    talk = await a_talk(office)
    address = f"{SESSIONS}/{talk.code}"
    for minutes in ("", "0", "9999"):
        page = await desk.press(await desk.open(address), f"{address}/do/split", split_minutes=minutes)
        assert page.status in (400, 409)
        assert page.error_at("split_minutes"), minutes
    assert (await stored(office, talk.code)).minutes == talk.minutes


async def test_notes_and_technicians_reach_nobody_but_organizers(office: Office, desk: Desk) -> None:
    """Whatever page or export anybody else can open: the notes are in none of them."""
    talk = await a_talk(office)
    address = f"{SESSIONS}/{talk.code}"
    secret = "Zanzibar-cable-47"
    page = await desk.open(address)
    spare = len(talk.people)
    await desk.press(
        page, address, notes=secret,
        **{f"who_{spare}": "Technica Verborgen", f"role_{spare}": "technician", f"new_{spare}": "yes"},
    )  # fmt: skip
    attendee = await office.enter("Ali", Role.ATTENDEE)
    for path in (
        f"{KARBALA}/session/{talk.code}", f"{KARBALA}/schedule?day=all", f"{KARBALA}/speakers",
        f"{KARBALA}/schedule/export/schedule.json", f"{KARBALA}/schedule/export/schedule.xml",
        f"{KARBALA}/schedule.ics",
    ):  # fmt: skip
        shown = await attendee.open(path)
        assert shown.status == 200, path
        assert secret not in shown.text, path
        assert "Verborgen" not in shown.text, path
    assert (await attendee.open(address)).status == 403


async def test_the_list_goes_by_day_and_finds_by_name(office: Office, desk: Desk) -> None:
    talk = await a_talk(office)
    first = await desk.open(SESSIONS)
    assert talk.code in first.text
    other_day = await desk.open(f"{SESSIONS}?day=2025-10-27")
    assert talk.code not in other_day.text
    found = await desk.open(f"{SESSIONS}?q={talk.code}")
    assert re.findall(rf"sessions/({talk.code})\b", found.text)
    await desk.press(await desk.open(f"{SESSIONS}/{talk.code}"), f"{SESSIONS}/{talk.code}/do/unschedule")
    assert talk.code in (await desk.open(f"{SESSIONS}?day=none")).text


async def test_signing_up_by_the_page_moves_the_next_up_when_places_are_added(
    office: Office, desk: Desk
) -> None:
    talk = await a_talk(office)
    values = {"takes_sign_ups": True, "capacity": 1, "starts_at": datetime(2025, 10, 30, 9, tzinfo=UTC)}
    await office.database.write(
        lambda tx: tx.connection.execute(update(session).where(session.c.code == talk.code).values(values))
    )
    address, act = f"{KARBALA}/session/{talk.code}", f"{KARBALA}/session/{talk.code}/sign-up"
    ali, zainab = [await office.enter(name, Role.ATTENDEE) for name in ("Ali", "Zainab")]
    first = await ali.press(await ali.open(address), act)
    assert "You have a place." in first.words
    assert "You are on the waiting list." in (await zainab.press(await zainab.open(address), act)).words
    editor = await desk.open(f"{SESSIONS}/{talk.code}")
    assert "Ali" in editor.words
    await desk.press(editor, f"{SESSIONS}/{talk.code}", capacity="2")
    assert "You have a place." in (await zainab.open(address)).words
    assert "1 of 2 places is taken." in (await ali.press(first, act)).words
