"""The rules of the organizers' planner that need no page: times of a zone, searching, moving by keys, whose
version counts. They are TypeScript (web/src/planner) and run in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import ROOT

SCRIPT = """
import { createInterface } from "node:readline";
import * as wall from "./wall_time.mjs";
import * as folding from "./folding.mjs";
import * as moving from "./moving.mjs";
import * as hours from "./opening_hours.mjs";
import * as problems from "./problems.mjs";
import { Draft } from "./draft.mjs";
const heard = (steps) => {
  const draft = new Draft();
  return steps.map(([name, ...given]) => {
    const said = draft[name](...given);
    return said instanceof Map ? [...said] : (said ?? null);
  });
};
const all = { ...wall, ...folding, ...moving, ...hours, ...problems, heard };
const answer = ([name, ...given]) => {
  const said = all[name](...given);
  return said instanceof Map ? Object.fromEntries(said) : (said ?? null);
};
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(JSON.parse(line).map(answer)));
"""
MODULES = ["wall_time", "folding", "moving", "opening_hours", "problems", "draft"]
ROOMS = ["hall", "lab", "garden"]
NINE = 9 * 60
BOUNDS = {"from": 8 * 60, "until": 18 * 60}


class Rules:
    """The rules, asked by name in one Node.js process: a line of questions, a line of answers."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask_all(self, calls: list[list[Any]]) -> list[Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(calls) + "\n")
        self._process.stdin.flush()
        return list(json.loads(self._process.stdout.readline()))

    def ask(self, name: str, *given: Any) -> Any:
        return self.ask_all([[name, *given]])[0]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rules]:
    folder = tmp_path_factory.mktemp("planner")
    entries = [f"web/src/planner/{name}.ts" for name in MODULES]
    options = ["--bundle", "--format=esm", "--out-extension:.js=.mjs", f"--outdir={folder}"]
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    subprocess.run([str(esbuild), *entries, *options], check=True, capture_output=True, cwd=ROOT)
    script = folder / "ask.mjs"
    script.write_text(SCRIPT, encoding="utf-8")
    node = shutil.which("node")
    assert node, "Node.js is needed"
    with subprocess.Popen(
        [node, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Rules(process)
        assert process.stdin is not None
        process.stdin.close()


def session(
    code: str, room: str | None, start: int | None, minutes: int = 30, edition: int = 1
) -> dict[str, Any]:
    return {
        "code": code, "kind": "session", "state": "confirmed", "title": {"en": code}, "track": None,
        "type": None, "language": None, "people": [], "room": room, "start": start,
        "minutes": minutes, "edition": edition,
    }  # fmt: skip


# -- times of the event's zone ------------------------------------------------------------------------------


def test_a_moment_is_shown_as_the_clock_on_the_wall_shows_it(rules: Rules) -> None:
    wall = rules.ask("wallOf", "2025-10-25T06:15:00Z", "Asia/Baghdad")
    assert rules.ask_all([["clock", wall], ["naive", wall]]) == ["09:15", "2025-10-25T09:15:00"]


@settings(max_examples=3, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001  # strategies want naive ones
            st.sampled_from(["Asia/Baghdad", "Europe/London", "America/New_York", "Asia/Kathmandu"]),
        ),
        min_size=40,
        max_size=80,
    )
)
def test_times_agree_with_the_zone_rules_of_the_server(
    rules: Rules, moments: list[tuple[datetime, str]]
) -> None:
    instants = [(at.replace(second=0, microsecond=0, tzinfo=UTC), zone) for at, zone in moments]
    walls = rules.ask_all([["wallOf", at.isoformat(), zone] for at, zone in instants])
    shown = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC) for at, zone in instants]
    assert walls == [int(at.timestamp()) // 60 for at in shown]
    back = rules.ask_all([["isoOf", wall, zone] for wall, (_, zone) in zip(walls, instants, strict=True)])
    again = rules.ask_all([["wallOf", iso, zone] for iso, (_, zone) in zip(back, instants, strict=True)])
    assert again == walls, "the instant that is sent shows the time that was chosen"


def test_a_time_that_a_clock_change_leaves_out_is_the_one_an_hour_later_and_of_two_the_first_is_meant(
    rules: Rules,
) -> None:
    skipped = rules.ask("onDay", "2025-03-30", 90, 0)  # 01:30 in London, when the clock goes from 1 to 2
    assert rules.ask("isoOf", skipped, "Europe/London") == "2025-03-30T01:30:00Z"
    twice = rules.ask("onDay", "2025-10-26", 90, 0)
    assert rules.ask("isoOf", twice, "Europe/London") == "2025-10-26T00:30:00Z"


def test_a_late_party_belongs_to_the_day_it_began_on(rules: Rules) -> None:
    half_past_one = rules.ask("onDay", "2025-10-25", 90, 4)
    assert rules.ask("naive", half_past_one) == "2025-10-26T01:30:00"
    assert rules.ask("dayOf", half_past_one, 4) == "2025-10-25"


@pytest.mark.parametrize(("typed", "minutes"), [("09:15", 555), ("7:05", 425), ("24:00", None), ("9", None)])
def test_a_typed_time_is_read_or_refused(rules: Rules, typed: str, minutes: int | None) -> None:
    assert rules.ask("minutesOf", typed) == minutes


# -- searching ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("احمد", "أحمد"), ("الاطفال", "الأَطفال"), ("مستشفي", "مستشفى"), ("جامعه", "جامعة"),
        ("ايمان", "إيمان"), ("اسيا", "آسيا"), ("محمد", "مُحَمَّد"), ("شكرا", "شكــرًا"), ("2025", "٢٠٢٥"),
        ("zainab", "Zaïnab"),
        ("hall open", "Opening in the hall"), ("کربلاء", "كربلاء"),
    ],
)  # fmt: skip
def test_searching_takes_spellings_of_one_word_as_equal(rules: Rules, query: str, text: str) -> None:
    assert rules.ask("matches", query, [text])


