"""The organizers' clashes: seen, mended with one tap, taken back; and what others may not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from conference.agenda.clashes.keeping import CHECKERS
from conference.agenda.tables import session
from conference.people.permissions import Role
from conference.storage.database import Transaction
from tests.agenda.organizing.conftest import DESK, Desk, Office, fields_of

CLASHES = f"{DESK}/clashes"


async def overlapping(office: Office) -> str:
    """Put what follows the opening on top of it (not by an edit, as if it had been so); the clash's name."""

    def push(tx: Transaction) -> None:
        opening = select(session.c.starts_at, session.c.room_id).where(session.c.code == "OPEN25")
        starts_at, room_id = tx.connection.execute(opening).one()
        after = (session.c.room_id == room_id) & (session.c.starts_at > starts_at)
        second = tx.connection.execute(
            select(session.c.id).where(after).order_by(session.c.starts_at).limit(1)
        ).scalar_one()
        later = starts_at + timedelta(minutes=15)
        tx.connection.execute(update(session).where(session.c.id == second).values(starts_at=later))

    await office.database.write(push)
    current = await office._app[CHECKERS].current(office.demo.event.id)
    return next(one.id for one in current.checker.problems() if one.kind == "room_overlap")


async def test_a_clash_is_shown_mended_with_one_tap_and_taken_back(office: Office, desk: Desk) -> None:
    name = await overlapping(office)
    page = await desk.open(CLASHES)
    assert "are both in Main hall for 30 minutes" in page.words
    assert f'href="{CLASHES}/{name}"' in page.text
    one = await desk.open(f"{CLASHES}/{name}")
    assert "This solves" in one.words
    done = await desk.press(one, f"{CLASHES}/{name}")
    assert done.path.startswith(f"{CLASHES}?done=")
    assert "are both in" not in done.words
    back = await desk.press(done, f"{CLASHES}/undo", edit=re.search(r"done=(\d+)", done.path)[1])  # type: ignore[index]  # asserted above
    assert "are both in Main hall for 30 minutes" in back.words


async def test_a_suggestion_made_before_somebody_s_change_does_nothing(office: Office, desk: Desk) -> None:
    name = await overlapping(office)
    one = await desk.open(f"{CLASHES}/{name}")
    code = dict(fields_of(one, f"{CLASHES}/{name}"))["session"]

    def edit(tx: Transaction) -> None:
        tx.connection.execute(update(session).where(session.c.code == code).values(edition=7, minutes=50))

    await office.database.write(edit)
    late = await desk.press(one, f"{CLASHES}/{name}")
    assert late.status == 409
    assert "Somebody changed these sessions meanwhile" in late.words
    done = await desk.press(late, f"{CLASHES}/{name}")  # a suggestion made from what is there now
    assert done.path.startswith(f"{CLASHES}?done=")


async def test_a_clash_that_is_gone_leads_back_to_the_list(desk: Desk) -> None:
    page = await desk.open(f"{CLASHES}/000000000000")
    assert page.path == f"{CLASHES}?cleared"
    assert "That clash is gone" in page.words


@pytest.mark.parametrize(
    "query", ["?show=hint", "?show=error", "?show=nonsense", "?skip=99999", "?done=x&skip=-1"]
)
async def test_any_address_of_the_list_is_a_page(desk: Desk, query: str) -> None:
    assert (await desk.open(CLASHES + query)).status == 200


async def test_the_list_comes_in_arabic_and_by_severity(office: Office) -> None:
    ahmed = await office.enter("Ahmed", lang="ar")
    page = await ahmed.open(f"{CLASHES}?show=hint")
    assert "ملاحظات" in page.words
    assert "في وقت واحد" in page.words
    assert "are both" not in page.words


@pytest.mark.parametrize(
    "typed",
    [
        {"act": "explode"},
        {"edition": "many"},
        {"starts_at": "tomorrow"},
        {"starts_at": "2025-13-40T09:00"},
        {"session": "NOBODY"},
        {"room": "no-such-room"},
        {"act": "swap", "other": "", "other_edition": ""},
        {"act": "shorten", "minutes": "0"},
    ],
)
async def test_a_form_that_was_tampered_with_is_refused_in_words(
    office: Office, desk: Desk, typed: dict[str, str]
) -> None:
    name = await overlapping(office)
    one = await desk.open(f"{CLASHES}/{name}")
    answer = await desk.press(one, f"{CLASHES}/{name}", **typed)
    assert answer.status in (400, 404, 409)
    assert "Traceback" not in answer.text
    assert "are both in Main hall" in (await desk.open(CLASHES)).words


async def test_attendees_and_speakers_see_no_clashes(office: Office) -> None:
    for role in (Role.ATTENDEE, Role.SPEAKER):
        other = await office.enter(role.value, role)
        assert (await other.open(CLASHES)).status == 403


async def test_the_organizers_home_counts_them_and_leads_there(office: Office, desk: Desk) -> None:
    await overlapping(office)
    home = await desk.open(f"{DESK}/")
    assert "3 clashes in the programme" in home.words  # the room, the chair of both, and the demo's own
    assert f'href="{CLASHES}"' in home.text
