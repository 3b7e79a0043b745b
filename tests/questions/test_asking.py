"""Who may ask what, how much, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from conference.clock import ManualClock
from conference.errors import BadInput, Conflict, MajlisError
from conference.live.commands import Caller
from conference.people.permissions import Role
from conference.questions.asking import MAX_LENGTH, MAX_RECENT, MAX_WAITING, Asked, ask
from conference.questions.messages import AskQuestion, ChangeQuestionRules
from conference.questions.moderation import State
from conference.questions.reading import question_by_public_id
from conference.questions.rules import change_rules
from conference.questions.snapshot import snapshot
from conference.questions.tables import QuestionRow
from conference.storage.database import Database
from tests.questions.hall import caller

ALI = caller("ali", Role.ATTENDEE)
SARA = caller("sara", Role.ATTENDEE)
ZAINAB = caller("zainab", Role.CHAIR)


async def asking(
    database: Database, clock: ManualClock, text: str, *, anonymous: bool = False, by: Caller = ALI
) -> Asked:
    wish = AskQuestion(text=text, anonymous=anonymous)
    return await database.write(lambda tx: ask(tx, by, wish, now=clock.now()))


async def rules(database: Database, clock: ManualClock, **changed: bool) -> None:
    wish = ChangeQuestionRules(**changed)
    await database.write(lambda tx: change_rules(tx, ZAINAB, wish, now=clock.now()))


async def kept(database: Database, asked: Asked) -> QuestionRow:
    return await database.read(lambda rows: question_by_public_id(rows, 1, asked.question))


async def test_question_waits_for_a_moderator(furnished: Database, clock: ManualClock) -> None:
    asked = await asking(furnished, clock, "ما هي الجرعة؟")
    row = await kept(furnished, asked)
    assert (row.text, row.state, row.asker, row.anonymous) == ("ما هي الجرعة؟", State.WAITING, "Ali", False)


async def test_question_is_shown_at_once_where_nothing_is_moderated(
    furnished: Database, clock: ManualClock
) -> None:
    await rules(furnished, clock, moderated=False)
    assert (await asking(furnished, clock, "Why?")).state is State.APPROVED


async def test_text_is_cleaned_of_what_could_disturb_others(furnished: Database, clock: ManualClock) -> None:
    asked = await asking(furnished, clock, "  a\u202eb\u0000 c\r\n\r\n\r\n\r\nd  ")
    assert (await kept(furnished, asked)).text == "ab c\n\nd"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "questions.empty"), (" \u202e\n ", "questions.empty"), ("x" * 601, "text.too-long")],
)
async def test_text_of_an_impossible_length_is_refused_with_its_field(
    furnished: Database, clock: ManualClock, text: str, code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await asking(furnished, clock, text)
    assert (refused.value.code, refused.value.field) == (code, "text")


async def test_longest_text_is_kept_whole(furnished: Database, clock: ManualClock) -> None:
    asked = await asking(furnished, clock, "س" * MAX_LENGTH)
    assert len((await kept(furnished, asked)).text) == MAX_LENGTH


async def test_closed_session_takes_no_questions(furnished: Database, clock: ManualClock) -> None:
    await rules(furnished, clock, open=False)
    with pytest.raises(Conflict, match="closed"):
        await asking(furnished, clock, "Late?")


async def test_anonymous_question_is_refused_where_names_are_wanted(
    furnished: Database, clock: ManualClock
) -> None:
    await rules(furnished, clock, anonymous_allowed=False)
    with pytest.raises(Conflict) as refused:
        await asking(furnished, clock, "Who am I?", anonymous=True)
    assert refused.value.field == "name"
    assert (await asking(furnished, clock, "Who am I?")).state is State.WAITING


async def test_one_person_cannot_fill_the_queue(furnished: Database, clock: ManualClock) -> None:
    for number in range(MAX_WAITING):
        await asking(furnished, clock, f"{number}?")
    with pytest.raises(Conflict) as refused:
        await asking(furnished, clock, "one more?")
    assert refused.value.code == "questions.too-many"
    assert (await asking(furnished, clock, "another person's?", by=SARA)).state is State.WAITING


async def test_one_person_cannot_flood_an_unmoderated_room(furnished: Database, clock: ManualClock) -> None:
    await rules(furnished, clock, moderated=False)
    for number in range(MAX_RECENT):
        await asking(furnished, clock, f"{number}?")
    with pytest.raises(Conflict):
        await asking(furnished, clock, "one more?")
    clock.advance(timedelta(minutes=11))
    assert (await asking(furnished, clock, "later?")).state is State.APPROVED


async def test_refused_question_leaves_nothing_behind(furnished: Database, clock: ManualClock) -> None:
    with pytest.raises(MajlisError):
        await asking(furnished, clock, "")

    def everything(rows: Connection) -> object:
        return snapshot(rows, ZAINAB).filed

    assert await furnished.read(everything) == []
