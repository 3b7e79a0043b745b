"""Registering for an open event; a closed one does not exist for outsiders."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from conference.clock import ManualClock
from conference.people.accounts import account_by_email
from conference.people.permissions import Capability, Role, allowed
from conference.people.tables import account, grant, outbox
from conference.storage.database import Database
from tests.people.conftest import OpenBrowser
from tests.people.congress import BASRA, KARBALA, KARBALA_EVENT, ROUNDS, add_person
from tests.people.site import Browser, Page, mailed_link

FORM = "/karbala/register"


async def register(browser: Browser, name: str, email: str) -> Page:
    return await browser.press(await browser.open(FORM), FORM, name=name, email=email)


async def test_registering_takes_a_name_an_address_and_the_mailed_link(
    browser: Browser, congress: Database
) -> None:
    sent = await register(browser, "ليلى حسن", "Layla@Hospital.example")
    assert "Look in your mailbox" in sent.words
    assert await congress.read(lambda rows: account_by_email(rows, "layla@hospital.example")) is None
    landed = await browser.enter(await mailed_link(congress, "layla@hospital.example"))
    assert landed.path == "/karbala/"
    assert await browser.name() == "ليلى حسن"
    layla = await congress.read(lambda rows: account_by_email(rows, "layla@hospital.example"))
    assert layla
    assert await congress.read(lambda rows: allowed(rows, layla.id, Capability.ASK, KARBALA_EVENT))


async def test_registering_again_keeps_one_account_and_its_name(
    open_browser: OpenBrowser, congress: Database
) -> None:
    for name in ("Layla", "Somebody Else"):
        browser = open_browser()
        await register(browser, name, "layla@x.example")
        await browser.enter(await mailed_link(congress, "layla@x.example"))
        assert await browser.name() == "Layla"
    assert await congress.read(lambda rows: rows.scalar(select(func.count()).select_from(account))) == 3
    assert await congress.read(lambda rows: rows.scalar(select(func.count()).select_from(grant))) == 3


async def test_whether_an_address_has_an_account_cannot_be_told(
    open_browser: OpenBrowser, congress: Database
) -> None:
    known = await register(open_browser(), "X", "zainab@karbala.example")
    unknown = await register(open_browser(), "X", "nobody@karbala.example")
    assert known.words.replace("zainab", "…") == unknown.words.replace("nobody", "…")
    assert (await congress.read(lambda rows: rows.scalars(select(outbox.c.kind)).all())) == [
        "registration"
    ] * 2


@pytest.mark.parametrize(
    "name", ["Zainab", "ZAINAВ", "Dr. Zainab", "Sara Kamil", "د. سارة كامل", "ساره کامل"]
)
async def test_the_name_of_an_organizer_or_speaker_is_refused_and_kept_in_the_form(
    browser: Browser, congress: Database, name: str
) -> None:
    page = await register(browser, name, "thief@x.example")
    assert page.status == 400
    assert "looks like that of a speaker" in page.error_at("name")
    assert (page.form(FORM)["name"], page.form(FORM)["email"]) == (name, "thief@x.example")
    assert await congress.read(lambda rows: rows.scalar(select(func.count()).select_from(outbox))) == 0


@pytest.mark.parametrize("name", ["Zainab Hadi", "سارة كامل جبار", "Omar"])
async def test_names_that_only_resemble_are_welcome(browser: Browser, name: str) -> None:
    assert (await register(browser, name, "a@x.example")).status == 200  # Omar organizes another event


async def test_direction_overrides_in_a_name_are_gone(browser: Browser, congress: Database) -> None:
    await register(browser, "Layla\u202e nassaH\u2069", "layla@x.example")
    await browser.enter(await mailed_link(congress, "layla@x.example"))
    assert await browser.name() == "Layla nassaH"


async def test_empty_fields_are_told_at_their_places(browser: Browser) -> None:
    page = await register(browser, "", "nonsense")
    assert page.status == 400
    assert page.error_at("name")
    assert page.form(FORM)["email"] == "nonsense"


async def test_somebody_signed_in_registers_with_one_button(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    await congress.write(lambda tx: add_person(tx, "a@x.example", "Ali", clock.now(), (BASRA, Role.ATTENDEE)))
    page = await browser.open("/sign-in")
    await browser.press(page, "/sign-in", email="a@x.example")
    await browser.enter(await mailed_link(congress, "a@x.example"))
    form = await browser.open(FORM)
    assert "You take part as Ali" in form.words
    assert (await browser.press(form, FORM)).path == "/karbala/"
    assert "You are registered" in (await browser.open(FORM)).words
    roles = await congress.read(lambda rows: rows.execute(select(grant.c.event_id, grant.c.role)).all())
    assert (KARBALA, "attendee") in [tuple(row) for row in roles]


@pytest.mark.parametrize(
    "path", ["/rounds/", "/rounds/register", "/rounds/session/CASES1/desk", "/rounds/organize/people"]
)
async def test_a_closed_event_looks_like_one_that_never_was(browser: Browser, path: str) -> None:
    closed, never = await browser.open(path), await browser.open(path.replace("rounds", "never"))
    assert closed.status == never.status == 404
    assert closed.words == never.words


async def test_nobody_registers_for_a_closed_event(browser: Browser, congress: Database) -> None:
    token = (await browser.open(FORM)).form(FORM)["form_token"]
    fields = {"form_token": token, "name": "A", "email": "a@x.example"}
    refused, never = (
        await browser.send("/rounds/register", fields),
        await browser.send("/never/register", fields),
    )
    assert refused.status == 404
    assert refused.words == never.words
    assert await congress.read(lambda rows: rows.scalar(select(func.count()).select_from(outbox))) == 0


async def test_a_member_of_a_closed_event_sees_it(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    await congress.write(
        lambda tx: add_person(tx, "m@x.example", "Member", clock.now(), (ROUNDS, Role.ATTENDEE))
    )
    await browser.press(await browser.open("/sign-in"), "/sign-in", email="m@x.example")
    await browser.enter(await mailed_link(congress, "m@x.example"))
    assert (await browser.open("/rounds/")).status == 200
    assert (await browser.open("/rounds/session/CASES1/desk")).status == 403
