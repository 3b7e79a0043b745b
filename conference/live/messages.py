"""What every live message is: a type. Each domain defines its own in its `messages.py`.

On the wire a message is a JSON object whose `type` is the name of its class. `RESERVED` names belong
to the envelope around it and are never fields of a message.
"""

from __future__ import annotations

from typing import dataclass_transform

import msgspec

RESERVED = frozenset({"type", "channel", "seq", "at", "client_id"})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class _MessageMeta(msgspec.StructMeta):
    """Tells type checkers that every message is frozen, without each of them having to say so."""


class Command(
    msgspec.Struct, metaclass=_MessageMeta, tag=True, forbid_unknown_fields=True, kw_only=True, frozen=True
):
    """Browser → server: a wish of one person. Unknown fields are refused."""


class Announcement(msgspec.Struct, metaclass=_MessageMeta, tag=True, kw_only=True, frozen=True):
    """Server → browser: something that is so now. Durable when logged, else ephemeral."""


class PersonSignedOut(Announcement):
    """Between processes: close the sockets of one browser session, or (None) of the whole account."""

    account: int
    browser_session: int | None
    origin: str = ""


class PersonPutOut(Announcement):
    """Between processes: put a person out of a room; `reason` is a msgid."""

    account: int
    session: str
    reason: str
    origin: str = ""


class RightsChanged(Announcement):
    """Between processes: a person's tabs enter again."""

    account: int
    origin: str = ""
