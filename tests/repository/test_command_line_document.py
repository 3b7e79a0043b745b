"""docs/command-line.md describes the command line that argparse understands."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conference.__main__ import build_parser

DOCUMENT = Path(__file__).parents[2] / "docs" / "command-line.md"
ROW = re.compile(r"^\| `majlis ([^`]+)` \| (.+) \|$", re.MULTILINE)
# Described once, above the table, because every command has them.
SHARED = {"--config", "--data"}


def commands_of(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command a person can type, with its parser."""
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in nested:
        for word, child in action.choices.items():
            yield from commands_of(child, (*words, word))
    if not nested:
        yield " ".join(words), parser


def understood() -> dict[str, set[str]]:
    """Command with its positional arguments ("backup FILE") to its long options."""
    found = {}
    for words, parser in commands_of(build_parser()):
        actions = [action for action in parser._actions if action.dest != "help"]
        places = [str(action.metavar or action.dest) for action in actions if not action.option_strings]
        options = {name for action in actions for name in action.option_strings if name.startswith("--")}
        found[" ".join([words, *places])] = options - SHARED
    return found


def described() -> dict[str, set[str]]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return {command: set(re.findall(r"--[a-z][a-z-]*", meaning)) for command, meaning in ROW.findall(text)}


def test_the_document_describes_every_command_and_no_other() -> None:
    assert described().keys() == understood().keys()


@pytest.mark.parametrize("command", sorted(understood()))
def test_the_document_describes_every_option_of_a_command(command: str) -> None:
    assert described().get(command) == understood()[command]


def test_the_shared_options_are_described_and_understood_by_every_command() -> None:
    before_the_table = DOCUMENT.read_text(encoding="utf-8").split("\n|")[0]
    assert {option for option in SHARED if f"`{option} " in before_the_table} == SHARED
    for command, parser in commands_of(build_parser()):
        assert parser._option_string_actions.keys() >= SHARED, command
