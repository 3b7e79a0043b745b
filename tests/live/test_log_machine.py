"""The log against a model of it: whatever is appended, repeated, refused, cleared and read, in any order."""

from __future__ import annotations

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import create_engine, delete, insert
from sqlalchemy.pool import StaticPool

from conference.clock import ManualClock
from conference.errors import Conflict
from conference.live.log import append, heads, once, since
from conference.live.snapshot import catch_up
from conference.live.tables import LogEvent, channel_head, command, log_event
from conference.people.tables import account
from conference.schema import metadata
from conference.storage.database import Transaction
from conference.storage.sqlite import prepare_sqlite
from tests.conftest import OPENING
from tests.live.saying import Said

CHANNELS = ("session:ONE", "session:TWO", "event:1")
channels = st.sampled_from(CHANNELS)
words = st.sampled_from(("yes", "no", "سؤال", ""))
accounts = st.integers(1, 3)
client_ids = st.integers(1, 4).map(lambda number: f"00000000-0000-7000-8000-{number:012}")


class LogMachine(RuleBasedStateMachine):
    """`said` is what every channel has to hold: its events by seq, and how many were ever given out."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        prepare_sqlite(self.engine, writing=True)
        self.clock = ManualClock(OPENING)
        self.connection = self.engine.connect()
        with self.connection.begin():
            metadata.create_all(self.connection, tables=[account, log_event, channel_head, command])
            for name in "abc":
                row = {"public_id": name, "email": name, "name": name, "created_at": OPENING}
                self.connection.execute(insert(account).values(**row))
        self.said: dict[str, dict[int, str]] = {channel: {} for channel in CHANNELS}
        self.given = dict.fromkeys(CHANNELS, 0)
        self.replies: dict[tuple[int, str], int] = {}
        self.heard: list[tuple[str, int]] = []
        self.told: list[tuple[str, int]] = []

    def teardown(self) -> None:
        self.connection.close()
        self.engine.dispose()

    def unit(self, work: object) -> Transaction:
        def hear(news: object) -> None:
            assert isinstance(news, LogEvent)
            self.heard.append((news.channel, news.seq))

        tx = Transaction(self.connection, hear)
        with self.connection.begin():
            work(tx)  # type: ignore[operator]  # one of the units below
        tx.told()
        return tx

    @rule(wishes=st.lists(st.tuples(channels, words), min_size=1, max_size=4), fails=st.booleans())
    def append_several(self, wishes: list[tuple[str, str]], fails: bool) -> None:
        """In one unit; when it fails at the end, nothing of it was."""
        seqs: list[int] = []

        def work(tx: Transaction) -> None:
            for channel, text in wishes:
                said = Said(text=text, by="Ali")
                seqs.append(append(tx, channel, said, actor=None, at=self.clock.now()))
            if fails:
                raise Conflict("No.")

        try:
            self.unit(work)
        except Conflict:
            return
        for (channel, text), seq in zip(wishes, seqs, strict=True):
            self.given[channel] += 1
            assert seq == self.given[channel]
            self.said[channel][seq] = text
            self.told.append((channel, seq))

    @rule(account_id=accounts, client_id=client_ids, channel=channels, text=words)
    def repeatable(self, account_id: int, client_id: str, channel: str, text: str) -> None:
        """One effect for each account and client id, and always the first reply; a refusal keeps nothing."""

        def work(tx: Transaction) -> None:
            def effect() -> int:
                if text == "no":
                    raise Conflict("Not now.")
                return append(tx, channel, Said(text=text, by="A"), actor=account_id, at=self.clock.now())

            reply = once(tx, account_id, client_id, effect, at=self.clock.now())
            known = self.replies.get((account_id, client_id))
            assert reply.repeated == (known is not None)
            if known is None:
                self.given[channel] += 1
                assert reply.reply == self.given[channel]
                self.said[channel][reply.reply] = text
                self.told.append((channel, reply.reply))
                self.replies[account_id, client_id] = reply.reply
            else:
                assert reply.reply == known

        try:
            self.unit(work)
        except Conflict:
            assert text == "no"
            assert (account_id, client_id) not in self.replies

    @rule(channel=channels, up_to=st.integers(0, 10))
    def clear_old(self, channel: str, up_to: int) -> None:
        """Old events may go; their numbers never come back."""
        old = (log_event.c.channel == channel) & (log_event.c.seq <= up_to)
        self.unit(lambda tx: tx.connection.execute(delete(log_event).where(old)))
        self.said[channel] = {seq: text for seq, text in self.said[channel].items() if seq > up_to}

    @rule(channel=channels, after=st.integers(-1, 12), limit=st.integers(1, 20))
    def read_on(self, channel: str, after: int, limit: int) -> None:
        """A client gets everything after what it has, or is told to begin anew; never a part."""
        with self.connection.begin():
            found = since(self.connection, channel, after, limit)
            answer = catch_up(self.connection, channel, after, limit)["events"]
        later = [(seq, text) for seq, text in sorted(self.said[channel].items()) if seq > after]
        assert [(each.seq, msgspec.json.decode(each.body)["text"]) for each in found] == later[:limit]
        whole = 0 <= after <= self.given[channel] and len(later) == self.given[channel] - after <= limit
        assert (answer is not None) == whole
        if answer is not None:
            bodies = [msgspec.json.decode(each) for each in answer]
            assert [(each["seq"], each["text"]) for each in bodies] == later

    @invariant()
    def heads_are_what_was_given(self) -> None:
        with self.connection.begin():
            assert heads(self.connection, CHANNELS) == self.given

    @invariant()
    def heard_is_what_was_committed_in_order(self) -> None:
        assert self.heard == self.told


LogMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestLog = LogMachine.TestCase
