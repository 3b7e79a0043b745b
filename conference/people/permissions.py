"""Who may do what, in one table. The page for people is docs/permissions.md; a test compares both.

Rights are read from the database at every check, never from a message or a cookie. Roles are
granted for a whole event or for one session of it:

- organizer, attendee: always the whole event; moderator: always one session; chair, speaker: either;
- any grant in an event makes its holder an attendee of the whole event;
- a ban (event or session) takes every role away there, except from organizers: otherwise a chair's
  stolen account could lock out those who would repair the damage.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, bindparam, or_, select

from conference.errors import N_, NotAllowed, NotFound, NotSignedIn
from conference.people.tables import ban, grant
from conference.storage.prepared import Prepared


class Role(StrEnum):
    """What a person is in an event or in one of its sessions."""

    ORGANIZER = "organizer"
    CHAIR = "chair"
    SPEAKER = "speaker"
    ATTENDEE = "attendee"
    MODERATOR = "moderator"


class Capability(StrEnum):
    """What a route or live command demands."""

    ANYONE = "anyone"
    SEE_EVENT = "see_event"
    SIGNED_IN = "signed_in"
    STAR = "star"
    ENTER_ROOM = "enter_room"
    ASK = "ask"
    VOTE = "vote"
    RAISE_HAND = "raise_hand"
    TAKE_FLOOR = "take_floor"
    MODERATE = "moderate"
    RECORD = "record"
    ORGANIZE = "organize"
    MAKE_EVENT = "make_event"


_everyone = frozenset(Role)
_floor = frozenset({Role.SPEAKER, Role.CHAIR, Role.MODERATOR, Role.ORGANIZER})
_desk = frozenset({Role.CHAIR, Role.MODERATOR, Role.ORGANIZER})

TABLE: dict[Capability, frozenset[Role]] = {
    Capability.STAR: _everyone,
    Capability.ENTER_ROOM: _everyone,
    Capability.ASK: _everyone,
    Capability.VOTE: _everyone,
    Capability.RAISE_HAND: _everyone,
    Capability.TAKE_FLOOR: _floor,
    Capability.MODERATE: _desk,
    Capability.RECORD: frozenset({Role.CHAIR, Role.ORGANIZER}),
    Capability.ORGANIZE: frozenset({Role.ORGANIZER}),
}
"""Capabilities that need a role here. ANYONE, SEE_EVENT and SIGNED_IN need none, MAKE_EVENT one anywhere."""

# One sentence for "does not exist" and "not for you": the difference would tell outsiders of closed events.
HIDDEN = N_("There is nothing at this address, or it is not open to you. If you were invited, sign in first.")


class Scope(msgspec.Struct, frozen=True):
    """Where a right is asked for. `session_id` is a conference session of event `event_id`."""

    event_id: int | None = None
    session_id: int | None = None
    is_public: bool = True


NOWHERE = Scope()


def roles_in(
    rows: Connection, account_id: int | None, scope: Scope, *, now: datetime | None = None
) -> frozenset[Role]:
    """The roles of an account in *scope*; empty for outsiders and for the banned.

    *now* decides whether a ban with an end has passed; without it such a ban still counts.
    """
    if account_id is None or scope.event_id is None:
        return frozenset()
    held = _held.rows(rows, account_id=account_id, event_id=scope.event_id)
    if not held:
        return frozenset()
    here = {Role(role) for role, session_id in held if session_id is None or session_id == scope.session_id}
    roles = frozenset(here | {Role.ATTENDEE})
    if Role.ORGANIZER not in roles and is_banned(rows, account_id, scope, now=now):
        return frozenset()
    return roles


def is_banned(rows: Connection, account_id: int, scope: Scope, *, now: datetime | None = None) -> bool:
    """Whether a ban holds in *scope*: one for the whole event, or for its session."""
    return bool(
        _bans.rows(
            rows,
            account_id=account_id,
            event_id=scope.event_id,
            session_id=scope.session_id,
            now=now or _long_ago,
        )
    )


def organizes_anything(rows: Connection, account_id: int) -> bool:
    """Whether the account organizes any event of this server: who does, may make another."""
    held = (grant.c.account_id == account_id) & (grant.c.role == Role.ORGANIZER.value)
    return rows.execute(select(grant.c.id).where(held).limit(1)).first() is not None


# Asked for with every request and every live command.
_held = Prepared(
    select(grant.c.role, grant.c.session_id).where(
        grant.c.account_id == bindparam("account_id"), grant.c.event_id == bindparam("event_id")
    )
)
_bans = Prepared(
    select(ban.c.id)
    .where(
        ban.c.account_id == bindparam("account_id"),
        ban.c.event_id == bindparam("event_id"),
        or_(ban.c.session_id.is_(None), ban.c.session_id == bindparam("session_id")),
        or_(ban.c.until.is_(None), ban.c.until > bindparam("now")),
    )
    .limit(1)
)
_long_ago = datetime(1970, 1, 1, tzinfo=UTC)


def allowed(
    rows: Connection,
    account_id: int | None,
    capability: Capability,
    scope: Scope,
    *,
    now: datetime | None = None,
) -> bool:
    """The same answer as `require`, as a truth value."""
    try:
        require(rows, account_id, capability, scope, now=now)
    except (NotSignedIn, NotAllowed, NotFound):
        return False
    return True


def require(
    rows: Connection,
    account_id: int | None,
    capability: Capability,
    scope: Scope,
    *,
    now: datetime | None = None,
) -> None:
    """Return if the account may; raise why not otherwise.

    `NotFound` for outsiders of a closed event (they must not learn that it exists),
    `NotSignedIn` when an account is missing, `NotAllowed` when it lacks the role.
    """
    if capability is Capability.ANYONE:
        return
    if scope.event_id is not None and not scope.is_public:
        # A ban from one session does not hide the event, so membership is asked for the event.
        event = Scope(event_id=scope.event_id, is_public=False)
        if not roles_in(rows, account_id, event, now=now):
            raise NotFound(HIDDEN)
    if capability is Capability.SEE_EVENT:
        return
    if account_id is None:
        raise NotSignedIn(N_("Sign in first; it takes one e-mail and no password."))
    if capability is Capability.SIGNED_IN:
        return
    if capability is Capability.MAKE_EVENT:
        if organizes_anything(rows, account_id):
            return
        raise NotAllowed(N_("Only organizers of an event can make another."), code="not-allowed.role")
    roles = roles_in(rows, account_id, scope, now=now)
    if roles & TABLE[capability]:
        return
    if roles:
        raise NotAllowed(N_("This needs another role than yours."), code="not-allowed.role")
    if scope.event_id is not None and is_banned(rows, account_id, scope, now=now):
        raise NotAllowed(
            N_("You were removed from here by those who run the session."), code="not-allowed.banned"
        )
    raise NotAllowed(N_("Register for this event first."), code="not-allowed.not-registered")
