"""Signing in by a link in a mail."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from conference.clock import ManualClock
from conference.people.permissions import Role
from conference.people.tables import account, magic_link, outbox
from conference.storage.database import Database, Transaction
from tests.people.conftest import OpenBrowser
from tests.people.congress import BASRA, KARBALA, add_person
from tests.people.site import PUBLIC_URL, Browser, Page, mailed_link

ZAINAB = "zainab@karbala.example"


def join(tx: Transaction, *, email: str, now: datetime) -> int:
    return add_person(tx, email, email, now, (KARBALA, Role.ATTENDEE))


async def ask(browser: Browser, email: str, path: str = "/sign-in") -> Page:
    return await browser.press(await browser.open(path), "/sign-in", email=email)


async def test_a_mailed_link_signs_in(browser: Browser, congress: Database) -> None:
    sent = await ask(browser, ZAINAB)
    assert (sent.status, "Look in your mailbox" in sent.words) == (200, True)
    await browser.enter(await mailed_link(congress, ZAINAB))
    assert await browser.name() == "Zainab"


async def test_a_mail_scanner_does_not_use_the_link_up(browser: Browser, congress: Database) -> None:
    await ask(browser, ZAINAB)
    path = (await mailed_link(congress, ZAINAB)).removeprefix(PUBLIC_URL)
    for _ in range(3):
        page = await browser.open(path)
        assert page.status == 200
        assert not browser.cookie()
    head = await browser.client.head(path)
    assert (head.status, browser.cookie()) == (200, "")
    await browser.enter(path)
    assert await browser.name() == "Zainab"


async def test_a_link_works_once(open_browser: OpenBrowser, congress: Database) -> None:
    first, second = open_browser(), open_browser()
    await ask(first, ZAINAB)
    link = await mailed_link(congress, ZAINAB)
    waiting = await second.open(link.removeprefix(PUBLIC_URL))  # both see the button before either presses
    await first.enter(link)
    late = await second.press(waiting, link.removeprefix(PUBLIC_URL))
    assert (late.status, "This link was used already" in late.words) == (410, True)
    assert await second.name() == ""


async def test_the_link_once_more_in_the_same_browser_just_goes_on(
    browser: Browser, congress: Database
) -> None:
    await ask(browser, ZAINAB, "/sign-in?next=/karbala/")
    link = await mailed_link(congress, ZAINAB)
    await browser.enter(link)
    again = await browser.open(link.removeprefix(PUBLIC_URL))
    assert (again.status, again.path) == (200, "/karbala/")


async def test_a_link_expires(browser: Browser, congress: Database, clock: ManualClock) -> None:
    await ask(browser, ZAINAB)
    link = await mailed_link(congress, ZAINAB)
    clock.advance(timedelta(minutes=15))
    gone = await browser.open(link.removeprefix(PUBLIC_URL))
    assert (gone.status, "does not work any more" in gone.words) == (410, True)
    assert gone.form("/sign-in")["email"] == ""  # another one can be asked for right there


async def test_a_link_works_until_just_before_it_expires(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    await ask(browser, ZAINAB)
    clock.advance(timedelta(minutes=14, seconds=59))
    await browser.enter(await mailed_link(congress, ZAINAB))
    assert await browser.name() == "Zainab"


async def test_an_invented_link_looks_like_an_expired_one(browser: Browser) -> None:
    page = await browser.open("/sign-in/" + "A" * 43)
    assert (page.status, "does not work any more" in page.words) == (410, True)


async def test_an_unknown_address_gets_the_same_answer(browser: Browser, congress: Database) -> None:
    known, unknown = await ask(browser, ZAINAB), await ask(browser, "nobody@karbala.example")
    assert known.status == unknown.status == 200
    assert known.words.replace(ZAINAB, "…") == unknown.words.replace("nobody@karbala.example", "…")
    assert set(known.response.headers) == set(unknown.response.headers)


async def test_an_unknown_address_costs_the_same_rows(browser: Browser, congress: Database) -> None:
    def rows(connection: Connection) -> list[int]:
        tables = (magic_link, outbox, account)
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

    before = await congress.read(rows)
    await ask(browser, ZAINAB)
    between = await congress.read(rows)
    await ask(browser, "nobody@karbala.example")
    after = await congress.read(rows)
    grown = [b - a for a, b in zip(before, between, strict=True)]
    assert grown == [b - a for a, b in zip(between, after, strict=True)] == [1, 1, 0]


async def test_the_mail_to_an_unknown_address_holds_no_link_to_sign_in(
    browser: Browser, congress: Database
) -> None:
    await ask(browser, "nobody@karbala.example")
    text = await congress.read(lambda rows: rows.scalar(select(outbox.c.text)))
    assert text
    assert "/sign-in/" not in text
    assert f"{PUBLIC_URL}/" in text


async def test_links_are_made_from_the_settings_whatever_the_host_header_says(
    browser: Browser, congress: Database
) -> None:
    page = await browser.open("/sign-in")
    await browser.send(
        "/sign-in",
        page.form("/sign-in") | {"email": ZAINAB},
        **{"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert (await mailed_link(congress, ZAINAB)).startswith(f"{PUBLIC_URL}/sign-in/")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:%20x=y\r\nX: y",
        "evil",
        "/" + "a" * 600,
    ],
)
async def test_after_signing_in_nobody_is_sent_elsewhere(
    browser: Browser, congress: Database, wanted: str
) -> None:
    page = await browser.open("/sign-in")
    await browser.send("/sign-in", page.form("/sign-in") | {"email": ZAINAB, "next": wanted})
    if "a" * 600 in wanted:  # refused as too long; typed address kept
        return
    link = (await mailed_link(congress, ZAINAB)).removeprefix(PUBLIC_URL)
    fields = (await browser.open(link)).form(link)
    answer = await browser.client.post(link, data=fields, headers=browser.headers, allow_redirects=False)
    assert answer.status == 303
    place = answer.headers["Location"]
    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))
    assert "evil" not in place
    assert "Set-Cookie" not in place


async def test_a_path_of_ours_is_where_one_lands(browser: Browser, congress: Database) -> None:
    await ask(browser, ZAINAB, "/sign-in?next=/karbala/")
    landed = await browser.enter(await mailed_link(congress, ZAINAB))
    assert landed.path == "/karbala/"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "no-at-sign",
        "a@",
        "@b",
        "a b@c.example",
        "a@b\r\nBcc: x@y.example",
        '"a"@b.example',
        "ä@b.example",
    ],
)
async def test_what_is_no_address_is_told_at_the_field_and_kept(browser: Browser, typed: str) -> None:
    page = await ask(browser, typed)
    assert page.status == 400
    assert page.error_at("email")
    assert page.form("/sign-in")["email"] == typed.replace("\r\n", "\n")


async def test_five_tries_for_one_address_then_wait(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    for _ in range(5):
        assert (await ask(open_browser(), ZAINAB)).status == 200
    browser = open_browser()
    refused = await ask(browser, ZAINAB)
    assert (refused.status, refused.form("/sign-in")["email"]) == (429, ZAINAB)
    assert "15 minutes" in refused.words
    assert refused.response.headers["Retry-After"] == "900"
    clock.advance(timedelta(minutes=15))
    assert (await ask(browser, ZAINAB)).status == 200


async def test_five_tries_from_one_client_whatever_the_addresses(browser: Browser) -> None:
    for number in range(5):
        assert (await ask(browser, f"p{number}@karbala.example")).status == 200
    assert (await ask(browser, "p6@karbala.example")).status == 429


async def test_the_limit_is_not_lifted_by_a_forwarded_address(browser: Browser) -> None:
    page = await browser.open("/sign-in")
    statuses = []
    for number in range(6):
        fields = page.form("/sign-in") | {"email": f"p{number}@karbala.example"}
        answer = await browser.send("/sign-in", fields, **{"X-Forwarded-For": f"203.0.113.{number}"})
        statuses.append(answer.status)
    assert statuses == [200] * 5 + [429]


async def test_whoever_did_sign_in_does_not_use_up_the_tries_of_a_hall(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    for number in range(8):
        email = f"p{number}@karbala.example"
        await congress.write(functools.partial(join, email=email, now=clock.now()))
        browser = open_browser()
        assert (await ask(browser, email)).status == 200
        await browser.enter(await mailed_link(congress, email))
        assert await browser.name() == email


async def test_guessing_links_is_limited(browser: Browser) -> None:
    statuses = [(await browser.open(f"/sign-in/{number:043}")).status for number in range(6)]
    assert statuses == [410, 410, 410, 410, 410, 429]


async def test_signing_in_as_another_warns_and_ends_the_first(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    await congress.write(
        lambda tx: add_person(tx, "ali@x.example", "Ali", clock.now(), (BASRA, Role.ATTENDEE))
    )
    browser, thief = open_browser(), open_browser()
    await ask(browser, ZAINAB)
    await browser.enter(await mailed_link(congress, ZAINAB))
    first = browser.cookie()
    await ask(thief, "ali@x.example")
    link = await mailed_link(congress, "ali@x.example")
    page = await browser.open(link.removeprefix(PUBLIC_URL))
    assert "you are signed in as Zainab" in page.words
    await browser.enter(link)
    assert await browser.name() == "Ali"
    with_old_cookie = await thief.client.get("/", headers={"Cookie": f"majlis={first}"})
    assert (await with_old_cookie.json())["name"] == ""
