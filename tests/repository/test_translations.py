"""Every text is translated, and the tools that see to it see everything."""

import gettext
import json
from pathlib import Path

import pytest

from scripts.translations import browser_texts, compile_catalogues, complaints, update

ROOT = Path(__file__).parents[2]
ARABIC = """
msgid ""
msgstr ""
"Language: ar\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
"n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);\\n"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tiny project with one text of each kind and an Arabic catalogue that has none yet."""
    script = 'const a = <p>don\'t {t("Leave")}</p>;\nconst b = n("%(count)s vote", "%(count)s votes", votes);'
    for name, content in {
        "conference/asking.py": 'raise Conflict(N_("The room is closed."))\nhello = translate(lang, "Hello")',
        "web/templates/room.html": "<p>{{ _('Leave') }}</p>{% trans %}\n  Two\n  lines\n{% endtrans %}",
        "web/src/room.tsx": script,
        "web/locales/ar/LC_MESSAGES/majlis.po": ARABIC,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def translated(project: Path, **texts: str) -> None:
    catalogue = project / "web/locales/ar/LC_MESSAGES/majlis.po"
    content = catalogue.read_text(encoding="utf-8")
    for msgid, msgstr in texts.items():
        content = content.replace(f'msgid "{msgid}"\nmsgstr ""', f'msgid "{msgid}"\nmsgstr "{msgstr}"')
    catalogue.write_text(content, encoding="utf-8")


def test_every_text_of_the_project_is_in_every_language() -> None:
    assert [f"{language}: “{text}” {reason}" for language, text, reason in complaints(ROOT)] == []


def test_texts_of_python_templates_and_scripts_are_collected(project: Path) -> None:
    assert {text for _, text, _ in complaints(project)} == {
        "The room is closed.", "Hello", "Leave", "Two lines", "%(count)s vote",
    }  # fmt: skip


def test_update_adds_what_is_new_and_drops_what_is_gone_but_keeps_translations(project: Path) -> None:
    update(project)
    translated(project, Leave="غادر", Hello="مرحبا")
    (project / "conference/asking.py").write_text("", encoding="utf-8")
    update(project)
    content = (project / "web/locales/ar/LC_MESSAGES/majlis.po").read_text(encoding="utf-8")
    assert 'msgid "Leave"\nmsgstr "غادر"' in content
    assert "Hello" not in content


def test_a_translation_with_other_placeholders_is_found(project: Path) -> None:
    (project / "conference/asking.py").write_text('N_("Wait %(seconds)s s")', encoding="utf-8")
    update(project)
    translated(project, **{"Wait %(seconds)s s": "انتظر %(second)s"})
    reasons = {text: reason for _, text, reason in complaints(project)}
    assert "other placeholders" in reasons["Wait %(seconds)s s"]


def test_scripts_get_their_own_texts_only_with_the_plural_forms_by_category(project: Path) -> None:
    update(project)
    translated(project, Leave="غادر", Hello="مرحبا")
    catalogue = project / "web/locales/ar/LC_MESSAGES/majlis.po"
    content = catalogue.read_text(encoding="utf-8")
    for index, form in enumerate(
        ["لا صوت", "صوت", "صوتان", "%(count)s أصوات", "%(count)s صوتًا", "%(count)s صوت"]
    ):
        content = content.replace(f'msgstr[{index}] ""', f'msgstr[{index}] "{form}"')
    catalogue.write_text(content, encoding="utf-8")
    assert compile_catalogues(project, project / "assets") == ["en", "ar"]
    made = json.loads((project / "assets/locales/ar.json").read_text(encoding="utf-8"))
    assert made["messages"] == {
        "Leave": "غادر",
        "%(count)s vote": {
            "zero": "لا صوت", "one": "صوت", "two": "صوتان",
            "few": "%(count)s أصوات", "many": "%(count)s صوتًا", "other": "%(count)s صوت",
        },
    }  # fmt: skip
    server = gettext.translation("majlis", project / "assets/locales", ["ar"])
    assert server.gettext("Hello") == "مرحبا"
    assert server.ngettext("%(count)s vote", "%(count)s votes", 11) == "%(count)s صوتًا"


def test_texts_of_scripts_that_come_later_come_with_them(project: Path) -> None:
    """A first visit pays for what it shows; a text that is needed at once and later comes at once."""
    source = project / "web" / "src"
    for name, code in {
        "entries/hall.tsx": 'import { Leave } from "../leave";',
        "leave.tsx": 't("Leave")',
        "later/extras.ts": 'export { Sheet } from "../sheet";',
        "sheet.tsx": 'import type { A } from "./a";\nimport { Leave } from "./leave";\nt("Settings")',
        "a.ts": 't("At once")',
    }.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(code, encoding="utf-8")
    update(project)
    translated(project, Leave="غادر", Settings="الإعدادات")
    compile_catalogues(project, project / "assets")
    made = [json.loads((project / f"assets/locales/{name}.json").read_text()) for name in ("ar", "ar-later")]
    assert [one["messages"] for one in made] == [{"Leave": "غادر"}, {"Settings": "الإعدادات"}]


def test_texts_of_the_planner_come_with_it_and_not_with_the_pages_of_all(project: Path) -> None:
    source = project / "web" / "src"
    for name, code in {
        "entries/hall.tsx": 't("Leave")',
        "entries/planner.tsx": 'import { Day } from "../planner/day";\nt("Leave")',
        "planner/grid.ts": 't("Hall")',
        "planner/day.tsx": 'import { Sheet } from "../sheet";\nvoid import("./grid");\nt("Next day")',
        "later/extras.ts": 'export { Sheet } from "../sheet";',
        "sheet.tsx": 't("Settings")',
    }.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(code, encoding="utf-8")
    update(project)
    translated(
        project, **{"Leave": "غادر", "Settings": "الإعدادات", "Next day": "اليوم التالي", "Hall": "القاعة"}
    )
    compile_catalogues(project, project / "assets")
    made = {
        part: set(json.loads((project / f"assets/locales/ar{part}.json").read_text())["messages"])
        for part in ("", "-later", "-planner")
    }
    assert made == {"": {"Leave"}, "-later": {"Settings"}, "-planner": {"Settings", "Next day", "Hall"}}


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('t("Leave")', ["Leave"]),
        ("t('It\\'s \"on\"', { name })", ['It\'s "on"']),
        ("t(\n  `Back`,\n)", ["Back"]),
        ('// t("old")\nprint("t(1)")', []),
        ('export function t(text: string): string {', []),
        ('n("one", "many", count)', [("one", "many")]),
    ],
)  # fmt: skip
def test_a_text_of_a_script_is_read(source: str, texts: list[object]) -> None:
    assert list(browser_texts(source, "room.ts")) == texts


@pytest.mark.parametrize("source", ["t(message)", 't("a" + b)', "t(`hello ${name}`)", 'n("one", many, 2)'])
def test_a_text_that_cannot_be_collected_is_refused_with_its_file(source: str) -> None:
    with pytest.raises(ValueError, match=r"room\.ts"):
        list(browser_texts(source, "room.ts"))
