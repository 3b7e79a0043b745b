"""A large event, the same every time for the same numbers: for measurements and for tests.

    big = big_event(Size(sessions=1_000))
    event_id = await database.write(lambda tx: store_big_event(tx, big, at=now))

It looks like a congress of medicine: days from 08:30 with coffee, lunch and prayer in common, tracks that own
their rooms, sessions of 20 to 90 minutes, speakers who speak about twice, chairs who chair about four times,
attendees who star more of what is popular. As in any real draft a few things are wrong: one session in fifty
begins before the one before it has ended, some people are asked for two places, some rooms are too small.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import insert, select

from conference.agenda.drafts import (
    EventDraft,
    PartDraft,
    PersonDraft,
    Programme,
    RoomDraft,
    SessionDraft,
    TrackDraft,
    TypeDraft,
)
from conference.agenda.identity import uuid_from
from conference.agenda.importing.apply import import_schedule
from conference.agenda.reading import event_by_slug
from conference.agenda.tables import SessionKind, SessionRole, session, star
from conference.people.tables import account
from conference.storage.database import Transaction

FIRST_DAY = date(2026, 4, 11)
ZONE = "Asia/Baghdad"
TYPES = (("talk", 20), ("lecture", 30), ("panel", 45), ("symposium", 60), ("workshop", 90))
PAUSES = (("coffee", "10:15", 15), ("prayer", "12:15", 60), ("tea", "15:15", 15))
FAR_PART = 0.1  # of the speakers take part from one of these zones
FAR_ZONES = ("Europe/London", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "Europe/Berlin")


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large: `people` attend and star; speakers and chairs are made in proportion to the sessions."""

    sessions: int = 1_000
    rooms: int = 20
    days: int = 5
    people: int = 2_000
    seed: int = 4


