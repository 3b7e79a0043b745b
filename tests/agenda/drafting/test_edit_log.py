"""What is written down of every edit, and what the other organizers are told."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from sqlalchemy import select

from conference.agenda.drafting import acts
from conference.agenda.drafting.edit_history import history_of
from conference.agenda.drafting.edit_log import MOST_TOLD, recorded, tell_desk
from conference.agenda.drafting.performing import shift_room
from conference.agenda.drafts import SessionDraft
from conference.agenda.editing import change_session
from conference.agenda.tables import edit
from conference.live.channels import event_desk_channel
from conference.live.log import since
from tests.agenda.drafting.desk import LATER, NOW, TALKS, Desk, desk

ONE, TWO, THREE = TALKS


def told(at: Desk) -> list[dict[str, object]]:
    """The announcements to the organizers."""
    events = since(at.tx.connection, event_desk_channel(at.event_id), 0, 100)
    return [msgspec.json.decode(event.body) for event in events]


def import_title(at: Desk, title: str) -> None:
    start = datetime(2025, 10, 25, 6, 0, tzinfo=UTC)
    draft = SessionDraft(title={"en": title}, starts_at=start, minutes=60)
    with recorded(at.tx, at.event_id, "import", by=at.layla, at=NOW):
        change_session(at.tx, at.session_id(ONE), draft, at=NOW, room_id=at.rooms[0])


def test_what_an_import_changes_is_one_edit_that_can_be_undone() -> None:
    with desk() as at:
        before = at.draft()
        import_title(at, "As the file says")
        (entry,) = history_of(at.tx.connection, at.event_id)
        assert (entry.act, entry.by and entry.by.name) == ("import", "Layla")
        assert [(change.code, change.before) for change in entry.changes] == [
            (ONE, {"title": {"en": "Talk01"}})
        ]
        at.do(acts.Undo(edit=entry.edit))
        assert at.draft() == before


def test_an_import_that_changes_nothing_is_no_edit() -> None:
    with desk() as at:
        import_title(at, "Talk01")
        assert history_of(at.tx.connection, at.event_id) == []
        assert told(at) == []


def test_the_organizers_hear_what_became_of_each_session() -> None:
    with desk() as at:
        at.do(acts.Delete(session=LATER, edition=0))
        tell_desk(at.tx, at.event_id, "rooms", by=at.layla, at=NOW)
        deleted, rooms = told(at)
        assert (deleted["act"], deleted["changes"]) == ("delete", [{"code": LATER, "after": None}])
        assert (rooms["act"], rooms["edit"], rooms["changes"]) == ("rooms", None, None)


def test_of_very_many_changes_they_hear_only_that_there_were_some() -> None:
    with desk() as at:
        for number in range(MOST_TOLD):
            minutes = f"2025-10-26T{9 + number // 12:02}:{number % 12 * 5:02}"
            at.do(acts.Create(title={"en": "Short"}, minutes=5, room="lab", starts_at=minutes))
        at.do(acts.Shift(room="lab", from_at="2025-10-26T09:00", minutes=5))
        assert told(at)[-1]["changes"] is not None
        at.do(acts.Create(title={"en": "Short"}, minutes=5, room="lab", starts_at="2025-10-26T18:00"))
        at.do(acts.Shift(room="lab", from_at="2025-10-26T09:00", minutes=5))
        assert told(at)[-1]["changes"] is None


def test_a_room_that_runs_late_is_an_edit_of_whoever_said_so() -> None:
    with desk() as at:
        done = shift_room(
            at.tx, at.event, at.rooms[0],
            from_at=datetime(2025, 10, 25, 6, 30, tzinfo=UTC),
            until_at=datetime(2025, 10, 26, 1, 0, tzinfo=UTC),
            minutes=12, by=at.layla, at=NOW,
        )  # fmt: skip
        lengths = {change.code: change.after.minutes for change in done.changes if change.after}
        assert lengths == {ONE: 72, TWO: 60, THREE: 60}
        stored = at.tx.connection.execute(select(edit.c.act, edit.c.by)).one()
        assert tuple(stored) == ("late", at.layla)
