"""Security headers on every answer, errors and files included.

OWASP Secure Headers; Content Security Policy Level 3. Nothing inline runs: the one inlined style
sheet is allowed by its hash, which `pages.render` leaves in the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from conference.serving.context import EMBEDDED, STYLE_HASH

Signal = Callable[[web.Request, web.StreamResponse], Awaitable[None]]

_fixed = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # browsers that do not know frame-ancestors
    # Not no-referrer: forms would then be sent with "Origin: null" and be refused.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), display-capture=(self), "
        "screen-wake-lock=(self), fullscreen=(self), "
        "geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), browsing-topics=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


# For `EMBEDDED` answers alone: public, the same for everybody, without anything to press.
_for_other_sites = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}


def header_signal(public_url: str) -> Signal:
    """For `app.on_response_prepare`. *public_url* decides about HSTS and the WebSocket's origin."""
    is_https = public_url.startswith("https:")

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        embedded = request.get(EMBEDDED, False)
        response.headers.update(_fixed)
        if embedded:
            del response.headers["X-Frame-Options"]
            response.headers.update(_for_other_sites)
        response.headers["Content-Security-Policy"] = content_policy(
            public_url, request.get(STYLE_HASH, ""), embedded=embedded
        )
        # Whatever did not say that it may be kept is taken for personal.
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Server"] = "majlis"
        if is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    return add_headers


def content_policy(public_url: str, style_hash: str = "", *, embedded: bool = False) -> str:
    """The Content-Security-Policy; *style_hash* is base64 of the SHA-256 of the page's one `<style>`.

    *embedded*: other sites may frame it.
    """
    parts = urlsplit(public_url)
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    style = "'self'" + (f" 'sha256-{style_hash}'" if style_hash else "")
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src {style}",
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            # Older Safari does not take 'self' for the socket of the same origin.
            f"connect-src 'self' {socket}",
            "font-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors *" if embedded else "frame-ancestors 'none'",
        )
    )
