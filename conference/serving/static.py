"""``/assets/…``: the built browser files, already compressed, kept by browsers for ever.

Their names hold their hash, so an address never changes its content.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from aiohttp import web

from conference.errors import N_, NotFound
from conference.serving.compression import best_encoding
from conference.serving.pages import PAGES

TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
ENDINGS = {"br": ".br", "gzip": ".gz"}


async def asset(request: web.Request) -> web.StreamResponse:
    """``GET /assets/{file:.+}``."""
    folder = request.app[PAGES].built.folder
    file = _inside(folder, request.match_info["file"])
    encoding = best_encoding(request.headers.get("Accept-Encoding", ""))
    packed = file.with_name(file.name + ENDINGS[encoding]) if encoding else file
    served = packed if packed.is_file() else file
    kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    text = kind.startswith(("text/", "application/json", "image/svg"))
    headers = {
        "Content-Type": f"{kind}; charset=utf-8" if text else kind,
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    if served is not file and encoding:
        headers["Content-Encoding"] = encoding
    return web.Response(body=served.read_bytes(), headers=headers)


# What web/build.mjs calls its files; anything else (`..`, NUL, a name too long to ask for) is none of them.
_BUILT_NAME = re.compile(r"(?:[a-z]+/)?[\w-]{1,100}(?:\.[a-z0-9]{1,8})+", re.ASCII)


def _inside(folder: Path, name: str) -> Path:
    """The built file *name*; `NotFound` for anything that is not one, wherever the name points."""
    file = folder / name
    if not _BUILT_NAME.fullmatch(name) or name == "manifest.json" or file.suffix in ENDINGS.values():
        raise NotFound(N_("There is no page at this address."), code="page.not-found")
    if not file.is_file():
        raise NotFound(N_("There is no page at this address."), code="page.not-found")
    return file
