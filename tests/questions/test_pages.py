"""Questions beside the live room: asked before the doors open and after the end, read, searched, exported."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from conference.clock import ManualClock
from conference.questions.exporting import COLUMNS
from conference.questions.rules import Defaults, defaults_of
from tests.flows.conftest import site
from tests.flows.town import CASES, CLOSED, MORNING, OPEN
from tests.flows.visitor import Site, Visitor, new_client_id

__all__ = ["site"]

AT = f"/{OPEN}/session/{MORNING}"


async def command(visitor: Visitor, kind: str, **fields: Any) -> dict[str, Any]:
    """A durable command by HTTPS, from outside the room."""
    body = msgspec.json.encode({"session": MORNING, "client_id": new_client_id(), "type": kind, **fields})
    headers = {"X-Form-Token": visitor.form_token, "Accept": "application/json"}
    answer = await visitor.send("POST", "/live/command", body=body, headers=headers)
    told: dict[str, Any] = msgspec.json.decode(answer.text)
    return told


async def read(visitor: Visitor, query: str = "") -> dict[str, Any]:
    answer = await visitor.get(f"{AT}/questions.json{query}")
    assert answer.status == 200, answer.text
    told: dict[str, Any] = msgspec.json.decode(answer.text)
    return told


async def test_asking_ahead_and_answering_after_the_end_need_no_open_door(
    site: Site, clock: ManualClock
) -> None:
    clock.advance(timedelta(hours=-3))
    maryam, noor = await site.sign_in("maryam"), await site.sign_in("noor")
    asked = await command(maryam, "AskQuestion", text="What will you say about dosing?", name="anonymous")
    name = asked["reply"]["question"]
    shut = await command(maryam, "RaiseHand")
    assert shut["error"]["code"] == "stage.not-yet"
    assert [each["state"] for each in (await read(maryam))["questions"]["own"]] == ["waiting"]

    clock.advance(timedelta(hours=9))
    answered = await command(noor, "AnswerQuestion", question=name, text="Half of it.")
    assert answered["reply"]["state"] == "answered"
    dawud = await read(await site.sign_in("dawud"))
    assert [(each["text"], each["answer"]) for each in dawud["questions"]["shown"]] == [
        ("What will you say about dosing?", "Half of it.")
    ]
    assert "Maryam" not in str(dawud)
    assert "maryam" not in str(dawud)
    assert "filed" not in dawud["questions"]


async def test_rules_for_before_and_after_are_kept_to(site: Site, clock: ManualClock) -> None:
    maryam, noor = await site.sign_in("maryam"), await site.sign_in("noor")
    await command(noor, "ChangeQuestionRules", ahead=False, afterwards=False)
    clock.advance(timedelta(hours=-3))
    early = await command(maryam, "AskQuestion", text="Too early?")
    assert early["error"]["code"] == "questions.not-yet"
    clock.advance(timedelta(hours=8))
    late = await command(maryam, "AskQuestion", text="Too late?")
    assert late["error"]["code"] == "questions.over"


async def test_outsiders_the_banned_and_strangers_read_nothing(site: Site) -> None:
    for name, status in (("karim", 403), ("huda", 403), ("omar", 403)):
        assert (await (await site.sign_in(name)).get(f"{AT}/questions.json")).status == status
    assert (await (await site.stranger()).get(f"{AT}/questions.json")).status == 401
    maryam = await site.sign_in("maryam")
    assert (await maryam.get(f"/{CLOSED}/session/{CASES}/questions.json")).status == 404
    refused = await command(await site.sign_in("huda"), "AskQuestion", text="Let me in")
    assert "error" in refused


async def test_unchanged_answer_costs_an_empty_one(site: Site) -> None:
    maryam = await site.sign_in("maryam")
    first = await maryam.get(f"{AT}/questions.json")
    again = await maryam.get(f"{AT}/questions.json", **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.text) == (304, "")
    await command(maryam, "AskQuestion", text="Something new?")
    changed = await maryam.get(f"{AT}/questions.json", **{"If-None-Match": first.headers["etag"]})
    assert changed.status == 200


async def test_search_finds_any_spelling_and_shows_only_what_one_may_see(site: Site) -> None:
    maryam, ali, noor = [await site.sign_in(name) for name in ("maryam", "ali", "noor")]
    asked = await command(maryam, "AskQuestion", text="ما هي جرعة الأدوية للمصابين بالسُكّري؟")
    assert (await read(ali, "?q=ادويه"))["order"] == []
    assert (await read(maryam, "?q=الادويه السكرى"))["order"] == [asked["reply"]["question"]]
    found = await read(noor, "?q=ادويه maryam")
    assert found["filed"][0]["asker"] == "Maryam"
    assert (await maryam.get(f"{AT}/questions.json?q=%20")).status == 400


async def test_files_hold_everything_and_run_nothing(site: Site) -> None:
    maryam, noor = await site.sign_in("maryam"), await site.sign_in("noor")
    asked = await command(
        maryam, "AskQuestion", text="=HYPERLINK(1)", name="pseudonym", pseudonym="+night owl"
    )
    name = asked["reply"]["question"]
    await command(noor, "TagQuestion", question=name, tags=["@dose", "جرعة"])
    await command(noor, "EditQuestion", question=name, text="A link?", edits=0)
    await command(noor, "AnswerQuestion", question=name, text="-1")
    table = await noor.get(f"{AT}/questions/export.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"] == f'attachment; filename="questions-{MORNING}.csv"'
    assert table.text.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"), newline=""))
    assert tuple(row) == COLUMNS
    assert (row["question"], row["original"]) == ("A link?", "'=HYPERLINK(1)")
    assert (row["asker"], row["shown_as"], row["pseudonym"]) == ("Maryam", "pseudonym", "'+night owl")
    assert (row["tags"], row["answered"], row["answer"]) == ("'@dose; جرعة", "in writing", "'-1")
    assert row["asked_at"].endswith("+03:00")
    document = msgspec.json.decode((await noor.get(f"{AT}/questions/export.json")).text)
    assert [each["original"] for each in document["questions"]] == ["=HYPERLINK(1)"]
    assert document["rules"]["moderated"] is True
    for other, status in (("maryam", 403), ("ali", 403), ("layla", 403)):
        assert (await (await site.sign_in(other)).get(f"{AT}/questions/export.csv")).status == status
    assert (await noor.get(f"{AT}/questions/export.exe")).status == 404


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_organizers_choose_what_holds_in_all_sessions(site: Site, language: str) -> None:
    zainab = await site.sign_in("zainab")
    page = await zainab.get(f"/{OPEN}/organize/live", **{"Accept-Language": language})
    assert 'name="questions_anonymous_allowed" value="yes" checked' in page.text
    form = {"chat_mode": "open", "chat_slow": "0", "chat_history": "0", "questions_open": "yes"}
    saved = await zainab.post(f"/{OPEN}/organize/live", form)
    assert saved.status == 303, saved.text
    wanted = Defaults(
        moderated=False, anonymous_allowed=False, open=True, pseudonyms_allowed=False, ahead=False,
        afterwards=False,
    )  # fmt: skip
    assert await site.database.read(lambda rows: defaults_of(rows, 1)) == wanted
    rules = (await read(await site.sign_in("maryam")))["questions"]["rules"]
    assert (rules["moderated"], rules["anonymous_allowed"], rules["afterwards"]) == (False, False, False)
