"""`majlis event`: a server's first event and its organizer, from the shell."""

from __future__ import annotations

from argparse import ArgumentParser

import pytest

from conference.agenda.organizing.making_command import add_arguments, run_event
from conference.agenda.reading import event_by_slug
from conference.clock import ManualClock
from conference.errors import BadInput, NotFound
from conference.people.accounts import account_by_email
from conference.people.grants import organizers_of
from conference.storage.database import Database

SITE = "https://majlis.example"
WORDS = ["basra-2026", "--title-ar", "أيام البصرة", "--starts", "2026-02-01", "--organizer", "sara@x.example"]


async def run(database: Database, clock: ManualClock, *words: str) -> int:
    parser = ArgumentParser()
    add_arguments(parser)
    return await run_event(database, parser.parse_args([*WORDS, *words]), clock=clock, site=SITE)


async def test_the_first_event_has_an_organizer_with_a_link(
    database: Database, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(database, clock, "--ends", "2026-02-02", "--closed") == 0
    assert capsys.readouterr().out.startswith(f"{SITE}/join/")
    event = await database.read(lambda rows: event_by_slug(rows, "basra-2026"))
    assert (event.title, str(event.starts), str(event.ends)) == (
        {"ar": "أيام البصرة"}, "2026-02-01", "2026-02-02",
    )  # fmt: skip
    assert (event.zone, event.is_public) == ("Asia/Baghdad", False)
    sara = await database.read(lambda rows: account_by_email(rows, "sara@x.example"))
    assert sara
    assert await database.read(lambda rows: organizers_of(rows, event.id)) == {sara.id}


@pytest.mark.parametrize(
    "words",
    [["--zone", "Baghdad"], ["--ends", "tomorrow"], ["--ends", "2026-01-31"], ["--organizer", "sara"]],
)
async def test_nothing_is_made_of_half_an_event(
    database: Database, clock: ManualClock, words: list[str]
) -> None:
    with pytest.raises(BadInput):
        await run(database, clock, *words)
    with pytest.raises(NotFound):
        await database.read(lambda rows: event_by_slug(rows, "basra-2026"))
