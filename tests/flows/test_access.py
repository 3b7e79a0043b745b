"""Who gets where: every route and every live command × everybody × their own and another event or session.

The expectations are written here once more, by hand, so that the table of the product is checked and not
repeated: `RIGHTS` says what a role may, `ROLES` what each person is in each place.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
import pytest

from conference.app import live_commands
from conference.assets import built_folder
from conference.chat.live import ChatDesk
from conference.live.commands import LiveCommand
from conference.live.tally import Tally
from conference.people.live import NotificationDesk
from conference.people.permissions import Capability
from conference.polls.live import PollDesk
from conference.questions.live import QuestionDesk
from conference.routes import ROUTES
from conference.stage.connections_live import ConnectionDesk
from conference.stage.hands_live import HandDesk
from conference.stage.lateness import LateDesk
from conference.stage.mood_live import MoodDesk
from tests.flows.town import CASES, CLOSED, MORNING, NOON, OPEN, PEOPLE, SPEAKER_PAGE
from tests.flows.visitor import Answer, Site, Visitor

EVERYBODY = {"organizer", "chair", "speaker", "attendee", "moderator"}
RIGHTS: dict[str, set[str]] = {
    "star": EVERYBODY,
    "enter_room": EVERYBODY,
    "ask": EVERYBODY,
    "vote": EVERYBODY,
    "raise_hand": EVERYBODY,
    "take_floor": {"organizer", "chair", "speaker", "moderator"},
    "moderate": {"organizer", "chair", "moderator"},
    "record": {"organizer", "chair"},
    "organize": {"organizer"},
}
# Person → role in (the morning session, the noon session, the clinic). "": nothing; "-": banned.
ROLES: dict[str, tuple[str, str, str]] = {
    "zainab": ("organizer", "organizer", ""),
    "hasan": ("chair", "chair", ""),
    "noor": ("moderator", "attendee", ""),
    "ali": ("speaker", "attendee", ""),
    "maryam": ("attendee", "attendee", ""),
    "huda": ("-", "-", ""),
    "omar": ("-", "attendee", ""),
    "layla": ("", "", "organizer"),
    "sami": ("", "", "attendee"),
    "karim": ("", "", ""),
    "nobody": ("", "", ""),
    "expired": ("", "", ""),  # Maryam's browser session of yesterday
}
# A role in the whole event, for routes that name no session.
IN_EVENT: dict[str, tuple[str, str]] = {
    **{name: (morning, clinic) for name, (morning, _, clinic) in ROLES.items()},
    "noor": ("attendee", ""),
    "ali": ("attendee", ""),
    "omar": ("attendee", ""),
}
PLACES = [(OPEN, MORNING), (OPEN, NOON), (CLOSED, CASES)]
# Pages that ask for the right themselves, to say in words what is missing.
ASKING = {
    "/{event}/session/{session}/room": "enter_room",
    "/{event}/session/{session}/projector": "enter_room",
    "/{event}/session/{session}/speaker": "take_floor",
}
NOT_THERE = (
    "{announcement}",
    "{poll}",
    "{clash}",
    "{key}",
    "{recording}",
    "{entry}",
    "{logo}",
    "{closure",
    "{speaker}",
    "{upload}",
    "{room}",
    "{track}",
    "{type}",
)
NOT_BEGUN = ("/room/check/subscribe",)  # no try is on


def expected(
    capability: str, name: str, place: tuple[str, str], *, names_event: bool, names_session: bool
) -> int:
    """The status of a refusal, or 0 for being let in."""
    if capability == "anyone" and not names_event:
        return 0
    column = PLACES.index(place)
    in_event = IN_EVENT[name][1 if place[0] == CLOSED else 0]
    if names_event and place[0] == CLOSED and in_event in ("", "-"):
        return 404
    if capability in ("anyone", "see_event"):
        return 0
    if name in ("nobody", "expired"):
        return 401
    if capability == "signed_in":
        return 0
    if capability == "make_event":
        return 0 if "organizer" in ROLES[name] else 403
    role = ROLES[name][column] if names_session else in_event
    return 0 if role in RIGHTS[capability] else 403


def judge(answer: Answer) -> int:
    return answer.status if answer.status in (401, 403, 404) else 0


async def arrive(site: Site, name: str) -> Visitor:
    if name == "nobody":
        return await site.stranger()
    if name == "expired":
        return await site.sign_in("maryam", life=-timedelta(hours=1))
    return await site.sign_in(name)


@cache
def styles() -> str:
    """A built file that is there."""
    found: str = json.loads((built_folder() / "manifest.json").read_text())["site.css"]["file"]
    return found


def address(pattern: str, place: tuple[str, str], site: Site) -> str:
    """The route's address in *place*, every other part naming something that is there."""
    values = {
        "{event}": place[0], "{session}": place[1], "{token}": "not-a-link", "{file:.+}": styles(),
        "{mail}": site.mail, "{resource}": "nobody", "{key}": "no-key", "{recording}": "none",
        "{file}": "files.json", "{list:rooms|tracks|types}": "rooms", "{entry}": "none", "{logo}": "none",
        "{version}": "1", "{format}": "json", r"{closure:\d{1,9}}": "404", "{speaker}": "NOBODY",
        "{act}": "cancel", "{upload}": "none", "{template}": "rooms.csv", "{clash}": "none",
        "{found}": "none", "{announcement}": "none", "{form:csv|json}": "csv", "{poll}": "none",
        r"{file:export\.csv|export\.json|answers\.csv}": "export.csv",
        "{act:open|close|show|hide|withdraw|copy|up|down|delete}": "open",
        "{room}": "none", "{track}": "none", "{type}": "none", "{closure}": "404",
        # Dawud suffers what organizers do; in the agenda, `person` is a speaker.
        "{person}": SPEAKER_PAGE if "/speaker/" in pattern or pattern.startswith("/api/") else "dawud-public",
    }  # fmt: skip
    for part, value in values.items():
        pattern = pattern.replace(part, value)
    return pattern


