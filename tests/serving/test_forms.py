"""Forms: typed values or errors at their fields, what was typed kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import quote_plus

import msgspec
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from conference.errors import BadInput
from conference.serving.forms import (
    MISSING,
    NOT_A_NUMBER,
    NOT_OFFERED,
    NOT_RIGHT,
    FormErrors,
    parse_form,
    read_form,
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Booking(msgspec.Struct):
    title: Annotated[str, Meta(min_length=2, max_length=20)]
    seats: Annotated[int, Meta(ge=1, le=500)] = 10
    note: Annotated[str, Meta(max_length=50, extra={"lines": True})] = ""
    colour: Colour = Colour.RED
    side: Literal["start", "end"] = "start"
    code: Annotated[str, Meta(pattern="^[A-Z]+$", extra={"message": "Only capital letters."})] | None = None
    lunch: bool = False
    rooms: list[Annotated[str, Meta(max_length=10)]] = []


def one(**fields: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in fields.items()}


def test_every_kind_of_field() -> None:
    values = one(
        title=" Opening ", seats="40", note="a\r\nb", colour="blue", side="end", code="AB", lunch="on"
    )
    assert parse_form(values | {"rooms": ["A", "B", ""]}, Booking) == Booking(
        "Opening", 40, "a\nb", Colour.BLUE, "end", "AB", True, ["A", "B"]
    )


def test_empty_fields_take_their_defaults() -> None:
    empty = {name: [""] for name in ("seats", "note", "colour", "side", "code", "lunch")}
    assert parse_form(one(title="Opening") | empty, Booking) == Booking("Opening")


def test_unknown_fields_change_nothing() -> None:
    assert parse_form(one(title="Opening", is_admin="1", __class__="x"), Booking) == Booking("Opening")


def test_every_error_is_told_at_once_beside_its_field() -> None:
    typed = one(title="", seats="many", note="x" * 51, colour="green", side="left", code="ab")
    with pytest.raises(FormErrors) as refused:
        parse_form(typed, Booking)
    assert refused.value.errors == {
        "title": MISSING,
        "seats": NOT_A_NUMBER,
        "note": "This text is too long. Please shorten it.",
        "colour": NOT_OFFERED,
        "side": NOT_OFFERED,
        "code": "Only capital letters.",
    }
    assert refused.value.typed == {name: value for name, (value,) in typed.items()}
    assert refused.value.field == "title"


@pytest.mark.parametrize(
    ("field", "value", "reason"), [("title", "x", NOT_RIGHT), ("seats", "501", NOT_A_NUMBER)]
)
def test_limits_hold(field: str, value: str, reason: str) -> None:
    with pytest.raises(FormErrors) as refused:
        parse_form(one(title="Opening") | one(**{field: value}), Booking)
    assert refused.value.errors == {field: reason}


def test_a_field_of_nothing_visible_counts_as_missing() -> None:
    with pytest.raises(FormErrors) as refused:
        parse_form(one(title="\u202e\u2066\x00"), Booking)
    assert refused.value.errors == {"title": MISSING}


def test_the_word_null_is_a_text() -> None:
    assert parse_form(one(title="null", note="null"), Booking).note == "null"


names = st.sampled_from([*Booking.__struct_fields__, "other"])


@given(st.dictionaries(names, st.lists(st.text(st.characters(), max_size=60), max_size=3)))
def test_whatever_is_sent_gives_a_booking_or_form_errors(values: dict[str, list[str]]) -> None:
    outcome = parsed_or_refused(values)
    if isinstance(outcome, FormErrors):
        assert outcome.errors
        assert set(outcome.errors) <= set(Booking.__struct_fields__)
        for text in outcome.typed.values():
            text.encode("utf-8")  # can be written to a page
    else:
        assert 1 <= outcome.seats <= 500
        assert 2 <= len(outcome.title) <= 20
        msgspec.convert(msgspec.to_builtins(outcome), Booking)


def parsed_or_refused(values: dict[str, list[str]]) -> Booking | FormErrors:
    try:
        return parse_form(values, Booking)
    except FormErrors as error:
        return error


async def answered(body: bytes, kind: str = "application/x-www-form-urlencoded") -> str:
    """What a real request with this body comes to."""

    async def handler(request: web.Request) -> web.Response:
        try:
            return web.Response(text=(await read_form(request, Booking)).title)
        except FormErrors as error:
            return web.Response(text=f"errors in {sorted(error.errors)}")
        except BadInput as error:
            return web.Response(text=error.code)

    app = web.Application()
    app.router.add_post("/", handler)
    async with TestServer(app) as server, ClientSession() as client:
        async with client.post(server.make_url("/"), data=body, headers={"Content-Type": kind}) as answer:
            assert answer.status == 200
            return await answer.text()


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (f"title={quote_plus('الجلسة')}".encode(), "application/x-www-form-urlencoded", "الجلسة"),
        (b"title=First&title=Last", "application/x-www-form-urlencoded", "Last"),
        (b"title=%ff%fe%00x", "application/x-www-form-urlencoded", "\ufffd\ufffdx"),
        (b"", "application/x-www-form-urlencoded", "errors in ['title']"),
        (b"title=ok", "application/x-www-form-urlencoded; charset=nonsense", "form.unreadable"),
        (b'{"title": "x"}', "application/json", "form.encoding"),
        (b"title=ok", "text/plain", "form.encoding"),
    ],
)
async def test_bodies_as_they_come(body: bytes, kind: str, expected: str) -> None:
    assert await answered(body, kind) == expected
