"""Asking by a plain form on the session's own page: where no script runs, or none has arrived yet.

What is asked here goes the way of `POST /live/command` (`live.pages.LivePages.carry_out`): the same rights,
rules, moderation and limits, and exactly once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from conference.agenda.pages import session_page
from conference.errors import MajlisError
from conference.live.pages import LIVE_PAGES
from conference.questions.asking import MAX_LENGTH
from conference.questions.identifiers import identifiers_in
from conference.questions.pseudonyms import MAX_PSEUDONYM
from conference.questions.views import Naming
from conference.serving.forms import FormErrors, read_form
from conference.serving.translation import explain, language_of, translate

REFUSED = 409  # what is asked is right in itself; the answer says why it is not taken now


class AskForm(msgspec.Struct):
    """`form`: one for each time the form was shown; `sure`: its writer has read the warning."""

    text: Annotated[str, Meta(max_length=MAX_LENGTH, extra={"lines": True})] = ""
    name: Naming = Naming.NAMED
    pseudonym: Annotated[str, Meta(max_length=MAX_PSEUDONYM)] = ""
    form: str = ""
    sure: bool = False


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """The form as the page shows it: what was typed, what is wrong by field, and the kinds of patient
    identifiers of which its writer is warned."""

    form: str
    text: str = ""
    name: str = Naming.NAMED
    pseudonym: str = ""
    errors: Mapping[str, str] = {}
    found: tuple[str, ...] = ()


ASKING: web.RequestKey[Asking] = web.RequestKey("asking", Asking)


def fresh_form() -> Asking:
    """An empty form, with an id of its own."""
    return Asking(form=str(uuid.uuid4()))


async def ask_by_form(request: web.Request) -> web.StreamResponse:
    """``POST /{event}/session/{session}/questions``: the fields of `AskForm`.

    On to the questions when it was taken; otherwise the session's page with the text kept and what is wrong.
    """
    lang = language_of(request)
    try:
        form = await read_form(request, AskForm)
    except FormErrors as wrong:
        return await _again(request, _as_typed(wrong, lang), wrong.status)
    shown = Asking(form=_id_of(form.form), text=form.text, name=form.name, pseudonym=form.pseudonym)
    found = () if form.sure else tuple(identifiers_in(form.text))
    if found:
        return await _again(request, msgspec.structs.replace(shown, found=found), 200)
    message = {
        "session": request.match_info["session"], "client_id": client_id_of(shown), "type": "AskQuestion",
        "text": form.text, "name": form.name.value, "pseudonym": form.pseudonym,
    }  # fmt: skip
    try:
        answer = await request.app[LIVE_PAGES].carry_out(request, message)
    except MajlisError as error:
        told = {error.field or "text": explain(lang, error)}
        return await _again(request, msgspec.structs.replace(shown, errors=told), error.status)
    if refused := answer.get("error"):
        field = refused["field"] if refused["field"] == "pseudonym" else "text"
        return await _again(
            request, msgspec.structs.replace(shown, errors={field: refused["message"]}), REFUSED
        )
    address = f"/{request.match_info['event']}/session/{request.match_info['session']}"
    return web.Response(status=303, headers={"Location": f"{address}?asked=yes#questions"})


def client_id_of(shown: Asking) -> str:
    """The command's id: of this form and this text.

    Sent twice, the same words are asked once. Another text in a form that a browser has shown again (its
    "back" button) is another question, which the reply to the first must not swallow.
    """
    return str(uuid.uuid5(uuid.UUID(shown.form), shown.text))


def _as_typed(wrong: FormErrors, lang: str) -> Asking:
    typed = wrong.typed
    return Asking(
        form=_id_of(typed.get("form", "")),
        text=typed.get("text", ""),
        name=typed.get("name", ""),
        pseudonym=typed.get("pseudonym", ""),
        errors={field: translate(lang, message) for field, message in wrong.errors.items()},
    )


def _id_of(sent: str) -> str:
    try:
        return str(uuid.UUID(sent))
    except ValueError:
        return str(uuid.uuid4())


async def _again(request: web.Request, shown: Asking, status: int) -> web.StreamResponse:
    request[ASKING] = shown
    response = await session_page(request)
    response.set_status(status)
    return response
