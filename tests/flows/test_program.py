"""The program itself: started, killed, started again, started twice; what it prints and what it sends."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lxml import etree

from tests.figures import note_figure
from tests.flows.visitor import new_client_id, sign_in_by_link, stranger_at
from tests.world import BASRA, CHAIR, EVENT, GRACE, MOSUL, ROOT, Server, majlis, running_server, until

FIRST_PAINT = 14_000  # bytes on the wire, headers included
SCHEDULES = ROOT / "tests" / "data" / "schedules"


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path) as server:
        yield server


async def test_the_demo_prints_five_links_and_keeps_them_and_its_data_until_reset(demo: Server) -> None:
    links = demo.links
    assert len(links) == 5
    assert all(link.startswith(f"{demo.url}/join/") for link in links.values())
    basra = await sign_in_by_link(demo, links[BASRA])
    assert (await basra.post(f"/{EVENT}/session/OPEN25/star", {"starred": "true"})).status in (200, 303)
    assert "OPEN25" in (await basra.get(f"/{EVENT}/schedule/mine")).text

    assert await demo.stop() == 0
    demo.log_file.unlink()
    await demo.start()
    assert demo.links == links, "a second start prints the same links"
    assert "OPEN25" in (await basra.get(f"/{EVENT}/schedule/mine")).text, "and keeps what was done"

    await demo.stop()
    demo.log_file.unlink()
    await demo.start("--reset")
    assert set(demo.links) == set(links)
    assert set(demo.links.values()).isdisjoint(links.values()), "--reset starts over"
    assert (await basra.get("/me")).status == 401
    assert (await stranger_at(demo, "/sign-in")).form_token
    gone = await basra.get("/join/" + links[BASRA].rsplit("/", 1)[1])
    assert gone.status == 410


async def test_what_was_acknowledged_survives_kill_nine_exactly_once(demo: Server) -> None:
    basra, chair = [await sign_in_by_link(demo, demo.links[label]) for label in (BASRA, CHAIR)]
    text, client_id = "هل تبقى الأسئلة بعد انقطاع الكهرباء؟", new_client_id()
    async with basra.socket() as tab:
        await tab.enter("OPEN25")
        acknowledged = await tab.command("AskQuestion", client_id, text=text)
        demo.kill()
    assert "error" not in acknowledged
    await demo.start()
    async with basra.socket() as tab, chair.socket() as desk:
        await tab.enter("OPEN25")
        again = await tab.command("AskQuestion", client_id, text=text)
        assert again == acknowledged, "a repeat gets the kept reply"
        state = await desk.enter("OPEN25")
        filed = [one for one in _every_text(state["snapshot"]["questions"]) if one == text]
        assert len(filed) == 1
    check = await asyncio.to_thread(majlis, "check", "--data", demo.folder)
    assert (check.returncode, check.stdout.strip()) == (0, "The database and the files are sound.")


def _every_text(part: object) -> list[object]:
    """The `text` of every question somewhere in a snapshot."""
    if isinstance(part, dict):
        own = [part["text"]] if "text" in part else []
        return own + [text for value in part.values() for text in _every_text(value)]
    return [text for each in part for text in _every_text(each)] if isinstance(part, list) else []


async def test_a_busy_port_is_one_line_and_status_one(demo: Server, tmp_path: Path) -> None:
    for command in ("demo", "serve"):
        ended = await asyncio.to_thread(
            majlis, command, "--port", str(demo.port), "--data", tmp_path / "other"
        )
        lines = [line for line in ended.stderr.splitlines() if "majlis.storage" not in line]
        assert ended.returncode == 1
        assert len(lines) == 1, ended.stderr
        assert str(demo.port) in lines[0]
        assert "--port" in lines[0], "it says what to do"


async def test_the_agenda_paints_from_one_round_trip(demo: Server) -> None:
    """Headers, HTML and the inlined styles, as a browser with brotli gets them, over a bare socket."""
    home = f"/{EVENT}/"
    sizes: dict[str, int] = {}
    for path in (
        "/",
        home,
        f"{home}schedule",
        f"{home}schedule/now",
        f"{home}session/OPEN25",
        f"{home}speakers",
    ):
        for language in ("ar", "en"):
            head, body = await _raw(demo, path, language)
            sizes[f"{path} ({language})"] = len(head) + len(body)
            assert b"content-encoding: br" in head.lower(), path
    note_figure("first paint, bytes on the wire", max(sizes.values()))
    page = await (await stranger_at(demo, "/sign-in")).get(f"{home}schedule?day=all")
    codes = set(re.findall(rf"/{EVENT}/session/(\w+)", page.text))
    assert len(codes) >= 40, "the 40-session demo"
    assert {path: size for path, size in sizes.items() if size > FIRST_PAINT} == {}
    blocking = re.findall(
        r"<link[^>]*stylesheet[^>]*>|<script(?![^>]*type=\"(?:module|application/json)\")", page.text
    )
    assert blocking == [], "nothing else has to come before the first paint"


async def _raw(server: Server, path: str, language: str) -> tuple[bytes, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    asked = (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\nAccept: text/html\r\nConnection: close\r\n"
    )
    writer.write(f"{asked}Accept-Encoding: gzip, br\r\nAccept-Language: {language}\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), GRACE)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
    head, _, body = answer.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


SCHEDULE_FILES = [
    ("31c3-2014.frab.xml", "31c3", "Europe/Berlin"),
    ("democon.pretalx.json", "democon", "UTC"),
    ("rc3-2020.pretalx.json", "rc3", "Europe/Berlin"),
]


@pytest.mark.parametrize(
    ("name", "slug", "zone"), SCHEDULE_FILES, ids=[slug for _, slug, _ in SCHEDULE_FILES]
)
async def test_a_real_schedule_is_imported_shown_and_given_back(
    tmp_path: Path, name: str, slug: str, zone: str
) -> None:
    imported = await asyncio.to_thread(
        majlis, "schedule", "import", SCHEDULES / name, "--event", slug, "--zone", zone, "--data", tmp_path
    )
    assert imported.returncode == 0, imported.stderr
    given = _titles(SCHEDULES / name)
    assert str(len(given)) in imported.stdout, "the summary counts the sessions"
    async with running_server(tmp_path, command="serve") as server:
        reader = await stranger_at(server, "/sign-in")
        for kind in ("json", "xml"):
            export = await reader.get(f"/{slug}/schedule/export/schedule.{kind}")
            file = tmp_path / f"back.{kind}"
            file.write_text(export.text, encoding="utf-8")
            assert sorted(_titles(file)) == sorted(given), kind
        assert "BEGIN:VEVENT" in (await reader.get(f"/{slug}/schedule.ics")).text
        page = await reader.get(f"/{slug}/schedule?day=all")
        codes = re.findall(rf'href="/{slug}/session/(\w+)"', page.text)
        assert len(set(codes)) == len(given), "every session has its line"
        for path in (
            f"/{slug}/",
            f"/{slug}/speakers",
            f"/{slug}/schedule/now",
            f"/{slug}/session/{codes[0]}",
        ):
            assert (await reader.get(path)).status == 200, path
        assert "Traceback" not in server.log


def _titles(file: Path) -> list[str]:
    """The titles in a schedule file, read here by other means than the product's."""
    if file.suffix == ".xml":
        tree = etree.parse(str(file))
        return [(each.findtext("title") or "").strip() for each in tree.iter("event")]
    days = json.loads(file.read_text(encoding="utf-8"))["schedule"]["conference"]["days"]
    return [talk["title"].strip() for day in days for room in day["rooms"].values() for talk in room]


