"""Pages as they travel: styles with the first, a link to them later, texts made safe and marked."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from jinja2 import ChoiceLoader, FileSystemLoader

from conference.assets import built_folder
from conference.clock import ManualClock
from conference.serving.built import BuiltFiles
from conference.serving.context import STYLE_HASH
from conference.serving.pages import PAGES, Pages, render
from tests.serving.website import make_website, visiting

PAGE = """{% extends "base.html" %}{% block main %}{{ TEXT }}{% endblock %}"""


class Event(msgspec.Struct):
    slug: str = "karbala"
    title: dict[str, str] = msgspec.field(default_factory=lambda: {"ar": "مؤتمر", "en": "Conference"})
    zone: str = "Asia/Baghdad"
    accent: str = "#884400"


def website(clock: ManualClock, folder: Path, text: str, **values: Any) -> web.Application:
    """A website with one page of its own, `{{ text }}` in the frame of every page."""
    app = make_website(clock)
    (folder / "page.html").write_text(PAGE.replace("{{ TEXT }}", text), encoding="utf-8")
    pages = app[PAGES]
    for environment in pages._environments.values():
        environment.loader = ChoiceLoader([FileSystemLoader(folder), pages._loader])

    async def page(request: web.Request) -> web.StreamResponse:
        answer = render(request, "page.html", cacheable=True, **values)
        answer.headers["X-Style-Hash"] = request[STYLE_HASH]
        return answer

    app.router.add_get("/page", page)
    return app


async def text_of(app: web.Application, path: str = "/page", lang: str = "en") -> str:
    async with visiting(app) as (client, at):
        answer = await client.get(at(path), headers={"Accept-Language": lang})
        assert answer.status == 200
        return await answer.text()


def inlined(text: str) -> str:
    return text.split("<style>")[1].split("</style>")[0]


async def test_a_first_visit_brings_the_styles_along_and_a_later_one_links_them(
    clock: ManualClock, tmp_path: Path
) -> None:
    built = BuiltFiles(built_folder())
    async with visiting(website(clock, tmp_path, "Hello")) as (client, at):
        first = await client.get(at("/page"))
        first_text = await first.text()
        later_text = await (await client.get(at("/page"))).text()
    assert built.styles in first_text
    assert 'rel="stylesheet"' not in first_text
    assert built.styles not in later_text
    assert f'<link rel="stylesheet" href="{built.address("site.css")}">' in later_text


async def test_the_hash_told_for_the_policy_is_that_of_the_inlined_sheet(
    clock: ManualClock, tmp_path: Path
) -> None:
    async with visiting(website(clock, tmp_path, "Hello", event=Event())) as (client, at):
        for _visit in range(2):
            answer = await client.get(at("/page"))
            sheet = inlined(await answer.text())
            hashed = b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
            assert answer.headers["X-Style-Hash"] == hashed


async def test_no_page_carries_inline_scripts_or_style_attributes(clock: ManualClock, tmp_path: Path) -> None:
    text = await text_of(website(clock, tmp_path, "Hello", event=Event()))
    assert " style=" not in text
    assert "<script>" not in text
    assert " on" not in "".join(part.split(">")[0] for part in text.split("<button")[1:])
    assert "https://" not in text
    assert "//" not in text.replace("http://www.w3.org/2000/svg", "").split("<body>")[1]


async def test_a_text_in_another_language_says_so(clock: ManualClock, tmp_path: Path) -> None:
    app = website(clock, tmp_path, "{{ {'ar': 'مجلس'}|marked }}{{ {'en': 'Hall', 'ar': 'قاعة'}|marked }}")
    text = await text_of(app)
    assert '<bdi lang="ar" dir="rtl">مجلس</bdi>' in text
    assert "<bdi>Hall</bdi>" in text


async def test_what_people_wrote_is_escaped_everywhere(clock: ManualClock, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\n\nsee https://example.org/?a=1&b=2."
    app = website(clock, tmp_path, "{{ {'en': evil}|marked }}{{ {'en': evil}|prose }}{{ evil }}", evil=evil)
    text = await text_of(app)
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3
    assert 'href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer"' in text


async def test_data_for_scripts_cannot_end_its_element(clock: ManualClock, tmp_path: Path) -> None:
    app = website(clock, tmp_path, "<i>{{ data|tojson }}</i>", data={"name": "</script><b>"})
    assert "<i>{" in (text := await text_of(app))
    assert "</script><b>" not in text


async def test_only_web_addresses_become_links(clock: ManualClock, tmp_path: Path) -> None:
    app = website(
        clock,
        tmp_path,
        "{{ 'javascript:alert(1)' is web_address }} {{ 'https://a.example' is web_address }}"
        " {{ none is web_address }} {{ 'https://a b' is web_address }}",
    )
    assert "False True False False" in await text_of(app)


async def test_times_stand_on_the_events_clock_and_the_readers(clock: ManualClock, tmp_path: Path) -> None:
    body = "[{{ now|time }} {{ (now|there).words if now|there else '-' }} {{ now|day }} {{ now|offset }}]"
    app = website(clock, tmp_path, body, event=Event())
    async with visiting(app) as (client, at):
        plain = await (await client.get(at("/page"), headers={"Accept-Language": "en"})).text()
        headers = {"Accept-Language": "en", "Cookie": "zone=America/New_York"}
        told = await (await client.get(at("/page"), headers=headers)).text()
    assert "[09:05 - Saturday 25 October UTC+3]" in plain
    assert "[09:05 02:05 Saturday 25 October UTC+3]" in told


async def test_the_chosen_colours_are_set_by_the_server(clock: ManualClock, tmp_path: Path) -> None:
    async with visiting(website(clock, tmp_path, "Hello")) as (client, at):
        assert "data-theme=" not in (await (await client.get(at("/page"))).text()).split("<head>")[0]
        answer = await client.post(at("/theme"), data={"theme": "dark", "next": "/page"})
        assert 'data-theme="dark"' in (await answer.text()).split("<head>")[0]


def test_pages_are_made_in_every_language_from_the_same_templates(tmp_path: Path) -> None:
    (tmp_path / "one.html").write_text("{{ lang }} {{ dir }} {{ day|day }}", encoding="utf-8")
    pages = Pages(tmp_path, BuiltFiles(tmp_path))
    values = {"day": date(2025, 10, 25)}
    assert pages.html("one.html", "en", values) == "en ltr Saturday 25 October"
    assert pages.html("one.html", "ar", values) == "ar rtl السبت 25 تشرين الأول"