async def test_every_route_lets_in_exactly_whom_it_should(site: Site) -> None:
    wrong: list[str] = []
    at_home = {name: await arrive(site, name) for name in ROLES}
    for route in [each for each in ROUTES if not each.bearer]:
        names_event, names_session = "{event}" in route.path, "{session}" in route.path
        asked = [right for page, right in ASKING.items() if route.path.startswith(page)]
        capability = asked[0] if asked else str(Capability(route.capability))
        for place in PLACES if names_session else [PLACES[0], PLACES[2]] if names_event else [PLACES[0]]:
            if place[0] == CLOSED and ("{mail}" in route.path or "/people/{person}" in route.path):
                continue  # neither the mail nor Dawud is of the clinic: see the tests below
            path = address(route.path, place, site)
            for name in ROLES:
                if route.method == "GET":
                    answer = await at_home[name].get(path)
                elif route.method == "POST":
                    answer = await at_home[name].post(path)
                    if path.startswith(("/me", "/sign-")):  # it may have ended the session
                        at_home[name] = await arrive(site, name)
                else:
                    visitor = at_home[name]
                    headers = {"X-Form-Token": visitor.form_token, "Origin": site.url}
                    answer = await visitor.send(route.method, path, headers=headers)
                named = {"names_event": names_event, "names_session": names_session}
                want = expected(capability, name, place, **named)
                if route.path == "/{event}/register" and route.method == "POST" and place[0] == CLOSED:
                    want = want or 403  # nobody registers for a closed event, not even its members once more
                if any(part in route.path for part in NOT_THERE) or route.path.endswith(NOT_BEGUN):
                    # Let in, to what is not there; an empty body may be refused before that is found out.
                    want = want or (0 if answer.status == 400 else 404)
                if judge(answer) != want or answer.status >= 500 or "Traceback" in answer.text:
                    wrong.append(f"{route.method} {path} as {name}: {answer.status}, expected {want or 'in'}")
    assert wrong == []


async def test_a_route_for_machines_asks_for_a_token_and_for_nothing_else(site: Site) -> None:
    """Whoever asks, whatever there is at the address: without a good token the answer is the same."""
    bearing = [route for route in ROUTES if route.bearer]
    assert bearing
    people = [await arrive(site, name) for name in ("nobody", "maryam", "zainab", "layla")]
    for route in bearing:
        answers = set()
        for place in [*PLACES, (CLOSED, "NOSUCH"), ("nowhere", MORNING)]:
            for visitor in people:
                for token in ("", "Bearer guessed"):
                    headers = {"Authorization": token} if token else {}
                    answer = await visitor.send(
                        route.method, address(route.path, place, site), headers=headers
                    )
                    assert "set-cookie" not in answer.headers
                    answers.add((answer.status, answer.text))
        assert len(answers) == 1, route
        assert answers.pop()[0] == (200 if route.method == "OPTIONS" else 401), route


async def test_an_organizer_reaches_nobody_and_no_mail_of_another_event(site: Site) -> None:
    layla = await site.sign_in("layla")
    assert (await layla.get(f"/{CLOSED}/organize/people/sami-public")).status == 200
    assert (await layla.get(f"/{CLOSED}/organize/people/maryam-public")).status == 404
    assert (await layla.get(f"/{CLOSED}/organize/outbox/{site.mail}")).status == 404
    assert (await layla.post(f"/{CLOSED}/organize/people/maryam-public/ban")).status == 404


async def test_a_closed_event_answers_outsiders_like_one_that_does_not_exist(site: Site) -> None:
    for visitor in (await site.stranger(), await site.sign_in("karim"), await site.sign_in("zainab")):
        for rest in (
            "",
            "schedule",
            f"session/{CASES}",
            f"session/{CASES}/room",
            "speakers",
            "register",
            "organize/",
        ):
            hidden = await visitor.get(f"/{CLOSED}/{rest}")
            missing = await visitor.get(f"/cliniq/{rest}")
            assert (hidden.status, hidden.text) == (missing.status, missing.text.replace("cliniq", CLOSED)), (
                rest
            )
            assert hidden.headers.keys() == missing.headers.keys()
        assert "clinic" not in (await visitor.get("/")).text.lower()


