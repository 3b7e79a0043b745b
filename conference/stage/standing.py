"""Where people stand in one session, as the database has it."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from conference.errors import N_, NotFound
from conference.live import log
from conference.live.channels import session_channel
from conference.people.permissions import Role, Scope, roles_in
from conference.people.tables import account
from conference.stage.floor import Act, Floor, Source, step
from conference.stage.hand_news import tell_hand_next, tell_invited
from conference.stage.hand_queue import order_at
from conference.stage.messages import FloorChanged
from conference.stage.tables import floor, floor_turn
from conference.storage.database import Transaction

TURNS = 9  # remembered for "about … minutes" in the queue
MACHINE = "machine-"  # begins the names of encoders and players, which have no account (`stage.ingest`)


class Place(msgspec.Struct, frozen=True):
    """One session's room."""

    event_id: int
    session_id: int
    code: str
    is_public: bool = False

    @property
    def scope(self) -> Scope:
        return Scope(event_id=self.event_id, session_id=self.session_id, is_public=self.is_public)

    @property
    def channel(self) -> str:
        """The live channel of everybody in the room."""
        return session_channel(self.code)


class Standing(msgspec.Struct, frozen=True):
    """One person in one session. Nobody without a row has ever raised a hand: plain audience."""

    session_id: int
    account_id: int
    state: Floor = Floor.AUDIENCE
    hand_raised_at: datetime | None = None
    hand_order: int | None = None
    invited_at: datetime | None = None
    on_stage_at: datetime | None = None
    stopped: frozenset[Source] = frozenset()


def standing_of(rows: Connection, session_id: int, account_id: int) -> Standing:
    found = rows.execute(
        select(floor).where(floor.c.session_id == session_id, floor.c.account_id == account_id)
    ).one_or_none()
    return _standing(found) if found else Standing(session_id=session_id, account_id=account_id)


def everybody_standing(rows: Connection, session_id: int) -> list[Standing]:
    """Everybody with a row: all others are plain audience."""
    return [_standing(row) for row in rows.execute(select(floor).where(floor.c.session_id == session_id))]


def move(
    tx: Transaction, place: Place, account_id: int, act: Act, *, by: int | None, now: datetime
) -> Standing:
    """Do *act* to the person, store and announce where they stand after it.

    A repeat is stored nowhere and announced to nobody. *by* is the account that acts, None for the
    server itself. Raises `Conflict` when the floor's rules refuse.
    """
    before = standing_of(tx.connection, place.session_id, account_id)
    state = step(before.state, act)
    if state is before.state:
        return before
    raised = now if state is Floor.HAND_RAISED else None
    after = msgspec.structs.replace(
        before,
        state=state,
        # A repeat keeps the place in the queue, lowering or declining loses it.
        hand_raised_at=raised,
        hand_order=order_at(raised) if raised else None,
        invited_at=now if state is Floor.INVITED else None,
        on_stage_at=now if state is Floor.ON_STAGE else None,
        # Only a moderator's new invitation lifts a stop: leaving and coming back must not.
        stopped=frozenset() if act is Act.INVITE else before.stopped,
    )
    first = first_hand(tx.connection, place.session_id)
    keep(tx, place, after, by=by, now=now, turn=_turn(tx, place, before, now))
    if state is Floor.INVITED and by != account_id:
        tell_invited(tx, place.event_id, place.code, account_id, at=now)
    if before.state is Floor.HAND_RAISED:
        tell_next(tx, place, first, now=now)
    return after


def tell_next(tx: Transaction, place: Place, first: Standing | None, *, now: datetime) -> None:
    """Tell whoever is next now that they are, unless they were *first* before."""
    after = first_hand(tx.connection, place.session_id)
    if after is not None and (first is None or first.account_id != after.account_id):
        raised_at = after.hand_raised_at or now
        tell_hand_next(tx, place.event_id, place.code, after.account_id, raised_at=raised_at, at=now)


def first_hand(rows: Connection, session_id: int) -> Standing | None:
    """Whose hand is next."""
    raised = (floor.c.session_id == session_id) & (floor.c.state == Floor.HAND_RAISED.value)
    query = select(floor).where(raised).order_by(floor.c.hand_order, floor.c.account_id).limit(1)
    found = rows.execute(query).first()
    return _standing(found) if found else None


