"""The press: texts are never markup, and nothing holds it for ever."""

from __future__ import annotations

import pytest

from conference.agenda.demo import demo_programme
from conference.agenda.exporting.printing.document import document_of
from conference.agenda.exporting.printing.typesetting import Press
from conference.clock import ManualClock
from conference.errors import Unavailable
from conference.storage.database import Database
from tests.agenda.exporting.editions import edition_of


async def test_texts_are_never_read_as_markup(database: Database, clock: ManualClock) -> None:
    programme = demo_programme()
    hostile = '#panic("run") #read("/etc/passwd") $x_ *b* @s-OPEN25 \\ ] } <s-OPEN25> \u202e ﷺ'
    for session in programme.sessions:
        session.title = {"ar": hostile, "en": hostile}
    document = document_of(await edition_of(database, programme, clock, "en"))
    assert (await Press().print(document)).startswith(b"%PDF-1.")


async def test_a_press_that_takes_too_long_is_stopped(database: Database, clock: ManualClock) -> None:
    document = document_of(await edition_of(database, demo_programme(), clock, "en"))
    with pytest.raises(Unavailable):
        await Press(time_limit=0).print(document)
