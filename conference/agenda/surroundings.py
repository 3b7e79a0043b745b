"""What the commands of `majlis schedule` work with."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

import msgspec

from conference.clock import Clock
from conference.storage.database import Database


class Surroundings(msgspec.Struct, frozen=True):
    """`site` is the public address of the server, `mail_from` the address its mail comes from."""

    clock: Clock
    site: str
    mail_from: str = ""


#: A command: what the database holds, what was asked; gives the exit status.
Run = Callable[[Database, argparse.Namespace, Surroundings], Awaitable[int]]
