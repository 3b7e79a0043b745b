"""JSON with the place of every value. Lines are counted only when an error needs one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]  # the module's own string reader; typeshed leaves it out
from typing import Any

from conference.agenda.importing.fields import Field, refuse, shown
from conference.errors import N_

_SPACE = " \t\n\r"
_decoder = json.JSONDecoder()


class Node:
    """A value in the file, by its path from the root (``("schedule", "conference", "days", 0)``)."""

    __slots__ = ("file", "path", "source", "value")

    def __init__(self, value: Any, source: str, file: str, path: tuple[str | int, ...] = ()) -> None:
        self.value, self.source, self.file, self.path = value, source, file, path

    def place(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{shown(step)}" for step in self.path)
        where = "".join(steps).lstrip(".")
        return f"{self.file}:{line_of(self.source, self.path)} {where}".rstrip()

    def child(self, name: str | int) -> Node:
        """The value at *name*; None where this is not an object that has it."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return Node(value, self.source, self.file, (*self.path, name))

    def at(self, *names: str) -> Node:
        """The value further down, `None` when the way ends before."""
        node = self
        for name in names:
            node = node.child(name)
        return node

    def field(self, name: str) -> Field:
        node = self.child(name)
        return Field(node.value, node.place)

    def objects(self, name: str) -> Iterator[Node]:
        """The objects of the list at *name*; an absent list is empty, anything else is refused."""
        listed = self.child(name)
        if listed.value is None:
            return
        if not isinstance(listed.value, list):
            refuse(listed.place(), N_("%(place)s: a list is expected here."))
        for index, value in enumerate(listed.value):
            yield Node(value, self.source, self.file, (*listed.path, index)).as_object()

    def as_object(self) -> Node:
        if not isinstance(self.value, dict):
            refuse(self.place(), N_("%(place)s: an object with named fields is expected here."))
        return self


def read_json(data: bytes, file: str) -> Node:
    """The root of *data* (UTF-8); `BadInput` with line and column when it is not JSON."""
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        refuse(f"{file}:{line}", N_("%(place)s: this is not UTF-8 text."))
    try:
        return Node(json.loads(source), source, file)
    except json.JSONDecodeError as error:
        place = f"{file}:{error.lineno}:{error.colno}"
        refuse(place, N_("%(place)s: this is not well-formed JSON (%(reason)s)."), reason=error.msg)
    except RecursionError:
        refuse(file, N_("%(place)s: values are nested too deeply for a schedule."))
    except ValueError:  # a number of thousands of digits
        refuse(file, N_("%(place)s: a number in this file is too large."))


def line_of(source: str, path: tuple[str | int, ...]) -> int:
    """The line (from 1) where the value at *path* begins, or the last value on the way that exists.

    Walks the text again with the decoder; of a name given twice the last counts, as in `json.loads`.
    """
    offset = _skip_space(source, 0)
    for step in path:
        found = [start for name, start in _children(source, offset) if name == step]
        if not found:
            break
        offset = found[-1]
    return source.count("\n", 0, offset) + 1


def _children(source: str, offset: int) -> Iterator[tuple[str | int, int]]:
    """The names (or indexes) and offsets of the values in the object or list at *offset*."""
    opening = source[offset]
    if opening not in "{[":
        return
    position, index = _skip_space(source, offset + 1), 0
    while source[position] not in "}]":
        name: str | int = index
        if opening == "{":
            name, position = scanstring(source, position + 1, False)
            position = _skip_space(source, _skip_space(source, position) + 1)  # past the colon
        yield name, position
        _, position = _decoder.raw_decode(source, position)
        position, index = _skip_space(source, position), index + 1
        if source[position] == ",":
            position = _skip_space(source, position + 1)


def _skip_space(source: str, position: int) -> int:
    while position < len(source) and source[position] in _SPACE:
        position += 1
    return position
