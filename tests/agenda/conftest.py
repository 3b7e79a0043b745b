"""The real schedules and the demo, for the agenda's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from conference.agenda.drafts import EventDraft, Programme
from conference.agenda.importing.read_file import read_programme
from conference.agenda.tables import event, person, room, session, session_person, session_type, track

DATA = Path(__file__).parent.parent / "data"

#: The three published schedules and the example of the v2 draft.
REAL = ("31c3-2014.frab.xml", "democon.pretalx.json", "rc3-2020.pretalx.json")
HUB = "hub-example.v2.json"


@pytest.fixture(scope="session")
def data() -> Path:
    return DATA


@pytest.fixture
def programme_of() -> Callable[[str], Programme]:
    """Reads one of the files in tests/data/schedules."""

    def read(name: str) -> Programme:
        return read_programme((DATA / "schedules" / name).read_bytes(), name)

    return read


@pytest.fixture
def karbala() -> EventDraft:
    """An empty event of three days in Baghdad's zone."""
    return EventDraft(
        slug="karbala",
        title={"ar": "مؤتمر", "en": "A conference"},
        zone="Asia/Baghdad",
        starts=date(2025, 10, 25),
        ends=date(2025, 10, 27),
    )


@pytest.fixture
def row_count() -> Callable[[Connection], int]:
    """How many rows all tables of the agenda hold together."""

    def count(rows: Connection) -> int:
        tables = (event, person, room, session, session_person, session_type, track)
        return sum(rows.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)

    return count
