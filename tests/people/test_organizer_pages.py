"""What organizers do with the people and the mail of their event, by the forms on their pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from conference.clock import ManualClock
from conference.people.accounts import account_by_email
from conference.people.outbox import put_mail
from conference.people.permissions import Role, Scope, roles_in
from conference.people.session_cookie import REVOCATIONS
from conference.people.tables import grant, outbox
from conference.storage.database import Database
from tests.people.conftest import OpenBrowser
from tests.people.congress import BASRA, KARBALA, KARBALA_EVENT, OPENIN_ROOM, add_person
from tests.people.site import Browser, Page, compose, mailed_link, settings_for

PEOPLE = "/karbala/organize/people"
ALI = "ali@hospital.example"


async def enter_as(browser: Browser, congress: Database, email: str) -> None:
    await browser.press(await browser.open("/sign-in"), "/sign-in", email=email)
    await browser.enter(await mailed_link(congress, email))


@pytest.fixture
async def organizer(open_browser: OpenBrowser, congress: Database) -> Browser:
    """Zainab's browser."""
    browser = open_browser()
    await enter_as(browser, congress, "zainab@karbala.example")
    return browser


async def invite(organizer: Browser, **typed: str) -> Page:
    fields = {"email": ALI, "name": "Ali", "role": "attendee"} | typed
    return await organizer.press(await organizer.open(PEOPLE), PEOPLE, **fields)


async def person_of(congress: Database, email: str = ALI) -> tuple[int, str]:
    """The account's id, and the address of its page."""
    found = await congress.read(lambda rows: account_by_email(rows, email))
    assert found
    return found.id, f"{PEOPLE}/{found.public_id}"


async def roles(congress: Database, scope: Scope = KARBALA_EVENT, email: str = ALI) -> set[str]:
    person, _ = await person_of(congress, email)
    return {role.value for role in await congress.read(lambda rows: roles_in(rows, person, scope))}


async def test_inviting_shows_the_link_once_and_mails_it(
    organizer: Browser, open_browser: OpenBrowser, congress: Database
) -> None:
    page = await invite(organizer, role="speaker", session="OPENIN")
    (link,) = set(re.findall(r"http://majlis\.example/join/[\w-]+", page.text))
    assert link == await mailed_link(congress, ALI)
    assert await roles(congress, OPENIN_ROOM) == {"speaker", "attendee"}
    assert await roles(congress) == {"attendee"}
    guest = open_browser()
    await guest.enter(link)
    assert await guest.name() == "Ali"
    assert "/join/" not in (await organizer.open(PEOPLE)).text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": ""}, "email"),
        ({"role": "moderator"}, "session"),
        ({"role": "organizer", "session": "OPENIN"}, "session"),
        ({"name": "x" * 81}, "name"),
        ({"role": "emperor"}, "session"),  # shown beside the choice of role and session
    ],
)
async def test_what_is_wrong_with_an_invitation_stands_beside_it_and_nothing_is_lost(
    organizer: Browser, congress: Database, typed: dict[str, str], field: str
) -> None:
    page = await invite(organizer, **typed)
    assert page.status == 400
    assert page.error_at(field)
    kept = {"email": ALI, "name": "Ali"} | {name: typed[name] for name in ("email", "name") if name in typed}
    assert {name: page.form(PEOPLE)[name] for name in kept} == kept
    assert await congress.read(lambda rows: account_by_email(rows, ALI)) is None


async def test_giving_and_taking_a_role(
    organizer: Browser, congress: Database, site: web.Application
) -> None:
    told: list[tuple[int, int | None]] = []
    await invite(organizer)
    person, page = await person_of(congress)
    site[REVOCATIONS].subscribe(lambda account_id, session_id: told.append((account_id, session_id)))
    await organizer.press(await organizer.open(page), f"{page}/grant", role="chair", session="OPENIN")
    assert await roles(congress, OPENIN_ROOM) == {"chair", "attendee"}
    shown = await organizer.open(page)
    assert shown.form(f"{page}/revoke")["role"] == "chair"
    after = await organizer.press(shown, f"{page}/revoke")
    assert after.path == page
    assert await roles(congress, OPENIN_ROOM) == {"attendee"}
    assert (person, None) in told
    gone = await organizer.press(await organizer.open(page), f"{page}/revoke")
    assert (gone.status, gone.path) == (200, PEOPLE)  # no role left: not of this event any more
    assert (await organizer.open(page)).status == 404


async def test_the_last_organizer_cannot_leave_the_event_without_one(
    organizer: Browser, congress: Database
) -> None:
    _, page = await person_of(congress, "zainab@karbala.example")
    refused = await organizer.press(await organizer.open(page), f"{page}/revoke")
    assert (refused.status, "only organizer" in refused.words) == (409, True)
    assert "organizer" in await roles(congress, email="zainab@karbala.example")


async def test_removing_somebody_and_letting_them_back(
    organizer: Browser, congress: Database, site: web.Application
) -> None:
    told: list[int] = []
    await invite(organizer, role="chair")
    person, page = await person_of(congress)
    site[REVOCATIONS].subscribe(lambda account_id, session_id: told.append(account_id))
    banned = await organizer.press(await organizer.open(page), f"{page}/ban")
    assert "Removed from this event" in banned.words
    assert told == [person]
    assert await roles(congress) == set()
    await organizer.press(banned, f"{page}/unban")
    assert await roles(congress) == {"chair", "attendee"}


