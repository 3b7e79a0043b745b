"""What must not be kept: addresses after their time, and keys that open nothing any more."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from conference.clock import Clock
from conference.errors import MajlisError
from conference.people.notifying import forget_notifications
from conference.people.tables import ban, browser_session, magic_link, outbox
from conference.storage.database import Database, Transaction

log = logging.getLogger("majlis.people")

FORGET_SECONDS = 6 * 3600


def forget_expired(tx: Transaction, *, now: datetime, address_days: int) -> None:
    """Run daily or oftener: addresses, ended sessions, old links and notifications, bans that have ended."""
    old = now - timedelta(days=address_days)
    tx.connection.execute(delete(browser_session).where(browser_session.c.expires_at <= now))
    tx.connection.execute(
        update(browser_session)
        .where(browser_session.c.created_at <= old, browser_session.c.address.is_not(None))
        .values(address=None)
    )
    # Used links are kept a day longer than they work, so that "used already" can be told from "expired".
    tx.connection.execute(delete(magic_link).where(magic_link.c.expires_at <= now - timedelta(days=1)))
    # Mails that are nobody's business but the recipient's (sign-in of an unknown address, for one).
    tx.connection.execute(delete(outbox).where(outbox.c.event_id.is_(None), outbox.c.created_at <= old))
    forget_notifications(tx, now=now)
    tx.connection.execute(delete(ban).where(ban.c.until.is_not(None), ban.c.until <= now))


async def forget_forever(database: Database, clock: Clock, *, address_days: int) -> None:
    """Forget now and then every few hours, for as long as the server runs."""
    while True:
        try:
            await database.write(lambda tx: forget_expired(tx, now=clock.now(), address_days=address_days))
        except MajlisError:
            log.exception("what has expired could not be forgotten; trying again later")
        await asyncio.sleep(FORGET_SECONDS)
