"""The organizers' view of the event's mail."""

from __future__ import annotations

import msgspec
from aiohttp import web

from conference.people import outbox
from conference.people.pages import event_here
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import read_form
from conference.serving.pages import render


class MailForm(msgspec.Struct):
    mail: str


async def outbox_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/outbox`."""
    event, works = await event_here(request), _mail_works(request)
    mails = await request.app[DATABASE].read(
        lambda rows: outbox.mails_of(rows, event.id, with_keys=not works)
    )
    return render(request, "people/outbox.html", event=event, mails=mails, mail_works=works)


async def mail_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/outbox/{mail}`."""
    event, works, mail = await event_here(request), _mail_works(request), request.match_info["mail"]
    found = await request.app[DATABASE].read(
        lambda rows: outbox.mail_of(rows, event.id, mail, with_keys=not works)
    )
    return render(request, "people/mail.html", event=event, mail=found, mail_works=works)


async def send_again(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/outbox/again`."""
    event, form, now = await event_here(request), await read_form(request, MailForm), request.app[CLOCK].now()
    await request.app[DATABASE].write(lambda tx: outbox.try_again(tx, event.id, form.mail, now))
    raise web.HTTPSeeOther(f"/{event.slug}/organize/outbox")


def _mail_works(request: web.Request) -> bool:
    return bool(request.app[SETTINGS].mail.host)
