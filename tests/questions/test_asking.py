"""Who may ask what, how much, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Connection

from conference.clock import ManualClock
from conference.errors import BadInput, Conflict, MajlisError
from conference.live.commands import Caller
from conference.people.permissions import Role
from conference.questions.asking import MAX_LENGTH, MAX_RECENT, MAX_WAITING, Asked, ask
from conference.questions.messages import AskQuestion, ChangeQuestionRules
from conference.questions.moderation import State
from conference.questions.reading import filed, own, question_by_public_id, shown
from conference.questions.rules import change_rules
from conference.questions.snapshot import snapshot
from conference.questions.tables import QuestionRow
from conference.questions.timing import moment_asked
from conference.questions.views import Naming
from conference.storage.database import Database
from tests.questions.hall import caller

ALI = caller("ali", Role.ATTENDEE)
SARA, OMAR = caller("sara", Role.ATTENDEE), caller("omar", Role.ATTENDEE)
ZAINAB = caller("zainab", Role.CHAIR)
ZONES = [UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]


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


# -- names ------------------------------------------------------------------------------------------------


async def under_a_pseudonym(database: Database, clock: ManualClock, name: str, by: Caller) -> QuestionRow:
    wish = AskQuestion(text="Which dose?", name=Naming.PSEUDONYM, pseudonym=name)
    asked = await database.write(lambda tx: ask(tx, by, wish, now=clock.now()))
    return await kept(database, asked)


async def test_pseudonym_is_shown_to_the_room_and_the_name_to_moderators(
    furnished: Database, clock: ManualClock
) -> None:
    row = await under_a_pseudonym(furnished, clock, " Night  Owl ", ALI)
    assert (row.pseudonym, row.asker) == ("Night Owl", "Ali")
    assert (shown(row).asker, shown(row).pseudonym) == ("Night Owl", True)
    # Without another word it stays; with one it is another.
    assert (await under_a_pseudonym(furnished, clock, "", ALI)).pseudonym == "Night Owl"
    assert (await under_a_pseudonym(furnished, clock, "Early Bird", ALI)).pseudonym == "Early Bird"
    numbered = [(await under_a_pseudonym(furnished, clock, "", by)).pseudonym for by in (SARA, OMAR)]
    assert numbered == ["№ 2", "№ 3"]


@pytest.mark.parametrize(
    "name", ["Zainab", "Dr. Zainab", "Zаinab", "ZAINAB", "Owl", "0wl", "O\u200bw\u200bl", "…", "x" * 41]
)
async def test_pseudonym_that_could_be_taken_for_somebody_else_is_refused(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    await under_a_pseudonym(furnished, clock, "Owl", SARA)
    with pytest.raises(MajlisError) as refused:
        await under_a_pseudonym(furnished, clock, name, ALI)
    assert refused.value.field == "pseudonym"


async def test_pseudonyms_are_refused_where_the_organizer_allows_none(
    furnished: Database, clock: ManualClock
) -> None:
    await rules(furnished, clock, pseudonyms_allowed=False)
    with pytest.raises(Conflict) as refused:
        await under_a_pseudonym(furnished, clock, "Owl", ALI)
    assert (refused.value.code, refused.value.field) == ("questions.named", "name")


# -- when -------------------------------------------------------------------------------------------------


async def late(database: Database, clock: ManualClock, text: str, asked_at: datetime) -> Asked:
    wish = AskQuestion(text=text, asked_at=asked_at, slide=14)
    return await database.write(lambda tx: ask(tx, ALI, wish, now=clock.now()))


async def test_hour_and_slide_of_the_device_are_kept_through_an_outage(
    furnished: Database, clock: ManualClock
) -> None:
    asked_at = clock.now()
    clock.advance(timedelta(minutes=40))
    row = await kept(furnished, await late(furnished, clock, "Why?", asked_at))
    assert (row.asked_at, row.arrived_at, row.slide) == (asked_at, clock.now(), 14)
    assert (shown(row).asked_at, shown(row).slide) == (asked_at, 14)
    assert filed(row).arrived_at == clock.now()


@given(st.datetimes(timezones=st.sampled_from(ZONES)) | st.datetimes())
@example(datetime.min.replace(tzinfo=ZONES[1]))
@example(datetime.max.replace(tzinfo=ZONES[2]))
def test_hour_of_a_device_is_never_in_the_future_or_older_than_a_day(wish: datetime) -> None:
    now = datetime(2025, 10, 25, 6, 5, tzinfo=UTC)
    assert now - timedelta(hours=24) <= moment_asked(wish, now=now) <= now


async def test_question_asked_before_the_closing_is_taken_when_it_arrives_and_waits_for_a_moderator(
    furnished: Database, clock: ManualClock
) -> None:
    asked_at = clock.now()
    await rules(furnished, clock, moderated=False)
    clock.advance(timedelta(minutes=5))
    await rules(furnished, clock, open=False)
    clock.advance(timedelta(minutes=5))
    assert (await late(furnished, clock, "In time?", asked_at)).state is State.WAITING
    with pytest.raises(Conflict) as refused:
        await late(furnished, clock, "Too late?", clock.now() - timedelta(minutes=1))
    assert refused.value.code == "questions.closed"


@pytest.mark.parametrize(
    ("changed", "at", "code"),
    [
        ({"paused": True}, timedelta(minutes=5), "questions.paused"),
        ({"open": False}, timedelta(minutes=5), "questions.closed"),
        ({"ahead": False}, timedelta(minutes=-5), "questions.not-yet"),
        ({"afterwards": False}, timedelta(minutes=65), "questions.over"),
        ({}, timedelta(minutes=-5), None),
        ({}, timedelta(minutes=65), None),
    ],
)
async def test_questions_are_taken_before_during_and_after_as_the_rules_say(
    furnished: Database, clock: ManualClock, changed: dict[str, bool], at: timedelta, code: str | None
) -> None:
    await rules(furnished, clock, **changed)
    clock.advance(at)
    if code is None:
        assert (await asking(furnished, clock, "Now?")).state is State.WAITING
        return
    with pytest.raises(Conflict) as refused:
        await asking(furnished, clock, "Now?")
    assert refused.value.code == code


async def test_patient_identifiers_are_flagged_for_moderators_and_nobody_else(
    furnished: Database, clock: ManualClock
) -> None:
    row = await kept(furnished, await asking(furnished, clock, "المريض أبو علي، هاتفه ٠٧٧٠١٢٣٤٥٦٧؟"))
    assert filed(row).flags == ("phone", "patient_name")
    assert "flags" not in msgspec.to_builtins(own(row))
