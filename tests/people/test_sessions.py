"""Browser sessions: cookies, rotation, ending them."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from aiohttp import ClientSession, web
from sqlalchemy import select

from conference.clock import ManualClock
from conference.people.accounts import account_by_email
from conference.people.forgetting import forget_expired
from conference.people.grants import grant_role
from conference.people.links import make_personal_link
from conference.people.permissions import Role
from conference.people.session_cookie import REVOCATIONS
from conference.people.sessions import ROTATION_GRACE, sessions_of, summary_of
from conference.people.tables import browser_session
from conference.storage.database import Database, Transaction
from tests.people.conftest import OpenBrowser
from tests.people.congress import BASRA
from tests.people.site import PUBLIC_URL, Browser, compose, settings_for

ZAINAB = "zainab@karbala.example"


async def signed_in(browser: Browser, congress: Database, clock: ManualClock) -> int:
    """Zainab, by a link for her whole account; returns her account's id."""

    def link(tx: Transaction) -> tuple[int, str]:
        account = account_by_email(tx.connection, ZAINAB)
        assert account
        return account.id, make_personal_link(tx, account.id, None, now=clock.now())

    account_id, token = await congress.write(link)
    await browser.enter(f"{PUBLIC_URL}/join/{token}")
    assert await browser.name() == "Zainab"
    return account_id


async def with_cookie(browser: Browser, cookie: str) -> tuple[str, str]:
    """Whom the server takes somebody with this cookie for, and the new cookie it offers them."""
    async with ClientSession(cookies={"majlis": cookie}) as bare:
        answer = await bare.get(browser.server.make_url("/"))
        offered = SimpleCookie(answer.headers.get("Set-Cookie", "")).get("majlis")
        return str((await answer.json())["name"]), offered.value if offered else ""


async def named(browser: Browser, cookie: str) -> str:
    return (await with_cookie(browser, cookie))[0]


