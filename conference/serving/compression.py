"""Text as small as it gets on the wire: brotli, else gzip; and nothing at all when nothing changed.

Pages hold a form token beside text from the address (a search, a filter). Guessing the one by the
length of the other (BREACH) needs requests that carry the cookie from other sites; ``SameSite``
refuses those.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Awaitable, Callable

import brotli
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SMALLEST = 500  # bytes; below this the headers outweigh the gain
IN_A_THREAD = 200_000  # bytes; a larger text would hold the event loop up
TEXTUAL = ("text/", "application/json", "application/xml", "image/svg+xml")


@web.middleware
async def compression(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compress textual answers of 500 bytes or more; answer 304 to an ETag that still holds.

    A handler that knows whether its answer changed sets the ETag, and answers 304, itself.
    """
    response = await handler(request)
    body = response.body if isinstance(response, web.Response) else None
    if not isinstance(response, web.Response) or not isinstance(body, bytes) or response.prepared:
        return response
    if "ETag" not in response.headers and _revalidates(request, response):
        tag = hashlib.sha256(body + (response.headers.get("Content-Language") or "").encode()).hexdigest()[
            :20
        ]
        # Weak: the same page, whichever encoding it travels in (RFC 9110 §8.8.3).
        response.headers["ETag"] = f'W/"{tag}"'
        if tag in request.headers.get("If-None-Match", ""):
            return _unchanged(response)
    await _compress(request, response, body)
    return response


def _revalidates(request: web.Request, response: web.Response) -> bool:
    cached = "no-cache" in response.headers.get("Cache-Control", "")
    return cached and request.method in ("GET", "HEAD") and response.status == 200


def _unchanged(response: web.Response) -> web.Response:
    kept = ("ETag", "Cache-Control", "Vary", "Content-Language")
    headers = {name: response.headers[name] for name in kept if name in response.headers}
    unchanged = web.Response(status=304, headers=headers)
    for cookie in response.cookies.values():
        unchanged.cookies[cookie.key] = cookie
    return unchanged


async def _compress(request: web.Request, response: web.Response, body: bytes) -> None:
    if len(body) < SMALLEST or "Content-Encoding" in response.headers:
        return
    if not response.content_type.startswith(TEXTUAL) and not response.content_type.endswith(
        ("+xml", "+json")
    ):
        return
    vary = response.headers.get("Vary", "")
    response.headers["Vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    encoding = best_encoding(request.headers.get("Accept-Encoding", ""))
    if encoding is None:
        return
    pack = _brotli if encoding == "br" else _gzip
    packed = await asyncio.to_thread(pack, body) if len(body) > IN_A_THREAD else pack(body)
    response.body = packed
    response.headers["Content-Encoding"] = encoding


def best_encoding(accept: str) -> str | None:
    """``br``, ``gzip`` or nothing, as Accept-Encoding allows (RFC 9110 §12.5.3)."""
    accepted = set()
    for part in accept.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        if parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            accepted.add(name.strip())
    return next((encoding for encoding in ("br", "gzip") if encoding in accepted), None)


def _brotli(body: bytes) -> bytes:
    # Quality 5 is within a few per cent of the best at a small part of its time.
    packed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=5, lgwin=18)
    return packed


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)
