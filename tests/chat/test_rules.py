"""Who may say what: the pure rules, and a machine that tries everything on a real database."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from sqlalchemy import select

from conference.chat.changing import block, delete_own, edit, hide
from conference.chat.erasing import erase_expired
from conference.chat.messages import (
    BlockPerson,
    ChangeChatRules,
    DeleteChat,
    EditChat,
    HideChat,
    SendChat,
)
from conference.chat.rules import (
    EDIT_FOR,
    Audience,
    Mode,
    State,
    heard_by,
    hidden_or_shown,
    kept_since,
    pause_left,
    require_editable,
    require_pause,
)
from conference.chat.sending import send
from conference.chat.settings import ChatDefaults, change_defaults, change_rules
from conference.chat.tables import chat_message
from conference.clock import ManualClock
from conference.errors import Conflict, MajlisError
from conference.live.commands import Caller
from conference.live.log import head, since
from conference.live.tables import log_event
from conference.schema import metadata
from conference.storage.database import Database, Transaction
from tests.chat.hall import ALI, SARA, ZAINAB, Mirror, everything_for
from tests.live.seminar import furnish

NOW = datetime(2025, 10, 25, 6, 5, tzinfo=UTC)
REFUSED = None


@pytest.mark.parametrize(
    ("wanted", "mode", "runs", "heard"),
    [
        (Audience.ROOM, Mode.OPEN, False, Audience.ROOM),
        (Audience.ROOM, Mode.MODERATORS, False, Audience.DESK),
        (Audience.ROOM, Mode.READ_ONLY, False, REFUSED),
        (Audience.ROOM, Mode.OFF, False, REFUSED),
        (Audience.ROOM, Mode.MODERATORS, True, Audience.ROOM),
        (Audience.ROOM, Mode.READ_ONLY, True, Audience.ROOM),
        (Audience.ROOM, Mode.OFF, True, REFUSED),
        (Audience.DESK, Mode.OPEN, False, Audience.DESK),
        (Audience.DESK, Mode.READ_ONLY, False, Audience.DESK),
        (Audience.DESK, Mode.OFF, False, REFUSED),
    ],
)
def test_what_a_mode_lets_through_and_to_whom(
    wanted: Audience, mode: Mode, runs: bool, heard: Audience | None
) -> None:
    for direct in (True, False):
        if heard is REFUSED:
            with pytest.raises(Conflict):
                heard_by(wanted, mode, direct=direct, runs=runs)
        else:
            assert heard_by(wanted, mode, direct=direct, runs=runs) is heard


def test_direct_messages_need_the_organizers_word_in_every_mode() -> None:
    for mode, runs in itertools.product(Mode, (True, False)):
        with pytest.raises(Conflict):
            heard_by(Audience.DIRECT, mode, direct=False, runs=runs)
    assert heard_by(Audience.DIRECT, Mode.READ_ONLY, direct=True, runs=False) is Audience.DIRECT


@given(st.integers(0, 600), st.integers(0, 10**9))
def test_who_waits_as_long_as_slow_mode_says_may_write(slow: int, microseconds: int) -> None:
    sent = NOW - timedelta(microseconds=microseconds)
    left = pause_left(sent, slow, now=NOW)
    assert 0 <= left <= slow
    require_pause(sent, slow, now=NOW + timedelta(seconds=left))
    if left:
        with pytest.raises(Conflict, match=str(left)):
            require_pause(sent, slow, now=NOW)


def test_first_message_never_waits() -> None:
    require_pause(None, 600, now=NOW)


def test_a_message_can_be_changed_until_ten_minutes_are_over() -> None:
    require_editable(State.SHOWN, NOW - EDIT_FOR, now=NOW)
    with pytest.raises(Conflict):
        require_editable(State.SHOWN, NOW - EDIT_FOR - timedelta(microseconds=1), now=NOW)
    for state in (State.HIDDEN, State.DELETED):
        with pytest.raises(Conflict):
            require_editable(state, NOW, now=NOW)


def test_hiding_and_showing_again_but_never_what_was_deleted() -> None:
    assert hidden_or_shown(State.SHOWN, hide=True) is State.HIDDEN
    assert hidden_or_shown(State.HIDDEN, hide=False) is State.SHOWN
    for wanted in (True, False):
        with pytest.raises(Conflict):
            hidden_or_shown(State.DELETED, hide=wanted)


def test_history_is_kept_for_its_days_or_for_ever() -> None:
    assert kept_since(0, now=NOW) is None
    assert kept_since(30, now=NOW) == NOW - timedelta(days=30)


class Chat(RuleBasedStateMachine):
    """Random acts of two attendees and a chair. After each, whoever follows the log reads what the server
    would list for them, and the log holds no text that its readers may not read any more."""

    messages = Bundle("messages")
    people = {one.name: one for one in (ALI, SARA, ZAINAB)}

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'test.sqlite3'}")
        self.run(self.database.open())
        self.write(lambda tx: metadata.create_all(tx.connection))
        self.write(lambda tx: furnish(tx, ManualClock(NOW)))
        self.write(
            lambda tx: change_defaults(tx, 1, ChatDefaults(direct=True, history_days=30), by=1, now=NOW)
        )
        self.now = NOW
        self.said = 0
        # Of each text: who may still read it outside the desk.
        self.mirrors = {one.name: Mirror(moderates=one is ZAINAB) for one in self.people.values()}
        self.reached: dict[str, dict[str, int]] = {
            one.name: dict.fromkeys(one.channels, 0) for one in self.people.values()
        }

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def write(self, work: Callable[[Transaction], Any]) -> Any:
        return self.run(self.database.write(work))

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    def act(self, work: Callable[..., Any], one: Caller, wish: Any) -> Any:
        try:
            return self.write(lambda tx: work(tx, one, wish, now=self.now))
        except MajlisError as error:
            return error

    @rule(
        target=messages,
        who=st.sampled_from(sorted(people)),
        to=st.sampled_from(Audience),
        other=st.sampled_from(sorted(people)),
        names=st.booleans(),
    )
    def send(self, who: str, to: Audience, other: str, names: bool) -> tuple[str, str]:
        self.said += 1
        text = f"text-{self.said}-end" + (f" @{other}" if names else "")
        person = f"{other.lower()}-public-id"
        wish = SendChat(text=text, to=to, person=person, mentions=[person])
        done = self.act(send, self.people[who], wish)
        return ("", who) if isinstance(done, MajlisError) else (done.message, who)

    @rule(target=messages, message=messages, who=st.sampled_from(sorted(people)))
    def answer(self, message: tuple[str, str], who: str) -> tuple[str, str]:
        self.said += 1
        wish = SendChat(text=f"text-{self.said}-end", reply=message[0] or None)
        done = self.act(send, self.people[who], wish)
        return ("", who) if isinstance(done, MajlisError) else (done.message, who)

    @rule(message=messages, by=st.sampled_from(sorted(people)))
    def edit(self, message: tuple[str, str], by: str) -> None:
        self.said += 1
        done = self.act(
            edit, self.people[by], EditChat(message=message[0] or "x", text=f"text-{self.said}-end")
        )
        assert isinstance(done, MajlisError) or by == message[1], "somebody else's message was changed"

    @rule(message=consumes(messages), by=st.sampled_from(sorted(people)))
    def delete(self, message: tuple[str, str], by: str) -> None:
        done = self.act(delete_own, self.people[by], DeleteChat(message=message[0] or "x"))
        assert isinstance(done, MajlisError) or by == message[1], "somebody else's message was deleted"

    @rule(message=messages, hidden=st.booleans())
    def hide(self, message: tuple[str, str], hidden: bool) -> None:
        self.act(hide, ZAINAB, HideChat(message=message[0] or "x", hidden=hidden))

    @rule(mode=st.sampled_from(Mode), slow=st.sampled_from([0, 30]), back=st.booleans())
    def change(self, mode: Mode, slow: int, back: bool) -> None:
        self.act(change_rules, ZAINAB, ChangeChatRules(mode=mode, slow_seconds=slow, as_event=back))

    @rule(who=st.sampled_from(["Ali", "Sara"]), blocked=st.booleans())
    def block(self, who: str, blocked: bool) -> None:
        other = "sara" if who == "Ali" else "ali"
        self.act(block, self.people[who], BlockPerson(person=f"{other}-public-id", blocked=blocked))

    @rule(minutes=st.sampled_from([1, 11, 60 * 24 * 20]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def erase(self) -> None:
        while self.write(lambda tx: erase_expired(tx, now=self.now)):
            pass
        old = chat_message.c.sent_at < self.now - timedelta(days=30)
        left = self.run(self.database.read(lambda rows: rows.execute(select(chat_message).where(old)).all()))
        assert left == []

    @rule(who=st.sampled_from(sorted(people)))
    def come_back(self, who: str) -> None:
        """A drop is over: the log tells what was missed, after which one reads what the server lists."""
        one, mirror = self.people[who], self.mirrors[who]
        for channel, reached in self.reached[who].items():
            for event in self.run(self.database.read(lambda rows: since(rows, channel, reached, 10_000))):  # noqa: B023
                mirror.apply(msgspec.json.decode(event.body))
            self.reached[who][channel] = self.run(self.database.read(lambda rows: head(rows, channel)))  # noqa: B023
        fresh = Mirror(moderates=mirror.moderates)
        fresh.listed(self.run(self.database.read(lambda rows: everything_for(rows, one))))
        assert mirror.visible() == fresh.visible()

    @invariant()
    def log_holds_only_what_may_be_read(self) -> None:
        def read(rows: Any) -> tuple[set[str], list[str], list[str]]:
            stored = rows.execute(select(chat_message.c.text, chat_message.c.state)).all()
            current = {text for text, state in stored if state == State.SHOWN}
            everything = {text for text, _ in stored}
            hidden = {text for text, state in stored if state == State.HIDDEN}
            told = rows.execute(select(log_event.c.channel, log_event.c.body)).all()
            outside = [body for channel, body in told if not channel.endswith(":desk")]
            room = [body for channel, body in told if channel == "session:MORN01"]
            gone = {f"text-{number}-end" for number in range(1, self.said + 1)}
            gone -= {text.split(" ")[0] for text in current | hidden}
            wrong = [body for body in outside for text in gone if text in body]
            secret = {text.split(" ")[0] for text in hidden}
            wrong += [body for body in room for text in secret if text in body]
            return everything, outside, wrong

        _, _, wrong = self.run(self.database.read(read))
        assert wrong == []


Chat.TestCase.settings = settings(max_examples=20, stateful_step_count=25)
TestChat = Chat.TestCase
