"""Secrets that open something: made here, kept only as hashes."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits as 43 characters that fit in an address or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps of a token. SHA-256 suffices: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_public_id() -> str:
    """An identifier that may be seen by anybody and cannot be counted through."""
    return secrets.token_urlsafe(12)
