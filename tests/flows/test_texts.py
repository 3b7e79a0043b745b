"""Texts that attack whoever shows them: one in every field a person can write in, then a look at every view.

Each domain tries more of them in its own fields; here nothing may be left out, so the table of fields is
compared with the commands there are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import update

from conference.agenda.releasing.releasing import release_draft
from conference.agenda.tables import session
from conference.chat.settings import ChatDefaults, change_defaults
from conference.clock import ManualClock
from conference.routes import ROUTES
from conference.storage.database import Transaction
from tests.flows.test_access import address, all_commands
from tests.flows.town import MORNING, OPEN, id_of_event
from tests.flows.visitor import Answer, LiveSocket, Site, Visitor, new_client_id

AT = f"/{OPEN}/session/{MORNING}"
# A formula, markup, a template, marks that turn others around, a control character, an invisible one.
ATTACK = "=<img src=x>{{7*7}}\u202e\u2066\x1b\ufeff"
KEPT = "=<img src=x>{{7*7}}"
# U+2068 and U+2069 are our own in the sentences of notifications: what stands between them stays together.
FORBIDDEN = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\x00\x1b\ufeff")

# What is shown of a session, its room, and who and what is in it. Texts of the programme: see tests/agenda.
VIEWS = re.compile(r"/session/(?!.*check/)|/notifications|/organize/(live|people|machines|connections)|^/me$")

# Every field of a command that a person writes in freely; what is not here is an id, a secret or SDP.
WRITTEN = {
    "AskQuestion": {"text", "pseudonym"}, "SearchQuestions": {"text"}, "FindSimilar": {"text"},
    "AnswerQuestion": {"text"}, "DeclineQuestion": {"reason"}, "EditQuestion": {"text"},
    "TagQuestion": {"tags"}, "MakePoll": {"words"}, "EditPoll": {"words"}, "AnswerPoll": {"text"},
    "GroupAnswers": {"label"}, "SendChat": {"text"}, "EditChat": {"text"}, "Announce": {"text"},
    "ListPeople": {"search"},
}  # fmt: skip
IDS = {
    "person", "participant", "only", "sdp", "sources", "question", "but", "before", "into", "questions",
    "upto", "poll", "choices", "ballot", "groups", "group", "reply", "mentions", "message", "messages",
    "announcement",
}  # fmt: skip


def test_the_table_below_leaves_no_field_out() -> None:
    site: Any = type("Site", (), {"database": None, "clock": None})()
    found: dict[str, set[str]] = {}
    for row in all_commands(site):
        fields = {each.name: str(each.type) for each in msgspec.structs.fields(row.struct)}
        texts = {name for name, kind in fields.items() if "str" in kind or "PollWords" in kind}
        if texts - IDS:
            found[row.type] = texts - IDS
    assert found == WRITTEN


async def test_a_text_that_attacks_is_a_text_in_every_view(site: Site, clock: ManualClock) -> None:
    def prepare(tx: Transaction) -> None:
        # As an import of old data might have left it: no form has cleaned it, the views have to.
        title = {"en": f"</script>{KEPT}", "ar": f"</script>{KEPT}"}
        tx.connection.execute(update(session).where(session.c.code == MORNING).values(title=title))
        release_draft(tx, id_of_event(tx, OPEN), by=None, at=clock.now(), sender=None)
        change_defaults(tx, id_of_event(tx, OPEN), ChatDefaults(direct=True), by=1, now=clock.now())

    await site.database.write(prepare)
    maryam, noor, zainab = [await site.sign_in(name) for name in ("maryam", "noor", "zainab")]
    await write_forms(maryam, zainab)
    async with maryam.socket() as asker, noor.socket() as desk, zainab.socket() as organizer:
        for each in (asker, desk, organizer):
            assert "error" not in await each.enter(MORNING)
        replies = await write_commands(asker, desk, organizer)
        clock.advance(timedelta(minutes=1))
        states = [await each.enter(MORNING) for each in (asker, desk)]
        told: list[object] = [*asker.told, *desk.told, *organizer.told, *states, *replies]
    assert KEPT in json.dumps(told)
    assert "Maryam" not in json.dumps(told), "the name she gave herself is everywhere"
    assert marks_in(json.dumps(told)) == []
    wrong: list[str] = []
    seen = ""
    views = [route.path for route in ROUTES if route.method == "GET" and VIEWS.search(route.path)]
    tables = [
        f"{AT}/{name}.csv" for name in ("questions/export", "polls/export", "polls/answers", "chat/export")
    ]
    for visitor in (maryam, noor, zainab):
        for path in [*(address(view, (OPEN, MORNING), site) for view in views), *tables]:
            answer = await visitor.get(path)
            seen += answer.text
            wrong += [f"{path}: {problem}" for problem in problems_of(answer)]
    assert wrong == []
    assert "=&lt;img src=x&gt;{{7*7}}" in seen


async def write_forms(maryam: Visitor, zainab: Visitor) -> None:
    """The fields of forms that are shown in or beside a live room."""
    forms = [
        (maryam, "/me", {"name": ATTACK, "language": "en"}),
        (maryam, f"{AT}/questions", {"text": f"{ATTACK} by a form", "form": new_client_id()}),
        (zainab, f"/{OPEN}/organize/live/announcements", {"text_en": ATTACK, "text_ar": ATTACK}),
        (zainab, f"{AT}/polls", {"kind": "single", "question": ATTACK, "options": f"{ATTACK}\nother",
                                 "results": "live", "points": "5", "least": "1", "most": "1"}),
        (zainab, f"/{OPEN}/organize/people", {"name": ATTACK, "email": "n@town.example", "role": "attendee"}),
        (zainab, f"/{OPEN}/organize/machines/{MORNING}", {"label": ATTACK, "life": "day"}),
    ]  # fmt: skip
    for visitor, path, form in forms:
        answer = await visitor.post(path, form)
        assert answer.status in (200, 303), (path, answer.status)
        assert 'class="field-error"' not in answer.text, path


async def write_commands(asker: LiveSocket, desk: LiveSocket, organizer: LiveSocket) -> list[object]:
    replies: list[object] = []

    async def done(who: LiveSocket, kind: str, **fields: Any) -> Any:
        answer = await who.command(kind, **fields)
        assert "reply" in answer, (kind, answer)
        replies.append(answer)
        return answer["reply"]

    first = (await done(asker, "AskQuestion", text=ATTACK, name="pseudonym", pseudonym=ATTACK))["question"]
    second = (await done(asker, "AskQuestion", text=f"{ATTACK} again"))["question"]
    await done(desk, "EditQuestion", question=first, text=f"{ATTACK} edited", edits=0)
    await done(desk, "TagQuestion", question=first, tags=[ATTACK])
    await done(desk, "ApproveQuestion", question=first)
    await done(desk, "AnswerQuestion", question=first, text=ATTACK)
    await done(desk, "DeclineQuestion", question=second, reason=ATTACK)
    await done(asker, "SearchQuestions", text=ATTACK)
    await done(asker, "FindSimilar", text=ATTACK)
    await done(asker, "ListPeople", search=ATTACK)
    scale = {"kind": "likert", "question": ATTACK, "low": ATTACK, "high": ATTACK, "results": "live"}
    draft = await done(desk, "MakePoll", words=scale)
    await done(desk, "EditPoll", poll=draft["poll"], version=draft["version"], words=scale)
    await done(desk, "OpenPoll", poll=draft["poll"])
    asked = {"kind": "text", "question": ATTACK, "anonymous": False, "results": "live"}
    poll = (await done(desk, "MakePoll", words=asked, open=True))["poll"]
    await done(asker, "AnswerPoll", poll=poll, counter=1, text=ATTACK)
    await done(organizer, "AnswerPoll", poll=poll, counter=1, text=f"{ATTACK} other")
    groups = [
        each["id"]
        for each in (await desk.enter(MORNING))["snapshot"]["polls"]["filed"][-1]["tally"]["groups"]
    ]
    await done(desk, "GroupAnswers", poll=poll, groups=groups, label=ATTACK)
    await done(desk, "ListAnswers", poll=poll)
    message = (await done(asker, "SendChat", text=ATTACK))["message"]
    await done(asker, "EditChat", message=message, text=f"{ATTACK} edited")
    await done(asker, "SendChat", text=ATTACK, to="desk")
    await done(desk, "SendChat", text=ATTACK, to="direct", person="maryam-public", mentions=["maryam-public"])
    await done(organizer, "Announce", text={"en": ATTACK})
    await done(desk, "ListChat")
    return replies


def marks_in(text: str) -> list[str]:
    """What of `FORBIDDEN` is in *text*, also as JSON writes it."""
    return [
        f"U+{ord(mark):04X}" for mark in FORBIDDEN if mark in text or f"\\u{ord(mark):04x}" in text.lower()
    ]


def problems_of(answer: Answer) -> list[str]:
    """What of the attack is left in an answer of any kind."""
    kind = answer.headers.get("content-type", "")
    text = answer.text.removeprefix("\ufeff")  # the mark at the head of a table
    found = marks_in(text) if "text/" in kind or "json" in kind else []
    if answer.status >= 500 or "Traceback" in text:
        found.append(f"status {answer.status}")
    if kind.startswith("text/html"):
        found += [mark for mark in ("<img src=x", "</script>=", "=49", "{{7*7}}<img") if mark in text]
    if kind.startswith("text/csv"):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        found += [f"a formula: {cell}" for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    return found
