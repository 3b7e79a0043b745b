"""Which addresses browsers are told: those of the settings, or those the sockets are reached at."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Sequence

from conference.media.errors import BadAddress

log = logging.getLogger(__name__)


async def advertised_addresses(bound: Sequence[str], public: Sequence[str]) -> list[str]:
    """IP addresses, best first and each once. *public* may hold names: they are looked up once, here, and of
    their addresses those count that are of a protocol version listened on.

    Raises BadAddress for a name that gives none.
    """
    found: list[str] = []
    for name in public:
        found += [name] if _is_address(name) else await _look_up(name, bound)
    return list(dict.fromkeys(found or _reachable(bound)))


def _reachable(bound: Sequence[str]) -> list[str]:
    found = [reachable_address(host) for host in bound]
    outside = [a for a, host in zip(found, bound, strict=True) if not _only_here(a, host)]
    return outside or found


def _only_here(address: str, host: str) -> bool:
    """A wildcard without a route to anywhere: of use only when it is all there is."""
    return address != host and ipaddress.ip_address(address).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _look_up(name: str, bound: Sequence[str]) -> list[str]:
    """Browsers want an IP address in a candidate."""
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise BadAddress(f"public address {name!r} cannot be resolved: {error}") from error
    versions = {ipaddress.ip_address(host).version for host in bound}
    found = [str(answer[4][0]) for answer in answers]
    fitting = [address for address in found if ipaddress.ip_address(address).version in versions]
    if not fitting:
        raise BadAddress(
            f"public address {name!r} is {', '.join(found)}; media listens on {', '.join(bound)}"
        )
    return fitting


def reachable_address(host: str) -> str:
    """An address clients can use for a socket bound to `host`: itself, or the default route's."""
    if not ipaddress.ip_address(host).is_unspecified:
        return host
    family, probe = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((probe, 9))  # chooses a route; UDP connect sends nothing
            return str(sock.getsockname()[0])
    except OSError:
        return "::1" if ":" in host else "127.0.0.1"
