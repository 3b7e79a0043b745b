"""One mail over SMTP (RFC 5321, 3207, 8314), and how long to wait before trying again."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

import aiosmtplib
import msgspec

from conference.settings import MailSettings

TIMEOUT_SECONDS = 30

# After each failed attempt; then it is given up. Covers a night without power at the relay.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480))


class CalendarPart(msgspec.Struct, frozen=True):
    """An iCalendar object that rides along (RFC 6047); `method` is the one it names itself."""

    method: str
    text: str


class Letter(msgspec.Struct, frozen=True):
    """A mail ready to go: plain text, one recipient. `letter_id` names it across attempts (Message-ID)."""

    letter_id: str
    recipient: str
    subject: str
    text: str
    language: str
    written_at: datetime
    calendars: tuple[CalendarPart, ...] = ()


class MailFailed(Exception):
    """The relay did not take the letter; `is_final` when it never will."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Mailer:
    """Hands letters to the relay named in the settings. Without a host there is none: `works` is False."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    @property
    def works(self) -> bool:
        return bool(self._settings.host)

    async def deliver(self, letter: Letter) -> None:
        """Raises `MailFailed`. "starttls" insists on encryption: a relay that offers none is refused."""
        settings = self._settings
        message = composed(letter, settings.sender)
        try:
            await aiosmtplib.send(
                message,
                hostname=settings.host,
                port=settings.port,
                username=settings.username or None,
                password=settings.password or None,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise MailFailed(_reason(error), is_final=all(code >= 500 for code in codes)) from error
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            raise MailFailed(_reason(error), is_final=error.code >= 500) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            # Among these a wrong password or an expired certificate: an operator mends them, so try again.
            raise MailFailed(_reason(error), is_final=False) from error


def composed(letter: Letter, sender: str) -> EmailMessage:
    """The message. Raises `MailFailed` for header values that are none: nothing may end a header early."""
    message = EmailMessage(policy=SMTP)
    message.set_content(letter.text)  # first: it clears every Content- header
    for part in letter.calendars:
        message.add_attachment(
            part.text,
            subtype="calendar",
            charset="utf-8",
            cte="base64",  # relays may change line ends, which calendars must not lose
            filename=f"{part.method.lower()}.ics",
            params={"method": part.method},
        )
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2] or "localhost"
    try:
        message["From"] = Address(display_name=name, addr_spec=address)
        message["To"] = Address(addr_spec=letter.recipient)
        message["Subject"] = letter.subject
        message["Date"] = letter.written_at
        message["Message-ID"] = f"<{letter.letter_id}@{domain}>"
        message["Content-Language"] = letter.language
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
    except (ValueError, HeaderParseError, IndexError) as error:
        raise MailFailed(str(error), is_final=True) from error
    return message


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after the given number of failed attempts; None: give up."""
    return RETRY_AFTER[attempts - 1] if 0 < attempts <= len(RETRY_AFTER) else None


def _reason(error: Exception) -> str:
    return (f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)[:300]
