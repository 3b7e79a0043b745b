"""How a session is run: edits, tags, panellists, the line, answering now, time, blocks, recordings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from conference.clock import ManualClock
from conference.errors import BadInput, Conflict, MajlisError, NotAllowed, NotFound
from conference.people.permissions import Role
from conference.people.tables import account, grant, notification
from conference.questions import messages as m
from conference.questions.answering import answer_now
from conference.questions.asking import ask
from conference.questions.assigning import assign
from conference.questions.blocking import block
from conference.questions.deciding import answer, approve, hide
from conference.questions.editing import edit
from conference.questions.lining_up import line_up
from conference.questions.moderation import State
from conference.questions.reading import question_by_public_id
from conference.questions.rules import Defaults, change_defaults, change_rules, rules_of, set_time
from conference.questions.snapshot import snapshot
from conference.questions.tables import QuestionRow, question
from conference.questions.tagging import tag
from conference.questions.views import Naming
from conference.stage.recordings import moment_in_recording
from conference.stage.tables import recording
from conference.storage.database import Database, Transaction
from tests.live.seminar import account_id
from tests.questions.hall import caller

ALI, SARA = caller("ali", Role.ATTENDEE), caller("sara", Role.ATTENDEE)
ZAINAB = caller("zainab", Role.CHAIR)
HUDA = caller("huda", Role.SPEAKER)


@pytest.fixture
async def name(furnished: Database, clock: ManualClock) -> str:
    """One question of Ali's that the room sees."""

    def work(tx: Transaction) -> str:
        asked = ask(tx, ALI, m.AskQuestion(text="Which dose?"), now=clock.now()).question
        approve(tx, ZAINAB, m.ApproveQuestion(question=asked), now=clock.now())
        return asked

    return await furnished.write(work)


async def acted(
    database: Database, clock: ManualClock, act: Callable[..., Any], wish: Any, by: Any = ZAINAB
) -> Any:
    return await database.write(lambda tx: act(tx, by, wish, now=clock.now()))


async def kept(database: Database, name: str) -> QuestionRow:
    return await database.read(lambda rows: question_by_public_id(rows, 1, name))


# -- editing, tags ---------------------------------------------------------------------------------------


