"""The outbox: written with the act, sent by the postman, read by organizers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from conference.clock import ManualClock
from conference.people.outbox import MailListed, MailState, blacked_out, mails_of, put_mail, try_again
from conference.people.postman import Postman
from conference.people.tables import outbox
from conference.serving.mail import RETRY_AFTER, Mailer
from conference.storage.database import Database
from tests.people.congress import BASRA, KARBALA
from tests.people.site import settings_for
from tests.serving.test_mail import Relay, mailer, serving

KEY = "A" * 43
TEXT = f"Open:\n\nhttps://majlis.example/join/{KEY}"


async def put(database: Database, clock: ManualClock, **changed: Any) -> str:
    values: dict[str, Any] = {"to": "ali@x.example", "subject": "Your link", "text": TEXT, "language": "en"}
    values |= {"event_id": KARBALA} | changed
    return await database.write(lambda tx: put_mail(tx, now=clock.now(), **values))


async def only_mail(database: Database) -> MailListed:
    (mail,) = await database.read(lambda rows: mails_of(rows, KARBALA, with_keys=True))
    return mail


async def test_a_waiting_mail_is_sent_once_and_its_key_blacked_out(
    congress: Database, clock: ManualClock
) -> None:
    relay = Relay()
    await put(congress, clock)
    async with serving(relay) as port:
        postman = Postman(congress, mailer(port), clock)
        assert [await postman.deliver_due(), await postman.deliver_due()] == [1, 0]
    assert KEY in relay.taken[0].get_content()
    mail = await only_mail(congress)
    assert (mail.state, mail.sent_at, mail.attempts) == (MailState.SENT, clock.now(), 1)
    assert KEY not in mail.text
    assert "/join/…" in mail.text


async def test_a_mail_of_an_act_that_failed_was_never_written(congress: Database, clock: ManualClock) -> None:
    def act(tx: Any) -> None:
        put_mail(tx, to="a@x.example", subject="s", text="t", language="en", now=clock.now())
        raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError):
        await congress.write(act)
    assert await congress.read(lambda rows: rows.execute(select(outbox)).all()) == []


async def test_a_busy_relay_is_tried_again_with_growing_pauses(
    congress: Database, clock: ManualClock
) -> None:
    relay = Relay()
    relay.answer = "452 disk full"
    await put(congress, clock)
    async with serving(relay) as port:
        postman = Postman(congress, mailer(port), clock)
        for number, pause in enumerate(RETRY_AFTER, start=1):
            await postman.deliver_due()
            mail = await only_mail(congress)
            assert (mail.state, mail.attempts) == (MailState.WAITING, number)
            assert "disk full" in mail.error
            clock.advance(pause - timedelta(seconds=1))
            await postman.deliver_due()
            assert (await only_mail(congress)).attempts == number  # not yet
            clock.advance(timedelta(seconds=1))
        await postman.deliver_due()
        assert (await only_mail(congress)).state is MailState.FAILED
        relay.answer = "250 OK"
        assert await postman.deliver_due() == 0  # given up until an organizer says so
        mail = await only_mail(congress)
        await congress.write(lambda tx: try_again(tx, KARBALA, mail.public_id, clock.now()))
        assert await postman.deliver_due() == 1


async def test_an_unknown_mailbox_is_given_up_at_once_and_the_others_go_out(
    congress: Database, clock: ManualClock
) -> None:
    relay = Relay()
    await put(congress, clock, to="unknown@x.example")
    await put(congress, clock)
    async with serving(relay) as port:
        assert await Postman(congress, mailer(port), clock).deliver_due() == 1
    states = await congress.read(
        lambda rows: [mail.state for mail in mails_of(rows, KARBALA, with_keys=True)]
    )
    assert states == [MailState.SENT, MailState.FAILED]


async def test_what_expired_while_it_waited_is_held_not_sent(congress: Database, clock: ManualClock) -> None:
    relay = Relay()
    await put(congress, clock, useless_after=clock.now() + timedelta(minutes=15))
    clock.advance(timedelta(minutes=15))
    async with serving(relay) as port:
        assert await Postman(congress, mailer(port), clock).deliver_due() == 0
    assert (relay.taken, (await only_mail(congress)).state) == ([], MailState.HELD)


async def test_without_a_relay_everything_waits(congress: Database, clock: ManualClock) -> None:
    await put(congress, clock)
    postman = Postman(congress, Mailer(settings_for().mail), clock)
    assert await postman.deliver_due() == 0
    await postman.run()  # ends at once
    assert (await only_mail(congress)).state is MailState.WAITING


async def test_a_subject_is_one_line(congress: Database, clock: ManualClock) -> None:
    relay = Relay()
    await put(congress, clock, subject="Hello\r\nBcc: victim@x.example\r\n\r\nbody")
    async with serving(relay) as port:
        assert await Postman(congress, mailer(port), clock).deliver_due() == 1
    assert relay.taken[0]["Subject"] == "Hello Bcc: victim@x.example body"
    assert relay.taken[0]["Bcc"] is None
    assert relay.recipients == ["ali@x.example"]


async def test_mails_of_another_event_are_nobody_elses(congress: Database, clock: ManualClock) -> None:
    await put(congress, clock, event_id=BASRA)
    await put(congress, clock, event_id=None)
    assert await congress.read(lambda rows: mails_of(rows, KARBALA, with_keys=True)) == []


def test_keys_are_blacked_out_and_other_links_stay() -> None:
    text = f"https://m.example/sign-in/{KEY} https://m.example/karbala/ https://m.example/sign-in"
    assert (
        blacked_out(text)
        == "https://m.example/sign-in/… https://m.example/karbala/ https://m.example/sign-in"
    )
