"""What could tell who a patient is: a table of examples, which the browser's rules are held to as well."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.questions.identifiers import KINDS, folded, identifiers_in

ROOT = Path(__file__).parents[2]
TABLE = json.loads((ROOT / "conference" / "questions" / "identifiers.json").read_text(encoding="utf-8"))
CASES = json.loads(Path(__file__).with_name("identifiers_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:30] for case in CASES])
def test_examples_are_seen_for_what_they_are(case: dict[str, list[str]]) -> None:
    assert identifiers_in(str(case["text"])) == case["kinds"]


def test_every_kind_has_an_example_in_both_languages() -> None:
    arabic = re.compile("[\u0621-\u064a]")
    for kind in KINDS:
        texts = [case["text"] for case in CASES if kind in case["kinds"]]
        assert {bool(arabic.search(text)) for text in texts} == {True, False}, kind


def test_javascript_reads_the_table_alike() -> None:
    """The patterns themselves, by another engine than Python's; the browser's own code has a test too."""
    node = shutil.which("node")
    assert node, "node builds the browser code, so it is there"
    program = """
        const { table, cases } = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const fold = (text) =>
          text
            .replace(new RegExp(table.dropped, "gu"), "")
            .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
            .replace(/./gsu, (letter) => {
              for (const zero of table.zeros) {
                const value = letter.codePointAt(0) - zero.codePointAt(0);
                if (value >= 0 && value < 10) return String(value);
              }
              return letter;
            });
        const patterns = table.kinds.map(({ kind, pattern }) => [kind, new RegExp(pattern, "u")]);
        const found = cases.map(({ text }) => {
          const plain = fold(text);
          return patterns.filter(([, pattern]) => pattern.test(plain)).map(([kind]) => kind);
        });
        console.log(JSON.stringify(found.map((kinds) => [...new Set(kinds)])));
    """
    given_to_it = json.dumps({"table": TABLE, "cases": CASES})
    done = subprocess.run(
        [node, "-e", program], input=given_to_it, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [case["kinds"] for case in CASES]


def test_patterns_use_nothing_that_engines_read_differently() -> None:
    for row in TABLE["kinds"]:
        assert not re.search(r"\\[wWdDsSbBpP]|\(\?<|\(\?[a-zA-Z]", row["pattern"]), row


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert identifiers_in(text) == identifiers_in(folded(text))


@pytest.mark.parametrize("piece", ["0", "07", "@", "a@", "a.", "اسم ", "patient ", "+1 ", "born ", "1-"])
def test_no_text_takes_long(piece: str) -> None:
    """A pattern that backtracks without end would hold the writer; measured in this process's own time."""
    text = (piece * 600)[:600]
    began = time.process_time()
    identifiers_in(text)
    assert time.process_time() - began < 2
