"""The organizers' first page: what needs them, and what the programme can be taken away as."""

from __future__ import annotations

from html import unescape

from tests.agenda.organizing.conftest import DESK, Office


async def test_it_says_how_the_programme_is_put_into_another_site(office: Office) -> None:
    desk = await office.enter("Sara")
    page = await desk.open(f"{DESK}/")
    said = unescape(page.text)
    for tag in ('embed.js" data-language="en"></script>', "embed?lang=en"):
        assert f"/karbala-2025/schedule/{tag}" in said
    assert "3 sessions have no time yet" in page.words
    assert "clash in the programme" in page.words
