"""SDP fragments of trickle ICE, `application/trickle-ice-sdpfrag` (RFC 8840 §9), as WHIP and WHEP send them.

The server is an ICE-lite agent at a public address: of a client's fragment only the credentials matter, which
tell an ICE restart from new candidates. Candidates are counted and never used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conference.media.engine import IceCredentials
from conference.media.errors import BadSdp

MEDIA_TYPE = "application/trickle-ice-sdpfrag"
MAX_BYTES = 32_768
_ICE_CHARS = re.compile(r"[A-Za-z0-9+/]+")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+")


@dataclass(frozen=True, slots=True)
class Fragment:
    """`ufrag` and `password` are empty when the fragment names none."""

    ufrag: str = ""
    password: str = ""
    candidates: int = 0


def parse_fragment(text: str) -> Fragment:
    """Read a client's fragment. Raises BadSdp, naming the line, for what is not one."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise BadSdp(f"fragment larger than {MAX_BYTES} bytes")
    found: dict[str, str] = {}
    candidates = lines = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if not line:
            continue
        lines += 1
        if line[:2] not in ("a=", "m=") or not line.isprintable():
            raise BadSdp(f"line {number}: neither an attribute nor a media line")
        if line[0] == "m":
            if len(line.split(" ")) < 4:
                raise BadSdp(f"line {number}: media line cut short")
            continue
        name, _, value = line[2:].partition(":")
        if not _TOKEN.fullmatch(name):
            raise BadSdp(f"line {number}: no attribute name")
        if name in ("ice-ufrag", "ice-pwd"):
            shortest = 4 if name == "ice-ufrag" else 22
            if not shortest <= len(value) <= 256 or not _ICE_CHARS.fullmatch(value):
                raise BadSdp(f"line {number}: bad {name}")
            if found.setdefault(name, value) != value:
                raise BadSdp(f"line {number}: a second {name} beside another (all media are bundled)")
        candidates += name == "candidate"
    if not lines:
        raise BadSdp("an empty fragment")
    if ("ice-ufrag" in found) != ("ice-pwd" in found):
        raise BadSdp("one of ice-ufrag and ice-pwd without the other")
    return Fragment(found.get("ice-ufrag", ""), found.get("ice-pwd", ""), candidates)


def write_fragment(credentials: IceCredentials) -> str:
    """Our answer to an ICE restart (RFC 9725 §4.3.2): the candidates stay those of the first answer."""
    lines = ("a=ice-lite", f"a=ice-ufrag:{credentials.ufrag}", f"a=ice-pwd:{credentials.password}")
    return "".join(f"{line}\r\n" for line in lines)