def sized(sessions: int) -> Size:
    """An event in the shape of 1,000 sessions in 20 rooms for 2,000 people: ten a day in each room."""
    return Size(sessions=sessions, rooms=max(2, sessions // 50), days=5, people=2 * sessions)


class BigEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The programme, and who starred what (attendee's number → guids of sessions)."""

    size: Size
    programme: Programme
    stars: dict[int, list[str]]


def big_event(size: Size, *, slug: str = "") -> BigEvent:
    """The event of this size; *slug* is its address, "big-{sessions}" unless given."""
    chance = Random(size.seed)  # the same numbers every time are the point
    speakers = [_person("s", number) for number in range(max(2, round(size.sessions * 0.9)))]
    chairs = [_person("c", number) for number in range(max(2, size.sessions // 4))]
    sessions = _sessions(size, chance, speakers, chairs)
    stars = _stars(size, chance, sessions)
    for one in speakers:
        if chance.random() < FAR_PART:
            one.zone, one.is_remote = chance.choice(FAR_ZONES), True
    programme = Programme(
        event=EventDraft(
            slug=slug or f"big-{size.sessions}",
            title={"ar": "مؤتمر كبير", "en": "A large congress"},
            zone=ZONE,
            starts=FIRST_DAY,
            ends=FIRST_DAY + timedelta(days=size.days - 1),
            prayer={"latitude": 32.6, "longitude": 44.02, "method": "jafari"},
        ),
        rooms=[
            RoomDraft(
                slug=f"room-{number + 1}",
                name={"ar": f"القاعة {number + 1}", "en": f"Room {number + 1}"},
                capacity=(800, 200, 120, 80, 40)[min(number // 2, 4)],
            )
            for number in range(size.rooms)
        ],
        tracks=[
            TrackDraft(
                slug=f"track-{number + 1}", name={"ar": f"المحور {number + 1}", "en": f"Track {number + 1}"}
            )
            for number in range(max(1, size.rooms // 2))
        ],
        types=[TypeDraft(slug=name, name={"en": name.title()}, minutes=minutes) for name, minutes in TYPES],
        people=speakers + chairs,
        sessions=sessions + _pauses(size),
    )
    return BigEvent(
        size=size,
        programme=programme,
        stars=stars,
    )


def store_big_event(tx: Transaction, big: BigEvent, *, at: datetime) -> int:
    """Store the event with its attendees and their stars; the event's internal id."""
    import_schedule(tx, big.programme, at=at)
    event = event_by_slug(tx.connection, big.programme.event.slug)
    prefix = big.programme.event.slug
    tx.connection.execute(
        insert(account),
        [
            {
                "public_id": f"{prefix}-{number}"[:24],
                "email": f"{prefix}-{number}@example.org",
                "name": f"Attendee {number}",
                "created_at": at,
            }
            for number in big.stars
        ],
    )
    theirs = select(account.c.email, account.c.id).where(account.c.email.startswith(f"{prefix}-"))
    accounts = {email: key for email, key in tx.connection.execute(theirs)}
    known = select(session.c.guid, session.c.id).where(session.c.event_id == event.id)
    sessions = {guid: key for guid, key in tx.connection.execute(known)}
    rows = [
        {
            "account_id": accounts[f"{prefix}-{number}@example.org"],
            "session_id": sessions[guid],
            "starred_at": at,
        }
        for number, guids in big.stars.items()
        for guid in guids
    ]
    if rows:
        tx.connection.execute(insert(star), rows)
    return event.id


def _person(kind: str, number: int) -> PersonDraft:
    return PersonDraft(
        key=f"{kind}{number}", name={"ar": f"د. {kind} {number}", "en": f"Dr {kind.upper()} {number}"}
    )


def _sessions(
    size: Size, chance: Random, speakers: list[PersonDraft], chairs: list[PersonDraft]
) -> list[SessionDraft]:
    made: list[SessionDraft] = []
    places = [(day, room) for day in range(size.days) for room in range(size.rooms)]
    each, more = divmod(size.sessions, len(places))
    for place, (day, room) in enumerate(places):
        count = each + (place < more)
        at = _clock(day, "08:30")
        chair = chance.choice(chairs)
        # Eleven hours shared by what the room holds that day, so that any number fits into it.
        usual = max(5, min(60, 600 // max(count, 1) - 10))
        for number in range(count):
            kind, length = min(TYPES, key=lambda one: abs(one[1] - usual * chance.choice((0.7, 1, 1, 1.4))))
            at = _after_pauses(day, at, min(length, usual))
            early = chance.random() < 0.02 and number > 0
            if chance.random() < 0.3:
                chair = chance.choice(chairs)
            named = chance.sample(speakers, min(len(speakers), chance.choice((1, 1, 2, 3))))
            parts = [PartDraft(one.key) for one in named] + [PartDraft(chair.key, SessionRole.CHAIR)]
            title = f"{kind.title()} {day + 1}.{room + 1}.{number + 1}"
            made.append(
                SessionDraft(
                    title={"ar": f"جلسة {day + 1}.{room + 1}.{number + 1}", "en": title},
                    abstract={"en": f"What {title.lower()} is about, in two or three sentences. " * 3},
                    starts_at=at - timedelta(minutes=15 if early else 0),
                    minutes=min(length, usual),
                    guid=uuid_from(f"big {size.seed} {day} {room} {number}"),
                    language=chance.choice(("ar", "en")),
                    room=f"room-{room + 1}",
                    track=f"track-{room // 2 % max(1, size.rooms // 2) + 1}",
                    type=kind,
                    parts=parts,
                )
            )
            at += timedelta(minutes=min(length, usual) + chance.choice((5, 5, 10)))
    return made


def _pauses(size: Size) -> list[SessionDraft]:
    return [
        SessionDraft(
            title={"en": name.title()},
            kind=SessionKind.BREAK,
            starts_at=_clock(day, clock),
            minutes=minutes,
            guid=uuid_from(f"big {size.seed} {day} {name}"),
        )
        for day in range(size.days)
        for name, clock, minutes in PAUSES
    ]


def _clock(day: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    local = datetime.combine(FIRST_DAY, datetime.min.time(), ZoneInfo(ZONE)) + timedelta(
        days=day, hours=hour, minutes=minute
    )
    return local.astimezone(UTC)


def _after_pauses(day: int, at: datetime, minutes: int) -> datetime:
    """*at*, or the end of the pause that the session would run into."""
    for _, clock, length in PAUSES:
        begins = _clock(day, clock)
        if at < begins + timedelta(minutes=length) and begins < at + timedelta(minutes=minutes):
            at = begins + timedelta(minutes=length)
    return at


def _stars(size: Size, chance: Random, sessions: list[SessionDraft]) -> dict[int, list[str]]:
    guids = [one.guid for one in sessions]
    chance.shuffle(guids)
    # The n-th most popular is starred about in proportion to 1/√n.
    weights = [1 / (place + 1) ** 0.5 for place in range(len(guids))]
    return {
        number: sorted(set(chance.choices(guids, weights, k=chance.randint(5, 25)))) if guids else []
        for number in range(size.people)
    }
