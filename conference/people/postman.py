"""Takes waiting mails from the outbox to the relay, one after the other."""

from __future__ import annotations

import asyncio
import logging

from conference.clock import Clock
from conference.people.outbox import MailDue, due_mails, hold_useless_mails, mark_failed, mark_sent
from conference.serving.mail import Mailer, MailFailed
from conference.storage.database import Database

log = logging.getLogger("majlis.mail")

PAUSE_SECONDS = 5.0


class Postman:
    """`run()` for as long as the server runs; `deliver_due()` once. Idle when no relay is configured."""

    def __init__(self, database: Database, mailer: Mailer, clock: Clock) -> None:
        self._database = database
        self._mailer = mailer
        self._clock = clock

    async def run(self) -> None:
        """Look every few seconds; nothing that goes wrong ends it."""
        while self._mailer.works:
            try:
                await self.deliver_due()
            except Exception:
                log.exception("the outbox could not be worked through; trying again")
            await asyncio.sleep(PAUSE_SECONDS)

    async def deliver_due(self) -> int:
        """Send what is due; returns how many the relay took."""
        if not self._mailer.works:
            return 0
        now = self._clock.now()
        await self._database.write(lambda tx: hold_useless_mails(tx, now))
        due = await self._database.read(lambda rows: due_mails(rows, now))
        return sum([await self._deliver(mail) for mail in due])

    async def _deliver(self, mail: MailDue) -> bool:
        # A crash between the relay's yes and our note sends it twice, under the same Message-ID.
        try:
            await self._mailer.deliver(mail.letter)
        except MailFailed as failed:
            reason, is_final = str(failed), failed.is_final
            log.warning("mail %s was not taken: %s", mail.letter.letter_id, reason)
            await self._database.write(
                lambda tx: mark_failed(tx, mail, self._clock.now(), reason, is_final=is_final)
            )
            return False
        await self._database.write(lambda tx: mark_sent(tx, mail, self._clock.now()))
        return True
