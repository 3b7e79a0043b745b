"""`/me/tokens`: made once seen, limited as chosen, taken back."""

from __future__ import annotations

import re

import pytest

from conference.clock import ManualClock
from conference.errors import BadInput
from conference.people.accounts import account_by_email
from conference.people.api_tokens import MOST_TOKENS, TokenScope, bearer_of, make_token, tokens_of
from conference.people.grants import grant_role
from conference.people.links import make_personal_link
from conference.people.permissions import Role
from conference.storage.database import Database, Transaction
from tests.people.conftest import OpenBrowser
from tests.people.congress import BASRA
from tests.people.site import PUBLIC_URL, Browser, Page

ZAINAB = "zainab@karbala.example"


async def zainab(open_browser: OpenBrowser, congress: Database, clock: ManualClock) -> tuple[int, Browser]:
    def link(tx: Transaction) -> tuple[int, str]:
        account = account_by_email(tx.connection, ZAINAB)
        assert account
        return account.id, make_personal_link(tx, account.id, None, now=clock.now())

    account_id, token = await congress.write(link)
    browser = open_browser()
    await browser.enter(f"{PUBLIC_URL}/join/{token}")
    return account_id, browser


def secret_on(page: Page) -> str:
    found = re.search(r"majlis_[A-Za-z0-9_-]{43}", page.text)
    return found[0] if found else ""


async def test_a_token_is_shown_once_and_kept_as_a_digest(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    account_id, browser = await zainab(open_browser, congress, clock)
    page = await browser.open("/me/tokens")
    made = await browser.press(page, "/me/tokens", name="Notice board", write="1")
    secret = secret_on(made)
    assert secret
    assert not secret_on(await browser.open("/me/tokens"))
    (token,) = await congress.read(lambda rows: tokens_of(rows, account_id))
    assert (token.name, token.scopes) == ("Notice board", frozenset({TokenScope.READ, TokenScope.WRITE}))
    bearer = await congress.read(lambda rows: bearer_of(rows, secret))
    assert bearer is not None
    assert bearer.viewer.account_id == account_id
    dump = await congress.read(lambda rows: str(rows.exec_driver_sql("SELECT * FROM api_token").all()))
    assert secret.removeprefix("majlis_") not in dump


async def test_a_token_taken_back_is_none(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    _, browser = await zainab(open_browser, congress, clock)
    secret = secret_on(await browser.press(await browser.open("/me/tokens"), "/me/tokens", name="Script"))
    gone = await browser.press(await browser.open("/me/tokens"), "/me/tokens/revoke")
    assert "None at the moment." in gone.words
    assert await congress.read(lambda rows: bearer_of(rows, secret)) is None


async def test_a_form_that_cannot_be_keeps_what_was_typed(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    _, browser = await zainab(open_browser, congress, clock)
    page = await browser.open("/me/tokens")
    assert (await browser.press(page, "/me/tokens", name="")).error_at("name")
    wrong = await browser.press(page, "/me/tokens", name="Mine", event="nowhere")
    assert (wrong.status, wrong.error_at("event") != "") == (400, True)
    assert 'value="Mine"' in wrong.text


async def test_a_personal_link_makes_no_tokens(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    """Organizers who handed the link out know it; a token would outlive it."""

    def link(tx: Transaction) -> str:
        account = account_by_email(tx.connection, ZAINAB)
        assert account
        grant_role(tx, account.id, BASRA, Role.ATTENDEE, now=clock.now())
        return make_personal_link(tx, account.id, BASRA, now=clock.now())

    token = await congress.write(link)
    browser = open_browser()
    await browser.enter(f"{PUBLIC_URL}/join/{token}")
    refused = await browser.press(await browser.open("/me/tokens"), "/me/tokens", name="Mine")
    assert refused.status == 403


async def test_there_is_an_end_to_tokens(congress: Database, clock: ManualClock) -> None:
    def many(tx: Transaction) -> None:
        account = account_by_email(tx.connection, ZAINAB)
        assert account
        for _ in range(MOST_TOKENS + 1):
            make_token(tx, account.id, "Another", frozenset(), event_id=None, now=clock.now())

    with pytest.raises(BadInput):
        await congress.write(many)
