"""Built files: compressed beforehand, kept for ever, and nothing else in their folder's reach."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession
from yarl import URL

from conference.assets import built_folder
from conference.clock import ManualClock
from conference.serving.built import BuiltFiles
from tests.serving.website import make_website, visiting


async def test_a_built_file_comes_compressed_and_may_be_kept_for_ever(clock: ManualClock) -> None:
    address = BuiltFiles(built_folder()).address("site.css")
    async with visiting(make_website(clock)) as (_client, at), ClientSession(auto_decompress=False) as client:
        answer = await client.get(at(address), headers={"Accept-Encoding": "br"})
        body = await answer.read()
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert body == (built_folder() / f"{address.removeprefix('/assets/')}.br").read_bytes()


async def test_the_file_itself_comes_where_nothing_else_is_accepted(clock: ManualClock) -> None:
    address = BuiltFiles(built_folder()).address("site.js")
    async with visiting(make_website(clock)) as (client, at):
        answer = await client.get(at(address), headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in answer.headers
        assert await answer.read() == (built_folder() / address.removeprefix("/assets/")).read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "manifest.json",
        "nothing.js",
        "%2e%2e/__init__.py",
        "..%2f__init__.py",
        "%2fetc%2fpasswd",
        "locales/..%2f..%2f__init__.py",
        "a%00b",
        "",
    ],
)
async def test_nothing_but_built_files_is_served(path: str, clock: ManualClock) -> None:
    async with visiting(make_website(clock)) as (client, at):
        answer = await client.get(URL(at(f"/assets/{path}"), encoded=True))
        assert answer.status == 404


def test_an_address_of_a_file_that_was_not_built_is_still_an_address() -> None:
    assert BuiltFiles(built_folder()).address("no-such.js") == "/assets/no-such.js"
