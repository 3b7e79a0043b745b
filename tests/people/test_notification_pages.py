"""`/{event}/notifications`: one's own and nobody else's, read once they were seen, also without a script."""

from __future__ import annotations

import json

from conference.clock import ManualClock
from conference.people.links import make_personal_link
from conference.people.notifying import Kind, Notice, notify, unread_of
from conference.people.permissions import Role
from conference.storage.database import Database, Transaction
from tests.people.conftest import OpenBrowser
from tests.people.congress import KARBALA, add_person
from tests.people.site import PUBLIC_URL, Browser

HOSTILE = "<script>alert(1)</script>\u202egnp.exe"


async def visitor(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock, name: str
) -> tuple[int, Browser]:
    def come(tx: Transaction) -> tuple[int, str]:
        who = add_person(tx, f"{name}@x.example", name.title(), clock.now(), (KARBALA, Role.ATTENDEE))
        return who, make_personal_link(tx, who, None, now=clock.now())

    who, token = await congress.write(come)
    browser = open_browser()
    await browser.enter(f"{PUBLIC_URL}/join/{token}")
    return who, browser


async def test_page_lists_what_concerns_the_reader_and_a_button_marks_it_as_seen(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    sara, browser = await visitor(open_browser, congress, clock, "sara")
    _ali, others_browser = await visitor(open_browser, congress, clock, "ali")
    mention = Notice(kind=Kind.MENTION, by="Ali", text=HOSTILE, session="OPENIN")
    await congress.write(lambda tx: notify(tx, sara, KARBALA, mention, at=clock.now()))
    page = await browser.open("/karbala/notifications")
    assert "mentioned you" in page.text
    assert "Session OPENIN" in page.text
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "mentioned you" not in (await others_browser.open("/karbala/notifications")).text
    after = await browser.press(page, "/karbala/notifications/read")
    assert "I have seen these" not in after.text
    assert "mentioned you" in after.text
    assert await congress.read(lambda rows: unread_of(rows, sara, KARBALA)) == 0


async def test_open_pages_are_told_the_newest_unread_ones_in_the_readers_language(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    sara, browser = await visitor(open_browser, congress, clock, "sara")

    def write(tx: Transaction) -> None:
        for number in range(5):
            notify(tx, sara, KARBALA, Notice(kind=Kind.DIRECT_MESSAGE, by=str(number)), at=clock.now())

    await congress.write(write)
    told = json.loads((await browser.open("/karbala/notifications/new")).text)
    assert told["unread"] == 5
    assert [one["words"] for one in told["notifications"]] == [
        f"\u2068{number}\u2069 wrote to you." for number in (4, 3, 2)
    ]


async def test_outsiders_are_asked_to_sign_in(browser: Browser) -> None:
    page = await browser.open("/karbala/notifications")
    assert page.status == 401
    assert "/sign-in" in page.text
