"""The organizers' view of the event's mail; what is held they can change, send at once or stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from conference.errors import BadInput, Conflict, MajlisError
from conference.people import holding, outbox
from conference.people.letters import Words
from conference.people.pages import blank, event_here, field_errors, typed_in
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, DATABASE, SETTINGS
from conference.serving.forms import read_form
from conference.serving.pages import render
from conference.serving.translation import explain, language_of
from conference.storage.database import Transaction

ON_A_PAGE = 100


class MailForm(msgspec.Struct):
    mail: str


class WordsForm(msgspec.Struct):
    """An organizer's own words for a mail that waits."""

    subject: Annotated[str, Meta(min_length=1, max_length=holding.SUBJECT_LIMIT)]
    text: Annotated[str, Meta(min_length=1, max_length=holding.TEXT_LIMIT, extra={"lines": True})]


async def outbox_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/outbox`; ``?state=`` shows those only, ``?page=`` from 1."""
    event, works, now = await event_here(request), _mail_works(request), request.app[CLOCK].now()
    state = next((one for one in outbox.MailState if one.value == request.query.get("state")), None)
    only_held = request.query.get("state") == "to-read"
    page = int(asked) if (asked := request.query.get("page", "1")[:4]).isdecimal() and int(asked) else 1
    wanted = outbox.MailState.WAITING if only_held else state
    mails, counts, held = await request.app[DATABASE].read(
        lambda rows: (
            outbox.mails_of(
                rows,
                event.id,
                with_keys=not works,
                limit=ON_A_PAGE + 1,
                skip=(page - 1) * ON_A_PAGE,
                state=wanted,
                held_at=now if only_held else None,
            ),
            outbox.mail_counts(rows, event.id),
            holding.held_count(rows, event.id, now=now),
        )
    )
    return render(
        request,
        "people/outbox.html",
        event=event,
        mails=mails[:ON_A_PAGE],
        more=len(mails) > ON_A_PAGE,
        page=page,
        shown="to-read" if only_held else state.value if state else "",
        counts={one.value: count for one, count in counts.items()},
        held=held,
        mail_works=works,
    )


async def mail_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/outbox/{mail}`."""
    return await _mail_page(request)


async def rewrite(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/outbox/{mail}`: other words."""
    event, by, now = await event_here(request), request[VIEWER].account_id, request.app[CLOCK].now()
    mail = request.match_info["mail"]
    assert by is not None  # the route demands ORGANIZE
    try:
        form = await read_form(request, WordsForm)
        words = Words(form.subject, form.text)
        await request.app[DATABASE].write(
            lambda tx: holding.rewrite_mail(tx, event.id, mail, words, by=by, now=now)
        )
    except (BadInput, Conflict) as error:
        return await _mail_page(request, error)
    raise web.HTTPSeeOther(f"/{event.slug}/organize/outbox/{mail}")


async def send_now(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/outbox/{mail}/send`: it need not wait any longer."""
    now = request.app[CLOCK].now()
    return await _act(request, lambda tx, event, mail: holding.send_now(tx, event, mail, now=now))


async def stop(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/outbox/{mail}/stop`: it is not sent."""
    return await _act(request, holding.stop_mail)


async def send_all(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/outbox/send-all`: everything that is held."""
    event, now = await event_here(request), request.app[CLOCK].now()
    await request.app[DATABASE].write(lambda tx: holding.send_all_now(tx, event.id, now=now))
    raise web.HTTPSeeOther(f"/{event.slug}/organize/outbox")


async def stop_all(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/outbox/stop-all`: nothing that is held."""
    event, now = await event_here(request), request.app[CLOCK].now()
    await request.app[DATABASE].write(lambda tx: holding.stop_all(tx, event.id, now=now))
    raise web.HTTPSeeOther(f"/{event.slug}/organize/outbox")


async def send_again(request: web.Request) -> web.StreamResponse:
    """`POST /{event}/organize/outbox/again`."""
    event, form, now = await event_here(request), await read_form(request, MailForm), request.app[CLOCK].now()
    await request.app[DATABASE].write(lambda tx: outbox.try_again(tx, event.id, form.mail, now))
    raise web.HTTPSeeOther(f"/{event.slug}/organize/outbox")


async def _act(request: web.Request, act: Callable[[Transaction, int, str], None]) -> web.StreamResponse:
    event, mail = await event_here(request), request.match_info["mail"]
    try:
        await request.app[DATABASE].write(lambda tx: act(tx, event.id, mail))
    except Conflict as error:
        return await _mail_page(request, error)
    raise web.HTTPSeeOther(f"/{event.slug}/organize/outbox/{mail}")


async def _mail_page(request: web.Request, error: MajlisError | None = None) -> web.StreamResponse:
    event, works, mail = await event_here(request), _mail_works(request), request.match_info["mail"]
    found = await request.app[DATABASE].read(
        lambda rows: outbox.mail_of(rows, event.id, mail, with_keys=not works)
    )
    typed = await typed_in(request, error) if error else blank()
    return render(
        request,
        "people/mail.html",
        status=error.status if error else 200,
        event=event,
        mail=found,
        is_held=found.is_held(request.app[CLOCK].now()),
        mail_works=works,
        typed=blank(subject=found.subject, text=found.text) | {k: v for k, v in typed.items() if v},
        errors=field_errors(request, error),
        problem=explain(language_of(request), error) if error and not error.field else None,
    )


def _mail_works(request: web.Request) -> bool:
    return bool(request.app[SETTINGS].mail.host)
