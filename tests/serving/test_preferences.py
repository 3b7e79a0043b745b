"""Language, time zone and colours are kept in the reader's browser, and lead back to where they were."""

from __future__ import annotations

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from conference.clock import ManualClock
from conference.serving.context import LANGUAGE, ZONE
from conference.serving.preferences import own_path
from tests.serving.website import make_website, visiting


def website(clock: ManualClock, *, account_language: str | None = None) -> web.Application:
    app = make_website(clock, account_language=account_language)

    async def who(request: web.Request) -> web.StreamResponse:
        return web.json_response([request[LANGUAGE], request[ZONE]])

    app.router.add_get("/who", who)
    return app


async def test_a_chosen_language_stays(clock: ManualClock) -> None:
    async with visiting(website(clock, account_language="ar")) as (client, at):
        answer = await client.post(at("/language"), data={"language": "en", "next": "/who"})
        assert answer.url.path == "/who"
        assert await answer.json() == ["en", ""]


async def test_the_accounts_language_counts_before_the_browsers(clock: ManualClock) -> None:
    async with visiting(website(clock, account_language="ar")) as (client, at):
        answer = await client.get(at("/who"), headers={"Accept-Language": "en"})
        assert await answer.json() == ["ar", ""]


async def test_a_chosen_zone_stays(clock: ManualClock) -> None:
    async with visiting(website(clock)) as (client, at):
        answer = await client.post(at("/zone"), data={"zone": "Australia/Sydney", "next": "/who"})
        assert (await answer.json())[1] == "Australia/Sydney"


async def test_a_zone_cookie_nobody_knows_is_ignored(clock: ManualClock) -> None:
    async with visiting(website(clock)) as (client, at):
        answer = await client.get(at("/who"), headers={"Cookie": "zone=../../etc; lang=xx"})
        assert await answer.json() == ["ar", ""]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/language", {"language": "xx"}),
        ("/zone", {"zone": "Nowhere/Here"}),
        ("/theme", {"theme": "pink"}),
        ("/theme", {}),
    ],
)
async def test_what_is_not_a_choice_is_refused(path: str, form: dict[str, str], clock: ManualClock) -> None:
    async with visiting(website(clock)) as (client, at):
        answer = await client.post(at(path), data=form, headers={"Accept": "application/json"})
        assert answer.status == 400
        assert (await answer.json())["error"]["field"] == path[1:]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "",
        None,
    ],
)
def test_a_form_never_leads_to_another_site(elsewhere: str | None) -> None:
    assert own_path(elsewhere) == "/"


@given(st.text())
def test_the_way_back_stays_on_this_site(wanted: str) -> None:
    here = URL("https://majlis.example/here")
    assert here.join(URL(own_path(wanted), encoded=True)).host == "majlis.example"
