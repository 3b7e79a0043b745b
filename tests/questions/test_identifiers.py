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
HEAVY = ["0", "07", "@", "a@", "a.", "اسم ", "patient ", "+1 ", "born ", "1-"]
# Where engines could differ: digits of other scripts, letters that fold to ASCII, spaces, lines, emoji.
ODD = [
    "०७७०१२३४५६७", "߀7701234567", "ſsn 123-45-6789", "DOB\u00a01975", "DOB\u20281975", "x\n07701234567\ny",
    "\U0001f4f107701234567", "\U0001f9d1 patient, Mrs. Ö", "Patıent name", "PATIENT NAME", "İSM",
    "ﺍﺳﻢ ﺍﻟﻤﺮﻳﺾ",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:30] for case in CASES])
def test_examples_are_seen_for_what_they_are(case: dict[str, list[str]]) -> None:
    assert identifiers_in(str(case["text"])) == case["kinds"]


def test_every_kind_has_an_example_in_both_languages() -> None:
    arabic = re.compile("[\u0621-\u064a]")
    for kind in KINDS:
        texts = [case["text"] for case in CASES if kind in case["kinds"]]
        assert {bool(arabic.search(text)) for text in texts} == {True, False}, kind


def test_browser_finds_what_the_server_finds(tmp_path: Path) -> None:
    """The browser's own file, bundled as for the page, by another engine than Python's."""
    bundle = tmp_path / "identifiers.mjs"
    source = ROOT / "web" / "src" / "questions" / "identifiers.ts"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), str(source), "--bundle", "--format=esm", f"--outfile={bundle}"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    node = shutil.which("node")
    assert node, "node builds the browser code, so it is there"
    program = """
        const { identifiersIn } = await import(process.argv[1]);
        const texts = JSON.parse((await import("node:fs")).readFileSync(0, "utf8"));
        console.log(JSON.stringify(texts.map(identifiersIn)));
    """
    texts = [case["text"] for case in CASES] + [piece * 40 for piece in HEAVY] + ODD
    done = subprocess.run(
        [node, "--input-type=module", "-e", program, str(bundle)],
        input=json.dumps(texts), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == [identifiers_in(str(text)) for text in texts]


def test_patterns_use_nothing_that_engines_read_differently() -> None:
    for row in TABLE["kinds"]:
        assert not re.search(r"\\[wWdDsSbBpP]|\(\?<|\(\?[a-zA-Z]", row["pattern"]), row


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert identifiers_in(text) == identifiers_in(folded(text))


@pytest.mark.parametrize("piece", HEAVY)
def test_no_text_takes_long(piece: str) -> None:
    """A pattern that backtracks without end would hold the writer; measured in this process's own time."""
    text = (piece * 600)[:600]
    began = time.process_time()
    identifiers_in(text)
    assert time.process_time() - began < 2
