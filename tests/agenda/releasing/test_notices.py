"""Who is told what at a release: one message each, in their language and zone, held to be read, merged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import delete, select

from conference.agenda.releasing.releasing import release_draft
from conference.agenda.tables import SessionState, notice, session_person
from conference.people.holding import rewrite_mail, stop_mail
from conference.people.letters import Words
from conference.people.outbox import due_mails, mark_sent
from conference.people.tables import outbox
from conference.serving.mail import composed
from conference.storage.database import Database
from tests.agenda.releasing.town_hall import FIRST, HOUR, NOW, SECOND, START, Hall, town_hall

HELD = timedelta(minutes=30)


@pytest.fixture
async def hall(database: Database) -> Hall:
    return await town_hall(database)


def entries(mail: Any) -> list[tuple[str, Any]]:
    """Each calendar entry that rides along, with the method of its calendar."""
    calendars = [icalendar.Calendar.from_ical(part["text"]) for part in mail["calendars"]]
    return [(str(calendar["METHOD"]), one) for calendar in calendars for one in calendar.walk("VEVENT")]


async def test_those_whom_a_move_concerns_are_told_in_their_language_and_zone(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR, room="b")
    made = await hall.release(comment="The hall is being painted.")
    mails = await hall.mails()
    assert (made.people, set(mails)) == (2, {"Sara", "Ali"})
    sara, ali = mails["Sara"], mails["Ali"]
    assert (sara["language"], ali["language"]) == ("en", "ar")
    for words in (
        "Now on Saturday 25 October, 08:00–09:00; it was on Saturday 25 October, 07:00–08:00.",
        "Now in Hall B; it was in Hall A.",
        "You speak in it.",
        "The hall is being painted.",
        "London",
    ):
        assert words in sara["text"]
    assert "10:00–11:00" in ali["text"]
    assert "القاعة ب" in ali["text"]


async def test_a_message_waits_so_that_it_can_be_read(hall: Hall) -> None:
    await hall.change(FIRST, minutes=45)
    await hall.release()
    assert await hall.database.read(lambda rows: due_mails(rows, NOW + HELD - timedelta(seconds=1))) == []
    assert len(await hall.database.read(lambda rows: due_mails(rows, NOW + HELD))) == 2


async def test_two_starred_sessions_that_now_clash_are_said_to(hall: Hall) -> None:
    await hall.change(SECOND, starts_at=START + HOUR / 2)
    await hall.change(FIRST, minutes=90)
    await hall.release()
    ali = (await hall.mails())["Ali"]
    assert "«الافتتاح»" in ali["text"]
    assert "تدريب" in ali["text"]
    body = await hall.database.read(lambda rows: rows.scalars(select(notice.c.body)).all())
    assert [[FIRST, SECOND]] in [one["clashes"] for one in body]


async def test_a_second_release_within_the_time_says_both_in_one_message(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    await hall.release()
    await hall.change(FIRST, starts_at=START + 3 * HOUR)
    await hall.change(SECOND, room="a")
    later = NOW + timedelta(minutes=10)
    await hall.release(at=later)
    mails = await hall.mails()
    assert len(mails) == 2
    assert "10:00–11:00; it was on Saturday 25 October, 07:00–08:00" in mails["Sara"]["text"]
    assert mails["Ali"]["text"].count("«") >= 2
    assert mails["Ali"]["hold_until"] == later + HELD
    sequence = [one["SEQUENCE"] for _, one in entries(mails["Sara"])]
    assert sequence == [2]


async def test_there_and_back_again_tells_nobody(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    await hall.release()
    await hall.change(FIRST, starts_at=START)
    made = await hall.release()
    assert (made.people, made.withdrawn, await hall.mails()) == (0, 2, {})
    assert await hall.database.read(lambda rows: rows.execute(select(notice)).all()) == []


async def test_what_was_sent_is_not_said_again(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    await hall.release()
    due = await hall.database.read(lambda rows: due_mails(rows, NOW + HELD))
    for mail in due:
        await hall.database.write(lambda tx, mail=mail: mark_sent(tx, mail, NOW + HELD))  # type: ignore[misc]
    await hall.change(SECOND, room="a")
    assert (await hall.release(at=NOW + HOUR)).people == 1
    texts = await hall.database.read(
        lambda rows: rows.scalars(select(outbox.c.text).where(outbox.c.state == "waiting")).all()
    )
    assert len(texts) == 1
    assert "الافتتاح" not in texts[0]


async def test_a_message_that_changed_on_its_way_goes_again_with_everything(hall: Hall) -> None:
    await hall.change(FIRST, starts_at=START + HOUR)
    await hall.release()
    (mail, *_) = await hall.database.read(lambda rows: due_mails(rows, NOW + HELD))
    await hall.change(FIRST, starts_at=START + 2 * HOUR)
    await hall.release(at=NOW + HELD)
    await hall.database.write(lambda tx: mark_sent(tx, mail, NOW + HELD))  # the older words, just now
    assert {row["state"] for row in (await hall.mails()).values()} == {"waiting"}


async def test_what_an_organizer_wrote_is_kept_when_a_newer_message_takes_its_place(hall: Hall) -> None:
    await hall.change(FIRST, minutes=45)
    await hall.release()
    mail_id = (await hall.mails())["Sara"]["public_id"]
    words = Words("Dear Sara", "We are sorry.")
    sara = 1
    await hall.database.write(lambda tx: rewrite_mail(tx, hall.event_id, mail_id, words, by=sara, now=NOW))
    await hall.change(FIRST, minutes=30)
    await hall.release()
    rows = await hall.database.read(
        lambda rows: rows.execute(
            select(outbox.c.text, outbox.c.state).where(outbox.c.recipient == "sara@example.org")
        ).all()
    )
    assert ("We are sorry.", "stopped") in [tuple(row) for row in rows]
    assert sorted(state for _, state in rows) == ["stopped", "waiting"]


async def test_a_stopped_message_stays_stopped_and_later_changes_are_told(hall: Hall) -> None:
    await hall.change(FIRST, minutes=45)
    await hall.release()
    mail_id = (await hall.mails())["Sara"]["public_id"]
    await hall.database.write(lambda tx: stop_mail(tx, hall.event_id, mail_id))
    await hall.change(FIRST, minutes=30)
    await hall.release()
    rows = await hall.database.read(
        lambda rows: rows.scalars(
            select(outbox.c.state).where(outbox.c.recipient == "sara@example.org")
        ).all()
    )
    assert sorted(rows) == ["stopped", "waiting"]


async def test_calendars_get_what_is_held_and_what_is_gone(hall: Hall) -> None:
    await hall.change(FIRST, state=SessionState.CANCELLED.value)
    await hall.change(SECOND, starts_at=START + 3 * HOUR)
    await hall.release()
    found = {str(one["UID"]): (method, str(one["STATUS"]), one["SEQUENCE"])
             for method, one in entries((await hall.mails())["Ali"])}  # fmt: skip
    assert found == {
        f"majlis-karbala-{FIRST}@majlis.example": ("CANCEL", "CANCELLED", 1),
        f"majlis-karbala-{SECOND}@majlis.example": ("REQUEST", "CONFIRMED", 1),
    }
    _, entry = entries((await hall.mails())["Ali"])[0]
    assert str(entry["ATTENDEE"]) == "mailto:ali@example.org"
    assert str(entry["ORGANIZER"]) == "mailto:post@majlis.example"


async def test_the_mail_carries_its_calendars_as_mail_programs_expect_them(hall: Hall) -> None:
    await hall.change(FIRST, minutes=45)
    await hall.release()
    (mail, *_) = await hall.database.read(lambda rows: due_mails(rows, NOW + HELD))
    message = composed(mail.letter, "Majlis <post@majlis.example>")
    (part,) = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST"
    text = part.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))


async def test_a_speaker_taken_out_is_told_that_it_is_no_longer_theirs(hall: Hall) -> None:
    await hall.database.write(lambda tx: tx.connection.execute(delete(session_person)))
    await hall.release()
    sara = (await hall.mails())["Sara"]
    assert "No longer in your agenda: “Opening”" in sara["text"]
    assert [method for method, _ in entries(sara)] == ["CANCEL"]


async def test_without_a_sender_nobody_is_told(hall: Hall) -> None:
    await hall.change(FIRST, minutes=45)
    await hall.database.write(lambda tx: release_draft(tx, hall.event_id, by=None, at=NOW, sender=None))
    assert await hall.mails() == {}
