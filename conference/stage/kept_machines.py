"""Connected machines, kept beside their media: a new server answers at the addresses the old one gave."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from conference.stage.floor import Source
from conference.stage.ingest_keys import IngestKey, keys_of
from conference.stage.tables import machine_session
from conference.storage.database import Transaction

if TYPE_CHECKING:
    from conference.stage.ingest import Machine


class Kept(msgspec.Struct, frozen=True):
    """What is known of a machine's session from before; see `ingest.Machine`."""

    resource: str
    key: IngestKey
    etag: str
    ufrag: str
    sources: list[str]
    stopped: frozenset[Source]


def keep_machine(tx: Transaction, machine: Machine) -> None:
    tx.connection.execute(
        insert(machine_session).values(
            resource=machine.resource, key_id=machine.key.id, sources=machine.sources, **_state(machine)
        )
    )


def note_machine(tx: Transaction, machine: Machine) -> None:
    """Its ICE session, or what of it is stopped, is another now."""
    here = machine_session.c.resource == machine.resource
    tx.connection.execute(update(machine_session).where(here).values(**_state(machine)))


def forget_machine(tx: Transaction, resource: str) -> None:
    tx.connection.execute(delete(machine_session).where(machine_session.c.resource == resource))


def forget_machines_but(tx: Transaction, resources: Collection[str]) -> None:
    """Those whose media have ended while no server was there."""
    tx.connection.execute(delete(machine_session).where(machine_session.c.resource.not_in(resources)))


def kept_machines(rows: Connection, session_id: int) -> list[Kept]:
    """Of one conference session."""
    keys = {key.id: key for key in keys_of(rows, session_id)}
    found = rows.execute(select(machine_session).where(machine_session.c.key_id.in_(keys)))
    return [
        Kept(
            resource=row.resource,
            key=keys[row.key_id],
            etag=row.etag,
            ufrag=row.ufrag,
            sources=row.sources,
            stopped=frozenset(map(Source, row.stopped)),
        )
        for row in found
    ]


def _state(machine: Machine) -> dict[str, object]:
    return {"etag": machine.etag, "ufrag": machine.ufrag, "stopped": sorted(machine.stopped)}
