"""How each participant's connection is told: the rule, and the organizers' page over a running room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from conference.media.engine import ParticipantStats, RoomStats, TrackStats, Viewing, ViewingStats
from conference.people.permissions import Role
from conference.stage.connections import connections_in, state_of
from conference.stage.entering import present
from conference.stage.pages import ROOMS
from conference.stage.presence import Present, Tab
from tests.live.seminar import account_id
from tests.stage.auditorium import MORNING_ROOM
from tests.stage.site import Site

PAGE = "/karbala/organize/connections"
NOON = datetime(2025, 10, 25, 9, 0, tzinfo=UTC)
FINE = ViewingStats(
    streams=2, packets=900, bytes=90_000, nacks_received=0, retransmissions=0, plis_received=0,
    loss=0.0, round_trip_ms=80.0, estimate=900_000,
)  # fmt: skip
NOTHING, SOUND = Viewing(pictures="none", sound="none"), Viewing(pictures="none")


def tab(viewing: Viewing | None = None, lost_at: datetime | None = None) -> Tab:
    return Tab("t", "t", lost_at=lost_at, viewing=viewing or Viewing(), since=NOON)


@pytest.mark.parametrize(
    ("one", "viewing", "state"),
    [
        (tab(), FINE, ("good", "")),
        (tab(), replace(FINE, rung="sound", reason="link"), ("weak", "link")),
        (tab(), replace(FINE, loss=0.08), ("weak", "loss")),
        (tab(), replace(FINE, round_trip_ms=900.0), ("weak", "late")),
        (tab(), replace(FINE, rung="saver", reason="cap"), ("saving", "cap")),
        (tab(SOUND), replace(FINE, rung="sound", reason="chosen"), ("sound", "chosen")),
        (tab(SOUND), replace(FINE, rung="lean", reason="link"), ("weak", "link")),
        (tab(NOTHING), None, ("text", "chosen")),
        (tab(), None, ("none", "")),
        (tab(lost_at=NOON), FINE, ("away", "")),
    ],
)
def test_a_connection_is_what_its_listener_notices(
    one: Tab, viewing: ViewingStats | None, state: tuple[str, str]
) -> None:
    assert state_of(one, viewing) == state


def test_whoever_needs_help_comes_first_and_gaps_in_what_they_send_are_seen() -> None:
    lossy = TrackStats("microphone", False, 1000, 90_000, 200, 20, 0, 0, 3.0)
    people = [(Present(n, f"p{n}", name, Role.ATTENDEE), Tab(name, name)) for n, name in enumerate("abcd")]
    stats = {
        "a": ParticipantStats("a", (), FINE),
        "b": ParticipantStats("b", (lossy,), FINE),
        "c": ParticipantStats("c", (), replace(FINE, loss=0.2)),
    }
    found = connections_in(people, RoomStats("room", tuple(stats.values())))
    assert [one.name for one in found] == ["c", "d", "b", "a"]
    assert [one.name for one in found if one.gaps] == ["b"]


def test_a_lost_tab_is_told_of_unless_its_person_is_here_in_another() -> None:
    huda, ali = (Present(n, f"p{n}", name, Role.ATTENDEE) for n, name in enumerate(("Huda", "Ali")))
    tabs = [
        (huda, Tab("before", "before", lost_at=NOON)),
        (huda, Tab("reloaded", "reloaded")),
        (ali, Tab("gone", "gone", lost_at=NOON)),
    ]
    found = connections_in(tabs, None)
    assert [(one.name, one.state) for one in found] == [("Ali", "away"), ("Huda", "none")]


async def test_the_page_lists_the_rooms_with_people_in_words(site: Site) -> None:
    await site.make_organizer("huda")
    status, page = await site.get(PAGE, "huda")
    assert status == 200
    assert "Nobody is in a room now" in page
    person = await site.database.read(lambda rows: present(rows, MORNING_ROOM, account_id("ali")))
    people = site.server.app[ROOMS].room(MORNING_ROOM).people
    people.enter("one", person, site.clock.now())
    people.view("one", NOTHING)
    for path in (PAGE, f"{PAGE}/MORN01"):
        status, page = await site.get(path, "huda")
        assert status == 200
        assert "Text only, by their own choice." in page
        assert "Ali" in page
    assert (await site.get(f"{PAGE}/NOWHERE", "huda"))[0] == 404


async def test_only_organizers_look_at_connections(site: Site) -> None:
    for name in ("ali", "zainab"):  # an attendee, and the chair of a session
        assert (await site.get(PAGE, name))[0] == 403
