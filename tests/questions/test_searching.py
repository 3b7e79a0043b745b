"""Finding among many questions, and a snapshot that a slow link can carry."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert

from conference.clock import ManualClock
from conference.errors import BadInput
from conference.people.permissions import Role
from conference.questions.messages import FindSimilar, ListQuestions, SearchQuestions
from conference.questions.moderation import State
from conference.questions.searching import MAX_FOUND, find_similar, search
from conference.questions.snapshot import OPEN, PAGE, Found, Snapshot, list_more, snapshot
from conference.questions.tables import question
from conference.serving.arabic import normalised
from conference.storage.database import Database
from tests.live.seminar import account_id
from tests.questions.hall import caller

ALI, SARA = caller("ali", Role.ATTENDEE), caller("sara", Role.ATTENDEE)
ZAINAB = caller("zainab", Role.CHAIR)
STATES = list(State)
THOUSAND = 1000


@pytest.fixture
async def thousand(furnished: Database, clock: ManualClock) -> Database:
    """A thousand questions of Ali's, in every state by turns, each with a number of its own."""

    def row(number: int) -> dict[str, Any]:
        text = f"ما هي الجرعة المناسبة للمريض رقم {number} بعد العملية؟"
        state = STATES[number % len(STATES)] if number % len(STATES) < 4 else State.APPROVED
        return {
            "public_id": f"q{number:04d}", "session_id": 1, "account_id": account_id("ali"), "text": text,
            "plain": normalised(text), "state": state, "votes": number % 97, "anonymous": True,
            "asked_at": clock.now() + timedelta(seconds=number), "pinned": number == 4,
        }  # fmt: skip

    rows = [row(number) for number in range(THOUSAND)]
    await furnished.write(lambda tx: tx.connection.execute(insert(question), rows))
    return furnished


async def test_snapshot_of_a_thousand_questions_fits_a_slow_link(thousand: Database) -> None:
    seen: Snapshot = await thousand.read(lambda rows: snapshot(rows, SARA))
    opened = [each for each in seen.shown if not each.answered]
    assert len(opened) == OPEN
    assert "q0004" in {each.id for each in opened}  # pinned, with few votes
    assert min(each.votes for each in opened if not each.pinned) > 70
    assert seen.more.keys() == {State.APPROVED, State.ANSWERED}
    assert sum(seen.more.values()) + len(seen.shown) == 666
    assert seen.filed is None
    # At 64 kbit/s, as websockets compress it: under two seconds.
    assert len(zlib.compress(msgspec.json.encode(seen))) < 16_000


async def test_pages_give_everything_once_and_nothing_else(thousand: Database) -> None:
    for person, states in ((ZAINAB, STATES), (SARA, [State.APPROVED, State.ANSWERED])):
        seen: list[str] = []
        for state in STATES:
            before: str | None = None
            while True:
                wish = ListQuestions(state=state, before=before)
                page: Found = await thousand.read(lambda rows, wish=wish: list_more(rows, person, wish))  # type: ignore[misc]  # noqa: B023
                assert len(page.order) <= PAGE
                seen += page.order
                if state not in states:
                    assert page.order == []
                if not page.more:
                    break
                before = page.order[-1]
        assert len(seen) == len(set(seen)) == (THOUSAND if person is ZAINAB else 666)


@pytest.mark.parametrize("words", ["الجرعه 444", "جُرعة ٤٤٤", "444 المناسبه", "جرعه ۴۴۴ عمليه"])
async def test_search_meets_every_spelling(thousand: Database, words: str) -> None:
    found: Found = await thousand.read(lambda rows: search(rows, ZAINAB, SearchQuestions(text=words)))
    assert found.order == ["q0444"]


async def test_search_says_how_many_more_there_are(thousand: Database) -> None:
    found: Found = await thousand.read(lambda rows: search(rows, SARA, SearchQuestions(text="الجرعة")))
    assert (len(found.order), found.more) == (MAX_FOUND, 666 - MAX_FOUND)
    with pytest.raises(BadInput):
        await thousand.read(lambda rows: search(rows, SARA, SearchQuestions(text=" ؟ ")))


async def test_similar_ones_are_proposed_among_what_one_may_see(
    furnished: Database, clock: ManualClock
) -> None:
    texts = {"a": "ما هي جرعة الميتفورمين القصوى؟", "b": "Is aspirin safe in pregnancy?"}

    def fill(tx: Any) -> None:
        for name, text in texts.items():
            state = State.WAITING if name == "a" else State.APPROVED
            values = {"public_id": name, "session_id": 1, "account_id": account_id("ali"), "state": state}
            tx.connection.execute(
                insert(question).values(**values, text=text, plain=normalised(text), asked_at=clock.now())
            )

    await furnished.write(fill)

    async def proposed(person: Any, text: str, but: str | None = None) -> Found:
        wish = FindSimilar(text=text, but=but)
        return await furnished.read(lambda rows: find_similar(rows, person, wish))

    mine = await proposed(ZAINAB, "الجرعه القصوى للميتفورمين")
    assert mine.order == ["a"]
    assert 0.5 <= mine.scores["a"] <= 1
    assert mine.filed is not None
    assert (await proposed(SARA, "الجرعه القصوى للميتفورمين")).order == []
    assert (await proposed(SARA, "aspirin safe in pregnancy")).order == ["b"]
    assert (await proposed(ZAINAB, texts["a"], but="a")).order == []
