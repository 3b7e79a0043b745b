"""What people's own tries of their connection have found, kept for the organizers: the last one of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from sqlalchemy import Connection, delete, select

from conference.people.tables import account
from conference.stage.standing import Place
from conference.stage.tables import link_note
from conference.storage.database import Transaction

KEPT = timedelta(days=30)

Kbits = Annotated[int, Meta(ge=0, le=10_000_000)]
Device = Literal["works", "blocked", "missing", "unknown"]


class LinkFound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One try. `loss` is a fraction, None where nothing could be sent; rates in kbit/s, None when not
    measured; `transport` none: sound and picture did not get through."""

    round_trip_ms: Annotated[int, Meta(ge=0, le=600_000)]
    transport: Literal["udp", "tcp", "none"]
    loss: Annotated[float, Meta(ge=0, le=1)] | None = None
    down_kbits: Kbits | None = None
    up_kbits: Kbits | None = None
    camera: Device = "unknown"
    microphone: Device = "unknown"


Verdict = Literal["pictures", "small", "sound", "text", "blocked"]

# kbit/s, with room for what else the device does: a picture at full size, small pictures, lean sound.
PICTURES, SMALL, SOUND = 900, 250, 24
MOST_LOSS, LATEST_MS = 0.25, 2_000


def verdict_of(found: LinkFound) -> Verdict:
    """What the connection is good for, in receiving."""
    if found.transport == "none":
        return "blocked"
    down = found.down_kbits if found.down_kbits is not None else SMALL
    loss = found.loss or 0.0
    if down < SOUND or loss > MOST_LOSS or found.round_trip_ms > LATEST_MS:
        return "text"
    if down < SMALL or loss > 0.1:
        return "sound"
    return "pictures" if down >= PICTURES and loss <= 0.05 else "small"


Sending = Literal["camera", "voice", "too-weak", "unknown"]
CAMERA, VOICE = 350, 32


def sending_of(found: LinkFound) -> Sending:
    """What the connection is good for, in sending."""
    if found.up_kbits is None or found.transport == "none":
        return "unknown"
    if found.up_kbits < VOICE:
        return "too-weak"
    return "camera" if found.up_kbits >= CAMERA and (found.loss or 0.0) <= 0.1 else "voice"


class LinkNote(msgspec.Struct, frozen=True):
    """A try and whose it was, for the organizers' page."""

    person: str
    name: str
    session_id: int
    at: datetime
    found: LinkFound


def note_link(tx: Transaction, place: Place, account_id: int, found: LinkFound, *, now: datetime) -> None:
    """Keep *found* in place of the person's earlier one; what is too old is forgotten."""
    of_person = (link_note.c.event_id == place.event_id) & (link_note.c.account_id == account_id)
    tx.connection.execute(delete(link_note).where(of_person | (link_note.c.at <= now - KEPT)))
    tx.connection.execute(
        link_note.insert().values(
            event_id=place.event_id,
            account_id=account_id,
            session_id=place.session_id,
            at=now,
            **msgspec.structs.asdict(found),
        )
    )


def notes_of(rows: Connection, event_id: int, *, now: datetime) -> list[LinkNote]:
    """The last try of each person of the event, the newest first."""
    names = LinkFound.__struct_fields__
    columns = [link_note.c[name] for name in names]
    found = rows.execute(
        select(account.c.public_id, account.c.name, link_note.c.session_id, link_note.c.at, *columns)
        .join(account, account.c.id == link_note.c.account_id)
        .where(link_note.c.event_id == event_id, link_note.c.at > now - KEPT)
        .order_by(link_note.c.at.desc())
    )
    return [
        LinkNote(row[0], row[1], row[2], row[3], LinkFound(**dict(zip(names, row[4:], strict=True))))
        for row in found
    ]
