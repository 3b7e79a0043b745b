"""Rules that device and server keep alike: one spelling for comparing, and patient identifiers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conference.questions.identifiers import identifiers_in
from conference.serving.arabic import normalised
from tests.questions.browser import ROOT

CASES = json.loads((Path(__file__).parent / "identifiers_cases.json").read_text(encoding="utf-8"))
SPELLINGS = [
    "هل تُعطى الأدوية لِلأطفال؟", "هل تعطى الادويه للاطفال", "الجرعة ٥٠٠ ملغ", "الجرعه ۵۰۰ ملغ", "كتــــاب",
    "مستشفى / مستشفي", "ﻻ إله", "Ｆｕｌｌ width", "naïve café",
    "A\u202eevil\u202c b\u200bc", "=1+1", "", "  ",
    "<b>x</b>", "١٢٫٥ mg/kg", "کودک ۵ ساله", "x" * 10_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs the browser's rules on what is given."""
    script = tmp_path_factory.mktemp("rules") / "rules.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    bundle = [
        str(esbuild),
        "tests/questions/page/rules.ts",
        "--bundle",
        "--format=esm",
        f"--outfile={script}",
    ]
    subprocess.run(bundle, check=True, capture_output=True, cwd=ROOT)
    program = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
    code = (
        f"import {{ answers }} from {json.dumps(script.as_uri())};"
        "let text = ''; for await (const part of process.stdin) text += part;"
        "console.log(JSON.stringify(answers(JSON.parse(text))));"
    )

    def run(**given: Any) -> Any:
        asked = json.dumps({"texts": [], "typed": "", "asked": [], **given})
        done = subprocess.run(
            [program, "--input-type=module", "-e", code],
            input=asked,
            check=True,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout)

    return run


def test_the_device_compares_texts_as_the_server_does(node: Any) -> None:
    texts = [*SPELLINGS, *(case["text"] for case in CASES)]
    assert node(texts=texts)["folded"] == [normalised(text) for text in texts]


def test_the_device_finds_the_same_patient_identifiers_as_the_server(node: Any) -> None:
    texts = [*(case["text"] for case in CASES), *SPELLINGS]
    assert node(texts=texts)["identifiers"] == [identifiers_in(text) for text in texts]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ما الجرعه القصوي من الباراسيتامول للأطفال", ["ما الجرعة القصوى للباراسيتامول عند الأطفال؟"]),
        ("maximum paracetamol dose in a child", ["What is the maximum dose of paracetamol in children?"]),
        ("When does the break begin?", []),
        ("what is the", []),
        ("dose", []),
        ("<script>alert(1)</script> " * 400, []),
    ],
)
def test_what_is_asked_already_is_found_in_other_spellings_and_orders(
    node: Any, typed: str, found: list[str]
) -> None:
    asked = [
        "ما الجرعة القصوى للباراسيتامول عند الأطفال؟",
        "What is the maximum dose of paracetamol in children?",
        "Is dexamethasone useful in dengue shock?",
        "هل يفيد الديكساميثازون في التهاب السحايا؟",
    ]
    assert node(typed=typed, asked=asked)["similar"] == found
