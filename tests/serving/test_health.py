"""`/healthz` says whether to send people here; `/metrics` counts without telling who came."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from conference import __version__
from conference.serving.context import DATABASE
from conference.serving.health import Health, Labels, Metrics
from conference.storage.database import Database


@asynccontextmanager
async def server(
    database: Database, media_state: str = "ready"
) -> AsyncIterator[tuple[ClientSession, Callable[[str], URL]]]:
    async def media() -> dict[str, object]:
        return {"state": media_state, "port": 8189}

    async def figures() -> Mapping[str, float | Mapping[Labels, float]]:
        of_workers: dict[Labels, float] = {(("worker", "0"),): 7.5, (("worker", "1"),): 0.0}
        return {"media_rooms": 3, "media_worker_lag": of_workers}

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="page")

    metrics = Metrics([figures])
    app = web.Application(middlewares=[metrics.count])
    app[DATABASE] = database
    app.router.add_get("/healthz", Health({"media": media}).healthz)
    app.router.add_get("/metrics", metrics.metrics)
    app.router.add_get("/join/{token}", page)
    async with TestServer(app) as running, ClientSession() as client:
        yield client, running.make_url


async def test_healthz_answers_with_version_database_and_media(database: Database) -> None:
    async with server(database) as (client, address):
        answer = await client.get(address("/healthz"))
        assert answer.status == 200
        assert await answer.json() == {
            "status": "ready",
            "version": __version__,
            "database": {"state": "ready"},
            "media": {"state": "ready", "port": 8189},
        }


async def test_healthz_sends_people_elsewhere_when_a_part_fails(database: Database) -> None:
    async with server(database, media_state="closed") as (client, address):
        answer = await client.get(address("/healthz"))
        assert (answer.status, (await answer.json())["status"]) == (503, "failing")


async def test_healthz_answers_even_without_its_database(database: Database) -> None:
    await database.close()
    async with server(database) as (client, address):
        answer = await client.get(address("/healthz"))
        told = await answer.json()
    if answer.status == 503:  # a pool that reconnects by itself is as good as one that says so
        assert told["database"]["state"] == "failed"
    assert told["version"] == __version__


async def test_metrics_count_by_route_and_never_by_address(database: Database) -> None:
    async with server(database) as (client, address):
        await client.get(address("/join/very-secret-token"))
        await client.get(address("/no/such/page"))
        text = await (await client.get(address("/metrics"))).text()
    assert 'majlis_requests_total{method="GET",route="/join/{token}",status="200"} 1.0' in text
    assert 'route="unmatched",status="404"' in text
    assert "majlis_media_rooms 3.0" in text
    assert 'majlis_media_worker_lag{worker="0"} 7.5' in text
    assert "very-secret-token" not in text