async def test_a_malformed_schedule_is_told_with_its_place_and_changes_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xml"
    text = (SCHEDULES / "31c3-2014.frab.xml").read_text(encoding="utf-8")
    broken.write_text(text.replace("<duration>", "<duration>never ", 40), encoding="utf-8")
    torn = tmp_path / "torn.json"
    torn.write_text(
        (SCHEDULES / "democon.pretalx.json").read_text(encoding="utf-8")[:20_000], encoding="utf-8"
    )
    data = tmp_path / "data"
    for file in (broken, torn):
        ended = await asyncio.to_thread(majlis, "schedule", "import", file, "--event", "torn", "--data", data)
        assert ended.returncode == 1
        assert re.search(r"line \d+|:\d+", ended.stderr), ended.stderr
        assert "Traceback" not in ended.stderr
    exported = await asyncio.to_thread(majlis, "schedule", "export", "torn", "--data", data)
    assert exported.returncode == 1, "there is no such event"


async def test_a_stop_closes_open_connections_and_ends_cleanly(demo: Server) -> None:
    mosul = await sign_in_by_link(demo, demo.links[MOSUL])
    async with mosul.socket() as tab:
        await tab.enter("OPEN25")
        assert await demo.stop() == 0

        async def is_over() -> bool:
            return not tab.sio.connected

        await until(is_over, "the socket is closed")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", demo.port)) != 0, "nobody listens any more"
    assert "Traceback" not in demo.log
    assert "never awaited" not in demo.log
