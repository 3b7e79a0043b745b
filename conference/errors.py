"""Every error a person can meet, by who is to blame, each with a stable code.

    MajlisError
    ├── BadInput         400  the request says something impossible; `field` names where
    ├── NotSignedIn      401  sign in and try again
    ├── NotAllowed       403  signed in, but this needs another role
    ├── NotFound         404  no such thing, or not for you
    ├── Conflict         409  right in itself, but not in the present state
    ├── Gone             410  was valid once: a used or expired link
    ├── TooMany          429  wait `retry_after` seconds
    └── Unavailable      503  our fault: disk full, database locked, media plane down

`message` is an English msgid that the edges translate with gettext; `values` fill its
`%(name)s` placeholders. Edges map an error once: HTTP to a page or a form with the typed
text kept, the live channel to `{"error": {"code", "message", "field"}}`.
"""

from __future__ import annotations

from typing import Any


def N_(message: str) -> str:
    """Mark *message* for translation without translating it here (extracted by Babel)."""
    return message


class MajlisError(Exception):
    """The root. `code` is stable and dotted ("questions.closed"); `message` a msgid; `details` are for
    programs: JSON values that say more than a sentence can."""

    status = 500
    default_code = "internal"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        details: dict[str, Any] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.details = details
        self.values = values


class BadInput(MajlisError):
    """What was sent cannot be right; `field` (or a place in a file) says where."""

    status = 400
    default_code = "bad-input"


class NotSignedIn(MajlisError):
    """An account is needed for this."""

    status = 401
    default_code = "not-signed-in"


class NotAllowed(MajlisError):
    """The account lacks the capability."""

    status = 403
    default_code = "not-allowed"


class NotFound(MajlisError):
    """There is no such thing, or it must look so to this person."""

    status = 404
    default_code = "not-found"


class Conflict(MajlisError):
    """Valid in itself but refused by the present state (room closed, already answered)."""

    status = 409
    default_code = "conflict"


class Gone(MajlisError):
    """A link or ticket that was valid once."""

    status = 410
    default_code = "gone"


class TooMany(MajlisError):
    """A rate limit; `retry_after` is in seconds."""

    status = 429
    default_code = "too-many"

    def __init__(self, message: str, *, retry_after: int, code: str | None = None, **values: Any) -> None:
        super().__init__(message, code=code, **values)
        self.retry_after = retry_after


class Unavailable(MajlisError):
    """We cannot do it now; the person may try again and nothing was half-applied."""

    status = 503
    default_code = "unavailable"
