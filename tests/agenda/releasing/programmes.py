"""Small programmes for the tests of releases: rows as readers get them, made in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from conference.agenda.rows import EventRow, FullSchedule, Part, PersonRow, RoomRow, SessionDetails
from conference.agenda.tables import SessionKind, SessionRole, SessionState

DAWN = datetime(2025, 10, 25, 5, 0, tzinfo=UTC)  # 08:00 in Baghdad on the first day

EVENT = EventRow(
    id=1,
    slug="karbala",
    title={"ar": "مؤتمر", "en": "A conference"},
    description={},
    venue={},
    zone="Asia/Baghdad",
    language="ar",
    languages=["ar", "en"],
    starts=date(2025, 10, 25),
    ends=date(2025, 10, 27),
    day_start_hour=4,
    timeslot_minutes=5,
    is_public=True,
    accent="",
    logo="",
    url="",
    base_url="",
    version="",
    changed_at=DAWN,
)

ROOMS = [
    RoomRow(id=n, slug=f"hall-{n}", guid="", name={"en": f"Hall {n}", "ar": f"القاعة {n}"}, description={},
            capacity=None, position=n)
    for n in (1, 2, 3)
]  # fmt: skip

PEOPLE = [
    PersonRow(id=n, code=f"P{n}", guid="", external_id=None, name={"en": f"Dr. {n}"}, biography={}, avatar="",
              url="", links=[], account_id=None)
    for n in range(1, 6)
]  # fmt: skip


def held_session(code: str, **changed: Any) -> SessionDetails:
    """A confirmed session of half an hour in the first hall at dawn, but for what is *changed*."""
    number = sum(ord(sign) * 31**place for place, sign in enumerate(code))
    values: dict[str, Any] = {
        "id": number, "event_id": 1, "code": code, "kind": SessionKind.SESSION,
        "state": SessionState.CONFIRMED, "title": {"en": f"Talk {code}", "ar": f"حديث {code}"},
        "subtitle": {}, "language": None, "room": ROOMS[0], "track": None, "type": None,
        "starts_at": DAWN, "minutes": 30, "do_not_record": False, "revision": 0,
        "changed_at": DAWN, "parts": [], "source_code": None, "guid": code, "external_id": None, "slug": "",
        "abstract": {}, "description": {}, "recording_license": "", "recording_url": "", "url": "",
        "origin_url": "", "feedback_url": "", "logo": "", "links": [], "attachments": [],
    }  # fmt: skip
    return SessionDetails(**values | changed)


def schedule(sessions: Sequence[SessionDetails]) -> FullSchedule:
    return FullSchedule(event=EVENT, rooms=ROOMS, tracks=[], types=[], sessions=list(sessions))


def parts_of(roles: Mapping[int, SessionRole]) -> list[Part]:
    """Parts by the index of the person in `PEOPLE`."""
    return [Part(PEOPLE[number], role) for number, role in roles.items()]


CODES = ("AAAAAA", "BBBBBB", "CCCCCC", "DDDDDD")


@st.composite
def programmes(draw: st.DrawFn) -> list[SessionDetails]:
    """Programmes over the same few codes, halls and people: two of them differ in every way there is."""
    sessions = []
    for code in CODES:
        if not draw(st.booleans(), label=f"{code} is there"):
            continue
        roles = draw(st.dictionaries(st.integers(0, 4), st.sampled_from(SessionRole), max_size=3))
        sessions.append(
            held_session(
                code,
                starts_at=DAWN + timedelta(minutes=15 * draw(st.integers(0, 6))),
                minutes=draw(st.sampled_from([15, 30, 45])),
                room=draw(st.sampled_from([*ROOMS, None])),
                title={"en": draw(st.sampled_from(["One", "Two"]))},
                state=draw(st.sampled_from(SessionState)),
                parts=parts_of(roles),
            )
        )
    return sorted(sessions, key=lambda one: (one.starts_at, one.room.position if one.room else -1))