async def test_a_token_planted_before_signing_in_is_worth_nothing(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    victim = open_browser()
    await victim.open("/sign-in")
    planted = "x" * 43
    victim.client.session.cookie_jar.update_cookies({"majlis": planted}, victim.server.make_url("/"))
    await signed_in(victim, congress, clock)
    assert victim.cookie() != planted
    assert await named(victim, planted) == ""


async def test_a_session_fixed_by_somebody_else_ends_at_sign_in(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    await signed_in(browser, congress, clock)
    before = browser.cookie()
    await signed_in(browser, congress, clock)
    assert browser.cookie() != before
    assert await named(browser, before) == ""


async def test_the_database_holds_no_cookie(browser: Browser, congress: Database, clock: ManualClock) -> None:
    await signed_in(browser, congress, clock)
    rows = await congress.read(lambda rows: rows.execute(select(browser_session)).mappings().all())
    assert browser.cookie()
    assert browser.cookie() not in {str(value) for row in rows for value in row.values()}


async def test_a_role_change_exchanges_the_cookie(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    person = await signed_in(browser, congress, clock)
    before = browser.cookie()
    await congress.write(lambda tx: grant_role(tx, person, BASRA, Role.CHAIR, now=clock.now()))
    assert await browser.name() == "Zainab"
    after = browser.cookie()
    assert after != before
    assert await named(browser, before) == "Zainab"  # requests under way
    assert await browser.name() == "Zainab"  # the new one arrived
    clock.advance(ROTATION_GRACE)
    assert await named(browser, before) == ""
    assert await named(browser, after) == "Zainab"
    assert browser.cookie() == after


async def test_a_lost_answer_with_the_new_cookie_locks_nobody_out(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    person = await signed_in(browser, congress, clock)
    before = browser.cookie()
    await congress.write(lambda tx: grant_role(tx, person, BASRA, Role.CHAIR, now=clock.now()))
    assert await named(browser, before) == "Zainab"  # this answer never arrives
    offered = ""
    for _ in range(3):
        clock.advance(timedelta(hours=5))
        name, offered = await with_cookie(browser, before)
        assert name == "Zainab"
        assert offered not in ("", before)
    assert await named(browser, offered) == "Zainab"


async def test_requests_side_by_side_get_one_new_cookie(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    person = await signed_in(browser, congress, clock)
    before = browser.cookie()
    await congress.write(lambda tx: grant_role(tx, person, BASRA, Role.CHAIR, now=clock.now()))
    answers = [await with_cookie(browser, before) for _ in range(3)]
    assert [name for name, _ in answers] == ["Zainab"] * 3
    assert [bool(offered) for _, offered in answers] == [True, False, False]


async def test_a_form_that_was_open_during_a_role_change_still_works(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    person = await signed_in(browser, congress, clock)
    page = await browser.open("/me")
    await congress.write(lambda tx: grant_role(tx, person, BASRA, Role.CHAIR, now=clock.now()))
    saved = await browser.press(page, "/me", name="Zainab K.")
    assert saved.status == 200
    assert await browser.name() == "Zainab K."


async def test_a_session_unused_for_its_days_is_over(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    await signed_in(browser, congress, clock)
    clock.advance(timedelta(days=29))
    assert await browser.name() == "Zainab"
    clock.advance(timedelta(days=29))
    assert await browser.name() == "Zainab"
    clock.advance(timedelta(days=30))
    assert await browser.name() == ""


async def test_my_sessions_are_listed_and_one_can_be_ended(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock, site: web.Application
) -> None:
    told: list[tuple[int, int | None]] = []
    site[REVOCATIONS].subscribe(lambda account_id, session_id: told.append((account_id, session_id)))
    here, there = open_browser(), open_browser()
    person = await signed_in(there, congress, clock)
    clock.advance(timedelta(minutes=1))
    await signed_in(here, congress, clock)
    listed = await congress.read(lambda rows: sessions_of(rows, person, clock.now()))
    page = await here.open("/me")
    assert page.words.count("this device") == 1
    assert page.form("/me/sessions/end")["session"] == listed[1].public_id
    await here.press(page, "/me/sessions/end")
    assert (await here.name(), await there.name()) == ("Zainab", "")
    assert told == [(person, listed[1].id)]


async def test_nobody_ends_the_session_of_another(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    await signed_in(browser, congress, clock)

    def omar(tx: Transaction) -> str:
        account = account_by_email(tx.connection, "omar@basra.example")
        assert account
        return make_personal_link(tx, account.id, None, now=clock.now())

    stranger = Browser(browser.server.app, server=browser.server)
    await stranger.enter(f"{PUBLIC_URL}/join/{await congress.write(omar)}")
    mine = (await congress.read(lambda rows: rows.scalars(select(browser_session.c.public_id)).all()))[0]
    page = await stranger.open("/me")
    await stranger.send("/me/sessions/end", {"form_token": page.form("/me")["form_token"], "session": mine})
    await stranger.client.session.close()
    assert await browser.name() == "Zainab"


async def test_sign_out_everywhere(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock, site: web.Application
) -> None:
    told: list[tuple[int, int | None]] = []
    site[REVOCATIONS].subscribe(lambda account_id, session_id: told.append((account_id, session_id)))
    first, second = open_browser(), open_browser()
    person = await signed_in(first, congress, clock)
    await signed_in(second, congress, clock)
    await first.press(await first.open("/me"), "/me/sessions/end-all")
    assert (await first.name(), await second.name()) == ("", "")
    assert first.cookie() == ""
    assert told == [(person, None)]


async def test_sign_out_ends_the_row_not_only_the_cookie(
    browser: Browser, congress: Database, clock: ManualClock
) -> None:
    await signed_in(browser, congress, clock)
    cookie = browser.cookie()
    await browser.press(await browser.open("/me"), "/sign-out")
    assert browser.cookie() == ""
    assert await named(browser, cookie) == ""


async def test_a_deaf_listener_does_not_keep_the_others_from_hearing(site: web.Application) -> None:
    told: list[int] = []

    def deaf(account_id: int, session_id: int | None) -> None:
        raise RuntimeError("deaf")

    site[REVOCATIONS].subscribe(deaf)
    site[REVOCATIONS].subscribe(lambda account_id, session_id: told.append(account_id))
    site[REVOCATIONS].announce(7)
    assert told == [7]


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        (
            "https://majlis.example",
            "__Host-majlis={}; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000",
        ),
        ("http://localhost:8000", "majlis={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"),
    ],
)
async def test_the_cookie_as_it_is_sent(
    congress: Database, clock: ManualClock, public_url: str, expected: str
) -> None:
    browser = Browser(
        compose(congress, clock, settings_for(server={"public_url": public_url})), origin=public_url
    )
    token = await congress.write(lambda tx: make_personal_link(tx, 1, None, now=clock.now()))
    page = await browser.open(f"/join/{token}")
    visit = SimpleCookie(next(c for c in page.response.headers.getall("Set-Cookie") if "visit" in c))
    answer = await browser.client.post(
        f"/join/{token}",
        data=page.form(f"/join/{token}"),
        headers=browser.headers | {"Cookie": "; ".join(f"{name}={m.value}" for name, m in visit.items())},
        allow_redirects=False,
    )
    cookie = answer.headers["Set-Cookie"]
    await browser.client.close()
    assert cookie == expected.format(cookie.partition("=")[2].partition(";")[0])


async def test_addresses_are_forgotten(browser: Browser, congress: Database, clock: ManualClock) -> None:
    await signed_in(browser, congress, clock)

    async def address() -> str | None:
        found: str | None = await congress.read(lambda rows: rows.scalar(select(browser_session.c.address)))
        return found

    async def forget() -> None:
        await congress.write(lambda tx: forget_expired(tx, now=clock.now(), address_days=30))

    clock.advance(timedelta(days=29))
    assert await browser.name() == "Zainab"
    await forget()
    assert await address() == "127.0.0.1"
    clock.advance(timedelta(days=1))
    await forget()
    assert await address() is None
    assert await browser.name() == "Zainab"


@pytest.mark.parametrize(
    ("user_agent", "summary"),
    [
        (
            "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/124.0 Safari/537.36 Edg/124.0", "Edge, Windows"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_summed_up_for_its_owner(user_agent: str, summary: str) -> None:
    assert summary_of(user_agent) == summary
