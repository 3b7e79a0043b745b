"""Accounts: one for each e-mail address, made when a link sent to it was opened or by an organizer."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from conference.errors import N_, BadInput, Conflict, NotFound
from conference.people.grants import ban_person, grant_role, lift_ban, revoke_role
from conference.people.tables import Account, account
from conference.people.tokens import new_public_id
from conference.serving.text import clean_text
from conference.storage.database import Transaction

__all__ = [
    "account_by_email",
    "account_by_id",
    "account_by_public_id",
    "ban_person",
    "change_profile",
    "create_account",
    "grant_role",
    "lift_ban",
    "normal_email",
    "revoke_role",
]

NAME_LIMIT = 80

# RFC 5321 dot-atoms only: no quoted local parts, nothing that could end a mail header.
_local_part = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_domain = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)


def normal_email(text: str) -> str:
    """*text* in the one form under which an address is kept and compared.

    Lower case throughout, as every large provider treats it; international domains in ASCII
    (RFC 5891). The local part must be ASCII: Unicode case rules would let two addresses that
    differ end up equal. Raises `BadInput` for what is no address.
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if len(local) > 64 or not _local_part.fullmatch(local) or not _domain.fullmatch(domain):
        raise BadInput(N_("This does not look like an e-mail address."), code="people.email", field="email")
    return f"{local.lower()}@{domain}"


def create_account(
    tx: Transaction,
    email: str,
    name: str,
    language: str | None = None,
    *,
    zone: str | None = None,
    now: datetime,
) -> Account:
    """A new account; raises `Conflict` when the address has one, `BadInput` for a bad address or name."""
    email = normal_email(email)
    if account_by_email(tx.connection, email):
        raise Conflict(
            N_("There is an account with this address already."), code="people.exists", field="email"
        )
    values = {
        "public_id": new_public_id(),
        "email": email,
        "name": _name(name) or email.partition("@")[0][:NAME_LIMIT],
        "language": language,
        "zone": zone,
        "created_at": now,
    }
    (key,) = tx.connection.execute(insert(account).values(values)).inserted_primary_key or (0,)
    return Account(id=key, **values)  # type: ignore[arg-type]  # the columns of the row, by name


def change_profile(
    tx: Transaction,
    account_id: int,
    *,
    name: str,
    language: str | None,
    zone: str | None,
    country: str | None = None,
) -> None:
    """What `/me` lets people change of themselves. *country*: shown to others in a room; None: not shared."""
    values = {"name": _name(name), "language": language, "zone": zone, "country": country}
    tx.connection.execute(update(account).where(account.c.id == account_id).values(values))


def account_by_email(rows: Connection, email: str) -> Account | None:
    """The account of a normalised address."""
    return _account(rows, account.c.email == email)


def account_by_id(rows: Connection, account_id: int) -> Account:
    """Raises `NotFound`."""
    return _found(_account(rows, account.c.id == account_id))


def account_by_public_id(rows: Connection, public_id: str) -> Account:
    """Raises `NotFound`."""
    return _found(_account(rows, account.c.public_id == public_id))


def _account(rows: Connection, condition: object) -> Account | None:
    row = rows.execute(select(account).where(condition)).mappings().one_or_none()  # type: ignore[arg-type]  # a condition on account
    return Account(**row) if row else None


def _found(found: Account | None) -> Account:
    if found is None:
        raise NotFound(N_("This person is not known here."), code="people.unknown")
    return found


def _name(text: str) -> str:
    return clean_text(text, limit=NAME_LIMIT, field="name")
