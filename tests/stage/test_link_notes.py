"""Trying out a connection at the door: what it means, what is kept, and the room that sends sound back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from conference.clock import Clock, ManualClock
from conference.errors import NotFound, TooMany
from conference.media.engine import SubscribeOffer
from conference.media.turn import NO_TURN
from conference.people.grants import ban_person
from conference.stage import checking
from conference.stage.checking import Checks
from conference.stage.link_notes import KEPT, LinkFound, note_link, notes_of, sending_of, verdict_of
from conference.storage.database import Database
from tests.live.seminar import account_id
from tests.media.peer import Publisher, Watcher, until
from tests.stage.auditorium import MORNING_ROOM, Auditorium
from tests.stage.site import ROOM, Site

GOOD = LinkFound(round_trip_ms=80, transport="udp", loss=0.0, down_kbits=4_000, up_kbits=2_000)
P1 = LinkFound(round_trip_ms=310, transport="udp", loss=0.05, down_kbits=61, up_kbits=31)


@pytest.mark.parametrize(
    ("found", "verdict", "sending"),
    [
        (GOOD, "pictures", "camera"),
        (LinkFound(120, "tcp", 0.02, 400, 200), "small", "voice"),
        (P1, "sound", "too-weak"),
        (LinkFound(300, "udp", 0.12, 5_000, 900), "sound", "voice"),
        (LinkFound(600, "udp", 0.05, 20, 20), "text", "too-weak"),
        (LinkFound(90, "udp", 0.4, 4_000, 2_000), "text", "voice"),
        (LinkFound(90, "none", None, 4_000, 2_000), "blocked", "unknown"),
        (LinkFound(90, "udp", 0.0, None, None), "small", "unknown"),
    ],
)
def test_what_a_connection_is_good_for(found: LinkFound, verdict: str, sending: str) -> None:
    assert (verdict_of(found), sending_of(found)) == (verdict, sending)


async def test_the_last_try_of_each_person_is_kept_for_a_while(
    furnished: Database, clock: ManualClock
) -> None:
    async def note(name: str, found: LinkFound) -> None:
        now = clock.now()
        await furnished.write(lambda tx: note_link(tx, MORNING_ROOM, account_id(name), found, now=now))

    async def kept() -> Sequence[tuple[str, LinkFound]]:
        notes = await furnished.read(lambda rows: notes_of(rows, 1, now=clock.now()))
        return [(note.person, note.found) for note in notes]

    await note("ali", GOOD)
    clock.advance(timedelta(minutes=1))
    await note("omar", GOOD)
    clock.advance(timedelta(minutes=1))
    await note("ali", P1)
    assert await kept() == [("ali-public-id", P1), ("omar-public-id", GOOD)]
    clock.advance(KEPT - timedelta(seconds=30))
    assert await kept() == [("ali-public-id", P1)]
    await note("sara", GOOD)
    counted = await furnished.read(
        lambda rows: rows.exec_driver_sql("SELECT count(*) FROM link_note").scalar()
    )
    assert counted == 2  # what is too old is not only hidden


async def test_a_result_is_kept_and_answered_with_what_it_means(site: Site) -> None:
    found = {"round_trip_ms": 310, "transport": "udp", "loss": 0.05, "down_kbits": 61, "up_kbits": 31}
    status, said = await site.post(f"{ROOM}/check/result", "ali", found)
    assert (status, said) == (200, {"verdict": "sound", "sending": "too-weak"})
    await site.make_organizer("huda")
    status, page = await site.get("/karbala/organize/connections", "huda")
    assert status == 200
    assert "Good for sound, too weak for pictures." in page
    assert "Ali" in page
    assert (await site.post(f"{ROOM}/check/result", "ali", found | {"loss": 7}))[0] == 400


async def test_bytes_to_time_are_as_many_as_asked_for_and_never_more_than_allowed(site: Site) -> None:
    status, page = await site.get(f"{ROOM}/check/bytes?size=999999999999", "ali")
    assert status == 200
    assert len(page) < 100
    assert (await site.post(f"{ROOM}/check/bytes", "ali", b"x" * 60_000))[0] == 200
    assert (await site.post(f"{ROOM}/check/bytes", "ali", b"x" * (checking.LARGEST_UP + 1)))[0] == 400


async def test_strangers_and_the_removed_try_nothing(site: Site) -> None:
    now = site.clock.now()
    await site.database.write(
        lambda tx: ban_person(tx, account_id("ali"), 1, by=account_id("zainab"), now=now)
    )
    assert (await site.get(f"{ROOM}/check/bytes?size=10"))[0] in (401, 403)
    assert (await site.get(f"{ROOM}/check/bytes?size=10", "ali"))[0] == 403


class One:
    """The checks as one person's browser reaches them."""

    def __init__(self, checks: Checks, account_id: int) -> None:
        self._checks = checks
        self._account_id = account_id

    async def publish(self, _room: str, _name: str, sdp: str, tracks: dict[str, str]) -> str:
        return await self._checks.publish(self._account_id, sdp, tracks)

    async def subscribe(self, _room: str, _name: str) -> SubscribeOffer:
        return await self._checks.subscribe(self._account_id)

    async def subscribe_answer(self, _room: str, _name: str, version: int, sdp: str) -> None:
        await self._checks.answer(self._account_id, version, sdp)


async def test_a_check_sends_ones_own_sound_back(room: Auditorium, clock: Clock) -> None:
    checks, publisher, watcher = Checks(room.engine, clock, NO_TURN), Publisher(("microphone",)), Watcher()
    await publisher.publish(One(checks, 7), "", "")
    await watcher.subscribe(One(checks, 7), "", "")
    await until(lambda: len(watcher.received["speaker~microphone"].packets) > 20, what="it comes back")
    await publisher.close()
    await watcher.close()
    await checks.end(7)
    assert (await room.engine.state()).rooms == 0
    with pytest.raises(NotFound):
        await checks.subscribe(7)


async def test_a_person_has_one_check_and_all_have_so_many(
    room: Auditorium, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MOST_AT_ONCE", 2)
    checks = Checks(room.engine, clock, NO_TURN)

    async def begin(account: int) -> None:
        publisher = Publisher(("microphone",))
        try:
            await checks.publish(account, publisher.offer(), publisher.tracks)
        finally:
            await publisher.close(goodbye=False)

    for account in (1, 1, 2):
        await begin(account)
    assert (await room.engine.state()).rooms == 2
    with pytest.raises(TooMany):
        await begin(3)
    await checks.end(1)
    await begin(3)
    for account in (2, 3):
        await checks.end(account)