async def test_taking_links_back_ends_what_they_opened(
    organizer: Browser, open_browser: OpenBrowser, congress: Database
) -> None:
    await invite(organizer)
    guest = open_browser()
    await guest.enter(await mailed_link(congress, ALI))
    assert await guest.name() == "Ali"
    _, page = await person_of(congress)
    await organizer.press(await organizer.open(page), f"{page}/take-links")
    assert await guest.name() == ""
    made = await organizer.press(await organizer.open(page), f"{page}/link")
    assert "This is the personal link of Ali" in made.words
    await guest.enter(await mailed_link(congress, ALI))
    assert await guest.name() == "Ali"


async def test_the_list_is_searched_by_name_as_it_looks_address_or_role(
    organizer: Browser, congress: Database, clock: ManualClock
) -> None:
    for email, name in (("a@x.example", "فاطمة علي"), ("b@x.example", "Hassan")):
        await congress.write(
            lambda tx, email=email, name=name: add_person(  # type: ignore[misc]  # bound at once
                tx, email, name, clock.now(), (KARBALA, Role.ATTENDEE)
            )
        )
    for wanted, found in (("فاطمه علی", "فاطمة"), ("b@x", "Hassan"), ("organizer", "Zainab")):
        page = await organizer.open(f"{PEOPLE}?q={wanted}")
        listed = re.findall(r"[\w.]+@[\w.]+example", page.words)
        assert (found in page.words, len(listed)) == (True, 1)
    assert "Nobody fits this search" in (await organizer.open(f"{PEOPLE}?q=nobody")).words


@pytest.mark.parametrize("role", [None, Role.ATTENDEE, Role.SPEAKER, Role.CHAIR])
async def test_nobody_but_organizers_gets_in(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock, role: Role | None
) -> None:
    browser = open_browser()
    given: list[Any] = [(KARBALA, role)] if role else [(BASRA, Role.ORGANIZER)]
    await congress.write(lambda tx: add_person(tx, ALI, "Ali", clock.now(), *given))
    await enter_as(browser, congress, ALI)
    token = (await browser.open("/me")).form("/me")["form_token"]
    for path in (PEOPLE, "/karbala/organize/outbox"):
        assert (await browser.open(path)).status == 403
    fields = {"form_token": token, "email": "evil@x.example", "role": "organizer", "name": ""}
    assert (await browser.send(PEOPLE, fields)).status == 403
    assert await congress.read(lambda rows: account_by_email(rows, "evil@x.example")) is None


async def test_organizers_reach_nobody_of_another_event(organizer: Browser, congress: Database) -> None:
    omar, page = await person_of(congress, "omar@basra.example")
    token = (await organizer.open("/me")).form("/me")["form_token"]
    assert (await organizer.open(page)).status == 404
    for act in ("grant", "link", "ban"):
        fields = {"form_token": token, "role": "attendee"}
        assert (await organizer.send(f"{page}/{act}", fields)).status == 404
    roles_now = await congress.read(
        lambda rows: rows.execute(select(grant).where(grant.c.account_id == omar)).all()
    )
    assert [(row.event_id, row.role) for row in roles_now] == [(BASRA, "organizer")]


async def test_a_session_of_another_event_is_no_choice(organizer: Browser, congress: Database) -> None:
    page = await organizer.open(PEOPLE)
    sent = await organizer.press(page, PEOPLE, email=ALI, role="moderator", session="CASES1")
    assert (sent.status, bool(sent.error_at("session"))) == (400, True)
    assert await congress.read(lambda rows: rows.scalars(select(grant.c.session_id)).all()) == [None, None]


async def test_with_a_relay_organizers_see_no_keys(organizer: Browser, congress: Database) -> None:
    await invite(organizer)
    public_id = await congress.read(
        lambda rows: rows.scalar(select(outbox.c.public_id).where(outbox.c.recipient == ALI))
    )
    listed = await organizer.open("/karbala/organize/outbox")
    assert f"/karbala/organize/outbox/{public_id}" in listed.text
    mail = await organizer.open(f"/karbala/organize/outbox/{public_id}")
    assert "/join/…" in mail.words
    assert not re.search(r"/join/[\w-]{20}", mail.text)


async def test_without_a_relay_organizers_pass_links_on_and_those_open_one_event(
    congress: Database, clock: ManualClock
) -> None:
    app = compose(congress, clock, settings_for(mail={"host": ""}))
    person = await congress.write(
        lambda tx: add_person(tx, ALI, "Ali", clock.now(), (KARBALA, Role.ATTENDEE))
    )
    assert person
    browser = Browser(app)
    sent = await browser.press(await browser.open("/sign-in"), "/sign-in", email=ALI)
    assert "Ask an organizer for your link" in sent.words
    text, event_id = await congress.read(
        lambda rows: rows.execute(select(outbox.c.text, outbox.c.event_id)).one()
    )
    assert (event_id, "/sign-in/" in text) == (KARBALA, True)
    await browser.enter(await mailed_link(congress, ALI))
    assert await browser.name() == "Ali"
    assert (await browser.open("/karbala/")).status == 200
    answer = await browser.client.get("/basra/")
    assert (await answer.json())["name"] == ""
    await browser.client.close()


async def test_a_mail_of_another_event_is_not_found(
    organizer: Browser, congress: Database, clock: ManualClock
) -> None:
    mail = await congress.write(
        lambda tx: put_mail(
            tx, to="a@x.example", subject="s", text="t", language="en", now=clock.now(), event_id=BASRA
        )
    )
    assert (await organizer.open(f"/karbala/organize/outbox/{mail}")).status == 404
    token = (await organizer.open("/me")).form("/me")["form_token"]
    sent = await organizer.send("/karbala/organize/outbox/again", {"form_token": token, "mail": mail})
    assert sent.status == 404


async def test_an_empty_outbox_says_so(organizer: Browser, congress: Database) -> None:
    await congress.write(lambda tx: tx.connection.execute(outbox.delete()))
    assert "No mail yet" in (await organizer.open("/karbala/organize/outbox")).words