async def test_original_is_kept_through_edits_and_comes_back_when_typed_again(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    for edits, text in enumerate(("What dose?", "Which dose, please?")):
        await acted(furnished, clock, edit, m.EditQuestion(question=name, text=text, edits=edits))
    row = await kept(furnished, name)
    assert (row.text, row.original, row.edits) == ("Which dose, please?", "Which dose?", 2)
    await acted(furnished, clock, edit, m.EditQuestion(question=name, text="Which dose?", edits=2))
    row = await kept(furnished, name)
    assert (row.text, row.original, row.edits) == ("Which dose?", "", 3)


async def test_edit_never_overwrites_what_another_moderator_wrote_meanwhile(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    await acted(furnished, clock, edit, m.EditQuestion(question=name, text="First.", edits=0))
    with pytest.raises(Conflict) as refused:
        await acted(furnished, clock, edit, m.EditQuestion(question=name, text="Second.", edits=0))
    assert (refused.value.code, refused.value.field) == ("questions.edited", "text")
    for text, code in (("", "questions.empty"), ("x" * 601, "text.too-long")):
        with pytest.raises(BadInput) as wrong:
            await acted(furnished, clock, edit, m.EditQuestion(question=name, text=text, edits=1))
        assert wrong.value.code == code


async def test_flags_follow_the_words(furnished: Database, clock: ManualClock, name: str) -> None:
    wish = m.EditQuestion(question=name, text="Call 07701234567", edits=0)
    await acted(furnished, clock, edit, wish)
    assert (await kept(furnished, name)).flags == ["phone"]


async def test_tags_are_cleaned_and_alike_ones_are_one(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    wish = m.TagQuestion(question=name, tags=[" Dose ", "dose", "جُرعة", "جرعه", "", "x\u202ey"])
    await acted(furnished, clock, tag, wish)
    assert (await kept(furnished, name)).tags == ["Dose", "جُرعة", "xy"]
    for tags, code in ((["x" * 31], "text.too-long"), ([str(one) for one in range(9)], "questions.tags")):
        with pytest.raises(BadInput) as refused:
            await acted(furnished, clock, tag, m.TagQuestion(question=name, tags=tags))
        assert (refused.value.code, refused.value.field) == (code, "tags")


# -- panellists, the line ----------------------------------------------------------------------------------


async def test_question_is_assigned_to_presenters_of_this_session_only(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    await speaks_here(furnished, clock, "huda")
    assert [one.name for one in (await furnished.read(lambda rows: snapshot(rows, ZAINAB))).panel] == ["Huda"]
    wish = m.AssignQuestion(question=name, person="huda-public-id")
    await acted(furnished, clock, assign, wish)
    (shown,) = (await furnished.read(lambda rows: snapshot(rows, SARA))).shown
    assert shown.assigned is not None
    assert (shown.assigned.person, shown.assigned.name) == ("huda-public-id", "Huda")
    with pytest.raises(NotFound):
        await acted(furnished, clock, assign, m.AssignQuestion(question=name, person="sara-public-id"))
    assert (await kept(furnished, name)).assigned == "Huda"
    await acted(furnished, clock, assign, m.AssignQuestion(question=name))
    assert (await kept(furnished, name)).assigned is None


async def test_line_keeps_its_order_whoever_arranges_it(furnished: Database, clock: ManualClock) -> None:
    names = []
    for text in ("one?", "two?", "three?"):
        asked = (await acted(furnished, clock, ask, m.AskQuestion(text=text), ALI)).question
        with pytest.raises(Conflict):
            await acted(furnished, clock, line_up, m.LineUpQuestion(question=asked, place=0))
        await acted(furnished, clock, approve, m.ApproveQuestion(question=asked))
        names.append(asked)
    one, two, three = names

    async def line() -> list[str]:
        return (await furnished.read(lambda rows: snapshot(rows, SARA))).next

    for asked, place in ((one, 9), (two, 0), (three, 1)):
        await acted(furnished, clock, line_up, m.LineUpQuestion(question=asked, place=place))
    assert await line() == [two, three, one]
    await acted(furnished, clock, line_up, m.LineUpQuestion(question=one, place=0))
    assert await line() == [one, two, three]
    await acted(furnished, clock, answer, m.AnswerQuestion(question=one))
    await acted(furnished, clock, hide, m.HideQuestion(question=three))
    assert await line() == [two]
    await acted(furnished, clock, line_up, m.LineUpQuestion(question=two))
    assert await line() == []


async def test_panellist_is_told_when_their_question_comes_next(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    await speaks_here(furnished, clock, "huda")
    await acted(furnished, clock, assign, m.AssignQuestion(question=name, person="huda-public-id"))
    await acted(furnished, clock, line_up, m.LineUpQuestion(question=name, place=0))
    told = select(notification.c.kind).where(notification.c.account_id == account_id("huda"))
    assert await furnished.read(lambda rows: list(rows.scalars(told))) == ["question-next"]


# -- answering ---------------------------------------------------------------------------------------------


async def test_one_question_at_a_time_is_being_answered_and_its_moment_is_found_in_the_recording(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    other = (await acted(furnished, clock, ask, m.AskQuestion(text="And then?"), SARA)).question
    await acted(furnished, clock, approve, m.ApproveQuestion(question=other))
    recorded = {"public_id": "rec", "session_id": 1, "folder": "none", "started_at": clock.now()}
    await furnished.write(lambda tx: tx.connection.execute(insert(recording).values(**recorded)))
    for asked in (name, other):
        clock.advance(timedelta(seconds=90))
        now = (await acted(furnished, clock, answer_now, m.AnswerNow(question=asked), HUDA)).now
        assert (now.question, now.since) == (asked, clock.now())
    clock.advance(timedelta(seconds=30))

    def finish(tx: Transaction) -> None:
        for asked in (name, other):
            wish = m.AnswerQuestion(question=asked)
            answer(tx, ZAINAB, wish, now=clock.now(), moment_in=moment_in_recording)

    await furnished.write(finish)
    view = await furnished.read(lambda rows: snapshot(rows, SARA))
    # The one that was being answered: from when that began; the other: when it was marked.
    assert {each.id: each.moment and each.moment.seconds for each in view.shown} == {name: 210, other: 180}
    assert view.now is None
    assert [each.answered_at for each in view.shown] == [clock.now()] * 2


async def test_presenter_answers_what_the_room_sees_and_nothing_else(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    waiting = (await acted(furnished, clock, ask, m.AskQuestion(text="Waiting?"), SARA)).question
    for act, wish in (
        (answer, m.AnswerQuestion(question=waiting)),
        (answer_now, m.AnswerNow(question=waiting)),
    ):
        with pytest.raises(NotFound):
            await acted(furnished, clock, act, wish, HUDA)
    done = await acted(furnished, clock, answer, m.AnswerQuestion(question=name, text="Half."), HUDA)
    assert done.state is State.ANSWERED


# -- rules, time, blocks -----------------------------------------------------------------------------------


async def test_rules_of_the_event_hold_until_the_session_has_its_own(
    furnished: Database, clock: ManualClock
) -> None:
    wanted = Defaults(moderated=False, afterwards=False)
    assert await furnished.write(lambda tx: change_defaults(tx, 1, wanted)) is True
    assert await furnished.write(lambda tx: change_defaults(tx, 1, wanted)) is False
    rules = await furnished.read(lambda rows: rules_of(rows, 1))
    assert (rules.moderated, rules.afterwards, rules.ahead) == (False, False, True)
    await acted(furnished, clock, change_rules, m.ChangeQuestionRules(paused=True))
    await furnished.write(lambda tx: change_defaults(tx, 1, Defaults()))
    rules = await furnished.read(lambda rows: rules_of(rows, 1))
    assert (rules.moderated, rules.paused) == (False, True)
    assert (await furnished.read(lambda rows: rules_of(rows, 2))).moderated is True


async def test_time_for_questions_is_a_moment_that_all_count_down_to(
    furnished: Database, clock: ManualClock
) -> None:
    rules = await acted(furnished, clock, set_time, m.SetQuestionTime(minutes=7))
    assert rules.until == clock.now() + timedelta(minutes=7)
    assert (await furnished.read(lambda rows: snapshot(rows, SARA))).rules.until == rules.until
    assert (await acted(furnished, clock, set_time, m.SetQuestionTime())).until is None


async def test_blocked_person_asks_no_more_here_until_unblocked(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    blocked = await acted(furnished, clock, block, m.BlockAsker(person="ali-public-id"))
    assert [one.name for one in blocked.people] == ["Ali"]
    with pytest.raises(NotAllowed) as refused:
        await acted(furnished, clock, ask, m.AskQuestion(text="Again?"), ALI)
    assert refused.value.code == "questions.blocked"
    elsewhere = caller("ali", Role.ATTENDEE, session_id=2, code="EVEN01")
    assert (await acted(furnished, clock, ask, m.AskQuestion(text="There?"), elsewhere)).question
    assert (await furnished.read(lambda rows: snapshot(rows, SARA))).blocked == []
    freed = await acted(furnished, clock, block, m.BlockAsker(person="ali-public-id", blocked=False))
    assert freed.people == []
    assert (await acted(furnished, clock, ask, m.AskQuestion(text="Again?"), ALI)).question


async def test_who_runs_the_session_or_never_asked_cannot_be_blocked(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    await acted(furnished, clock, ask, m.AskQuestion(text="From the chair?"), ZAINAB)
    for person, code in (
        ("zainab-public-id", "questions.block"),
        ("omar-public-id", "questions.unknown-person"),
    ):
        with pytest.raises(MajlisError) as refused:
            await acted(furnished, clock, block, m.BlockAsker(person=person))
        assert refused.value.code == code


async def test_question_of_somebody_erased_stays_as_nobodys(
    furnished: Database, clock: ManualClock, name: str
) -> None:
    owl = m.AskQuestion(text="By night?", name=Naming.PSEUDONYM, pseudonym="Owl")
    asked = (await acted(furnished, clock, ask, owl, ALI)).question
    await acted(furnished, clock, approve, m.ApproveQuestion(question=asked))
    await furnished.write(lambda tx: tx.connection.execute(delete(account).where(account.c.name == "Ali")))
    view = await furnished.read(lambda rows: snapshot(rows, ZAINAB))
    assert [(each.text, each.asker) for each in view.shown] == [("Which dose?", None), ("By night?", None)]
    assert view.filed is not None
    assert [(each.asker, each.person) for each in view.filed] == [(None, None)] * 2
    assert await furnished.read(lambda rows: list(rows.scalars(select(question.c.account_id)))) == [
        None,
        None,
    ]


async def speaks_here(database: Database, clock: ManualClock, who: str) -> None:
    held = {"account_id": account_id(who), "event_id": 1, "session_id": 1, "role": Role.SPEAKER}
    await database.write(
        lambda tx: tx.connection.execute(insert(grant).values(**held, granted_at=clock.now()))
    )
