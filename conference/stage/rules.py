"""Whether a session wants hands and reactions: its chairs' word, else the event's, else yes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, bindparam, literal, outerjoin, select
from sqlalchemy.dialects import postgresql, sqlite

from conference.errors import N_, Conflict
from conference.live import log
from conference.stage.messages import StageRulesChanged
from conference.stage.standing import Place
from conference.stage.tables import stage_defaults, stage_rules
from conference.storage.database import Transaction
from conference.storage.prepared import Prepared


class StageRules(msgspec.Struct, frozen=True):
    """`hands`: people may ask for the floor; `reactions`: and react to what they hear."""

    hands: bool = True
    reactions: bool = True


def defaults_of(rows: Connection, event_id: int) -> StageRules:
    """What holds in sessions whose chairs have said nothing."""
    columns = (stage_defaults.c.hands, stage_defaults.c.reactions)
    found = rows.execute(select(*columns).where(stage_defaults.c.event_id == event_id)).one_or_none()
    return StageRules(*found) if found else StageRules()


def change_defaults(tx: Transaction, event_id: int, rules: StageRules) -> None:
    """For the organizers; rooms that are open follow when their people come in again."""
    _keep(tx, stage_defaults, "event_id", event_id, rules)


def rules_of(rows: Connection, place: Place) -> StageRules:
    """What holds in the session now."""
    ((own_hands, own_reactions, hands, reactions),) = _rules.rows(
        rows, session_id=place.session_id, event_id=place.event_id
    )
    if own_hands is not None:
        return StageRules(bool(own_hands), bool(own_reactions))
    return StageRules() if hands is None else StageRules(bool(hands), bool(reactions))


# Asked for with every reaction. One row whatever there is, so that "nothing said" is an answer, too.
_one = select(literal(1).label("one")).subquery()
_rules = Prepared(
    select(stage_rules.c.hands, stage_rules.c.reactions, stage_defaults.c.hands, stage_defaults.c.reactions)
    .select_from(
        outerjoin(
            outerjoin(_one, stage_rules, stage_rules.c.session_id == bindparam("session_id")),
            stage_defaults,
            stage_defaults.c.event_id == bindparam("event_id"),
        )
    )
    .limit(1)
)


def change_rules(
    tx: Transaction, place: Place, *, hands: bool | None, reactions: bool | None, by: int, now: datetime
) -> StageRules:
    """Change what is given and tell the room. Hands that are up stay up."""
    before = rules_of(tx.connection, place)
    after = StageRules(
        before.hands if hands is None else hands, before.reactions if reactions is None else reactions
    )
    if after != before:
        _keep(tx, stage_rules, "session_id", place.session_id, after)
        told = StageRulesChanged(hands=after.hands, reactions=after.reactions)
        log.append(tx, place.channel, told, actor=by, at=now)
    return after


def require_hands(rows: Connection, place: Place) -> None:
    """Raise `Conflict` where hands are not taken."""
    if not rules_of(rows, place).hands:
        raise Conflict(N_("Hands are not taken in this session now."), code="stage.no-hands")


def require_reactions(rows: Connection, place: Place) -> None:
    """Raise `Conflict` where reactions are not wanted."""
    if not rules_of(rows, place).reactions:
        raise Conflict(N_("Reactions are switched off in this session."), code="stage.no-reactions")


def _keep(tx: Transaction, table: Table, key: str, value: int, rules: StageRules) -> None:
    insert: Any = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    values = msgspec.structs.asdict(rules)
    statement = insert(table).values(**{key: value}, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=values))
