"""The offline copy: whole, in both languages, every link within it, and the same bytes each time."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile

from conference.agenda.demo import demo_programme
from conference.agenda.exporting.offline.archive import offline_copy
from conference.assets import built_folder, templates_folder
from conference.clock import ManualClock
from conference.serving.built import BuiltFiles
from conference.serving.pages import Pages
from conference.storage.database import Database
from tests.agenda.exporting.editions import edition_of


async def test_every_page_is_there_and_every_link_leads_to_one(
    database: Database, clock: ManualClock
) -> None:
    programme = demo_programme()
    programme.sessions[1].title = {"ar": "<script>alert(1)</script>", "en": "<b>"}
    edition = await edition_of(database, programme, clock)
    pages = Pages(templates_folder(), BuiltFiles(built_folder()))
    packed = offline_copy(edition, pages)
    assert packed == offline_copy(edition, pages)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    html = {name: text for name, text in texts.items() if name.endswith(".html")}
    held = [one for one in edition.schedule.sessions if not one.is_break]
    for lang in ("ar", "en"):
        assert {f"karbala-2025/{lang}/session/{one.code}.html" for one in held} <= html.keys()
        index = html[f"karbala-2025/{lang}/index.html"]
        assert f'lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}"' in index
    followed = 0
    for name, text in html.items():
        assert "<script" not in text
        anchors = set(re.findall(r'\bid="([^"]+)"', text))
        for address in re.findall(r'(?:href|src)="([^"]+)"', text):
            if address.startswith(("https://", "http://")):
                continue
            path, _, anchor = address.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            assert target in texts, (name, address)
            if anchor:
                there = set(re.findall(r'\bid="([^"]+)"', texts[target])) if path else anchors
                assert anchor in there, (name, address)
            followed += 1
    assert followed > 1000
