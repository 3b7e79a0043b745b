"""Asks the public vulnerability databases about every locked package.

A known vulnerability fails the check. A database that does not answer only warns: an afternoon without a
network must not stop the work. A clean answer is good for one day and the same lock files, so that checks
stay quick.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements/develop.txt", "package-lock.json")
ANSWERED = ROOT / ".venv" / "majlis-audited"
SECONDS = 120


def question() -> str:
    """What a remembered answer is good for: these locks, today."""
    digest = hashlib.sha256()
    for lock in LOCKS:
        digest.update((ROOT / lock).read_bytes())
    return f"{datetime.now(UTC):%Y-%m-%d} {digest.hexdigest()}"


def asked(*command: str) -> tuple[str, str]:
    """The answer of an audit program: (JSON on its output, what it said on its error channel)."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "", f"no answer in {SECONDS} s"
    return done.stdout, done.stderr


def python_findings() -> list[str] | None:
    """One line for each vulnerable Python package; None when the database did not answer."""
    program = Path(sys.executable).with_name("pip-audit")
    output, _ = asked(
        str(program), "--requirement", LOCKS[0], "--disable-pip", "--require-hashes", "--format", "json",
        "--progress-spinner", "off", "--timeout", "15",
    )  # fmt: skip
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        return None
    # "Not found" is also what pip-audit says of a package whose database entry it could not fetch.
    if any("skip_reason" in package for package in packages):
        return None
    return [
        f"{package['name']} {package['version']}: {flaw['id']}"
        f" (mended in {', '.join(flaw['fix_versions']) or 'no release yet'})"
        for package in packages
        for flaw in package.get("vulns", [])
    ]


def browser_findings() -> list[str] | None:
    """One line for each npm package with a high or critical flaw; None when the registry did not answer."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    output, _ = asked(npm, "audit", "--json")
    try:
        answer = json.loads(output)
        flaws = answer["vulnerabilities"]
    except (ValueError, KeyError):
        return None
    return [
        f"{name} {flaw.get('range', '')}: {flaw['severity']}"
        for name, flaw in flaws.items()
        if flaw["severity"] in ("high", "critical")
    ]


def main() -> int:
    now = question()
    if ANSWERED.is_file() and ANSWERED.read_text(encoding="utf-8") == now:
        return 0
    found: list[str] = []
    silent = False
    for database, findings in (("Python", python_findings()), ("npm", browser_findings())):
        if findings is None:
            print(f"warning: the {database} vulnerability database did not answer; not checked this time.")
            silent = True
        else:
            found += findings
    for line in found:
        print(line)
    if found:
        return 1
    if not silent:
        ANSWERED.write_text(now, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
