"""The address a request came from, as far as it can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import web

UNKNOWN = "unknown"


def client_address(request: web.Request, trusted_proxies: Sequence[str]) -> str:
    """The client's address, see `believed_address`."""
    return believed_address(request.remote, request.headers.getall("X-Forwarded-For", []), trusted_proxies)


def believed_address(peer: str | None, forwarded: Sequence[str], trusted_proxies: Sequence[str]) -> str:
    """The *peer*'s own address, or what trusted proxies say in X-Forwarded-For.

    The header is read from its end, because everything before the last trusted entry was
    written by whoever sent the request. *trusted_proxies* are addresses or networks; a Unix
    socket has no address and counts as a proxy only when "unix" is among them.
    """
    believed = peer or ("unix" if "unix" in trusted_proxies else UNKNOWN)
    entries = [entry.strip() for entry in ",".join(forwarded).split(",")]
    while entries and _is_trusted(believed, trusted_proxies):
        said = _parsed(entries.pop())
        if said is None:
            break
        believed = str(said)
    found = _parsed(believed)
    return str(found) if found else UNKNOWN


def limit_key(address: str) -> str:
    """What rate limits count by: an IPv4 address, or the /64 of an IPv6 one (one household, one key)."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed) if parsed else UNKNOWN


def _is_trusted(peer: str, trusted: Sequence[str]) -> bool:
    if peer == "unix":
        return "unix" in trusted
    address = _parsed(peer)
    if address is None:
        return False
    return any(address in ip_network(proxy, strict=False) for proxy in trusted if proxy != "unix")


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
