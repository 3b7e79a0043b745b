"""Invitations and personal links: they open one event, as one person, until taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from conference.agenda.reading import event_by_id
from conference.clock import ManualClock
from conference.errors import BadInput
from conference.people.accounts import account_by_email, grant_role
from conference.people.invitations import Invited, invite
from conference.people.links import PERSONAL_LINK_LIFE, revoke_personal_links
from conference.people.permissions import Role
from conference.people.sessions import opens_event
from conference.people.tables import browser_session, outbox
from conference.storage.database import Database, Transaction
from tests.people.conftest import OpenBrowser
from tests.people.congress import BASRA, KARBALA, OPENIN, ROUNDS, add_person
from tests.people.site import PUBLIC_URL, Browser

ALI = "ali@hospital.example"


def invited(
    tx: Transaction, now: datetime, *, event_id: int = ROUNDS, role: Role = Role.ATTENDEE, email: str = ALI
) -> Invited:
    event = event_by_id(tx.connection, event_id)
    return invite(tx, event, email, role, name="Ali", public_url=PUBLIC_URL, now=now)


async def test_an_invitation_opens_a_closed_event(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    made = await congress.write(lambda tx: invited(tx, clock.now()))
    assert (await browser.open("/rounds/")).status == 404
    page = await browser.open(made.link.removeprefix(PUBLIC_URL))
    assert "You go in as Ali" in page.words
    assert await browser.name() == ""
    landed = await browser.enter(made.link)
    assert (landed.status, landed.path) == (200, "/rounds/")


async def test_a_personal_link_works_again_and_again(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    made = await congress.write(lambda tx: invited(tx, clock.now()))
    for _ in range(3):
        clock.advance(timedelta(days=30))
        browser = open_browser()
        await browser.enter(made.link)
        assert await browser.name() == "Ali"


async def test_it_expires(browser: Browser, congress: Database, clock: ManualClock) -> None:
    made = await congress.write(lambda tx: invited(tx, clock.now()))
    clock.advance(PERSONAL_LINK_LIFE)
    page = await browser.open(made.link.removeprefix(PUBLIC_URL))
    assert (page.status, "ask them for a new one" in page.words) == (410, True)


async def test_taken_back_it_opens_nothing_and_what_it_opened_is_closed(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    inside, outside = open_browser(), open_browser()
    made = await congress.write(lambda tx: invited(tx, clock.now()))
    await inside.enter(made.link)
    waiting = await outside.open(made.link.removeprefix(PUBLIC_URL))
    await congress.write(lambda tx: revoke_personal_links(tx, made.account.id, ROUNDS, clock.now()))
    assert await inside.name() == ""
    assert (await outside.press(waiting, made.link.removeprefix(PUBLIC_URL))).status == 410


async def test_it_opens_its_event_not_the_account(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    made = await congress.write(lambda tx: invited(tx, clock.now()))
    await congress.write(lambda tx: grant_role(tx, made.account.id, BASRA, Role.ORGANIZER, now=clock.now()))
    await browser.enter(made.link)
    assert (await browser.open("/rounds/")).status == 200
    assert (await browser.open("/basra/organize/people")).status == 401  # nobody there
    session_id = await congress.read(lambda rows: rows.scalar(select(browser_session.c.id)))
    assert await congress.read(lambda rows: opens_event(rows, session_id, ROUNDS))
    assert not await congress.read(lambda rows: opens_event(rows, session_id, BASRA))


async def test_with_it_an_account_used_elsewhere_cannot_be_reshaped(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    made = await congress.write(lambda tx: invited(tx, clock.now()))
    await browser.enter(made.link)
    assert (await browser.press(await browser.open("/me"), "/me", name="Ali H.")).status == 200
    await congress.write(lambda tx: grant_role(tx, made.account.id, BASRA, Role.SPEAKER, now=clock.now()))
    for action in ("/me", "/me/sessions/end-all"):
        assert (await browser.press(await browser.open("/me"), action)).status == 403
    ali = await congress.read(lambda rows: account_by_email(rows, ALI))
    assert ali
    assert ali.name == "Ali H."


async def test_the_link_of_somebody_with_another_event_is_not_for_organizers_eyes(
    congress: Database, clock: ManualClock
) -> None:
    await congress.write(lambda tx: add_person(tx, ALI, "Ali", clock.now(), (BASRA, Role.ORGANIZER)))
    made = await congress.write(lambda tx: invited(tx, clock.now()))
    assert not made.may_be_shown
    assert await congress.read(lambda rows: rows.scalars(select(outbox.c.event_id)).all()) == [None]


async def test_a_role_of_the_wrong_reach_leaves_nothing_behind(
    congress: Database, clock: ManualClock
) -> None:
    event = await congress.read(lambda rows: event_by_id(rows, KARBALA))

    for role, session_id in ((Role.MODERATOR, None), (Role.ORGANIZER, OPENIN), (Role.ATTENDEE, OPENIN)):
        with pytest.raises(BadInput):
            await congress.write(
                lambda tx, role=role, session_id=session_id: invite(  # type: ignore[misc]  # bound at once
                    tx, event, ALI, role, session_id=session_id, public_url=PUBLIC_URL, now=clock.now()
                )
            )
    assert await congress.read(lambda rows: account_by_email(rows, ALI)) is None  # nothing half done


async def test_a_session_that_was_never_is_no_session(congress: Database) -> None:
    assert not await congress.read(lambda rows: opens_event(rows, 999, ROUNDS))
