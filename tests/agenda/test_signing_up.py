"""Places of a session: never more taken than there are, the first to come first, and who moves up is told."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import create_engine, select, update

from conference.agenda.drafts import EventDraft, SessionDraft
from conference.agenda.editing import create_event, create_session
from conference.agenda.signing_up import fill_places, leave, places_of, sign_up_for, signed_up
from conference.agenda.tables import SessionState, SignUpState, session
from conference.errors import Conflict
from conference.people.accounts import create_account
from conference.people.tables import outbox
from conference.schema import metadata
from conference.storage.database import Database, Transaction

NINE = datetime(2025, 10, 25, 6, tzinfo=UTC)
BEFORE = NINE - timedelta(days=1)
SITE = "https://majlis.example"
PEOPLE = 7


def furnish(tx: Transaction, *, capacity: int | None = 2) -> tuple[int, list[int]]:
    """An event with one session to sign up for, and people who read Arabic and English in turn."""
    event = EventDraft(
        slug="karbala", title={"en": "Congress"}, zone="Asia/Baghdad",
        starts=date(2025, 10, 25), ends=date(2025, 10, 25),
    )  # fmt: skip
    event_id = create_event(tx, event, at=BEFORE)
    draft = SessionDraft(
        title={"en": "Suturing", "ar": "الخياطة الجراحية"}, starts_at=NINE, minutes=60, code="SUTURE",
        capacity=capacity, takes_sign_ups=True,
    )  # fmt: skip
    made = create_session(tx, event_id, draft, at=BEFORE)
    languages = ["ar", "en"] * PEOPLE
    accounts = [
        create_account(tx, f"p{number}@example.org", f"Person {number}", languages[number], now=BEFORE).id
        for number in range(PEOPLE)
    ]
    return made.id, accounts


class SignUps(RuleBasedStateMachine):
    """Against a list in memory: the first to come have places, once given never taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://")
        self.connection = self.engine.connect()
        metadata.create_all(self.connection)
        self.tx = Transaction(self.connection)
        self.session_id, self.accounts = furnish(self.tx)
        self.capacity: int | None = 2
        self.having: list[int] = []
        self.queue: list[int] = []
        self.told: list[int] = []
        self.at = BEFORE

    def teardown(self) -> None:
        self.connection.close()
        self.engine.dispose()

    def move_up(self) -> None:
        while self.queue and (self.capacity is None or len(self.having) < self.capacity):
            self.having.append(self.queue.pop(0))
            self.told.append(self.having[-1])

    @rule(who=st.integers(0, PEOPLE - 1), passed=st.integers(0, 1))
    def come(self, who: int, passed: int) -> None:
        self.at += timedelta(microseconds=passed)  # several may come in the very same moment
        state = sign_up_for(self.tx, self.session_id, self.accounts[who], public_url=SITE, at=self.at)
        self.move_up()
        if who not in self.having and who not in self.queue:
            full = self.capacity is not None and len(self.having) >= self.capacity
            (self.queue if full else self.having).append(who)
        assert state == (SignUpState.TAKEN if who in self.having else SignUpState.WAITING)

    @rule(who=st.integers(0, PEOPLE - 1))
    def go(self, who: int) -> None:
        leave(self.tx, self.session_id, self.accounts[who], public_url=SITE, at=self.at)
        self.having = [one for one in self.having if one != who]
        self.queue = [one for one in self.queue if one != who]
        self.move_up()

    @rule(capacity=st.one_of(st.none(), st.integers(1, 4)), at_once=st.booleans())
    def change_places(self, capacity: int | None, at_once: bool) -> None:
        values = {"capacity": capacity}
        self.connection.execute(update(session).where(session.c.id == self.session_id).values(values))
        self.capacity = capacity
        if at_once:
            fill_places(self.tx, 1, "SUTURE", public_url=SITE, at=self.at)
            self.move_up()

    @invariant()
    def lists_agree(self) -> None:
        listed = signed_up(self.connection, 1, "SUTURE")
        names = {state: [one.name for one in listed if one.state is state] for state in SignUpState}
        assert sorted(names[SignUpState.TAKEN]) == sorted(f"Person {who}" for who in self.having)
        assert names[SignUpState.WAITING] == [f"Person {who}" for who in self.queue]
        seen = places_of(self.connection, self.session_id, self.accounts[0], at=self.at)
        assert seen is not None
        assert (seen.taken, seen.waiting) == (len(self.having), len(self.queue))

    @invariant()
    def whoever_moved_up_was_told(self) -> None:
        mails = self.connection.scalars(select(outbox.c.recipient).order_by(outbox.c.id)).all()
        assert mails == [f"p{who}@example.org" for who in self.told]


TestSignUps = SignUps.TestCase
TestSignUps.settings = settings(
    max_examples=12, stateful_step_count=25, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
async def place(database: Database) -> tuple[Database, int, list[int]]:
    session_id, accounts = await database.write(furnish)
    return database, session_id, accounts


async def test_all_at_once_get_exactly_the_places_there_are(place: tuple[Database, int, list[int]]) -> None:
    database, session_id, accounts = place
    came = [
        database.write(
            lambda tx, who=who: sign_up_for(tx, session_id, who, public_url=SITE, at=BEFORE)  # type: ignore[misc]
        )
        for who in accounts
    ]
    states = await asyncio.gather(*came)
    assert states == [SignUpState.TAKEN] * 2 + [SignUpState.WAITING] * (PEOPLE - 2)
    left = await database.read(lambda rows: places_of(rows, session_id, accounts[2], at=BEFORE))
    assert left is not None
    assert (left.left, left.mine) == (0, SignUpState.WAITING)


async def test_who_moves_up_reads_it_in_their_language_and_time(
    place: tuple[Database, int, list[int]],
) -> None:
    database, session_id, accounts = place
    for who in accounts[:3]:
        await database.write(lambda tx, who=who: sign_up_for(tx, session_id, who, public_url=SITE, at=BEFORE))  # type: ignore[misc]
    await database.write(lambda tx: leave(tx, session_id, accounts[1], public_url=SITE, at=BEFORE))
    mail = await database.read(lambda rows: rows.execute(select(outbox)).one())
    assert (mail.recipient, mail.language, mail.kind) == ("p2@example.org", "ar", "sign-up")
    assert "الخياطة الجراحية" in mail.subject
    assert "09:00" in mail.text
    assert f"{SITE}/karbala/session/SUTURE" in mail.text
    assert mail.useless_after == NINE


@pytest.mark.parametrize(
    ("values", "at", "code"),
    [
        ({}, NINE, "sign-up.over"),
        ({"state": SessionState.CANCELLED.value}, BEFORE, "sign-up.cancelled"),
        ({"takes_sign_ups": False}, BEFORE, "sign-up.none"),
    ],
)
async def test_a_closed_list_stays_as_it_is(
    place: tuple[Database, int, list[int]], values: dict[str, object], at: datetime, code: str
) -> None:
    database, session_id, accounts = place
    await database.write(lambda tx: sign_up_for(tx, session_id, accounts[0], public_url=SITE, at=BEFORE))
    if values:
        await database.write(lambda tx: tx.connection.execute(update(session).values(values)))
    for act in (sign_up_for, leave):
        with pytest.raises(Conflict) as refused:
            await database.write(
                lambda tx, act=act: act(tx, session_id, accounts[1], public_url=SITE, at=at)  # type: ignore[misc]
            )
        assert refused.value.code == code
    assert len(await database.read(lambda rows: signed_up(rows, 1, "SUTURE"))) == 1
