"""Who may use the API: rights are those of the account, and a token is never more than its owner."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from conference.agenda.api.operations import OPERATIONS, Operation
from conference.people.api_tokens import TokenScope, revoke_token, tokens_of
from conference.people.grants import revoke_role
from conference.people.permissions import Role
from conference.people.tables import account
from tests.agenda.api.client import EVENT, Answer, Api, Caller
from tests.agenda.drafting.desk import TALKS

ON_EVENT = [one for one in OPERATIONS if "{event}" in one.path]


def path_of(operation: Operation) -> str:
    path = operation.path.replace("{event}", "karbala").replace("{session}", TALKS[0])
    return re.sub(r"{\w+}", "1", path)


async def try_all(caller: Caller) -> dict[str, Answer]:
    """Every operation on the event, with a body that would be refused for what it says."""
    answers = {}
    for one in ON_EVENT:
        said = None if one.takes is None else {"nothing": "of use"}
        answers[f"{one.method} {one.path}"] = await caller.ask(one.method, path_of(one), said)
    return answers


@pytest.mark.parametrize(
    ("role", "status"), [(Role.ATTENDEE, 403), (Role.SPEAKER, 403), (Role.CHAIR, 403), (None, 403)]
)
async def test_only_organizers_of_the_event_come_in(api: Api, role: Role | None, status: int) -> None:
    account_id = await api.account("somebody", role)
    for caller in (await api.browser(account_id), await api.program(account_id)):
        answers = await try_all(caller)
        assert {answer.status for answer in answers.values()} == {status}
        assert {frozenset(answer.json) for answer in answers.values()} == {
            frozenset({"detail", "code", "field"})
        }


async def test_nobody_is_asked_to_prove_who_they_are(api: Api) -> None:
    answers = await try_all(api.anonymous())
    safe = {answer.status for name, answer in answers.items() if name.startswith("GET")}
    assert safe == {401}
    assert {answer.status for answer in answers.values()} <= {401, 403}
    assert all(answer.headers["WWW-Authenticate"] for answer in answers.values() if answer.status == 401)
    assert (await api.anonymous().get("/api/events")).status == 401


async def test_an_organizer_comes_in_to_everything(api: Api) -> None:
    for caller in (await api.browser(api.desk.zainab), await api.program(api.desk.zainab)):
        answers = await try_all(caller)
        assert not [name for name, answer in answers.items() if answer.status in (401, 403)]


async def test_the_organizer_of_one_event_is_nobody_in_another(api: Api) -> None:
    answers = await try_all(await api.program(api.desk.layla))
    assert {answer.status for answer in answers.values()} == {403}
    assert (await (await api.program(api.desk.layla)).get("/api/events")).json["count"] == 0
    assert (await (await api.program(api.desk.zainab)).get("/api/events")).json["count"] == 1


async def test_a_token_does_what_its_scopes_say(api: Api) -> None:
    reader = await api.program(api.desk.zainab, frozenset({TokenScope.READ}))
    for one in ON_EVENT:
        said: dict[str, str] | None = None if one.takes is None else {}
        refused = await reader.ask(one.method, path_of(one), said)
        assert (refused.status == 403) == (one.scope is not TokenScope.READ), one.path
        assert refused.status != 403 or refused.json["code"] == "api.scope"
    writer = await api.program(api.desk.zainab, frozenset({TokenScope.WRITE}))
    assert (await writer.act("cancel", session=TALKS[0], edition=0)).status == 200
    assert (await writer.get(f"{EVENT}/draft")).status == 200
    assert (await writer.ask("POST", f"{EVENT}/releases", {})).json["code"] == "api.scope"


async def test_a_token_for_one_event_opens_no_other(api: Api) -> None:
    here = await api.program(api.desk.zainab, event_id=api.desk.event_id)
    assert (await here.get(f"{EVENT}/draft")).status == 200
    elsewhere = await api.program(api.desk.zainab, event_id=await api.another_event(api.desk.zainab))
    assert (await elsewhere.get(f"{EVENT}/draft")).status == 401
    assert [one["slug"] for one in (await elsewhere.get("/api/events")).json["results"]] == ["basra"]


async def test_pretalx_clients_say_token(api: Api) -> None:
    program = await api.program(api.desk.zainab)
    secret = program.headers["Authorization"].removeprefix("Bearer ")
    assert (await api.anonymous().get(f"{EVENT}/draft", Authorization=f"Token {secret}")).status == 200
    for said in (f"Basic {secret}", secret, "Bearer", "Bearer ", "Bearer majlis_guessed"):
        refused = await api.anonymous().get(f"{EVENT}/draft", Authorization=said)
        assert (refused.status, refused.json["code"]) == (401, "api.token"), said


@pytest.mark.parametrize(
    ("asked", "language"), [("ar", "ar"), ("en-GB, ar;q=0.5", "en"), ("*", "ar"), ("fr", "ar")]
)
async def test_a_program_reads_the_language_it_asks_for_not_its_owners(
    api: Api, asked: str, language: str
) -> None:
    await api.database.write(
        lambda tx: (
            tx.connection.execute(
                update(account)
                .where(account.c.id == api.desk.zainab)
                .values(language="ar" if asked != "ar" else "en")
            ).rowcount
        )
    )
    program = await api.program(api.desk.zainab)
    refused = await program.ask(
        "POST", f"{EVENT}/acts", {"act": "create", "title": {}}, Accept_Language=asked
    )
    assert refused.status == 400
    assert bool(re.search("[\u0600-\u06ff]", refused.json["detail"])) == (language == "ar"), refused.json


async def test_a_token_taken_back_and_a_role_taken_away_end_it_at_once(api: Api) -> None:
    zainab, account_id = await api.program(api.desk.zainab), await api.account("amina", Role.ORGANIZER)
    amina = await api.program(account_id)
    (token,) = await api.database.read(lambda rows: tokens_of(rows, api.desk.zainab))
    await api.database.write(
        lambda tx: revoke_token(tx, api.desk.zainab, token.public_id, now=api.clock.now())
    )
    assert (await zainab.get(f"{EVENT}/draft")).status == 401
    assert (await amina.get(f"{EVENT}/draft")).status == 200
    await api.database.write(lambda tx: revoke_role(tx, account_id, api.desk.event_id, Role.ORGANIZER))
    assert (await amina.get(f"{EVENT}/draft")).status == 403


async def test_a_cookie_needs_the_pages_token_and_a_bearer_needs_none(api: Api) -> None:
    browser = await api.browser(api.desk.zainab)
    cancel = {"act": "cancel", "session": TALKS[0], "edition": 0}
    forged = Caller(api.client, {"Cookie": browser.headers["Cookie"], "Origin": "https://evil.example"})
    assert (await forged.ask("POST", f"{EVENT}/acts", cancel)).json["code"] == "form.foreign"
    bare = Caller(api.client, {"Cookie": browser.headers["Cookie"]})
    assert (await bare.ask("POST", f"{EVENT}/acts", cancel)).json["code"] == "form.stale"
    # With an Authorization header the cookie's person is out: a bad token cannot borrow it.
    borrowed = Caller(api.client, {"Cookie": browser.headers["Cookie"], "Authorization": "Bearer guessed"})
    assert (await borrowed.ask("POST", f"{EVENT}/acts", cancel)).status == 401
    assert (await browser.ask("POST", f"{EVENT}/acts", cancel)).status == 200
