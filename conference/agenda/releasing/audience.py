"""Whom a release concerns and how: what is read for it from the database, in one view, and what follows.

A person is measured from where their last message that went began: while one waits, from its base. What each
is told is a matter of pure functions (`concerns`), so that it is worked out beside the database, not in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select

from conference.agenda.releasing.circle import AT_ONCE, circle_of
from conference.agenda.releasing.concerns import Agendas, Circle, Told, concerned
from conference.agenda.releasing.published import schedule_with_all
from conference.agenda.rows import EventRow, SessionDetails
from conference.agenda.tables import notice
from conference.people.outbox import MailState
from conference.people.tables import outbox


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """A notice of `release` whose mail has not gone: told from `base` (None: before the first release) on."""

    id: int
    account_id: int
    base: int | None
    release: int
    mail_id: str
    edited: bool


class Ground(msgspec.Struct, frozen=True):
    """What differences are measured from: the release before (`previous`, an id; None: there was none),
    the programmes people last knew of by release, who has to do with what, and the messages that wait."""

    previous: int | None
    programmes: Mapping[int | None, list[SessionDetails]]
    circle: Circle
    waiting: Mapping[int, Waiting]

    def base_of(self, account_id: int) -> int | None:
        """The release from which this person is told what differs."""
        waiting = self.waiting.get(account_id)
        return waiting.base if waiting else self.previous


class Difference(msgspec.Struct, frozen=True, gc=False):
    """What one person will be told, measured from the release `base`, in place of the message `replaces`."""

    account_id: int
    base: int | None
    told: Told
    replaces: Waiting | None


class Audience(msgspec.Struct, frozen=True):
    """Everybody who is told, by account, and the waiting messages that have come to nothing."""

    told: Mapping[int, Difference]
    withdrawn: list[Waiting]


def ground_of(rows: Connection, event: EventRow, previous: int | None) -> Ground:
    """The ground for a release that follows the one with the id *previous*."""
    waiting = waiting_notices(rows, event.id)
    bases = {previous, *(one.base for one in waiting.values())}
    programmes = {
        base: schedule_with_all(rows, event, base).sessions if base is not None else [] for base in bases
    }
    return Ground(previous, programmes, circle_of(rows, event.id), waiting)


def audience_of(ground: Ground, after: Iterable[SessionDetails]) -> Audience:
    """Who is told what when the sessions of the programme become *after*."""
    after, told = list(after), dict[int, Difference]()
    agendas = Agendas(after, ground.circle)
    for base, before in ground.programmes.items():
        for account_id, concerns in concerned(before, after, ground.circle).items():
            if ground.base_of(account_id) == base:
                one = Told(concerns, agendas.new_clashes(account_id, concerns))
                told[account_id] = Difference(account_id, base, one, ground.waiting.get(account_id))
    return Audience(told, [one for account_id, one in ground.waiting.items() if account_id not in told])


def waiting_notices(
    rows: Connection, event_id: int, accounts: Collection[int] | None = None
) -> dict[int, Waiting]:
    """By account (of *accounts* only, when given), the notice whose mail has not gone yet."""
    query = (
        select(
            notice.c.id,
            notice.c.account_id,
            notice.c.base_release_id,
            notice.c.release_id,
            notice.c.mail_id,
            outbox.c.edited_at.is_not(None),
        )
        .join(outbox, outbox.c.public_id == notice.c.mail_id)
        .where(outbox.c.state == MailState.WAITING.value)
        .order_by(notice.c.id)
    )
    # By what waits, or by the accounts: never through every notice the event has ever sent.
    here = notice.c.event_id + 0 == event_id if accounts is None else notice.c.event_id == event_id
    found = [Waiting(*row) for part in _parts(query.where(here), accounts) for row in rows.execute(part)]
    return {one.account_id: one for one in found}


def told_already(
    rows: Connection, event_id: int, release_id: int, accounts: Collection[int] | None = None
) -> set[int]:
    """Who (of *accounts* only, when given) has a notice of this release of the event."""
    query = select(notice.c.account_id).where(notice.c.release_id == release_id)
    if accounts is not None:
        query = query.where(notice.c.event_id == event_id)
    return {account_id for part in _parts(query, accounts) for account_id in rows.scalars(part)}


def _parts(query: Select[Any], accounts: Collection[int] | None) -> Iterable[Select[Any]]:
    """*query*, for so many accounts at once as the database takes."""
    if accounts is None:
        yield query
        return
    listed = sorted(accounts)
    for start in range(0, len(listed), AT_ONCE):
        yield query.where(notice.c.account_id.in_(listed[start : start + AT_ONCE]))
