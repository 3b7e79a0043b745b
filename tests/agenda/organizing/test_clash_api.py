"""Clashes for programs: the list with its ETag, previews that change nothing, suggestions that work."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.agenda.organizing.conftest import DESK, Desk, Office, fields_of
from tests.agenda.organizing.test_clash_pages import overlapping

API = "/api/events/karbala-2025"


async def get(desk: Desk, path: str, **headers: str) -> tuple[int, Any, str]:
    """Status, body and ETag of a GET."""
    url = f"{desk.origin}{API}{path}"
    async with desk.client.get(url, headers=headers, cookies=desk.cookies) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None, answer.headers.get("ETag", "")


async def post(desk: Desk, path: str, body: object) -> tuple[int, Any]:
    """Status and body of a POST with the form token of the reader's own page."""
    token = dict(fields_of(await desk.open(f"{DESK}/"), "/zone"))["form_token"]
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Origin": desk.origin, "X-Form-Token": token, "Content-Type": "application/json"}
    url = f"{desk.origin}{API}{path}"
    async with desk.client.post(url, data=data, headers=headers, cookies=desk.cookies) as answer:
        return answer.status, json.loads(await answer.text())


async def test_the_list_names_what_is_wrong_and_is_kept_by_its_etag(office: Office, desk: Desk) -> None:
    name = await overlapping(office)
    status, body, etag = await get(desk, "/clashes")
    assert status == 200
    assert body["counts"]["error"] == len([one for one in body["problems"] if one["severity"] == "error"])
    (found,) = [one for one in body["problems"] if one["id"] == name]
    assert (found["kind"], found["room"], found["values"]) == ("room_overlap", "main-hall", {"minutes": 30})
    assert found["starts_at"] == "2025-10-25T06:15:00Z"
    assert "OPEN25" in found["sessions"]
    assert "are both in \u2068Main hall\u2069 for 30 minutes" in found["text"]
    status, _, _ = await get(desk, "/clashes", **{"If-None-Match": etag})
    assert status == 304


async def test_the_text_is_in_the_reader_s_language(office: Office) -> None:
    await overlapping(office)
    ahmed = await office.enter("Ahmed", lang="ar")
    _, body, _ = await get(ahmed, "/clashes")
    assert "مدة 30 دقيقة" in body["problems"][0]["text"] + body["problems"][1]["text"]


async def test_a_preview_says_what_a_move_would_bring_and_changes_nothing(desk: Desk) -> None:
    _, before, _ = await get(desk, "/clashes")
    onto = {"session": "OPEN25", "starts_at": "2025-10-25T10:00", "room": "main-hall"}
    status, body = await post(desk, "/clashes/preview", onto)
    assert status == 200
    assert "room_overlap" in {one["kind"] for one in body["new"]}
    assert all("OPEN25" in one["sessions"] or one["kind"] == "no_break" for one in body["gone"] + body["new"])
    off = {"session": "OPEN25", "starts_at": None}
    status, body = await post(desk, "/clashes/preview", off)
    assert (status, body["new"]) == (200, [])
    assert (await get(desk, "/clashes"))[1] == before


async def test_several_moves_are_previewed_together(office: Office, desk: Desk) -> None:
    """As the two of a swap: each alone would overlap with the other."""
    _, listed, _ = await get(desk, "/clashes")
    one, other = next(each["sessions"] for each in listed["problems"] if each["kind"] == "same_track")
    _, apart = await post(desk, "/clashes/preview", {"session": one, "starts_at": None})
    both = [{"session": code, "starts_at": None} for code in (one, other)]
    status, together = await post(desk, "/clashes/preview", {"moves": both})
    assert status == 200
    assert len(together["gone"]) >= len(apart["gone"]) > 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        ([], 400),
        ({}, 400),
        ({"session": 5}, 400),
        ({"session": "OPEN25", "wing": "left"}, 400),
        ({"session": "NOBODY", "room": None}, 404),
        ({"session": "OPEN25", "room": "cellar"}, 400),
        ({"session": "OPEN25", "starts_at": "soon"}, 400),
        ({"session": "OPEN25", "starts_at": "9999-12-31T23:59Z"}, 400),
        ({"session": "OPEN25", "minutes": 0}, 400),
        ({"session": "OPEN25", "minutes": 2**40}, 400),
        ({"moves": [{"session": "OPEN25"}] * 101}, 400),
    ],
)
async def test_a_preview_of_nonsense_is_refused_in_words(desk: Desk, body: object, status: int) -> None:
    found, answer = await post(desk, "/clashes/preview", body)
    assert found == status
    assert "Traceback" not in json.dumps(answer)
    assert answer.get("code") or answer["error"]["code"]


async def test_a_suggestion_comes_with_the_moves_that_do_it(office: Office, desk: Desk) -> None:
    name = await overlapping(office)
    status, body, _ = await get(desk, f"/clashes/{name}/suggestions")
    assert status == 200
    best = body["suggestions"][0]
    assert best["text"].startswith(("Move ", "Swap "))
    assert name in {one["id"] for one in best["gone"]}
    moves = [{key: one[key] for key in ("session", "room", "starts_at", "minutes")} for one in best["moves"]]
    _, preview = await post(desk, "/clashes/preview", {"moves": moves})
    assert preview["gone"] == best["gone"]
    assert preview["new"] == best["new"]
    assert (await get(desk, "/clashes/nothing/suggestions"))[0] == 404
