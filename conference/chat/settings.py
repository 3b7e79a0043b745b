"""How one may write in a session: what its moderators set, else what holds for its event."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from conference.agenda.tables import session
from conference.chat.messages import ChangeChatRules, ChatRulesChanged
from conference.chat.rules import Mode
from conference.chat.tables import chat_defaults, chat_settings
from conference.live.channels import session_channel
from conference.live.commands import Caller
from conference.live.log import append
from conference.storage.database import Transaction


class ChatDefaults(msgspec.Struct, frozen=True, kw_only=True):
    """What organizers set for a whole event. Direct messages and the history have no exceptions."""

    mode: Mode = Mode.OPEN
    slow_seconds: int = 0
    direct: bool = False
    history_days: int = 180  # 0: for as long as there is the event


def defaults_of(rows: Connection, event_id: int) -> ChatDefaults:
    """The event's defaults; those of the product until somebody changes them."""
    columns = [chat_defaults.c[name] for name in ChatDefaults.__struct_fields__]
    found = rows.execute(select(*columns).where(chat_defaults.c.event_id == event_id)).one_or_none()
    if found is None:
        return ChatDefaults()
    # The column names of SQLAlchemy are a subclass of str, which msgspec does not take for a key.
    return msgspec.convert({str(name): value for name, value in found._mapping.items()}, ChatDefaults)


def rules_of(rows: Connection, event_id: int, session_id: int) -> ChatRulesChanged:
    """What holds in a session now."""
    here = chat_settings.c.session_id == session_id
    found = rows.execute(select(chat_settings.c.mode, chat_settings.c.slow_seconds).where(here)).one_or_none()
    return _together(defaults_of(rows, event_id), *(found or (None, None)))


def change_rules(
    tx: Transaction, caller: Caller, wish: ChangeChatRules, *, now: datetime
) -> ChatRulesChanged:
    """Change what is given for this session and tell the room; what was not given stays as it is."""
    rows = tx.connection
    before = rules_of(rows, caller.event_id, caller.session_id)
    here = chat_settings.c.session_id == caller.session_id
    if wish.as_event:
        rows.execute(delete(chat_settings).where(here))
    given = {"mode": wish.mode, "slow_seconds": wish.slow_seconds}
    given = {name: value for name, value in given.items() if value is not None}
    if given and not rows.execute(update(chat_settings).where(here).values(**given)).rowcount:
        rows.execute(insert(chat_settings).values(session_id=caller.session_id, **given))
    after = rules_of(rows, caller.event_id, caller.session_id)
    if after != before:
        append(tx, session_channel(caller.session_code), after, actor=caller.account_id, at=now)
    return after


def change_defaults(
    tx: Transaction, event_id: int, wanted: ChatDefaults, *, by: int | None, now: datetime
) -> None:
    """Change what holds for the event, and tell every session for which that makes a difference."""
    rows, before = tx.connection, defaults_of(tx.connection, event_id)
    if wanted == before:
        return
    values = msgspec.structs.asdict(wanted)
    kept = rows.execute(update(chat_defaults).where(chat_defaults.c.event_id == event_id).values(**values))
    if not kept.rowcount:
        rows.execute(insert(chat_defaults).values(event_id=event_id, **values))
    own = chat_settings.c
    found = rows.execute(
        select(session.c.code, own.mode, own.slow_seconds)
        .outerjoin(chat_settings, own.session_id == session.c.id)
        .where(session.c.event_id == event_id)
    ).all()
    for code, mode, slow_seconds in found:
        after = _together(wanted, mode, slow_seconds)
        if after != _together(before, mode, slow_seconds):
            append(tx, session_channel(code), after, actor=by, at=now)


def _together(defaults: ChatDefaults, mode: str | None, slow_seconds: int | None) -> ChatRulesChanged:
    return ChatRulesChanged(
        mode=defaults.mode if mode is None else Mode(mode),
        slow_seconds=defaults.slow_seconds if slow_seconds is None else slow_seconds,
        direct=defaults.direct,
        history_days=defaults.history_days,
        own=mode is not None or slow_seconds is not None,
    )
