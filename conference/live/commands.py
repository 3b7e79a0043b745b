"""Commands: who sends them, which exist, and the one place where they are decoded, checked and run.

The Socket.IO edge (`hub.py`) and the HTTPS one (`pages.py`) both end here, so a command means the same
and is refused the same whichever way it came. `app.py` lists every `LiveCommand` like a route.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal, Protocol

import msgspec
from sqlalchemy import Connection

from conference.errors import N_, BadInput, MajlisError, TooMany, Unavailable
from conference.live.counters import Counters
from conference.live.messages import Command
from conference.serving.translation import explain, translate
from conference.storage.database import Database

log = logging.getLogger("majlis.live")

# A UUID as text (RFC 9562); clients make version 7.
_client_id = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


RETRY_SECONDS = 2  # when the database is busy or the server stops


class ScopeLike(Protocol):
    """Where rights are looked up: `people.permissions.Scope` fits."""

    @property
    def event_id(self) -> int | None: ...
    @property
    def session_id(self) -> int | None: ...


class Identity(msgspec.Struct, frozen=True):
    """Who holds a ticket or a browser session: the account, that session's row, and a language."""

    account_id: int
    browser_session_id: int | None
    language: str

    def belongs_to(self, account_id: int, browser_session_id: int | None) -> bool:
        """Is it of this account, and (unless None) of this browser session?"""
        return self.account_id == account_id and browser_session_id in (None, self.browser_session_id)


class Place(msgspec.Struct, frozen=True):
    """Where one can be: the live room of a session (named by its code), or an event (by its slug)."""

    kind: Literal["session", "event"]
    name: str

    @classmethod
    def named(cls, session: object, event: object) -> Place:
        """The place of a message that names one of the two; `BadInput` when it names none or both."""
        if isinstance(session, str) and event is None:
            return cls("session", session)
        if isinstance(event, str) and session is None:
            return cls("event", event)
        raise BadInput(N_("The message could not be understood."), code="live.malformed", field="session")


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """One tab of one person, in one live room or in an event.

    `connection_id` is unique to the tab (empty for a command by HTTPS); `channels` are the logs the
    person may read; `roles` are names from `people.permissions.Role`. Rights are looked up anew for
    each command: `roles` only shape what is shown. In an event `session_code` is empty.
    """

    account_id: int
    public_id: str
    name: str
    language: str
    connection_id: str
    scope: ScopeLike
    session_code: str
    roles: frozenset[str]
    channels: tuple[str, ...]

    @property
    def kind(self) -> Literal["session", "event"]:
        """What kind of place the caller is in."""
        return "event" if self.scope.session_id is None else "session"

    @property
    def event_id(self) -> int:
        assert self.scope.event_id is not None
        return self.scope.event_id

    @property
    def session_id(self) -> int:
        assert self.scope.session_id is not None
        return self.scope.session_id


# Given by app.py, which alone knows people and agenda. Both raise a MajlisError to refuse.
Admit = Callable[[Connection, Identity, Place, str], Caller]  # (rows, identity, place, connection_id)
Permit = Callable[[Connection, Caller, StrEnum], None]

Handler = Callable[[Caller, Any, str], Awaitable[object]]


class LiveCommand(msgspec.Struct, frozen=True):
    """One row of the list in `app.py`.

    `handler(caller, command, client_id)` returns the reply (anything msgspec encodes). A `durable`
    command takes effect exactly once (`log.once`), is kept on the device until acknowledged and may
    come by HTTPS; the others belong to one connection and are forgotten with it. It exists in places
    of one *kind*. What may be sent from *outside* needs no open door when it comes by HTTPS (a question
    that is asked ahead, an answer that is written after the end).
    """

    struct: type[Command]
    handler: Handler
    capability: StrEnum
    durable: bool = True
    kind: Literal["session", "event"] = "session"
    outside: bool = False

    @property
    def type(self) -> str:
        return self.struct.__name__


class Commands:
    """All live commands of the product; `run` never raises for what a client did."""

    def __init__(
        self, rows: Sequence[LiveCommand], *, database: Database, permit: Permit, counters: Counters
    ) -> None:
        self.table = {row.type: row for row in rows}
        assert len(self.table) == len(rows), "two commands of one type"
        self._database = database
        self._permit = permit
        self._counters = counters

    def from_outside(self, message: Mapping[str, Any]) -> bool:
        """Whether what *message* asks for may be sent by somebody who is not in the room."""
        row = self.table.get(str(message.get("type")))
        return row is not None and row.outside

    async def run(self, caller: Caller, message: object, *, durable_only: bool = False) -> dict[str, Any]:
        """Decode *message*, check the right to it, run it: `{client_id, reply}` or `{client_id, error}`."""
        client_id = message.get("client_id") if isinstance(message, dict) else None
        try:
            row, command, known_id = self.decode(message, caller.kind, durable_only=durable_only)
            await self._database.read(lambda rows: self._permit(rows, caller, row.capability))
            reply = await row.handler(caller, command, known_id)
        except MajlisError as error:
            self._counters.refused += 1
            return {"client_id": client_id, "error": refusal(error, caller.language)}
        except Exception:
            log.exception("a live command failed")
            self._counters.failed += 1
            return {"client_id": client_id, "error": failure(caller.language)}
        self._counters.commands += 1
        return {"client_id": known_id, "reply": msgspec.to_builtins(reply)}

    def decode(
        self, message: object, kind_of_place: str = "session", *, durable_only: bool = False
    ) -> tuple[LiveCommand, Command, str]:
        """The row, the typed command and the client id of *message*; `BadInput` names the wrong field."""
        if not isinstance(message, dict):
            raise BadInput(N_("The message could not be understood."), code="live.malformed")
        body: Mapping[str, Any] = message
        client_id, kind = body.get("client_id"), body.get("type")
        if not isinstance(client_id, str) or not _client_id.fullmatch(client_id):
            raise BadInput(
                N_("The message could not be understood."), code="live.malformed", field="client_id"
            )
        row = self.table.get(kind) if isinstance(kind, str) else None
        if row is None or row.kind != kind_of_place or (durable_only and not row.durable):
            raise BadInput(
                N_("This page and the server do not fit together. Load the page again."),
                code="live.unknown-command",
                field="type",
            )
        fields = {name: value for name, value in body.items() if name != "client_id"}
        try:
            return row, msgspec.convert(fields, row.struct), client_id
        except msgspec.ValidationError as error:
            raise BadInput(
                N_("The message could not be understood."), code="live.malformed", field=_place(str(error))
            ) from error


def _place(reason: str) -> str | None:
    """The field a msgspec error speaks of: "… - at `$.text`", or "… unknown field `x`"."""
    found = re.search(r"at `\$\.([^`]+)`", reason) or re.search(r"field `([^`]+)`", reason)
    return found[1] if found else None


def refusal(error: MajlisError, language: str) -> dict[str, Any]:
    """A known error for the wire, its message in *language*."""
    told: dict[str, Any] = {"code": error.code, "message": explain(language, error), "field": error.field}
    if isinstance(error, TooMany):
        told["retry_after"] = error.retry_after
    elif isinstance(error, Unavailable):
        told["retry_after"] = RETRY_SECONDS
    return told


def failure(language: str) -> dict[str, Any]:
    """What a person is told of a fault of ours: nothing of its inside."""
    message = N_("Something went wrong on our side. It was noted; please try again.")
    return {"code": "internal", "message": translate(language, message), "field": None}
