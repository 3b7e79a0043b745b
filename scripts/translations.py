"""One gettext catalogue for pages, Python and browser code.

    scripts/translations update    collect the texts; write web/locales/majlis.pot; bring every .po up to date
    scripts/translations report    what lacks a translation or has wrong placeholders; exit status 1 if any
    scripts/translations compile   .po -> .mo for the server, and JSON for the browser code

Texts come from ``_("…")``, ``N_("…")``, ``ngettext("…", "…", n)``, ``translate(lang, "…")`` in Python, from
``_("…")`` and ``{% trans %}`` in templates, from ``t("…")`` and ``n("…", "…", count)`` in TypeScript. English
is the source language: its texts are the msgids themselves.

The JSON for a language holds only the texts that browser code uses:
``{"language": "ar", "messages": {msgid: text or {plural category: text}}}``, with the categories of CLDR
(``zero one two few many other``), which are what ``Intl.PluralRules`` answers in a browser. Texts of scripts
that are fetched later (``web/src/later/``) are in a second file, those of the planner in a third.
"""

import json
import re
import sys
from collections.abc import Iterator
from gettext import c2py
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.core import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE_LANGUAGE = "en"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
KEYWORDS = DEFAULT_KEYWORDS | {"translate": (2,), "translate_plural": (2, 3)}
NOISE = tuple(
    f'"{field}'.encode()
    for field in (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Report-Msgid",
        "Last-Tr",
        "Language-Team",
        "Generated",
    )
)
STRING = r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\$])*`)"""
BROWSER_CALL = re.compile(rf"(?<![\w.$'\"])(?:t\(\s*{STRING}|n\(\s*{STRING}\s*,\s*{STRING})\s*[,)]")
BROWSER_CALL_BEGINS = re.compile(r"(?<![\w.$'\"])(?<!function )[tn]\((?!\s*\))")
COMMENT = re.compile(r"^\s*(//|/?\*).*$", re.MULTILINE)

Texts = dict[str | tuple[str, str], set[str]]
"""msgid, or (singular, plural), to the files it stands in."""


class Complaint(NamedTuple):
    """What is wrong with one text of one catalogue."""

    language: str
    text: str
    reason: str


def browser_texts(source: str, name: str) -> Iterator[str | tuple[str, str]]:
    """The texts of one TypeScript file. Raises ValueError for a call whose text is not a plain string."""
    bare = COMMENT.sub("", source)
    found = {match.start(): match for match in BROWSER_CALL.finditer(bare)}
    for begin in BROWSER_CALL_BEGINS.finditer(bare):
        if begin.start() not in found:
            shown = bare[begin.start() : begin.start() + 50].splitlines()[0]
            raise ValueError(f"{name}: “{shown}…” must be called with plain strings to be translated")
    for match in found.values():
        single, one, many = (_unquoted(part) if part else None for part in match.groups())
        if single is not None:
            yield single
        elif one is not None and many is not None:
            yield one, many


def _unquoted(literal: str) -> str:
    """The text a JavaScript string literal stands for."""
    inside = literal[1:-1].replace("\\'", "'").replace("\\`", "`").replace("\\\n", "")
    if literal[0] != '"':
        inside = re.sub(r'(?<!\\)"', r"\\" + '"', inside).replace("\n", "\\n")
    text: str = json.loads(f'"{inside}"')
    return text


def script_texts(root: Path) -> Texts:
    """The texts of the browser code."""
    texts: Texts = {}
    for path in sorted((root / "web" / "src").rglob("*.ts*")):
        name = path.relative_to(root).as_posix()
        for text in browser_texts(path.read_text(encoding="utf-8"), name):
            texts.setdefault(text, set()).add(name)
    return texts


PARTS = ("", "-later", "-planner")
FEW = ("projector.tsx", "speaker.tsx", "ahead.ts")
"""Entries of views that few people open: a first visit to a room does not pay for their texts."""
IMPORT = re.compile(r'^(?:import|export)\s+(?!type\b)[^;]*?from\s+"(\.[^"]+)"', re.MULTILINE)
ANY_IMPORT = re.compile(
    r'(?:^(?:import|export)\s+(?!type\b)[^;]*?from\s+|\bimport\()"(\.[^"]+)"', re.MULTILINE
)


def parts_of_scripts(root: Path) -> dict[str, str]:
    """Script file to the catalogue its texts belong to: "" (every page's), "-planner" (only
    ``web/src/entries/planner.tsx`` imports it) or "-later" (only the groups in ``web/src/later`` do, which
    pages fetch when they need them, or the entries of `FEW`). What the last two share is "-later-planner"."""
    source = root / "web" / "src"

    def reached(path: Path, seen: set[Path], imports: re.Pattern[str] = IMPORT) -> set[Path]:
        if path not in seen and path.is_file():
            seen.add(path)
            for name in imports.findall(path.read_text(encoding="utf-8")):
                for ending in (".ts", ".tsx", "/index.ts"):
                    reached((path.parent / f"{name}{ending}").resolve(), seen, imports)
        return seen

    planner = source / "entries" / "planner.tsx"
    now: set[Path] = set()
    few = [source / "entries" / name for name in FEW]
    for entry in (source / "entries").glob("*.ts*"):
        if entry not in (planner, *few):
            reached(entry.resolve(), now)
    later = [*sorted((source / "later").glob("*.ts")), *few]
    found: dict[str, str] = {}
    for part, starts in {"-later": later, "-planner": [planner]}.items():
        # The planner fetches its grid where there is room for one; its texts come at once.
        imports = ANY_IMPORT if part == "-planner" else IMPORT
        seen: set[Path] = set()
        for start in starts:
            reached(start.resolve(), seen, imports)
        for path in seen - now:
            name = path.relative_to(root.resolve()).as_posix()
            found[name] = f"{found.get(name, '')}{part}"
    return found


def all_texts(root: Path) -> Texts:
    """The texts of the whole project."""
    texts = script_texts(root)
    sources = [("python", path) for path in sorted((root / "conference").rglob("*.py"))]
    sources += [
        ("jinja2.ext:babel_extract", path)
        for path in sorted((root / "web" / "templates").rglob("*"))
        if path.is_file()
    ]
    # The same reading of white space as the pages': see the environment in conference/serving.
    options = {"trimmed": "true", "silent": "false", "encoding": "utf-8", "extensions": "jinja2.ext.do"}
    for method, path in sources:
        name = path.relative_to(root).as_posix()
        content = BytesIO(path.read_bytes())
        for _line, text, _comments, _context in extract(method, content, KEYWORDS, (), options):
            key = (text[0], text[1]) if isinstance(text, tuple) else text
            texts.setdefault(key, set()).add(name)
    return texts


def catalogue_files(root: Path) -> dict[str, Path]:
    """Language to ``majlis.po``, for every language that has one."""
    found = sorted((root / "web" / "locales").glob("*/LC_MESSAGES/majlis.po"))
    return {path.parent.parent.name: path for path in found}


def read_catalogue(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="majlis")


def update(root: Path) -> None:
    """Write the template and merge it into every catalogue, keeping what is translated."""
    template = Catalog(project="Majlis", version="1", header_comment="# Texts of Majlis.", fuzzy=False)
    for text, files in sorted(all_texts(root).items(), key=lambda item: (min(item[1]), str(item[0]))):
        # A text may stand in one place with a plural and in another without: one entry serves both.
        template.add(text, locations=[(file, 0) for file in sorted(files)])
    _write(template, root / "web" / "locales" / "majlis.pot")
    for language, path in catalogue_files(root).items():
        catalogue = read_catalogue(path, language)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        _write(catalogue, path)


def _write(catalogue: Catalog, path: Path) -> None:
    content = BytesIO()
    # No dates, versions or line numbers: they make every change touch every entry.
    write_po(content, catalogue, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    kept = [line for line in content.getvalue().splitlines(keepends=True) if not line.startswith(NOISE)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(kept))


def complaints(root: Path) -> list[Complaint]:
    """What keeps the catalogues from saying everything the project says, in every language."""
    wanted = {(text[0] if isinstance(text, tuple) else text): text for text in all_texts(root)}
    found: list[Complaint] = []
    for language, path in catalogue_files(root).items():
        entries = {_singular(entry): entry for entry in read_catalogue(path, language) if entry.id}
        for text in wanted:
            entry = entries.get(text)
            if entry is None:
                found.append(
                    Complaint(language, text, "is not in the catalogue; run scripts/translations update")
                )
            elif language != SOURCE_LANGUAGE:
                found += [Complaint(language, text, reason) for reason in _faults(entry)]
        found += [
            Complaint(language, text, "is no longer used; run scripts/translations update")
            for text in entries
            if text not in wanted
        ]
    return found


def _singular(entry: Message) -> str:
    return str(entry.id[0]) if isinstance(entry.id, (list, tuple)) else str(entry.id)


def _faults(entry: Message) -> Iterator[str]:
    forms = list(entry.string) if isinstance(entry.string, (list, tuple)) else [entry.string]
    if not forms or not all(forms):
        yield "has no translation"
    elif entry.fuzzy:
        yield "has a translation that somebody should look at (fuzzy)"
    else:
        sources = entry.id if isinstance(entry.id, (list, tuple)) else (entry.id,)
        allowed = {name for source in sources for name in PLACEHOLDER.findall(str(source))}
        for form in forms:
            used = set(PLACEHOLDER.findall(str(form)))
            # “one” and “two” may be words in the translation, so a plural form may leave the number out.
            if used - allowed or (len(forms) == 1 and used != allowed):
                yield f"has other placeholders: {', '.join(sorted(used ^ allowed))}"
                break


def compile_catalogues(root: Path, assets: Path) -> list[str]:
    """Write ``<language>/LC_MESSAGES/majlis.mo``, ``<language>.json``, ``<language>-later.json`` and
    ``<language>-planner.json`` into ``locales`` below *assets*: the texts of the pages' scripts, of those
    that are fetched later, and of the organizers' planner.

    ``web/build.mjs`` puts the JSON files among the built assets. Returns the languages, the source first.
    """
    parts = parts_of_scripts(root)
    used: dict[str, str] = {}
    for text, files in script_texts(root).items():
        apart = {parts.get(file, "") for file in files}
        used[text[0] if isinstance(text, tuple) else text] = "" if "" in apart else "".join(apart)
    catalogues = {
        language: read_catalogue(path, language) for language, path in catalogue_files(root).items()
    }
    catalogues.setdefault(SOURCE_LANGUAGE, Catalog(locale=SOURCE_LANGUAGE, domain="majlis"))
    folder = assets / "locales"
    for language, catalogue in catalogues.items():
        compiled = folder / language / "LC_MESSAGES" / "majlis.mo"
        compiled.parent.mkdir(parents=True, exist_ok=True)
        with compiled.open("wb") as file:
            write_mo(file, catalogue)
        usable = [entry for entry in catalogue if entry.id and not entry.fuzzy and _translated(entry)]
        for part in PARTS:
            messages = {
                _singular(entry): _browser_form(entry, catalogue)
                for entry in usable
                if (where := used.get(_singular(entry))) is not None
                and (part in where if part else not where)
            }
            told = {"language": language, "messages": messages}
            content = json.dumps(told, ensure_ascii=False, sort_keys=True)
            (folder / f"{language}{part}.json").write_text(content + "\n", encoding="utf-8")
    return sorted(catalogues, key=lambda language: (language != SOURCE_LANGUAGE, language))


def _translated(entry: Message) -> bool:
    return all(entry.string) if isinstance(entry.string, (list, tuple)) else bool(entry.string)


def _browser_form(entry: Message, catalogue: Catalog) -> str | dict[str, str]:
    if not isinstance(entry.string, (list, tuple)):
        return str(entry.string)
    category_of = Locale.parse(catalogue.locale_identifier).plural_form
    form_of = c2py(catalogue.plural_expr)  # the order of the forms is the file's own, see its Plural-Forms
    forms: dict[str, str] = {}
    for number in range(1000):
        forms.setdefault(category_of(number), str(entry.string[form_of(number)]))
    return forms


def main(arguments: list[str]) -> int:
    command = arguments[0] if len(arguments) == 1 else ""
    if command == "update":
        update(ROOT)
        return 0
    if command == "report":
        found = complaints(ROOT)
        for language, text, reason in found:
            print(f"{language}: “{text}” {reason}")
        print(f"{len(found)} texts need attention." if found else "Every text is translated.")
        return 1 if found else 0
    if command == "compile":
        print(
            f"Compiled translations: {', '.join(compile_catalogues(ROOT, ROOT / 'conference' / 'assets'))}."
        )
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
