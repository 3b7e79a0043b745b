"""Every failure becomes a calm page in the reader's language, or JSON for a script."""

from __future__ import annotations

import logging

import pytest
from aiohttp import web

from conference.clock import ManualClock
from conference.errors import BadInput, Gone, NotAllowed, NotFound, NotSignedIn, TooMany, Unavailable
from tests.serving.website import make_website, visiting

ENGLISH = {"Accept": "text/html", "Accept-Language": "en"}


def failing(error: Exception, clock: ManualClock) -> web.Application:
    app = make_website(clock, client_max_size=10_000)

    async def fail(request: web.Request) -> web.StreamResponse:
        await request.post()
        raise error

    app.router.add_route("*", "/fail", fail)
    return app


@pytest.mark.parametrize(
    "error",
    [
        BadInput("No such day."),
        NotSignedIn("Sign in."),
        NotAllowed("For chairs only."),
        NotFound("There is no session like this."),
        Gone("Used."),
        Unavailable("Disk full."),
    ],
)
async def test_our_errors_become_pages_with_their_status_and_words(
    error: BadInput, clock: ManualClock
) -> None:
    async with visiting(failing(error, clock)) as (client, at):
        answer = await client.get(at("/fail"), headers=ENGLISH)
        text = await answer.text()
    assert answer.status == error.status
    assert error.message in text
    assert 'lang="en" dir="ltr"' in text
    assert answer.headers["Cache-Control"] == "no-store"


async def test_an_error_page_is_in_arabic_for_an_arabic_reader(clock: ManualClock) -> None:
    async with visiting(failing(NotFound("x"), clock)) as (client, at):
        answer = await client.get(at("/fail"), headers={"Accept": "text/html", "Accept-Language": "ar-IQ"})
        assert 'lang="ar" dir="rtl"' in await answer.text()


async def test_a_script_gets_the_error_as_json(clock: ManualClock) -> None:
    error = BadInput("Too long.", code="questions.too-long", field="text")
    async with visiting(failing(error, clock)) as (client, at):
        answer = await client.post(
            at("/fail"), headers={"Accept": "application/json", "Accept-Language": "en"}
        )
        assert answer.status == 400
        assert await answer.json() == {
            "error": {"code": "questions.too-long", "message": "Too long.", "field": "text"}
        }


async def test_a_limit_says_when_to_try_again(clock: ManualClock) -> None:
    async with visiting(failing(TooMany("Slow down.", retry_after=90), clock)) as (client, at):
        answer = await client.get(at("/fail"), headers=ENGLISH)
        assert answer.headers["Retry-After"] == "90"
        assert "2 min" in await answer.text()


async def test_an_unexpected_failure_shows_a_number_and_logs_it_but_no_trace(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        async with visiting(failing(RuntimeError("secret detail"), clock)) as (client, at):
            answer = await client.get(at("/fail"), headers=ENGLISH)
            text = await answer.text()
    assert answer.status == 500
    assert "secret detail" not in text
    assert "Traceback" not in text
    number = text.split("<code>")[1].split("</code>")[0]
    assert any(number in record.getMessage() for record in caplog.records)


async def test_what_was_typed_comes_back_with_the_failure_but_never_a_secret(clock: ManualClock) -> None:
    typed = {"abstract": "Two hours of <b>work</b>", "form_token": "swordfish-1", "password": "swordfish-2"}
    async with visiting(failing(Unavailable("Disk full."), clock)) as (client, at):
        text = await (await client.post(at("/fail"), data=typed, headers=ENGLISH)).text()
    assert "Two hours of &lt;b&gt;work&lt;/b&gt;" in text
    assert "swordfish" not in text


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "There is no page at this address."),
        ("GET", "/zone", 405, "This address cannot be used that way."),
        ("POST", "/fail", 413, "That is larger than this server accepts."),
    ],
)
async def test_the_web_servers_own_refusals_become_pages_too(
    method: str, path: str, status: int, words: str, clock: ManualClock
) -> None:
    async with visiting(failing(BadInput("x"), clock)) as (client, at):
        body = b"text=" + b"x" * 20_000 if method == "POST" else None
        headers = ENGLISH | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        answer = await client.request(method, at(path), data=body, headers=headers)
        assert answer.status == status
        assert words in await answer.text()
        if status == 405:
            assert answer.headers["Allow"] == "POST"
