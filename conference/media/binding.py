"""STUN Binding requests and their answers (RFC 8489), as an ICE-lite agent has them.

Every connection is checked for consent every few seconds (RFC 7675), so this reads only what the agent acts
upon: whether the sender knows the password, whether it nominates, whether it wants to be controlled.
"""

from __future__ import annotations

import binascii
import hmac
import socket
import struct
from typing import Any, NamedTuple

_HEADER = struct.Struct("!HHL12s")
_ATTRIBUTE = struct.Struct("!HH")
_COOKIE = 0x2112A442
_REQUEST, _SUCCESS, _ERROR = 0x0001, 0x0101, 0x0111
_MESSAGE_INTEGRITY, _ERROR_CODE, _XOR_MAPPED_ADDRESS = 0x0008, 0x0009, 0x0020
_USE_CANDIDATE, _FINGERPRINT, _ICE_CONTROLLED = 0x0025, 0x8028, 0x8029
_FINGERPRINT_XOR = 0x5354554E
_INTEGRITY_SIZE, _FINGERPRINT_SIZE = 24, 8  # the whole attributes
_ROLE_CONFLICT = struct.pack("!HBB", 0, 4, 87) + b"Role Conflict"


class Check(NamedTuple):
    """An authenticated Binding request."""

    transaction: bytes
    nominates: bool
    controlled: bool


def read_check(data: bytes, password: bytes) -> Check | None:
    """None unless it is a well-formed Binding request with a MESSAGE-INTEGRITY made with `password`.

    Attributes after MESSAGE-INTEGRITY are not authenticated and are passed over (RFC 8489 §9), but a
    FINGERPRINT there must be right.
    """
    size = len(data)
    if size < 20:
        return None
    kind, length, cookie, transaction = _HEADER.unpack_from(data)
    if kind != _REQUEST or cookie != _COOKIE or size != 20 + length:
        return None
    nominates = controlled = authentic = False
    position = 20
    while position + 4 <= size:
        attribute, length = _ATTRIBUTE.unpack_from(data, position)
        end = position + 4 + length
        if end > size:
            return None
        if attribute == _FINGERPRINT:
            if data[position + 4 : end] != _fingerprint(data[:position]):
                return None
        elif authentic:
            pass
        elif attribute == _MESSAGE_INTEGRITY:
            if not hmac.compare_digest(data[position + 4 : end], _integrity(data[:position], password)):
                return None
            authentic = True
        elif attribute == _USE_CANDIDATE:
            nominates = True
        elif attribute == _ICE_CONTROLLED:
            controlled = True
        position = end + (-length & 3)
    return Check(transaction, nominates, controlled) if authentic else None


def success(check: Check, remote: tuple[Any, ...], password: bytes) -> bytes:
    """Tells the sender the address it was seen at, a socket's address of either family (§14.2)."""
    host, port = remote[0].partition("%")[0], remote[1]
    six = ":" in host
    address = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, host)
    mask = (_COOKIE.to_bytes(4, "big") + check.transaction)[: len(address)]
    hidden = (int.from_bytes(address, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(address), "big")
    value = struct.pack("!BBH", 0, 2 if six else 1, port ^ _COOKIE >> 16) + hidden
    return _response(_SUCCESS, check, _XOR_MAPPED_ADDRESS, value, password)


def role_conflict(check: Check, password: bytes) -> bytes:
    """The error 487 (RFC 8445 §7.3.1.1)."""
    return _response(_ERROR, check, _ERROR_CODE, _ROLE_CONFLICT, password)


def _response(kind: int, check: Check, attribute: int, value: bytes, password: bytes) -> bytes:
    body = _ATTRIBUTE.pack(attribute, len(value)) + value + bytes(-len(value) & 3)
    message = _HEADER.pack(kind, len(body), _COOKIE, check.transaction) + body
    digest = _integrity(message, password)
    message += _ATTRIBUTE.pack(_MESSAGE_INTEGRITY, len(digest)) + digest
    length = len(message) - 20 + _FINGERPRINT_SIZE
    return _with_length(message, length) + _ATTRIBUTE.pack(_FINGERPRINT, 4) + _fingerprint(message)


def _integrity(before: bytes, password: bytes) -> bytes:
    return hmac.digest(password, _with_length(before, len(before) - 20 + _INTEGRITY_SIZE), "sha1")


def _fingerprint(before: bytes) -> bytes:
    covered = _with_length(before, len(before) - 20 + _FINGERPRINT_SIZE)
    return (binascii.crc32(covered) ^ _FINGERPRINT_XOR).to_bytes(4, "big")


def _with_length(message: bytes, length: int) -> bytes:
    """Both checks count themselves into the length they cover (§14.5, §14.7)."""
    return message[:2] + length.to_bytes(2, "big") + message[4:]