def raised_hands(rows: Connection, session_id: int) -> list[Standing]:
    """Everybody whose hand is up, in no order."""
    raised = (floor.c.session_id == session_id) & (floor.c.state == Floor.HAND_RAISED.value)
    return [_standing(row) for row in rows.execute(select(floor).where(raised))]


def turns_of(rows: Connection, session_id: int) -> list[int]:
    """For how many seconds the last ones from the audience have spoken, the latest first."""
    query = select(floor_turn.c.seconds).where(floor_turn.c.session_id == session_id)
    return list(rows.execute(query.order_by(floor_turn.c.id.desc()).limit(TURNS)).scalars())


def _turn(tx: Transaction, place: Place, before: Standing, now: datetime) -> int | None:
    """Somebody from the audience leaves the stage: note how long they had it, in seconds."""
    if before.on_stage_at is None or role_of(tx.connection, place, before.account_id) is not Role.ATTENDEE:
        return None
    seconds = max(0, round((now - before.on_stage_at).total_seconds()))
    tx.connection.execute(insert(floor_turn).values(session_id=place.session_id, seconds=seconds))
    return seconds


def keep(
    tx: Transaction,
    place: Place,
    standing: Standing,
    *,
    by: int | None,
    now: datetime,
    turn: int | None = None,
) -> None:
    """Store *standing* and announce it to the room."""
    key = (floor.c.session_id == standing.session_id) & (floor.c.account_id == standing.account_id)
    tx.connection.execute(delete(floor).where(key))
    tx.connection.execute(
        insert(floor).values(
            session_id=standing.session_id,
            account_id=standing.account_id,
            state=standing.state.value,
            hand_raised_at=standing.hand_raised_at,
            hand_order=standing.hand_order,
            invited_at=standing.invited_at,
            on_stage_at=standing.on_stage_at,
            **{f"{source.value}_stopped": source in standing.stopped for source in Source},
        )
    )
    told = announcement(tx.connection, place, standing, turn)
    log.append(tx, place.channel, told, actor=by, at=now)


def announcement(rows: Connection, place: Place, standing: Standing, turn: int | None = None) -> FloorChanged:
    """What the room is told about *standing*."""
    public_id, name = person_named(rows, standing.account_id)
    return FloorChanged(
        person=public_id,
        name=name,
        role=role_of(rows, place, standing.account_id).value,
        state=standing.state,
        hand_raised_at=standing.hand_raised_at,
        hand_order=msgspec.UNSET if standing.hand_order is None else standing.hand_order,
        turn=msgspec.UNSET if turn is None else turn,
        stopped=sorted(standing.stopped),
    )


_precedence = (Role.ORGANIZER, Role.CHAIR, Role.MODERATOR, Role.SPEAKER, Role.ATTENDEE)


def role_of(rows: Connection, place: Place, account_id: int) -> Role:
    """The one role a tile shows: the most responsible of those the person has here."""
    roles = roles_in(rows, account_id, place.scope)
    return next((role for role in _precedence if role in roles), Role.ATTENDEE)


def person_named(rows: Connection, account_id: int) -> tuple[str, str]:
    """Public id and name."""
    public_id, name = rows.execute(
        select(account.c.public_id, account.c.name).where(account.c.id == account_id)
    ).one()
    return public_id, name


def account_of(rows: Connection, person: str) -> int:
    """The account with the public id *person*; raises `NotFound`."""
    found: int | None = rows.execute(select(account.c.id).where(account.c.public_id == person)).scalar()
    if found is None:
        raise NotFound(N_("This person is not known here."), code="stage.no-such-person", field="person")
    return found


def _standing(row: Row[tuple[object, ...]]) -> Standing:
    values = row._mapping
    return Standing(
        session_id=values["session_id"],
        account_id=values["account_id"],
        state=Floor(values["state"]),
        hand_raised_at=values["hand_raised_at"],
        hand_order=values["hand_order"],
        invited_at=values["invited_at"],
        on_stage_at=values["on_stage_at"],
        stopped=frozenset(source for source in Source if values[f"{source.value}_stopped"]),
    )
