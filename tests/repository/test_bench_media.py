"""The media benchmark runs from end to end and tells its figures. What they are is for a person to judge."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_tiny_run_prints_the_table_and_one_json_object() -> None:
    options = ["--quick", "--json", "--viewers", "2,3", "--seconds", "0.2", "--runs", "1", "--no-janus"]
    done = subprocess.run(
        [ROOT / "scripts" / "bench_media", *options], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    *table, last = done.stdout.splitlines()
    assert any("3 viewers" in line for line in table)
    figures = json.loads(last)
    assert set(figures) == {
        "us_per_packet",
        "sound_us_per_packet",
        "floor_us",
        "floor_paced_us",
        "janus_us_per_packet",
        "two_worker_speedup",
        "kb_per_viewer",
        "added_delay_ms",
    }
    assert set(figures["us_per_packet"]) == {"2", "3"}
    assert set(figures["sound_us_per_packet"]) == {"3"}
    assert set(figures["floor_paced_us"]) == {"2", "3"}
    assert set(figures["added_delay_ms"]) == {"p50", "p99"}
    assert figures["janus_us_per_packet"] is None
    assert all(cost > 0 for cost in figures["us_per_packet"].values())
    assert figures["added_delay_ms"]["p50"] > 0


def test_an_audience_that_is_no_number_is_refused() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "bench_media", "--viewers", "many"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--viewers takes numbers" in done.stderr
