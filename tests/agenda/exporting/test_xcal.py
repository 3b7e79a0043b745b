"""xCal in the pentabarf dialect: every session with its number, time and people."""

from __future__ import annotations

from lxml import etree

from conference.agenda.demo import demo_programme
from conference.agenda.exporting.xcal import export_xcal
from conference.agenda.tables import SessionState
from conference.clock import ManualClock
from conference.storage.database import Database
from tests.agenda.exporting.editions import edition_of

NAMES = {"pentabarf": "http://pentabarf.org"}


async def test_every_held_session_is_an_entry(database: Database, clock: ManualClock) -> None:
    programme = demo_programme()
    programme.sessions[-1].state = SessionState.CANCELLED
    edition = await edition_of(database, programme, clock)
    root = etree.fromstring(export_xcal(edition))
    assert root.findtext("vcalendar/x-wr-timezone") == "Asia/Baghdad"
    entries = root.findall("vcalendar/vevent")
    assert len(entries) == len(programme.sessions) - 1
    numbers = {entry.findtext("pentabarf:event-id", namespaces=NAMES) for entry in entries}
    assert numbers == {
        str(edition.numbers()[one.id]) for one in edition.schedule.sessions if not one.is_cancelled
    }
    opening = next(one for one in entries if (one.findtext("url") or "").endswith("/session/OPEN25"))
    assert (opening.findtext("dtstart"), opening.findtext("dtend")) == ("20251025T090000", "20251025T094500")
    assert opening.findtext("duration") == "00:45"
    assert opening.findtext("location") == "القاعة الكبرى"
    assert [one.text for one in opening.findall("attendee")] == ["المتحدّث أ", "رئيس الجلسة أ"]
