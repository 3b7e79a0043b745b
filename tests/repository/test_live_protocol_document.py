"""docs/live-protocol.md describes every live message with its fields, and none that does not exist.

A message is described by a table row: its name in the first cell, its fields in the second
(``| `AskQuestion` | `text`, `anonymous` | … |``), a dash for a message without fields.
"""

import importlib
import pkgutil
import re
from pathlib import Path

import msgspec
import pytest

import conference
from conference.live.messages import Announcement, Command

DOCUMENT = Path(__file__).parents[2] / "docs" / "live-protocol.md"
ROW = re.compile(r"^\| `([A-Z]\w+)` \| ([^|]+) \|", re.MULTILINE)


def messages() -> dict[str, type[msgspec.Struct]]:
    """Every message of every domain, by the name it has on the wire."""
    for module in pkgutil.walk_packages(conference.__path__, "conference."):
        if module.name.endswith(".messages"):
            importlib.import_module(module.name)
    found: dict[str, type[msgspec.Struct]] = {}
    waiting: list[type[msgspec.Struct]] = [Command, Announcement]
    while waiting:
        for message in waiting.pop().__subclasses__():
            waiting.append(message)
            if message.__module__.startswith("conference."):
                found[str(message.__struct_config__.tag)] = message
    return found


def described() -> dict[str, set[str]]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return {name: set(re.findall(r"`(\w+)", fields)) for name, fields in ROW.findall(text)}


def test_the_document_describes_every_message_and_no_other() -> None:
    assert described().keys() == messages().keys()


@pytest.mark.parametrize("name", sorted(messages()))
def test_the_document_names_the_fields_of_a_message(name: str) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(messages()[name])}
    assert described().get(name) == fields