def test_searching_wants_every_word(rules: Rules) -> None:
    assert not rules.ask("matches", "opening lab", ["Opening in the hall"])
    assert rules.ask("matches", "  ", ["anything"])


# -- moving by keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "step", "expected"),
    [
        ("later", 15, ("lab", NINE + 15, 30)), ("earlier", 5, ("lab", NINE - 5, 30)),
        ("later", 30, ("lab", NINE + 30, 30)), ("before", 15, ("hall", NINE, 30)),
        ("after", 15, ("garden", NINE, 30)), ("longer", 15, ("lab", NINE, 45)),
        ("shorter", 15, ("lab", NINE, 15)),
    ],
)  # fmt: skip
def test_a_key_moves_a_lifted_session_by_a_step_or_a_room(
    rules: Rules, direction: str, step: int, expected: tuple[str, int, int]
) -> None:
    placement = {"room": "lab", "start": NINE, "minutes": 30}
    moved = rules.ask("moved", placement, direction, step, ROOMS, BOUNDS)
    assert (moved["room"], moved["start"], moved["minutes"]) == expected


def test_what_stands_between_the_lines_goes_to_the_next_line(rules: Rules) -> None:
    placement = {"room": "lab", "start": NINE + 7, "minutes": 30}
    calls = [["moved", placement, direction, 15, ROOMS, BOUNDS] for direction in ("later", "earlier")]
    assert [one["start"] for one in rules.ask_all(calls)] == [NINE + 15, NINE]


@settings(max_examples=5, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["earlier", "later", "before", "after", "shorter", "longer"]),
            st.sampled_from([5, 15, 30]),
            st.integers(8 * 60, 17 * 60),
            st.integers(5, 120),
        ),
        min_size=50,
        max_size=50,
    )
)
def test_keys_never_move_a_session_out_of_the_day_nor_make_it_shorter_than_five_minutes(
    rules: Rules, cases: list[tuple[str, int, int, int]]
) -> None:
    placed = [
        (direction, step, {"room": "hall", "start": start, "minutes": min(minutes, BOUNDS["until"] - start)})
        for direction, step, start, minutes in cases
    ]
    for moved in rules.ask_all(
        [["moved", one, direction, step, ROOMS, BOUNDS] for direction, step, one in placed]
    ):
        assert BOUNDS["from"] <= moved["start"]
        assert moved["start"] + moved["minutes"] <= BOUNDS["until"]
        assert moved["minutes"] >= 5
        assert moved["room"] in ROOMS


def test_arrows_pass_every_session_of_a_room_also_those_at_one_time(rules: Rules) -> None:
    day = [session("B", "hall", NINE), session("A", "hall", NINE), session("C", "hall", NINE + 60)]
    seen, at = ["A"], day[1]
    for _ in range(2):
        at = rules.ask("neighbour", day, at, "later", ROOMS)
        seen.append(at["code"])
    assert seen == ["A", "B", "C"]
    assert rules.ask("neighbour", day, at, "later", ROOMS) is None


