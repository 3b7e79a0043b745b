"""The chat as files, the organizers' page of all live rooms, and announcements above every page."""

from __future__ import annotations

import csv
import io

import msgspec
from sqlalchemy import insert, select

from conference.chat.settings import ChatDefaults, defaults_of
from conference.chat.tables import announcement, chat_earlier, chat_message
from conference.questions import rules as questions
from conference.stage import rules as stage
from conference.storage.database import Transaction
from tests.flows.conftest import site
from tests.flows.town import CLOSED, MORNING, OPEN, id_of
from tests.flows.visitor import Site

__all__ = ["site"]

LIVE = f"/{OPEN}/organize/live"
EXPORT = f"/{OPEN}/session/{MORNING}/chat/export"


async def furnish_chat(site: Site) -> None:
    def write(tx: Transaction) -> None:
        here = {"event_id": 1, "account_id": id_of("ali"), "sent_at": site.clock.now(), "state": "shown"}
        for number, (audience, text) in enumerate(
            [("room", "=1+1"), ("room", "مرحبا <b>"), ("desk", "for you"), ("direct", "a letter")], start=1
        ):
            place = (
                {"session_id": None, "to_id": id_of("maryam")} if audience == "direct" else {"session_id": 1}
            )
            values = {**here, **place, "public_id": f"m{number}", "audience": audience, "text": text}
            tx.connection.execute(insert(chat_message).values(**values))
        tx.connection.execute(insert(chat_earlier).values(message_id=1, version=1, text="@SUM(1)"))

    await site.database.write(write)


async def test_export_is_safe_to_open_and_holds_no_letters(site: Site) -> None:
    await furnish_chat(site)
    noor = await site.sign_in("noor")
    table = await noor.get(f"{EXPORT}.csv")
    assert (table.status, table.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    lines = list(csv.reader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [(line[4], line[5], line[9]) for line in lines[1:]] == [
        ("room", "'=1+1", "'@SUM(1)"), ("room", "مرحبا <b>", ""), ("desk", "for you", "")
    ]  # fmt: skip
    told = msgspec.json.decode((await noor.get(f"{EXPORT}.json")).text)
    assert [each["text"] for each in told["messages"]] == ["=1+1", "مرحبا <b>", "for you"]
    assert (await noor.get(f"{EXPORT}.exe")).status == 404
    for name, status in (("maryam", 403), ("ali", 403), ("layla", 403)):
        assert (await (await site.sign_in(name)).get(f"{EXPORT}.csv")).status == status


async def test_organizers_change_what_holds_in_all_sessions(site: Site) -> None:
    zainab = await site.sign_in("zainab")
    assert 'name="chat_history"' in (await zainab.get(LIVE)).text
    page = await site.sign_in("zainab")
    form = {"chat_mode": "read-only", "chat_slow": "٣٠", "chat_direct": "yes", "chat_history": "14"}
    form |= {"questions_open": "yes", "stage_reactions": "yes"}
    saved = await page.post(LIVE, form)
    assert saved.status == 303, saved.text
    found = await site.database.read(lambda rows: defaults_of(rows, 1))
    assert found == ChatDefaults(mode=found.mode, slow_seconds=30, direct=True, history_days=14)
    assert found.mode.value == "read-only"
    asking = await site.database.read(lambda rows: questions.defaults_of(rows, 1))
    assert (asking.open, asking.moderated) == (True, False)
    assert await site.database.read(lambda rows: stage.defaults_of(rows, 1)) == stage.StageRules(hands=False)


async def test_wrong_value_is_told_beside_its_field_and_nothing_is_saved(site: Site) -> None:
    zainab = await site.sign_in("zainab")
    for field, value in (("chat_slow", "9999"), ("chat_history", "x"), ("chat_mode", "?")):
        form = {"chat_mode": "off", "chat_slow": "5", "chat_history": "14"} | {field: value}
        answer = await zainab.post(LIVE, form)
        assert answer.status == 400
        assert f'id="{field}-error"' in answer.text
    assert (await site.database.read(lambda rows: stage.defaults_of(rows, 1))).hands
    assert await site.database.read(lambda rows: defaults_of(rows, 1)) == ChatDefaults()


async def test_announcement_stands_above_every_page_until_it_is_withdrawn(site: Site) -> None:
    zainab, stranger = await site.sign_in("zainab"), await site.stranger()
    maryam = await site.sign_in("maryam")
    text = "<b>Lunch</b> now http://example.org/map"
    made = await zainab.post(f"{LIVE}/announcements", {"text_en": text, "text_ar": "", "text_xx": "no"})
    assert made.status == 303, made.text
    pages = (
        f"/{OPEN}/",
        f"/{OPEN}/schedule",
        f"/{OPEN}/session/{MORNING}",
        f"/{OPEN}/session/{MORNING}/room",
    )
    for path in pages:
        for visitor in (stranger, maryam):
            shown = (await visitor.get(path)).text
            assert "&lt;b&gt;Lunch&lt;/b&gt; now" in shown, path
            assert 'rel="nofollow noopener noreferrer"' in shown
    sami = await site.sign_in("sami")
    assert "Lunch" not in (await sami.get(f"/{CLOSED}/")).text, "another event is told nothing"
    rows = await site.database.read(lambda rows: rows.execute(select(announcement)).all())
    (public_id,) = [row.public_id for row in rows]
    for name in ("layla", "hasan"):
        refused = await (await site.sign_in(name)).post(f"{LIVE}/announcements/{public_id}/withdraw")
        assert refused.status == 403
    zainab = await site.sign_in("zainab")
    assert (await zainab.post(f"{LIVE}/announcements/{public_id}/withdraw")).status == 303
    for path in pages:
        for visitor in (stranger, maryam):
            assert "Lunch" not in (await visitor.get(path)).text, path


async def test_refused_announcement_gives_back_what_was_typed(site: Site) -> None:
    zainab = await site.sign_in("zainab")
    answer = await zainab.post(f"{LIVE}/announcements", {"text_en": "x" * 501, "text_ar": "قصير"})
    assert answer.status == 400
    assert "x" * 501 in answer.text
    assert "قصير" in answer.text
    assert 'id="chat_mode"' in answer.text
