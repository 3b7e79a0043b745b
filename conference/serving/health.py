"""`/healthz` for load balancers and `/metrics` for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from conference import __version__
from conference.serving.context import DATABASE

Probe = Callable[[], Awaitable[dict[str, object]]]
Labels = tuple[tuple[str, str], ...]  # (("worker", "0"),)
Figures = Callable[[], Awaitable[Mapping[str, "float | Mapping[Labels, float]"]]]


class Health:
    """Answers for the whole server: the database is asked, other parts report through *probes*.

    A probe returns a dictionary with at least ``{"state": "ready"}``; anything else than "ready"
    makes the answer 503, so that a proxy sends nobody here.
    """

    def __init__(self, probes: dict[str, Probe]) -> None:
        self.probes = probes

    async def healthz(self, request: web.Request) -> web.StreamResponse:
        parts: dict[str, dict[str, object]] = {}
        try:
            await request.app[DATABASE].read(lambda rows: rows.exec_driver_sql("SELECT 1").scalar_one())
            parts["database"] = {"state": "ready"}
        except Exception as error:  # noqa: BLE001  # whatever is wrong, the probe must answer
            parts["database"] = {"state": "failed", "reason": type(error).__name__}
        for name, probe in self.probes.items():
            parts[name] = await probe()
        ready = all(part.get("state") == "ready" for part in parts.values())
        answer = {"status": "ready" if ready else "failing", "version": __version__, **parts}
        return web.json_response(answer, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


class Metrics:
    """Request counts and times by route, process figures, and what the parts report.

    *figures* are read at scrape time: name → value, or name → labels → value, shown as gauges
    ``majlis_<name>``. Labels name parts of the program, never people.
    """

    def __init__(self, figures: Iterable[Figures]) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.requests = Counter(
            "majlis_requests", "HTTP requests", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "majlis_request_seconds", "Time to answer", ("route",), registry=self.registry
        )
        self._figures = list(figures)
        self._reported = _Reported()
        self.registry.register(self._reported)

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        self._reported.values = [await figures() for figures in self._figures]
        return web.Response(
            body=generate_latest(self.registry),
            headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"},
        )

    @web.middleware
    async def count(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Outermost middleware. Routes are counted by pattern, so codes and tokens never become labels."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "unmatched"
        started = time.perf_counter()
        status = 500
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            self.requests.labels(request.method, route, status).inc()
            self.seconds.labels(route).observe(time.perf_counter() - started)


class _Reported(Collector):
    def __init__(self) -> None:
        self.values: list[Mapping[str, float | Mapping[Labels, float]]] = []

    def collect(self) -> Iterable[Metric]:
        for figures in self.values:
            for name, value in figures.items():
                words = name.replace("_", " ")
                if not isinstance(value, Mapping):
                    yield GaugeMetricFamily(f"majlis_{name}", words, value=value)
                    continue
                family = GaugeMetricFamily(
                    f"majlis_{name}", words, labels=[label for label, _ in next(iter(value), ())]
                )
                for labels, each in value.items():
                    family.add_metric([text for _, text in labels], each)
                yield family
