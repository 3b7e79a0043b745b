"""The room's page: what each visitor is told, and what the browser code starts from."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from conference.agenda.releasing.releasing import release_draft
from conference.agenda.tables import SessionKind, SessionState, release, session
from conference.people.grants import ban_person
from conference.people.tables import grant
from conference.stage.entering import present
from conference.stage.pages import ROOMS
from conference.storage.database import Transaction
from tests.live.seminar import account_id
from tests.stage.auditorium import MORNING_ROOM
from tests.stage.site import Site

ROOM = "/karbala/session/MORN01/room"


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="room-data">(.+?)</script>', page, re.DOTALL)
    assert found, page
    data: dict[str, Any] = json.loads(found[1])
    return data


async def test_a_stranger_is_asked_to_sign_in_and_comes_back_here(site: Site) -> None:
    status, page = await site.get(ROOM)
    assert status == 401
    assert "/sign-in?next=/karbala/session/MORN01/room" in page.replace("%2F", "/")
    assert "room-data" not in page


async def test_an_attendee_is_given_the_door_and_no_secret(site: Site) -> None:
    status, page = await site.get(ROOM, "ali")
    assert status == 200
    data = data_of(page)
    assert (data["session"], data["account"], data["name"]) == ("MORN01", "ali-public-id", "Ali")
    assert (data["presents"], data["moderates"]) == (False, False)
    assert (data["door"]["phase"], data["door"]["refusal"], data["door"]["full"]) == ("open", None, False)
    assert data["title"] == "MORN01"
    assert "@" not in json.dumps(data)
    assert "<noscript>" in page


async def test_presenters_and_chairs_are_told_so(site: Site) -> None:
    speaker = data_of((await site.get(ROOM, "omar"))[1])
    chair = data_of((await site.get(ROOM, "zainab"))[1])
    assert (speaker["presents"], speaker["moderates"]) == (True, False)
    assert (chair["presents"], chair["moderates"]) == (True, True)


async def test_before_the_doors_open_the_page_counts_down(site: Site) -> None:
    site.clock.advance(timedelta(hours=-1))
    data = data_of((await site.get(ROOM, "ali"))[1])
    assert data["door"]["phase"] == "not-yet"
    assert data["door"]["refusal"]["code"] == "stage.not-yet"
    opens = datetime.fromisoformat(data["door"]["doors_open_at"])
    assert opens == datetime(2025, 10, 25, 5, 50, tzinfo=UTC)
    speaker = data_of((await site.get(ROOM, "omar"))[1])
    assert speaker["door"]["refusal"] is None


async def test_a_waiting_page_is_answered_in_the_readers_language(site: Site) -> None:
    site.clock.advance(timedelta(hours=3))
    status, body = await site.get(ROOM + "/state", "ali", Cookie="lang=ar")
    door = json.loads(body)
    assert (status, door["phase"]) == (200, "ended")
    assert re.search(r"[\u0600-\u06ff]", door["refusal"]["message"])


async def test_a_removed_person_reads_what_happened(site: Site) -> None:
    now = site.clock.now()
    await site.database.write(
        lambda tx: ban_person(tx, account_id("ali"), 1, 1, by=account_id("zainab"), now=now)
    )
    status, page = await site.get(ROOM, "ali")
    assert status == 403
    assert "A moderator has removed you from this room." in page
    assert (await site.get(ROOM + "/state", "ali"))[0] == 403


async def test_an_account_without_registration_is_offered_it(site: Site) -> None:
    await site.database.write(lambda tx: tx.connection.execute(grant.delete().where(grant.c.account_id == 5)))
    status, page = await site.get(ROOM, "huda")
    assert status == 403
    assert 'href="/karbala/register"' in page


async def test_a_full_room_turns_attendees_away_but_not_presenters(site: Site) -> None:
    rooms = site.server.app[ROOMS]
    person = await site.database.read(lambda rows: present(rows, MORNING_ROOM, account_id("sara")))
    rooms.room(MORNING_ROOM).people.enter("connection", person)
    assert data_of((await site.get(ROOM, "ali"))[1])["door"]["full"]
    assert not data_of((await site.get(ROOM, "omar"))[1])["door"]["full"]


async def release_with(site: Site, **changed: object) -> None:
    """Publish the programme with the morning session changed."""

    def change(tx: Transaction) -> None:
        tx.connection.execute(update(session).where(session.c.code == "MORN01").values(**changed))
        release_draft(tx, MORNING_ROOM.event_id, by=None, at=site.clock.now(), sender=None)

    await site.database.write(change)


async def test_breaks_and_cancelled_sessions_have_no_room(site: Site) -> None:
    await release_with(site, state=SessionState.CANCELLED.value)
    status, page = await site.get(ROOM, "ali")
    assert (status, "This session was cancelled." in page) == (403, True)
    await release_with(site, kind=SessionKind.BREAK.value)
    assert (await site.get(ROOM, "ali"))[0] == 404


async def test_what_is_only_planned_is_there_for_those_who_run_it_alone(site: Site) -> None:
    await site.database.write(lambda tx: tx.connection.execute(delete(release)))
    assert (await site.get(ROOM, "ali"))[0] == 404
    status, page = await site.get(ROOM, "omar")
    assert (status, data_of(page)["door"]["phase"]) == (200, "not-yet")


async def test_another_events_session_is_not_found_here(site: Site) -> None:
    assert (await site.get("/karbala/session/NOTHING/room", "ali"))[0] == 404
