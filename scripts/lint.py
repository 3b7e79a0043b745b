"""The project's own rules that no published linter knows.

1. Socket.IO: ``emit`` and ``send`` without ``room=`` or ``to=`` reach every connected browser of every event.
2. Styles: physical sides (``left``, ``right``, four unequal values) do not turn round in Arabic.
   Where a side really is physical, say why in the same line: ``/* physical: … */``.
3. File names that say nothing (``utils``, ``helpers``, …).

Prints ``file:line: what is wrong`` and exits with status 1 when anything was found.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EMPTY_NAMES = re.compile(r"(service|util|helper|manager)s?|common|base|core|misc")
FOUR_SIDED = re.compile(r"margin|padding|inset|border-(width|style|color)|scroll-(margin|padding)")


def undirected_emits(source: str) -> Iterator[tuple[int, str]]:
    """Lines of ``source`` (Python) that send a live message to everybody."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "emit" or isinstance(node.func.value, ast.Call):
            continue  # super().emit(record) is a log handler
        addressed = [word for word in node.keywords if word.arg in ("room", "to")]
        if not addressed or any(
            isinstance(word.value, ast.Constant) and word.value.value is None for word in addressed
        ):
            yield node.lineno, "emit without room= or to= would reach every browser"


def physical_sides(source: str) -> Iterator[tuple[int, str]]:
    """Lines of ``source`` (CSS) that name a side of the screen instead of a side of the text."""
    commented = re.compile(r"/\*.*?\*/", re.DOTALL)
    lines = source.splitlines()
    bare = commented.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)
    bare = re.sub(r"url\([^)]*\)|\"[^\"\n]*\"|'[^'\n]*'", lambda found: " " * len(found[0]), bare)
    for found in re.finditer(r"([a-z-]+)\s*:\s*([^;{}]+)(?=[;}])", bare):
        name, value = found[1], found[2].strip()
        number = bare.count("\n", 0, found.start()) + 1
        if "physical:" in lines[number - 1] or name.startswith("--"):
            continue
        if re.search(r"(^|-)(left|right)(-|$)", name) or re.search(r"(?<![\w-])(left|right)(?![\w-])", value):
            yield number, f"“{name}: {value}” is physical; use inline-start/inline-end or start/end"
        elif FOUR_SIDED.fullmatch(name) and "(" not in value:
            sides = value.replace("!important", "").split()
            if len(sides) == 4 and sides[1] != sides[3]:
                yield number, f"“{name}: {value}” sets left and right differently; use {name}-inline"


def empty_names(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Those of ``paths`` (files or folders) whose name does not say what is inside."""
    for path in paths:
        if EMPTY_NAMES.fullmatch(path.name.split(".")[0]) and path.suffix != ".html":
            yield path, "the name says nothing; name the act or the thing"


def complaints(root: Path) -> Iterator[str]:
    """Every complaint about the tree at ``root``, as ``file:line: text``."""
    for path in sorted((root / "conference").rglob("*.py")):
        for line, text in undirected_emits(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}:{line}: {text}"
    for path in sorted((root / "web" / "styles").rglob("*.css")):
        for line, text in physical_sides(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}:{line}: {text}"
    named = [
        path
        for folder in ("conference", "web/src", "web/styles", "web/templates", "tests", "scripts")
        for path in sorted((root / folder).rglob("*"))
        if "__pycache__" not in path.parts and "built" not in path.parts
    ]
    for path, text in empty_names(named):
        yield f"{path.relative_to(root)}:1: {text}"


def main() -> int:
    found = list(complaints(ROOT))
    for complaint in found:
        print(complaint)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
