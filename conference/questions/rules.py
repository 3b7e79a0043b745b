"""How questions may be asked: the rules of a session, and those of its event where it has none of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from conference.agenda.tables import session
from conference.live.channels import session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.questions.messages import ChangeQuestionRules, QuestionRulesChanged, SetQuestionTime
from conference.questions.tables import question_defaults, question_settings
from conference.storage.database import Transaction

_NAMES = ("moderated", "anonymous_allowed", "open", "pseudonyms_allowed", "ahead", "afterwards")


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What holds in every session of an event that says nothing else."""

    moderated: bool = True
    anonymous_allowed: bool = True
    open: bool = True
    pseudonyms_allowed: bool = True
    ahead: bool = True
    afterwards: bool = True


def defaults_of(rows: Connection, event_id: int) -> Defaults:
    """The rules of an event; moderated, every kind of name, before, during and after until changed."""
    columns = [question_defaults.c[name] for name in _NAMES]
    found = rows.execute(select(*columns).where(question_defaults.c.event_id == event_id)).mappings().first()
    return Defaults(**found) if found else Defaults()


def change_defaults(tx: Transaction, event_id: int, wanted: Defaults) -> bool:
    """Keep them; whether anything changed. Sessions that have rules of their own keep those."""
    if defaults_of(tx.connection, event_id) == wanted:
        return False
    values, here = msgspec.structs.asdict(wanted), question_defaults.c.event_id == event_id
    if not tx.connection.execute(update(question_defaults).where(here).values(**values)).rowcount:
        tx.connection.execute(insert(question_defaults).values(event_id=event_id, **values))
    return True


def rules_of(rows: Connection, session_id: int) -> QuestionRulesChanged:
    """How questions may be asked in a session."""
    columns = [question_settings.c[name] for name in (*_NAMES, "paused", "until")]
    here = question_settings.c.session_id == session_id
    found = rows.execute(select(*columns).where(here)).mappings().first()
    if found:
        return QuestionRulesChanged(**found)
    event_id = rows.execute(select(session.c.event_id).where(session.c.id == session_id)).scalar()
    return QuestionRulesChanged(**msgspec.structs.asdict(defaults_of(rows, event_id or 0)))


def shut_since(rows: Connection, session_id: int) -> datetime | None:
    """When asking was closed or paused last; None when that never happened."""
    query = select(question_settings.c.shut_at).where(question_settings.c.session_id == session_id)
    found: datetime | None = rows.execute(query).scalar()
    return found


def change_rules(
    tx: Transaction, caller: Caller, wish: ChangeQuestionRules, *, now: datetime
) -> QuestionRulesChanged:
    """Change what is given and tell the room; questions that wait stay waiting."""
    given = {name: value for name, value in msgspec.structs.asdict(wish).items() if value is not None}
    return _change(tx, caller, given, now)


def set_time(
    tx: Transaction, caller: Caller, wish: SetQuestionTime, *, now: datetime
) -> QuestionRulesChanged:
    """Say how long questions go on from now, or that they go on to the end."""
    until = None if wish.minutes is None else now + timedelta(minutes=wish.minutes)
    return _change(tx, caller, {"until": until}, now)


def _change(tx: Transaction, caller: Caller, given: dict[str, Any], now: datetime) -> QuestionRulesChanged:
    rules = rules_of(tx.connection, caller.session_id)
    changed = msgspec.structs.replace(rules, **given)
    if changed == rules:
        return rules
    values: dict[str, Any] = msgspec.structs.asdict(changed)
    was_shut, is_shut = (not one.open or one.paused for one in (rules, changed))
    if is_shut and not was_shut:
        values["shut_at"] = now
    here = question_settings.c.session_id == caller.session_id
    if not tx.connection.execute(update(question_settings).where(here).values(**values)).rowcount:
        tx.connection.execute(insert(question_settings).values(session_id=caller.session_id, **values))
    append(tx, session_channel(caller.session_code), changed, actor=caller.account_id, at=now)
    return changed
