"""The OpenAPI document: it names every route, and every route answers as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from conference.agenda.api.operations import OPERATIONS, Operation, routes
from conference.routes import ROUTES
from tests.agenda.api.client import EVENT, Api
from tests.agenda.drafting.desk import LATER, TALKS
from tests.agenda.organizing.test_event_pages import png

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
BODIES: dict[str, Any] = {
    "/acts": {"act": "cancel", "session": TALKS[1], "edition": 0},
    "/sessions": {"title": {"en": "New"}},
    "/releases": {"tell": False},
    "/clashes/preview": {"session": LATER, "room": "hall", "starts_at": "2025-10-25T09:00"},
    "/clone": {"slug": "karbala-2026", "title": {"en": "Next year"}, "starts": "2026-10-24"},
    "/rooms": {"name": {"en": "Forum"}},
    "/tracks": {"name": {"en": "Simulation"}},
    "/types": {"name": {"en": "Workshop"}},
    "/people": {"name": {"en": "Huda"}},
    "/openings": {"openings": []},
    "/rooms/{room}/late": {"minutes": 5},
    "/closures": {
        "kind": "holiday", "name": {"en": "A feast"},
        "starts_at": "2025-10-26T00:00", "ends_at": "2025-10-27T00:00",
    },
    "/logo": png(),
    "/imports": b"title_en,minutes\nFrom a file,30\n",
}  # fmt: skip
NEW_EVENT = {
    "slug": "basra", "title": {"en": "Basra"}, "zone": "Asia/Baghdad",
    "starts": "2026-03-01", "ends": "2026-03-02",
}  # fmt: skip
#: In this order there is something to change, and what is changed is deleted last.
ORDER = ["GET", "PATCH", "PUT", "POST", "DELETE"]
#: What was released is not deleted any more, and only what was released runs late.
LAST = {"/api/events/{event}/releases": 1, "/api/events/{event}/rooms/{room}/late": 2}


def path_of(operation: Operation, named: dict[str, str]) -> str:
    path = operation.path.replace("{event}", "karbala")
    for name, value in named.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def body_of(operation: Operation) -> Any:
    if operation.path == "/api/events":
        return NEW_EVENT if operation.takes else None
    default: Any = {} if operation.takes is not None else b"" if operation.takes_file else None
    if default is None:
        return None
    return BODIES.get(operation.path.removeprefix("/api/events/{event}"), default)


async def test_every_route_is_in_the_document_and_no_other() -> None:
    document = msgspec.json.decode(await _document())
    said = {(method.upper(), path) for path, each in document["paths"].items() for method in each}
    served = {(route.method, route.path) for route in ROUTES if route.path.startswith("/api/")}
    assert said == served - {("GET", "/api/openapi.json")}
    names = [each["operationId"] for paths in document["paths"].values() for each in paths.values()]
    assert len(names) == len(set(names))


async def test_every_reference_in_the_document_leads_somewhere() -> None:
    text = await _document()
    schemas = msgspec.json.decode(text)["components"]["schemas"]
    references = {part.split(b'"')[0].decode() for part in text.split(b'"#/components/schemas/')[1:]}
    assert references <= schemas.keys()


async def test_every_route_answers_as_the_document_says(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    document = (await api.anonymous().get("/api/openapi.json")).json
    at_once = {"room": "hall", "starts_at": "2025-10-25T09:00"}
    await zainab.act("place", session=LATER, edition=0, **at_once)  # a clash, to have suggestions for
    (clash, *_) = (await zainab.get(f"{EVENT}/clashes")).json["problems"]
    named = {"session": TALKS[1], "clash": clash["id"]}
    for name in ("rooms", "tracks", "types", "people", "closures"):  # one of each that nothing refers to
        made = await zainab.ask("POST", f"{EVENT}/{name}", BODIES[f"/{name}"])
        kept = name if name == "people" else name.rstrip("s")
        named[{"people": "person"}.get(kept, kept)] = made.headers["Location"].rsplit("/", 1)[1]
    for one in sorted(OPERATIONS, key=lambda one: (LAST.get(one.path, 0), ORDER.index(one.method))):
        place = path_of(one, named | ({"room": "hall"} if "late" in one.path else {}))
        match = (await zainab.get(place)).headers.get("ETag", "*") if one.method in ("PATCH", "PUT") else "*"
        found = await zainab.ask(one.method, place, body_of(one), If_Match=match)
        described = document["paths"][one.path][one.method.lower()]["responses"]
        assert str(found.status) in described, (one.method, one.path, found.json)
        assert found.status == one.status, (one.path, found.json)
        if one.gives is not None:
            msgspec.convert(found.json, one.gives)


def test_the_page_for_people_names_every_operation() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = {
        (cells[1].strip().strip("`"), cells[2].strip().strip("`"), cells[3].strip())
        for line in page.splitlines()
        if line.startswith("| `") and len(cells := line.split("|")) >= 5 and "/api/" in cells[2]
    }
    assert listed == {(one.method, one.path, one.scope.value) for one in OPERATIONS}


def test_the_page_for_people_names_every_act_and_its_fields() -> None:
    page = PAGE.read_text(encoding="utf-8")
    document = msgspec.json.decode(msgspec.json.encode(_described()))
    for schema in document["components"]["schemas"].values():
        tag = schema.get("properties", {}).get("act", {}).get("enum")
        if tag is None:
            continue
        row = next(line for line in page.splitlines() if line.startswith(f"| `{tag[0]}` |"))
        assert all(
            f"`{name}`" in row or tag[0] in ("create", "edit")
            for name in schema["properties"]
            if name != "act"
        )


def _described() -> dict[str, Any]:
    from conference.agenda.api.document import document

    return document(OPERATIONS)


async def _document() -> bytes:
    route = next(route for route in routes() if route.path == "/api/openapi.json")
    response: Any = await route.handler(None)  # type: ignore[arg-type]  # the document asks nothing of it
    return bytes(response.body)
