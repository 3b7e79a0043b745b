"""docs/settings.md, config/default.toml and conference/settings.py name the same settings."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from conference.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(\w+\.\w+)` \| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def settings_in_code() -> set[str]:
    return {
        f"{section.name}.{setting.name}"
        for section in msgspec.structs.fields(Settings)
        for setting in msgspec.structs.fields(section.type)
    }


def settings_in_document() -> dict[str, str]:
    """Name to default, as the table has them."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return {name: default for name, default, _meaning in ROW.findall(text)}


def defaults_in_file() -> dict[str, object]:
    sections = tomllib.loads((ROOT / "config" / "default.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": value for section, named in sections.items() for name, value in named.items()
    }


def test_the_document_describes_every_setting_and_no_other() -> None:
    assert settings_in_document().keys() == settings_in_code()


def test_the_default_file_holds_every_setting_and_no_other() -> None:
    assert defaults_in_file().keys() == settings_in_code()


@pytest.mark.parametrize("name", sorted(defaults_in_file()))
def test_the_document_tells_the_default(name: str) -> None:
    told = tomllib.loads(f"value = {settings_in_document()[name]}")["value"]
    assert told == defaults_in_file()[name]


def test_the_default_file_gives_a_reason_for_every_setting_that_is_not_plain() -> None:
    """A setting says its reason in its line, or stands right under one that speaks for both."""
    lines = (ROOT / "config" / "default.toml").read_text(encoding="utf-8").splitlines()
    settings = [line for line in lines if re.match(r"\w+ = ", line)]
    silent = [line for line in settings if "#" not in line]
    assert len(silent) < len(settings) / 3, silent


def test_the_example_for_production_is_accepted() -> None:
    settings = load_settings(ROOT / "config" / "production.example.toml")
    assert settings.public_url.startswith("https://")
    assert settings.server.trusted_proxies == ["127.0.0.1", "::1"]
