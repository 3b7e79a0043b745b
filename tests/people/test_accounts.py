"""Accounts and one's own page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.clock import ManualClock
from conference.errors import BadInput, Conflict
from conference.people.accounts import account_by_email, create_account, normal_email
from conference.people.permissions import Role
from conference.storage.database import Database
from tests.people.conftest import OpenBrowser
from tests.people.congress import KARBALA, add_person
from tests.people.site import Browser, mailed_link

ALI = "ali@hospital.example"


@pytest.fixture
async def ali(open_browser: OpenBrowser, congress: Database, clock: ManualClock) -> Browser:
    """A browser signed in as an attendee of Karbala."""
    await congress.write(lambda tx: add_person(tx, ALI, "Ali", clock.now(), (KARBALA, Role.ATTENDEE)))
    browser = open_browser()
    await browser.press(await browser.open("/sign-in"), "/sign-in", email=ALI)
    await browser.enter(await mailed_link(congress, ALI))
    return browser


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ali@Hospital.Example ", "ali@hospital.example"),
        ("a.b+c@x.example", "a.b+c@x.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("a@مثال.example", "a@xn--mgbh0fb.example"),
        ("o'neil@x.example", "o'neil@x.example"),
    ],
)
def test_one_address_one_form(typed: str, kept: str) -> None:
    assert normal_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a b@c.d",
            "a@b c",
            "a@b,c@d",
            "<a@b.c>",
            "a@b.c>",
            "a@b\nBcc: c@d",
            "a\r@b.c",
        ),
        *(
            "a@b..c",
            "a@-b.c",
            "a..b@c.d",
            ".a@c.d",
            "a@[1.2.3.4]",
            "ıa@c.d",
            "x" * 65 + "@b.c",
            "a@" + "b" * 64 + ".c",
        ),
    ],
)
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(BadInput):
        normal_email(typed)


@given(st.text(max_size=80))
def test_whatever_passes_is_one_safe_word(typed: str) -> None:
    try:
        kept = normal_email(typed)
    except BadInput:
        return
    assert kept.isascii()
    assert kept == kept.lower()
    assert not set(kept) & set(' \r\n\t,;<>"\\()')
    assert kept.count("@") == 1
    assert normal_email(kept) == kept


async def test_one_account_for_one_address(congress: Database, clock: ManualClock) -> None:
    await congress.write(lambda tx: create_account(tx, ALI, "Ali", now=clock.now()))
    with pytest.raises(Conflict):
        await congress.write(lambda tx: create_account(tx, ALI.upper(), "Other", now=clock.now()))


async def test_my_page_keeps_what_i_change(ali: Browser, congress: Database) -> None:
    saved = await ali.press(await ali.open("/me"), "/me", name="Ali H.", language="ar", zone="Europe/London")
    assert saved.status == 200
    account = await congress.read(lambda rows: account_by_email(rows, ALI))
    assert account
    assert (account.name, account.language, account.zone) == ("Ali H.", "ar", "Europe/London")
    assert (
        'lang="ar"' in (await ali.open("/me")).text
    )  # the account's language, now that no cookie says otherwise


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Zainab"),
        ("name", "x" * 81),
        ("language", "tlh"),
        ("zone", "Mars/Olympus"),
        ("zone", "../etc"),
    ],
)
async def test_a_mistake_on_my_page_stands_at_its_field_and_changes_nothing(
    ali: Browser, congress: Database, field: str, value: str
) -> None:
    page = await ali.press(
        await ali.open("/me"), "/me", **({"name": "New", "zone": "Asia/Baghdad"} | {field: value})
    )
    assert (page.status, bool(page.error_at(field))) == (400, True)
    if field != "language":
        assert page.form("/me")[field] == value
    account = await congress.read(lambda rows: account_by_email(rows, ALI))
    assert account
    assert (account.name, account.zone) == ("Ali", None)


async def test_a_speaker_keeps_their_own_name(ali: Browser, congress: Database, clock: ManualClock) -> None:
    account = await congress.read(lambda rows: account_by_email(rows, ALI))
    assert account
    await congress.write(
        lambda tx: add_person(tx, "b@x.example", "Salma", clock.now(), (KARBALA, Role.SPEAKER))
    )
    assert (await ali.press(await ali.open("/me"), "/me", name="ALI")).status == 200
    assert (await ali.press(await ali.open("/me"), "/me", name="Salma")).status == 400


@pytest.mark.parametrize("path", ["/me", "/karbala/organize/people"])
async def test_signed_out_one_is_asked_to_sign_in(browser: Browser, path: str) -> None:
    page = await browser.open(path)
    assert page.status == 401
    assert f"/sign-in?next={path}" in page.text


async def test_personal_pages_are_not_kept(ali: Browser) -> None:
    page = await ali.open("/me")
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "'unsafe" not in page.response.headers["Content-Security-Policy"]
