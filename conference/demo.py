"""The demo: the Karbala conference with five people who can be opened side by side.

It plays a conference of the past, so its clock is shifted: the first start finds the opening
session five minutes old, and a later start goes on from there while it falls into conference hours.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from conference.agenda.demo import DEMO_SLUG, DemoEvent, create_demo
from conference.agenda.reading import event_by_slug
from conference.clock import Clock, SystemClock
from conference.errors import NotFound
from conference.people.accounts import account_by_email, create_account
from conference.people.grants import grant_role
from conference.people.links import make_personal_link
from conference.people.permissions import Role
from conference.polls.content import Kind, Wording
from conference.polls.life import Results
from conference.polls.making import Manner, make
from conference.polls.telling import Desk
from conference.settings import Settings
from conference.storage.database import Database, Transaction

FIRST_MOMENT = datetime.fromisoformat("2025-10-25T09:05:00+03:00")
DAYS = 3
LINK_LIFE = timedelta(days=3650)
OPENING_HOURS = (timedelta(hours=8, minutes=30), timedelta(hours=16, minutes=30))


class DemoPerson(msgspec.Struct, frozen=True):
    """One of the five: who opens the link `/join/<token>`."""

    label: str
    email: str
    name: str
    language: str
    role: Role
    token: str = ""


PEOPLE = (
    DemoPerson("Organizer", "organizer@demo.invalid", "Organizer", "en", Role.ORGANIZER),
    DemoPerson("Chair", "chair@demo.invalid", "رئيس الجلسة", "ar", Role.CHAIR),
    DemoPerson("Speaker", "speaker@demo.invalid", "Speaker A", "en", Role.SPEAKER),
    DemoPerson("Attendee 1", "first@demo.invalid", "مشاركة من البصرة", "ar", Role.ATTENDEE),
    DemoPerson("Attendee 2", "second@demo.invalid", "Attendee in Mosul", "en", Role.ATTENDEE),
)


def demo_clock(folder: Path, real: Clock) -> SystemClock:
    """The shifted clock; the shift is kept in *folder* while it falls into conference hours."""
    kept = folder / "demo-clock.json"
    now = real.now()
    try:
        offset = timedelta(seconds=float(json.loads(kept.read_text(encoding="utf-8"))["offset_seconds"]))
    except (OSError, ValueError, KeyError, TypeError):
        offset = None
    if offset is None or not _in_conference_hours(now + offset):
        offset = FIRST_MOMENT - now
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"offset_seconds": offset.total_seconds()}), encoding="utf-8")
    return SystemClock(offset)


def _in_conference_hours(moment: datetime) -> bool:
    midnight = FIRST_MOMENT.replace(hour=0, minute=0)
    since = moment - midnight
    return (
        timedelta() <= since < timedelta(days=DAYS)
        and OPENING_HOURS[0] <= since % timedelta(days=1) <= OPENING_HOURS[1]
    )


def demo_settings(settings: Settings, *, chosen_folder: str | None) -> Settings:
    """The demo keeps to itself: a folder of its own, this machine's address, a free media port."""
    storage = msgspec.structs.replace(
        settings.storage, folder=chosen_folder or str(Path(settings.storage.folder) / "demo"), database_url=""
    )
    address = (
        "127.0.0.1" if settings.server.host in ("127.0.0.1", "localhost") else settings.media.public_address
    )
    media = msgspec.structs.replace(settings.media, port=0, public_address=address)
    return msgspec.structs.replace(settings, storage=storage, media=media)


def forget_demo(folder: Path) -> None:
    """Remove what the demo wrote into *folder*, and nothing else."""
    for name in (
        "majlis.sqlite3",
        "majlis.sqlite3-wal",
        "majlis.sqlite3-shm",
        "demo-links.json",
        "demo-clock.json",
    ):
        (folder / name).unlink(missing_ok=True)


async def load_demo(database: Database, folder: Path, clock: Clock) -> list[DemoPerson]:
    """Create the conference and its people when they are missing; returns them with their links.

    The tokens are kept beside the database (readable by the owner only), because the database
    holds nothing but their hashes and a second start should print the same links.
    """
    kept = folder / "demo-links.json"
    with suppress(OSError, msgspec.DecodeError, NotFound):
        await database.read(lambda rows: event_by_slug(rows, DEMO_SLUG))
        return msgspec.json.decode(kept.read_bytes(), type=list[DemoPerson])
    people = await database.write(lambda tx: _create(tx, clock.now()))
    handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(people))
    return people


def _create(tx: Transaction, now: datetime) -> list[DemoPerson]:
    demo = create_demo(tx, now=now)
    _prepare_polls(tx, demo, now)
    return [_create_person(tx, person, demo, now) for person in PEOPLE]


def _prepare_polls(tx: Transaction, demo: DemoEvent, now: datetime) -> None:
    """One poll that is open in the opening's room, and one that its chair may open."""
    desk = Desk(demo.session_id, demo.session_code, None)
    joining = Wording(
        kind=Kind.SINGLE,
        question="من أين تشاركون اليوم؟\nWhere do you join from today?",
        options=[
            "من قاعة المؤتمر · The conference hall",
            "من كربلاء · Elsewhere in Karbala",
            "من محافظة أخرى · Another governorate",
            "من خارج العراق · Outside Iraq",
        ],
    )
    needed = Wording(
        kind=Kind.ORDERING,
        question="ما الذي يحتاجه طبيب الغد أكثر؟\nWhat does tomorrow’s doctor need most?",
        options=["المعرفة · Knowledge", "المهارة · Skill", "الإنصات · Listening", "الشكّ · Doubt"],
    )
    make(tx, desk, joining, Manner(anonymous=True, results=Results.LIVE), now=now, opened=True)
    make(tx, desk, needed, Manner(anonymous=True, results=Results.ON_CLOSE), now=now)


def _create_person(tx: Transaction, person: DemoPerson, demo: DemoEvent, now: datetime) -> DemoPerson:
    found = account_by_email(tx.connection, person.email) or create_account(
        tx, person.email, person.name, person.language, now=now
    )
    grant_role(tx, found.id, demo.event_id, person.role, now=now)
    token = make_personal_link(
        tx, found.id, demo.event_id, now=now, next_path=f"/{DEMO_SLUG}/", life=LINK_LIFE
    )
    return msgspec.structs.replace(person, token=token)
