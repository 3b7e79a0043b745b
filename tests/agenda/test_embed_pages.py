"""The programme within other sites: what may be framed, and that nothing else may."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from conference.agenda.demo import create_demo
from conference.app import compose
from conference.clock import ManualClock
from conference.serving.built import style_hash
from conference.settings import load_settings
from conference.storage.database import Database

Client = TestClient[web.Request, web.Application]
HERE = "/karbala-2025/schedule"


@pytest.fixture
async def client(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Client]:
    await database.write(lambda tx: create_demo(tx, now=clock.now()))
    settings = load_settings(
        overrides={"media": {"port": 0, "host": "127.0.0.1"}, "storage": {"folder": str(tmp_path)}}
    )
    async with TestClient(TestServer(compose(settings, clock, database))) as client:
        yield client


async def test_other_sites_may_frame_the_programme_and_nothing_else(client: Client) -> None:
    async with client.get(f"{HERE}/embed?lang=ar") as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        styles = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
        assert styles
        assert f"'sha256-{style_hash(styles[1])}'" in policy
        assert "X-Frame-Options" not in answer.headers
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers
    assert '<html lang="ar" dir="rtl">' in page
    assert page.count("<details") == 3
    assert "جلسة الافتتاح" in page
    assert not [tag for tag in ("<form", "<script", "<button", "<input") if tag in page]
    for path in (HERE, f"{HERE}/now", "/karbala-2025/session/OPEN25"):
        async with client.get(path) as answer:
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "Access-Control-Allow-Origin" not in answer.headers


async def test_it_can_be_asked_for_one_day_room_or_track(client: Client) -> None:
    async with client.get(f"{HERE}/embed?lang=en&day=2025-10-26") as answer:
        page = await answer.text()
    assert page.count("<details") == 1
    assert "Sunday 26 October" in page


async def test_the_script_may_be_loaded_from_elsewhere_and_is_small(client: Client) -> None:
    async with client.get(f"{HERE}/embed.js") as answer:
        assert answer.content_type == "text/javascript"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        script = await answer.text()
    assert "attachShadow" in script
    assert len(script) < 2_000
