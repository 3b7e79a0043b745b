"""The lock files hold everything with its hash, agree with each other, and suit every machine."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-zA-Z0-9._-]+)==(\S+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def pins(name: str) -> dict[str, tuple[str, int]]:
    """Package to its version and number of hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return {package: (version, rest.count("--hash=sha256:")) for package, version, rest in PIN.findall(text)}


def npm_packages() -> dict[str, dict[str, object]]:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {name: package for name, package in packages.items() if name}


@pytest.mark.parametrize("name", ["run", "develop", "node"])
def test_every_python_package_is_locked_with_hashes(name: str) -> None:
    assert pins(name)
    assert [package for package, (_, hashes) in pins(name).items() if hashes == 0] == []


def test_tests_run_with_the_packages_the_server_runs_with() -> None:
    needed, everything = pins("run"), pins("develop")
    assert {package: everything.get(package) for package in needed} == needed


def test_every_dependency_of_the_project_is_locked() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert wanted
    names = {
        name.lower().replace("_", "-") for name in re.findall(r'^    "([\w-]+)', wanted[1], re.MULTILINE)
    }
    assert names <= {package.lower() for package in pins("run")}


def test_every_npm_package_is_locked_with_its_hash_and_names_no_host() -> None:
    assert npm_packages()
    for name, package in npm_packages().items():
        assert str(package["integrity"]).startswith("sha512-"), name
        assert "resolved" not in package, name


def test_the_npm_lock_holds_the_packages_of_every_platform() -> None:
    packages = npm_packages()
    for name, package in packages.items():
        optional = package.get("optionalDependencies", {})
        assert isinstance(optional, dict)
        missing = [wanted for wanted in optional if f"node_modules/{wanted}" not in packages]
        assert missing == [], name
