"""Questions beside the live room: asked before the doors open and after the end, read, searched, exported."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from conference.clock import ManualClock
from conference.questions.exporting import COLUMNS
from conference.questions.rules import Defaults, defaults_of
from conference.serving.translation import COOKIE
from tests.flows.conftest import site
from tests.flows.town import CASES, CLOSED, MORNING, OPEN
from tests.flows.visitor import Answer, Site, Visitor, new_client_id

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


async def ask(visitor: Visitor, language: str = "en", **fields: str) -> Answer:
    """By the form of the session's page, where no script runs."""
    reader = msgspec.structs.replace(visitor, cookies={**visitor.cookies, COOKIE: language})
    return await reader.post(f"{AT}/questions", {"form": new_client_id(), **fields})


async def own(visitor: Visitor) -> list[tuple[str, str]]:
    return [(each["text"], each["state"]) for each in (await read(visitor))["questions"].get("own", [])]


async def test_without_a_script_a_question_is_asked_by_a_form_once_however_often_it_is_sent(
    site: Site,
) -> None:
    maryam = await site.sign_in("maryam")
    page = (await maryam.get(AT)).text
    assert re.search(rf'<form method="post" action="{AT}/questions#ask">', page)
    (form,) = re.findall(r'name="form" value="([0-9a-f-]{36})"', page)
    for _ in range(2):
        sent = await ask(maryam, form=form, text=" When do we\r\nbegin? ", name="anonymous")
        assert (sent.status, sent.headers["location"]) == (303, f"{AT}?asked=yes#questions")
    assert await own(maryam) == [("When do we\nbegin?", "waiting")]
    told = (await maryam.get(f"{AT}?asked=yes")).text
    assert "Your question has arrived." in told
    assert "Waiting for a moderator" in told
    # A browser that goes back shows the same form again: what is written there then is another question.
    await ask(maryam, form=form, text="And where?")
    assert [text for text, _ in await own(maryam)] == ["When do we\nbegin?", "And where?"]
    filed = (await read(await site.sign_in("noor")))["questions"]["filed"]
    assert [each.get("anonymous", False) for each in filed] == [True, False]


async def test_the_form_warns_of_a_patients_details_and_its_writer_decides(site: Site) -> None:
    maryam = await site.sign_in("maryam")
    text = "Call 0770 123 4567 <b>"
    for language, warning in (
        ("en", "seems to hold: a phone number."),
        ("ar", "يبدو أن في النص: رقم هاتف."),
    ):
        warned = await ask(maryam, language, text=text, name="pseudonym", pseudonym="Owl")
        assert warned.status == 200
        assert warning in warned.text
        assert f">\n{html.escape(text)}</textarea>" in warned.text
        assert 'value="pseudonym" selected' in warned.text
        assert 'value="Owl"' in warned.text
    assert await own(maryam) == []
    assert (await ask(maryam, text=text, sure="yes")).status == 303
    assert await own(maryam) == [(text, "waiting")]
    assert (await read(await site.sign_in("noor")))["questions"]["filed"][0]["flags"] == ["phone"]


REFUSED = (
    ({"text": " \u202e "}, 400, "Please fill this in."),
    ({"text": "x" * 10_000}, 400, "This text is too long. Please shorten it."),
    ({"text": "Who?", "name": "king"}, 400, "Please choose one of the offered values."),
    ({"text": "Who?", "name": "pseudonym", "pseudonym": "Zainab"}, 409, "could be taken for somebody else"),
    ({"text": "Who?", "name": "pseudonym", "pseudonym": "x" * 41}, 400, "This text is too long."),
)


async def test_what_the_form_refuses_comes_back_with_the_reason_beside_it(site: Site) -> None:
    maryam = await site.sign_in("maryam")
    for typed, status, why in REFUSED:
        answer = await ask(maryam, **typed)
        assert answer.status == status, typed
        assert re.search(rf'<span class="field-error" id="\w+-error">[^<]*{why}', answer.text), typed
        assert f">\n{typed['text']}</textarea>" in answer.text
    assert await own(maryam) == []


async def test_the_form_keeps_to_the_rules_and_a_closed_one_says_why(site: Site, clock: ManualClock) -> None:
    maryam, noor = await site.sign_in("maryam"), await site.sign_in("noor")
    await command(noor, "ChangeQuestionRules", ahead=False, pseudonyms_allowed=False, anonymous_allowed=False)
    page = (await maryam.get(AT)).text
    assert 'id="pseudonym"' not in page
    assert 'id="name"' not in page
    assert (await ask(maryam, text="Who?", name="anonymous")).status == 409
    clock.advance(timedelta(hours=-3))
    page = (await maryam.get(AT)).text
    assert "Questions can be asked once the session begins." in page
    assert f'action="{AT}/questions' not in page
    early = await ask(maryam, "ar", text="Too early?")
    assert early.status == 409
    assert "Too early?</textarea>" in early.text
    assert 'dir="rtl"' in early.text
    assert f'name="next" value="{AT}"' in early.text, "the language is chosen anew on the page itself"
    assert await own(maryam) == []
    for name in ("huda", "karim"):
        assert (await ask(await site.sign_in(name), text="Let me in")).status == 403


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