# -- the live channel ---------------------------------------------------------------------------------


def all_commands(site: Site) -> list[LiveCommand]:
    """As `app.live_commands` lists them; their handlers are not used here, only what they demand."""
    desk: Any = type("Desk", (), {"__getattr__": lambda self, name: name})()
    tally = Tally(site.database, site.clock, 1.0, [])
    questions = QuestionDesk(site.database, site.clock, tally, lambda channel, announcement: None)
    return live_commands(
        desk,
        desk,
        questions,
        desk,
        LateDesk(site.database, site.clock),
        NotificationDesk(site.database, site.clock),
        PollDesk(site.database, site.clock, tally, lambda channel, announcement: None),
        HandDesk(site.database, site.clock, desk, desk),
        MoodDesk(site.database, site.clock, desk, desk),
        ConnectionDesk(desk, desk),
        ChatDesk(site.database, site.clock),
    )


def sample(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """A body that decodes and names nobody and nothing that exists."""
    body: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        if not field.required:
            continue
        kinds = get_args(field.type) or (field.type,)
        body[field.encode_name] = _sample_of(field.name, kinds[0])
    return body


def _sample_of(name: str, kind: Any) -> Any:
    by_name: dict[str, Any] = {
        "source": "microphone", "sdp": "v=0", "sources": {"0": "camera"}, "text": "Is this heard?",
        "version": 1, "counter": 1, "minutes": 5, "groups": ["nobody-at-all"],
        "edits": 0, "questions": ["nobody-at-all"], "tags": [], "state": "waiting",
        "words": {"kind": "text", "question": "Is this asked?"},
    }  # fmt: skip
    if get_origin(kind) is dict and name == "text":  # in several languages
        return {"en": by_name[name]}
    if name in by_name:
        return by_name[name]
    return True if kind is bool else "nobody-at-all"


REFUSALS = {
    "not-allowed.role",
    "not-allowed.banned",
    "not-allowed.not-registered",
    "not-allowed",
    "not-signed-in",
}
LAST = ("OpenRoom", "CloseRoom", "LeaveRoom")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[1])
async def test_every_live_command_is_open_to_exactly_whom_it_should_be(
    site: Site, place: tuple[str, str]
) -> None:
    last = {kind: number for number, kind in enumerate(LAST)}
    commands = sorted(all_commands(site), key=lambda row: last.get(row.type, -1))
    column, wrong = PLACES.index(place), []
    # The privileged last: what they do (closing the room) must not decide about the others.
    for name in sorted((name for name in ROLES if name not in ("nobody", "expired")), key=_rank(column)):
        visitor = await site.sign_in(name)
        async with visitor.socket() as socket:
            entered = "error" not in await socket.enter(place[1])
            if entered != (ROLES[name][column] not in ("", "-")):
                wrong.append(f"{name} entered: {entered}")
            for row in commands:
                reply = await socket.command(row.type, **sample(row.struct))
                code = reply.get("error", {}).get("code", "")
                refused = code in REFUSALS or code == "live.not-entered"
                may = ROLES[name][column] in RIGHTS[str(row.capability)]
                if refused is may or code == "internal":
                    wrong.append(f"{row.type} as {name}: {code or 'done'}")
                if row.type == "CloseRoom" and may:
                    await socket.command("OpenRoom")
    assert wrong == []


def _rank(column: int) -> Any:
    order = ("", "-", "attendee", "speaker", "moderator", "chair", "organizer")
    return lambda name: order.index(ROLES[name][column])


async def test_commands_over_https_are_checked_the_same(site: Site) -> None:
    for name in PEOPLE:
        if name == "dawud":
            continue
        visitor = await site.sign_in(name)
        for place, column in zip(PLACES, range(3), strict=True):
            body = {"session": place[1], "client_id": _client_id(name, column), "type": "OpenRoom"}
            answer = await visitor.send(
                "POST", "/live/command", body=json.dumps(body).encode(),
                headers={"X-Form-Token": visitor.form_token, "Content-Type": "application/json"},
            )  # fmt: skip
            done = answer.status == 200 and "error" not in json.loads(answer.text)
            assert done is (ROLES[name][column] in RIGHTS["moderate"]), (
                f"{name} in {place[1]}: {answer.text[:200]}"
            )


def _client_id(name: str, column: int) -> str:
    return f"00000000-0000-7000-8000-{PEOPLE.index(name):06x}{column:06x}"


@pytest.mark.parametrize("name", ["maryam", "noor", "omar"])
async def test_nobody_publishes_from_the_audience(site: Site, name: str) -> None:
    """Noor moderates and Omar is banned in the morning; at noon both are like Maryam."""
    visitor = await site.sign_in(name)
    async with visitor.socket() as socket:
        await socket.enter(NOON)
        took = await socket.command("TakeFloor")
        assert took["error"]["code"] == "stage.not-invited"
        reply = await socket.command("PublishMedia", sdp="v=0", sources={"0": "camera"})
        assert reply["error"]["code"] == "stage.not-on-stage"
