"""The page of polls without JavaScript, the exports, and texts that attack both."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from conference.live.commands import Caller
from conference.people.permissions import Scope
from conference.polls.answering import answer
from conference.polls.messages import AnswerPoll
from conference.polls.reading import polls_of
from tests.flows.conftest import site
from tests.flows.town import MORNING, OPEN, PEOPLE
from tests.flows.visitor import Site, Visitor

__all__ = ["site"]

POLLS = f"/{OPEN}/session/{MORNING}/polls"
FORM = {
    "kind": "single",
    "question": "Which first?",
    "options": "Metformin\nInsulin",
    "anonymous": "yes",
    "results": "on-close",
}
EVIL = "=cmd|'/c calc'!A1\u202e<script>alert(1)</script>"
PLAIN = EVIL.replace("\u202e", "")


def caller(name: str) -> Caller:
    """*name* in the morning session's room."""
    return Caller(
        account_id=PEOPLE.index(name) + 1, public_id=name, name=name, language="en", connection_id="",
        scope=Scope(event_id=1, session_id=1), session_code=MORNING, roles=frozenset(), channels=(),
    )  # fmt: skip


async def polls(site: Site) -> list[Any]:
    return await site.database.read(lambda rows: polls_of(rows, 1))


async def made(site: Site, visitor: Visitor, **changed: str) -> str:
    answered = await visitor.post(POLLS, {**FORM, **changed})
    assert answered.status == 303, answered.text[-2000:]
    return str((await polls(site))[-1].public_id)


async def test_poll_is_prepared_changed_copied_ordered_opened_and_deleted_without_javascript(
    site: Site,
) -> None:
    noor = await site.sign_in("noor")
    first = await made(site, noor)
    second = await made(site, noor, kind="quiz", options="7.0\n* 7.4\n7.8", question="Normal pH?")
    assert [(row.kind, row.content.right) for row in await polls(site)] == [("single", ()), ("quiz", ("b",))]
    form = (await noor.get(f"{POLLS}/{second}")).text
    assert "* 7.4" in form
    changed = {**FORM, "kind": "likert", "points": "7", "low": "لا", "high": "نعم", "version": "1"}
    assert (await noor.post(f"{POLLS}/{first}", changed)).status == 303
    stale = await noor.post(f"{POLLS}/{first}", {**changed, "question": "My own words"})
    assert stale.status == 409
    assert "My own words" in stale.text
    await noor.post(f"{POLLS}/{second}/copy")
    await noor.post(f"{POLLS}/{second}/up")
    assert [row.kind for row in await polls(site)] == ["quiz", "likert", "quiz"]
    await noor.post(f"{POLLS}/{second}/down")
    assert [row.kind for row in await polls(site)] == ["likert", "quiz", "quiz"]
    await noor.post(f"{POLLS}/{first}/delete")
    await noor.post(f"{POLLS}/{second}/open")
    assert [(row.kind, row.stage) for row in await polls(site)] == [("quiz", "open"), ("quiz", "draft")]
    assert (await noor.post(f"{POLLS}/{second}/delete")).status == 409
    assert (await noor.get(f"{POLLS}/{second}")).status == 303


REFUSALS: list[tuple[dict[str, str], str]] = [
    ({"question": ""}, "question-error"),
    ({"options": "alone"}, "options-error"),
    ({"kind": "rating", "points": "99"}, "points-error"),
    ({"kind": "multiple", "least": "5"}, "most-error"),
]


async def test_what_cannot_be_asked_is_told_beside_its_field_and_nothing_typed_is_lost(site: Site) -> None:
    noor = await site.sign_in("noor")
    for changed, place in REFUSALS:
        refused = await noor.post(POLLS, {**FORM, "low": "typed here", **changed})
        assert refused.status == 400
        assert f'id="{place}"' in refused.text
        assert "typed here" in refused.text
    assert await polls(site) == []


async def test_hostile_texts_stay_texts_on_the_page_and_in_the_files(site: Site) -> None:
    noor = await site.sign_in("noor")
    for kind in ("single", "text"):
        poll = await made(site, noor, kind=kind, question=EVIL, options=f"{EVIL}\nother", anonymous="")
        await noor.post(f"{POLLS}/{poll}/open")
        given: dict[str, Any] = {"choices": ("a",)} if kind == "single" else {"text": EVIL}
        wish = AnswerPoll(poll=poll, counter=1, **given)
        await site.database.write(lambda tx, wish=wish: answer(tx, caller("ali"), wish))  # type: ignore[misc]  # bound at once
    page = (await noor.get(POLLS)).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    for name in ("export.csv", "answers.csv"):
        file = await noor.get(f"{POLLS}/{name}")
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        assert file.text.startswith("\ufeff")
        cells = [cell for line in csv.reader(io.StringIO(file.text.lstrip("\ufeff"))) for cell in line]
        assert f"'{PLAIN}" in cells
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)
    document = json.loads((await noor.get(f"{POLLS}/export.json")).text)
    assert [each["poll"]["question"] for each in document["polls"]] == [PLAIN, PLAIN]
    assert document["polls"][0]["answers"] == [{"name": "Ali", "answer": {"choices": ["a"]}}]


async def test_files_hold_the_results_and_no_draft_and_no_name_of_an_anonymous_answer(site: Site) -> None:
    noor = await site.sign_in("noor")
    poll = await made(site, noor, kind="ordering", options="Cost\nSafety\nSpeed")
    await made(site, noor, question="A draft")
    await noor.post(f"{POLLS}/{poll}/open")
    for number, name in enumerate(("ali", "maryam"), start=1):
        wish = AnswerPoll(poll=poll, counter=1, choices=("b", "a", "c"), ballot=str(number) * 22)
        await site.database.write(lambda tx, name=name, wish=wish: answer(tx, caller(name), wish))  # type: ignore[misc]  # bound at once
    results = (await noor.get(f"{POLLS}/export.csv")).text.lstrip("\ufeff").splitlines()
    assert [line.split(",")[4:] for line in results[1:]] == [
        ["Cost", "", "", "", "", "2", "2.0", "2", "", ""],
        ["Safety", "", "", "", "", "4", "1.0", "2", "", ""],
        ["Speed", "", "", "", "", "0", "3.0", "2", "", ""],
    ]
    answers = (await noor.get(f"{POLLS}/answers.csv")).text.lstrip("\ufeff").splitlines()
    assert answers[1:] == ["1,ordering,Which first?,,Safety > Cost > Speed,"] * 2
    whole = "".join([(await noor.get(f"{POLLS}/export.json")).text, *results, *answers])
    assert "A draft" not in whole
    assert not any(name in whole for name in ("Ali", "Maryam", "11111", "account"))


async def test_only_those_who_run_the_session_reach_the_page_and_the_files(site: Site) -> None:
    for name in ("ali", "maryam", "omar"):
        visitor = await site.sign_in(name)
        for path in (POLLS, f"{POLLS}/export.csv", f"{POLLS}/answers.csv", f"{POLLS}/export.json"):
            assert (await visitor.get(path)).status in (403, 404)


async def test_the_way_to_the_polls_stands_on_the_session_for_those_who_run_it_alone(site: Site) -> None:
    for name, led in (("noor", True), ("zainab", True), ("ali", False), ("maryam", False)):
        page = (await (await site.sign_in(name)).get(f"/{OPEN}/session/{MORNING}")).text
        assert (f'href="{POLLS}"' in page) == led
