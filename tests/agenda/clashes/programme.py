"""Small programmes for the tests of the rules: times as clocks in Baghdad on 25 October 2025 and after."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.plan import (
    Plan,
    PlannedPart,
    PlannedPerson,
    PlannedRoom,
    PlannedSession,
    minute_of,
)
from conference.agenda.clashes.problems import Kind, Problem
from conference.agenda.tables import SessionRole

SATURDAY = date(2025, 10, 25)
BAGHDAD = "Asia/Baghdad"
ROOMS = {
    1: PlannedRoom(id=1, slug="hall", name={"en": "Hall", "ar": "القاعة"}, capacity=100),
    2: PlannedRoom(id=2, slug="lab", name={"en": "Lab", "ar": "المختبر"}, capacity=10),
    3: PlannedRoom(id=3, slug="online", name={"en": "Online", "ar": "عن بُعد"}),
}
DR_ALI, DR_ZAHRA = 11, 12
PEOPLE = {
    DR_ALI: PlannedPerson(id=DR_ALI, code="ALI", name={"en": "Dr Ali", "ar": "د. علي"}),
    DR_ZAHRA: PlannedPerson(id=DR_ZAHRA, code="ZAHRA", name={"en": "Dr Zahra", "ar": "د. زهراء"}),
}


def at(clock: str, day: int = 0) -> int:
    """The minute of "09:00" on the event's first day, or *day* days later; "25:30" is after midnight."""
    hours, minutes = map(int, clock.split(":"))
    midnight = datetime(2025, 10, 25, tzinfo=ZoneInfo(BAGHDAD))
    return minute_of(midnight + timedelta(days=day, hours=hours, minutes=minutes))


def held(code: str, start: str | None, end: str = "", *, day: int = 0, **more: Any) -> PlannedSession:
    """A session from *start* to *end* in room 1; `people` is a list of ids (speakers) or (id, role)."""
    starts = None if start is None else at(start, day)
    minutes = 30 if starts is None else at(end, day) - starts
    parts = tuple(
        PlannedPart(*one) if isinstance(one, tuple) else PlannedPart(one, SessionRole.SPEAKER)
        for one in more.pop("people", ())
    )
    title = {"en": f"Session {code}", "ar": f"جلسة {code}"}
    return PlannedSession(
        **(
            {"code": code, "title": title, "starts": starts, "minutes": minutes, "room": 1, "parts": parts}
            | more
        )
    )


def plan(*sessions: PlannedSession, **more: Any) -> Plan:
    """These sessions in an event of three days in Baghdad's zone."""
    event: dict[str, Any] = {
        "zone": BAGHDAD,
        "first_day": SATURDAY,
        "last_day": SATURDAY + timedelta(days=2),
        "rooms": ROOMS,
        "people": PEOPLE,
    }
    return Plan(sessions=sessions, **(event | more))


def problems(*sessions: PlannedSession, **more: Any) -> list[Problem]:
    """What is wrong with an event of these sessions."""
    return Checker(plan(*sessions, **more)).problems()


def kinds(*sessions: PlannedSession, **more: Any) -> list[Kind]:
    """Which rules find something in an event of these sessions, the gravest first."""
    return [one.kind for one in problems(*sessions, **more)]
