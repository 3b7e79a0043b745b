"""What a browser makes of views in any order, and of texts: `web/src/chat/state.ts`, run in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chat.hall import Mirror
from tests.world import ROOT

SCRIPT = """
import * as state from MODULE;
import { createInterface } from "node:readline";
const RANKS = { ChatShown: state.ROOM, ChatNoted: state.OWN, ChatFiled: state.DESK };
for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  const acts = {
    follow: ([events]) => {
      let known = state.nothingKnown;
      for (const event of events) {
        if (event.type === "ChatGone") known = state.withGone(known, event.message, event.version);
        else if (event.type === "ChatErased") known = state.withErased(known, event.before);
        else known = state.withView(known, event.message, RANKS[event.type]);
      }
      return state.inOrder(known);
    },
    pieces: (given) => state.piecesOf(...given),
    writing: (given) => state.nameBeingWritten(...given),
    matching: (given) => state.matching(...given),
    mentioned: (given) => state.mentionedIn(...given),
  };
  console.log(JSON.stringify(acts[call](args) ?? null));
}
"""


class State:
    """`state.ts` in a Node.js process, one question a line."""

    def __init__(self, folder: Path) -> None:
        node = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
        module = folder / "state.mjs"
        esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
        source = ROOT / "web" / "src" / "chat" / "state.ts"
        subprocess.run(
            [str(esbuild), str(source), "--format=esm", f"--outfile={module}"],
            check=True,
            capture_output=True,
        )
        script = folder / "ask.mjs"
        script.write_text(SCRIPT.replace("MODULE", json.dumps(module.as_uri())), encoding="utf-8")
        self._process = subprocess.Popen(
            [node, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __call__(self, call: str, *args: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"call": call, "args": args}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    state = State(tmp_path_factory.mktemp("state"))
    yield state
    state.close()


views = st.builds(
    lambda number, version, minute: {
        "id": f"m{number}",
        "at": f"2025-10-25T06:{minute:02}:00Z",
        "text": f"text of m{number} in version {version}",
        "version": version,
    },
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(0, 59),
)
events = st.one_of(
    st.builds(
        lambda kind, view: {"type": kind, "message": view},
        st.sampled_from(["ChatShown", "ChatNoted", "ChatFiled"]),
        views,
    ),
    st.builds(
        lambda number, version: {"type": "ChatGone", "message": f"m{number}", "version": version},
        st.integers(1, 3),
        st.integers(1, 4),
    ),
)


@given(st.lists(events, max_size=12))
@settings(max_examples=60)
def test_browser_and_the_mirror_of_the_tests_follow_the_log_alike(state: State, told: list[Any]) -> None:
    mirror = Mirror(moderates=True)
    for event in told:
        mirror.apply(event)
    shown = {each["id"]: each["text"] for each in state("follow", told) if each.get("state") != "gone"}
    assert shown == {name: seen[0] for name, seen in mirror.visible().items()}


@given(st.lists(events, max_size=8, unique_by=lambda one: json.dumps(one, sort_keys=True)), st.randoms())
@settings(max_examples=60)
def test_what_is_known_in_the_end_does_not_depend_on_the_order(
    state: State, told: list[Any], random: Any
) -> None:
    # Two different views of one version and rank do not occur: a version is told once in each channel.
    kept = {}
    for event in told:
        message = event["message"]
        name, version = (
            (message["id"], message["version"]) if isinstance(message, dict) else (message, event["version"])
        )
        kept[name, version, "room" if event["type"] == "ChatGone" else event["type"]] = event
    in_room = {key[:2] for key in kept if key[2] == "room"}
    told = [event for key, event in kept.items() if not (key[2] == "ChatShown" and key[:2] in in_room)]
    shuffled = list(told)
    random.shuffle(shuffled)
    seen = [
        {each["id"]: each["text"] for each in state("follow", order) if each.get("state") != "gone"}
        for order in (told, shuffled)
    ]
    assert seen[0] == seen[1]


def test_what_was_said_before_the_end_of_the_history_is_gone(state: State) -> None:
    one = {"id": "m1", "at": "2025-10-25T06:00:00Z", "text": "old"}
    two = {"id": "m2", "at": "2025-10-25T06:10:00Z", "text": "new"}
    told = [{"type": "ChatShown", "message": each} for each in (two, one)]
    assert [each["text"] for each in state("follow", told)] == ["old", "new"]
    told.append({"type": "ChatErased", "before": "2025-10-25T06:05:00Z"})
    assert [each["text"] for each in state("follow", told)] == ["new"]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.org/a?b=1, then", ["https://example.org/a?b=1"]),
        ("(http://example.org/x).", ["http://example.org/x"]),
        ("انظر https://example.org/عربي، ثم", ["https://example.org/عربي"]),
        ("javascript:alert(1) data:text/html,x //example.org ftp://example.org", []),
        ('<a href="https://example.org">', ["https://example.org"]),
    ],
)
def test_only_web_addresses_become_links_and_nothing_is_lost(
    state: State, text: str, links: list[str]
) -> None:
    pieces = state("pieces", text, [])
    assert "".join(piece["text"] for piece in pieces) == text
    assert [piece["text"] for piece in pieces if piece["kind"] == "link"] == links


def test_mentions_are_those_the_server_named_and_the_longest_name_counts(state: State) -> None:
    people = [
        {"person": "a", "name": "Ali"},
        {"person": "b", "name": "Ali Hassan"},
        {"person": "c", "name": "سارة"},
    ]
    pieces = state("pieces", "@Ali Hassan و@سارة @Omar", people)
    assert [piece["text"] for piece in pieces if piece["kind"] == "mention"] == ["@Ali Hassan", "@سارة"]
    assert "".join(piece["text"] for piece in pieces) == "@Ali Hassan و@سارة @Omar"
    assert state("mentioned", "@سارة hello", people) == ["c"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@", ""),
        ("hello @al", "al"),
        ("me@example", None),
        ("@Ali Has", "Ali Has"),
        ("مرحبا @سا", "سا"),
        ("x", None),
    ],
)
def test_name_is_being_written_after_an_at_that_begins_a_word(
    state: State, text: str, name: str | None
) -> None:
    found = state("writing", text, len(text))
    assert (found and found["name"]) == name


def test_names_are_found_by_any_of_their_words_and_by_letters_typed_for_one_another(state: State) -> None:
    people = [{"person": "a", "name": "د. أحمد الكربلائي"}, {"person": "b", "name": "Zainab Hassan"}]
    assert [each["person"] for each in state("matching", people, "احم")] == ["a"]
    assert [each["person"] for each in state("matching", people, "has")] == ["b"]
    assert state("matching", people, "Zainab Hassan ") == [], "the name is whole: the list is in the way"
