"""Secret cookies, written as a header: `on_response_prepare` comes after aiohttp has written its own."""

from __future__ import annotations

from aiohttp import hdrs, web


def keep_secret_cookie(
    response: web.StreamResponse, name: str, value: str, *, is_https: bool, max_age: int | None = None
) -> None:
    """RFC 6265bis. *value* must be a token (URL-safe base64): nothing is quoted here.

    Never readable by scripts, sent to this host only; *max_age* in seconds, None for as long as the
    browser stays open, 0 to take the cookie away.
    """
    parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if is_https:
        parts.append("Secure")
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    response.headers.add(hdrs.SET_COOKIE, "; ".join(parts))
