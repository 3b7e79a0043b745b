"""Debian's coturn with config/coturn.conf.example, changed only where an operator has to."""

from __future__ import annotations

import asyncio
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.media.peer import until

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLE = CONFIG / "coturn.conf.example"
DROP_IN = CONFIG / "coturn-port-443.conf"
# As the example has them.
MEDIA, TURN = "203.0.113.10", "203.0.113.20"
SECRET = "north"


def adapted(certificate: Path, key: Path) -> str:
    """The example with a certificate and a secret of our own, and with its log on the standard output."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (
        ("\ncert=/etc/turn/fullchain.pem\n", f"\ncert={certificate}\n"),
        ("\npkey=/etc/turn/privkey.pem\n", f"\npkey={key}\n"),
        ("\nstatic-auth-secret=change-me\n", f"\nstatic-auth-secret={SECRET}\n"),
        ("\nsyslog\n", "\nlog-file=stdout\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    return text


def capabilities() -> list[str]:
    """What the drop-in gives to Debian's unit, as setpriv has it."""
    prefix = "AmbientCapabilities=CAP_"
    lines = DROP_IN.read_text(encoding="utf-8").splitlines()
    return [f"+{line.removeprefix(prefix).lower()}" for line in lines if line.startswith(prefix)]


def as_its_user() -> list[str]:
    """What starts a program as systemd starts coturn: Debian's user, and no right but the drop-in's."""
    user = pwd.getpwnam("turnserver")
    given = ",".join(capabilities())
    rights = ["--inh-caps", f"-all,{given}", "--ambient-caps", f"-all,{given}"]
    return [
        "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
        f"--bounding-set=-all,{given}", *rights, "--no-new-privs",
    ]  # fmt: skip


@asynccontextmanager
async def coturn() -> AsyncIterator[Path]:
    """A running coturn, serving at `TURN`: the folder with its `log` and its certificate, `fullchain.pem`."""
    with tempfile.TemporaryDirectory() as made:  # pytest's own folder is closed to coturn's user
        folder = Path(made)
        _furnish(folder)
        log = folder / "log"
        with log.open("wb") as out:
            program = await asyncio.create_subprocess_exec(
                *as_its_user(), shutil.which("turnserver") or "turnserver",
                "-c", folder / "turnserver.conf", "--pidfile=",
                cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
        try:
            await until(lambda: program.returncode is not None or _listens(443))
            assert program.returncode is None, log.read_text(errors="replace")
            yield folder
        finally:
            if program.returncode is None:
                program.kill()
            await program.wait()


def _furnish(folder: Path) -> None:
    """The certificate, its key and the configuration, for any user to read."""
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    make = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    name = ["-subj", "/CN=turn.example.org", "-addext", f"subjectAltName=IP:{TURN}", "-days", "2"]
    subprocess.run([*make, *name, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    (folder / "turnserver.conf").write_text(adapted(certificate, key), encoding="utf-8")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((TURN, port)) == 0
