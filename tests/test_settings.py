"""Settings: every default stands in default.toml, and a mistake is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from conference.errors import BadInput
from conference.settings import load_settings


def test_defaults_are_complete_and_point_to_sqlite() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///data/majlis.sqlite3"
    assert settings.public_url == "http://localhost:8000"


def test_a_file_changes_only_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[server]\nport = 9000\npublic_url = "https://c.example/"\n', encoding="utf-8")
    settings = load_settings(file)
    assert (settings.server.port, settings.public_url, settings.server.host) == (
        9000,
        "https://c.example",
        "127.0.0.1",
    )


def test_overrides_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[server]\nport = 9000\n", encoding="utf-8")
    assert load_settings(file, {"server": {"port": 9001}}).server.port == 9001


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[server]\nprot = 1\n", "prot"),
        ("[sevrer]\nport = 1\n", "sevrer"),
        ('[server]\nport = "8000"\n', "$.server.port"),
        ("server = 3\n", "$.server"),
        ("[server\n", "line 1"),
        ('[mail]\nsecurity = "none at all"\n', "$.mail.security"),
        ('[media]\nturn_urls = ["turn:turn.example.org"]\n', "$.media.turn_secret"),
        ("[media]\nhost = 8189\n", "$.media.host"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_settings(file)
    assert "wrong.toml" in str(refused.value)
    assert named in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml")
