"""What goes over the socket: every message comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.engine import Engine, EngineState, HeldRoom, Listener, RoomStats, SubscribeOffer
from conference.media.errors import MediaError, RoomFull, UnknownRoom, WorkerLost
from conference.media.local_engine import LocalEngine
from conference.media.worker import messages as w
from conference.media.worker.frames import MAX_FRAME, BadFrame, decoded, frame, read_message

# Not asked over the socket: a worker's life is its own, and Listener.on_reopened is the server's news.
OWN_LIFE = {"start", "close"}
NOT_TOLD = {"on_reopened"}
NOT_THE_ENGINE = {"drain"}

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**40), 2**40),
    float: st.floats(-1e9, 1e9),
    str: st.text(max_size=12),
    bool: st.booleans(),
    type(None): st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type, as records are made of them."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if origin is Literal:
        return st.sampled_from(inside)
    if origin in (Union, UnionType):
        return st.one_of([values(each) for each in inside])
    if origin in (list, tuple, frozenset):
        return st.lists(values(inside[0]), max_size=2).map(origin)
    if origin in (dict, Mapping):
        return st.dictionaries(values(inside[0]), values(inside[1]), max_size=2)
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values(hints[name]) for name in inspect.signature(kind).parameters})


asks = st.sampled_from(get_args(w.AnyAsk)).flatmap(values)
news = st.sampled_from(get_args(w.AnyNews)).flatmap(values)
answers = st.sampled_from([EngineState, RoomStats, HeldRoom, SubscribeOffer]).flatmap(values)
numbers = st.integers(0, 2**31)


async def read(data: bytes, decoder: Any) -> Any:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await read_message(reader, decoder)


def methods(protocol: type) -> dict[str, list[str]]:
    """Parameter names of each public method."""
    return {
        name: [each for each in inspect.signature(member).parameters if each != "self"]
        for name, member in vars(protocol).items()
        if not name.startswith("_") and inspect.isfunction(member)
    }


@given(numbers, asks)
def test_everything_asked_arrives_as_it_was(number: int, ask: w.AnyAsk) -> None:
    message = w.Asked(number, ask)
    assert decoded(frame(message)[4:], w.from_server) == message


@given(news)
def test_all_news_arrive_as_they_were(told: w.AnyNews) -> None:
    assert decoded(frame(w.Told(told))[4:], w.from_worker) == w.Told(told)


@given(answers)
def test_answers_arrive_in_their_own_type(value: Any) -> None:
    raw = w.encoder.encode(value)
    message = decoded(frame(w.Answered(7, msgspec.Raw(raw)))[4:], w.from_worker)
    assert isinstance(message, w.Answered)
    assert msgspec.msgpack.decode(message.value, type=type(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    for decoder in (w.from_server, w.from_worker):
        try:
            message = decoded(data, decoder)
        except BadFrame:
            continue
        assert decoded(frame(message)[4:], decoder) == message


@given(numbers, asks, st.data())
def test_a_damaged_message_is_read_or_refused(number: int, ask: w.AnyAsk, data: st.DataObject) -> None:
    whole = bytearray(frame(w.Asked(number, ask))[4:])
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] ^= data.draw(st.integers(1, 255))
    for cut in (len(whole), position):
        try:
            decoded(bytes(whole[:cut]), w.from_server)
        except BadFrame:
            pass


async def test_a_frame_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadFrame):
        await read((MAX_FRAME + 1).to_bytes(4, "big") + b"x" * 10, w.from_server)


async def test_the_end_of_the_stream_within_a_frame_is_told() -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        await read(frame(w.Hello(w.PROTOCOL, "server"))[:-1], w.from_server)


def test_every_call_of_the_engine_has_its_message() -> None:
    asked = {kind.__struct_config__.tag: list(kind.__struct_fields__) for kind in get_args(w.AnyAsk)}
    wanted = {name: fields for name, fields in methods(Engine).items() if name not in OWN_LIFE}
    assert {name: asked[name] for name in asked.keys() - NOT_THE_ENGINE} == wanted
    for kind in get_args(w.AnyAsk):
        name = kind.__struct_config__.tag
        if name not in NOT_THE_ENGINE:
            returned = get_type_hints(getattr(LocalEngine, name))["return"]
            assert w.ANSWERS[kind] == (None if returned is type(None) else returned), name


def test_every_news_of_the_listener_has_its_message() -> None:
    told = {kind.__struct_config__.tag: list(kind.__struct_fields__) for kind in get_args(w.AnyNews)}
    assert told == {name: fields for name, fields in methods(Listener).items() if name not in NOT_TOLD}


def test_an_error_keeps_its_class_on_the_way() -> None:
    for kind in (RoomFull, UnknownRoom, WorkerLost):
        error = w.error_of(kind.default_code, "a detail")
        assert type(error) is kind
        assert error.detail == "a detail"
    assert type(w.error_of("media.of-another-version", "")) is MediaError
