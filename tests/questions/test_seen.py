"""What the room is never sent, frame by frame: names that were kept back, words before an edit, what was
declined, hidden, flagged or tagged; and texts that attack whoever shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from conference.clock import ManualClock
from conference.live.tables import log_event
from conference.storage.database import Database
from tests.live.seminar import MORNING, Seminar, Tab, raw_socket, tab, until
from tests.questions.hall import ROOM, Mirror, open_hall

TELLING = ("QuestionShown", "QuestionHidden")

# security.md: markup, overrides, towers of marks, null, formulas, template braces, a lone surrogate's escape.
ATTACKS = [
    '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "a\u202egnp.exe\u2066x\u2069 \ufeff\u2028line",
    "a\x00b\x1b[31m z" + "\u0301" * 200,
    "=cmd|' /C calc'!A0 {{ 7*7 }}{% raw %}${7*7} '; DROP TABLE question; --",
]


@pytest.fixture
async def hall(furnished: Database, clock: ManualClock) -> AsyncIterator[Seminar]:
    async with open_hall(furnished, clock) as hall:
        yield hall


async def done(who: Tab, kind: str, **fields: Any) -> Any:
    answer = await who.command(kind, **fields)
    assert "reply" in answer, (kind, answer)
    return answer["reply"]


async def test_nothing_that_is_the_desks_alone_is_ever_sent_to_the_room(
    hall: Seminar, furnished: Database
) -> None:
    async with raw_socket(hall) as sara, tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        await sara.log_in(hall, "sara")
        await sara.call("enter", {"session": MORNING})
        owl = await done(
            ali, "AskQuestion", text="ORIGINAL-WORDS 07701234567?", name="pseudonym", pseudonym="Owl"
        )
        unnamed = await done(ali, "AskQuestion", text="Who asks this?", name="anonymous")
        declined = await done(ali, "AskQuestion", text="DECLINED-WORDS?")
        part = await done(ali, "AskQuestion", text="MERGED-WORDS?", name="anonymous")
        await done(zainab, "EditQuestion", question=owl["question"], text="Which dose?", edits=0)
        await done(zainab, "TagQuestion", question=owl["question"], tags=["TAG-WORD"])
        await done(zainab, "ApproveQuestion", question=owl["question"])
        await done(zainab, "ApproveQuestion", question=unnamed["question"])
        await done(zainab, "DeclineQuestion", question=declined["question"], reason="REASON-WORDS")
        await done(zainab, "MergeQuestions", into=owl["question"], questions=[part["question"]])
        await done(zainab, "BlockAsker", person="ali-public-id")
        await done(zainab, "LineUpQuestion", question=owl["question"], place=0)
        await done(zainab, "AnswerNow", question=unnamed["question"])
        await done(zainab, "HideQuestion", question=unnamed["question"])
        await done(zainab, "PinQuestion", question=owl["question"], pinned=True)
        while '"pinned":true' not in await sara.receive('42["event"'):
            pass
        await sara.call("enter", {"session": MORNING, "last": {}}, 2)
        await sara.call("catch_up", {"channel": ROOM, "after": 0}, 3)
        for number, state in enumerate(("waiting", "declined", "hidden", "merged"), start=4):
            listing = {"client_id": "0" * 8 + "-0000-7000-8000-" + f"{number:012x}", "type": "ListQuestions"}
            listed = await sara.call("command", {**listing, "state": state}, number)
            assert listed["reply"] == {"order": []}
        everything = "".join(sara.frames)
        for secret in (
            "ORIGINAL-WORDS", "0770", "phone", "Ali", "ali-public-id", "DECLINED-WORDS", "REASON-WORDS",
            "MERGED-WORDS", "TAG-WORD",
        ):  # fmt: skip
            assert secret not in everything, secret
        assert "Owl" in everything
        assert "Which dose?" in everything

    # The log, which is kept, names no actor by whom an asker could be found.
    actors = select(log_event.c.actor).where(log_event.c.channel == ROOM, log_event.c.type.in_(TELLING))
    assert set(await furnished.read(lambda rows: list(rows.scalars(actors)))) == {None}


async def test_late_comer_never_reads_what_was_taken_back(hall: Seminar) -> None:
    async with tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        names = []
        for words in ("HIDDEN-WORDS?", "EDITED-WORDS?", "PART-WORDS?", "Kept?"):
            name = (await done(ali, "AskQuestion", text=words))["question"]
            await done(zainab, "ApproveQuestion", question=name)
            names.append(name)
        hidden, edited, part, kept = names
        await done(zainab, "HideQuestion", question=hidden)
        await done(zainab, "EditQuestion", question=edited, text="Better words?", edits=0)
        await done(zainab, "AnswerQuestion", question=edited, text="WRONG-ANSWER")
        await done(zainab, "AnswerQuestion", question=edited, text="Right.")
        await done(zainab, "MergeQuestions", into=kept, questions=[part])
    async with raw_socket(hall) as sara:
        await sara.log_in(hall, "sara")
        entered = await sara.call("enter", {"session": MORNING, "last": {}})
        caught = await sara.call("catch_up", {"channel": ROOM, "after": 0}, 2)
        for secret in ("HIDDEN-WORDS", "EDITED-WORDS", "WRONG-ANSWER", "PART-WORDS"):
            assert secret not in "".join(sara.frames), secret
        follower, truth = Mirror(), Mirror()
        truth.start(entered["snapshot"]["questions"])
        follower.start({"rules": truth.rules})
        for event in caught["events"]:
            follower.apply(event)
        assert follower.state()["shown"] == truth.state()["shown"]
        assert {each["text"] for each in truth.shown.values()} == {"Better words?", "Kept?"}


async def test_asker_reads_the_edit_beside_their_own_words(hall: Seminar) -> None:
    async with tab(hall, "zainab") as zainab, tab(hall, "ali") as ali:
        asked = await done(ali, "AskQuestion", text="hwat dose?")
        await done(zainab, "EditQuestion", question=asked["question"], text="What dose?", edits=0)
        await until(lambda: len(ali.of_type("QuestionNoted")) == 2)
        told = ali.of_type("QuestionNoted")[-1]["question"]
        assert (told["text"], told["original"]) == ("What dose?", "hwat dose?")


@pytest.mark.parametrize("attack", ATTACKS)
async def test_text_attacks_are_cleaned_in_every_field_and_view(hall: Seminar, attack: str) -> None:
    async with tab(hall, "zainab") as zainab, tab(hall, "ali") as ali, tab(hall, "sara") as sara:
        await ali.command("AskQuestion", text=f"p {attack}", name="pseudonym", pseudonym=f"p {attack}"[:40])
        asked = await done(ali, "AskQuestion", text=f"t {attack}")
        name = asked["question"]
        await done(zainab, "EditQuestion", question=name, text=f"e {attack}", edits=0)
        await zainab.command("TagQuestion", question=name, tags=[attack[:25]])
        await done(zainab, "ApproveQuestion", question=name)
        version = (await done(zainab, "DeclineQuestion", question=name, reason=f"r {attack}"))["version"]
        await done(zainab, "UndoModeration", question=name, version=version)
        await done(zainab, "AnswerQuestion", question=name, text=f"a {attack}")
        found = await done(sara, "SearchQuestions", text=f"e {attack}"[:100])
        assert found["order"] in ([name], [])
        await done(sara, "FindSimilar", text=f"t {attack}")
        await until(lambda: [each for each in sara.of_type("QuestionShown") if "answer" in each["question"]])
        fresh = [await one.enter() for one in (ali, sara, zainab)]
        told = [*ali.events, *sara.events, *zainab.events, found, *(state["snapshot"] for state in fresh)]
        for text in strings(told):
            assert not set(text) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b\ufeff\u2028")
            assert "\u0301" * 7 not in text


def strings(told: Any) -> list[str]:
    """Every text in a structure, keys as well."""
    if isinstance(told, str):
        return [told]
    if isinstance(told, dict):
        return [text for pair in told.items() for one in pair for text in strings(one)]
    if isinstance(told, list | tuple):
        return [text for one in told for text in strings(one)]
    return []