def test_sideways_is_the_nearest_in_time_in_the_next_room_that_has_any(rules: Rules) -> None:
    day = [session("A", "hall", NINE), session("B", "garden", NINE + 45), session("C", "garden", NINE + 300)]
    assert rules.ask("neighbour", day, day[0], "after", ROOMS)["code"] == "B"
    assert rules.ask("neighbour", day, day[0], "before", ROOMS) is None


def test_what_is_lifted_from_the_list_begins_where_it_touches_nothing(rules: Rules) -> None:
    day = [session(room, room, BOUNDS["from"], 60) for room in ROOMS]
    free = rules.ask("firstFree", day, ROOMS, 45, 15, BOUNDS)
    assert (free["room"], free["start"]) == ("hall", BOUNDS["from"] + 60)


# -- what the grid shows ------------------------------------------------------------------------------------


def test_the_day_is_shown_from_the_first_opening_or_session_to_the_last(rules: Rules) -> None:
    day = "2025-10-25"
    midnight = rules.ask("midnight", day)
    opening = {"room": None, "day": day, "opens": "08:30:00", "closes": "16:00:00"}
    late = session("A", "hall", midnight + 20 * 60, 90)
    shown = rules.ask("shownHours", day, [opening], [late], 4)
    assert (shown["from"] - midnight, shown["until"] - midnight) == (8 * 60, 22 * 60)


def test_a_room_is_closed_before_between_and_after_its_own_hours(rules: Rules) -> None:
    day = "2025-10-25"
    midnight = rules.ask("midnight", day)
    bounds = {"from": midnight + 480, "until": midnight + 1080}
    openings = [
        {"room": None, "day": day, "opens": "08:00:00", "closes": "18:00:00"},
        {"room": "lab", "day": day, "opens": "09:00:00", "closes": "12:00:00"},
        {"room": "lab", "day": day, "opens": "13:00:00", "closes": "17:00:00"},
    ]
    closed = rules.ask("closedHours", day, openings, ROOMS, bounds)
    assert [(one["room"], one["from"] - midnight, one["until"] - midnight) for one in closed] == [
        ("lab", 480, 540), ("lab", 720, 780), ("lab", 1020, 1080),
    ]  # fmt: skip


# -- whose version counts -----------------------------------------------------------------------------------


def test_news_that_has_been_overtaken_changes_nothing(rules: Rules) -> None:
    newer, older = session("A", "lab", NINE, edition=5), session("A", "hall", NINE, edition=4)
    said = rules.ask(
        "heard",
        [
            ["apply", [{"code": "A", "after": newer}]],
            ["apply", [{"code": "A", "after": older}]],
            ["get", "A"],
        ],
    )
    assert said[:2] == [["A"], []]
    assert said[2]["room"] == "lab"


def test_a_wish_is_shown_until_it_is_answered_and_then_the_servers_word_counts(rules: Rules) -> None:
    wish = {"room": "lab", "start": NINE + 60, "minutes": 45}
    said = rules.ask(
        "heard",
        [
            ["apply", [{"code": "A", "after": session("A", "hall", NINE)}]],
            ["wish", "A", wish],
            ["apply", [{"code": "A", "after": session("A", "garden", NINE, edition=2)}]],
            ["get", "A"],
            ["server", "A"],
            ["answered", "A"],
            ["get", "A"],
        ],
    )
    assert (said[3]["room"], said[3]["minutes"]) == ("lab", 45)
    assert said[4]["room"] == said[6]["room"] == "garden"


def test_reading_the_whole_draft_anew_takes_away_what_is_gone(rules: Rules) -> None:
    both = [{"code": code, "after": session(code, "hall", NINE)} for code in ("A", "B")]
    said = rules.ask("heard", [["apply", both], ["replace", [session("B", "lab", NINE, edition=2)]], ["all"]])
    assert sorted(said[1]) == ["A", "B"]
    assert [(one["code"], one["room"]) for one in said[2]] == [("B", "lab")]


def test_a_session_is_marked_by_its_worst_problem_and_a_proposal_by_what_would_be(rules: Rules) -> None:
    def problem(name: str, severity: str, *sessions: str) -> dict[str, Any]:
        return {"id": name, "severity": severity, "sessions": sessions}

    present = [problem("1", "hint", "A"), problem("2", "warning", "A", "B")]
    assert rules.ask("bySession", present)["A"] == {"worst": "warning", "count": 2}
    after = rules.ask("withPreview", present, {"gone": [present[1]], "new": [problem("3", "error", "A")]})
    assert rules.ask("bySession", after) == {"A": {"worst": "error", "count": 2}}
