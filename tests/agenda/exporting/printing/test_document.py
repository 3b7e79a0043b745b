"""What the printed programme says: everything the public sees, in one language, and only as data."""

from __future__ import annotations

from typing import Any

from conference.agenda.demo import demo_programme
from conference.agenda.exporting.printing.document import document_of
from conference.agenda.tables import SessionKind, SessionState
from conference.clock import ManualClock
from conference.storage.database import Database
from tests.agenda.exporting.editions import edition_of


def printed(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for day in document["days"] for slot in day["times"] for one in slot["sessions"]]


async def test_every_held_session_stands_in_it_at_its_time(database: Database, clock: ManualClock) -> None:
    programme = demo_programme()
    gone = next(one for one in programme.sessions if one.kind is SessionKind.SESSION and not one.code)
    gone.state = SessionState.CANCELLED
    edition = await edition_of(database, programme, clock, "ar")
    document = document_of(edition)
    held = [one for one in edition.schedule.sessions if not one.is_cancelled]
    assert sorted(one["title"] for one in printed(document)) == sorted(one.title["ar"] for one in held)
    assert (document["dir"], document["offset"]) == ("rtl", "UTC+3")
    first = document["days"][0]["times"][1]
    assert first["time"] == "09:00"
    assert first["sessions"][0]["people"] == ["المتحدّث أ"]
    codes = {code for one in document["speakers"] for code in one["codes"]}
    assert codes == {one.code for one in held if one.speakers}


async def test_english_is_left_to_right(database: Database, clock: ManualClock) -> None:
    document = document_of(await edition_of(database, demo_programme(), clock, "en"))
    assert (document["lang"], document["dir"]) == ("en", "ltr")
    assert "A lecture in ten megabytes" in {one["title"] for one in printed(document)}
