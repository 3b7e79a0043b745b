"""The project's own lint: what it finds, what it lets pass, and that the tree is clean."""

from pathlib import Path

import pytest

from scripts.lint import complaints, empty_names, physical_sides, undirected_emits

ROOT = Path(__file__).parents[2]


def test_the_tree_is_clean() -> None:
    assert list(complaints(ROOT)) == []


@pytest.mark.parametrize(
    "call",
    ["server.emit('event', body)", "server.emit('event', body, room=None)", "hub.sio.emit('x', to=None)"],
)
def test_an_emit_that_reaches_everybody_is_found(call: str) -> None:
    assert [line for line, _ in undirected_emits(f"async def tell():\n    await {call}\n")] == [2]


@pytest.mark.parametrize(
    "call", ["server.emit('event', body, room=sid)", "server.emit('x', to=sid)", "super().emit(record)"]
)
def test_an_addressed_emit_passes(call: str) -> None:
    assert list(undirected_emits(f"async def tell():\n    {call}\n")) == []


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-left: 1rem",
        "right: 0",
        "border-top-left-radius: 4px",
        "text-align: right",
        "float: left",
        "padding: 0 1rem 0 2rem",
        "inset: 0 auto 0 0 !important",
    ],
)
def test_a_physical_side_is_found(declaration: str) -> None:
    assert [line for line, _ in physical_sides(f".a {{\n  {declaration};\n}}\n")] == [2]


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-inline-start: 1rem",
        "inset-inline-end: 0",
        "text-align: start",
        "padding: 0 1rem 2rem 1rem",
        "content: 'left'",
        "background: url(arrow-left.svg)",
        "--left: 1px",
        "text-align: right /* physical: a clock reads one way */",
        "/* left: 0; */ color: red",
        "grid-template-areas: 'left right'",
    ],
)
def test_a_side_of_the_text_passes(declaration: str) -> None:
    assert list(physical_sides(f".a {{ {declaration}; }}\n")) == []


@pytest.mark.parametrize("name", ["utils.py", "helpers", "manager.ts", "base.css", "core.py", "services"])
def test_a_name_that_says_nothing_is_found(name: str) -> None:
    assert [path.name for path, _ in empty_names([Path(name)])] == [name]


@pytest.mark.parametrize("name", ["asking.py", "database.py", "base.html", "servicing.py", "baseline.py"])
def test_a_name_that_says_something_passes(name: str) -> None:
    assert list(empty_names([Path(name)])) == []
