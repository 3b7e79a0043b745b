"""Forms with a file (multipart/form-data, RFC 7578), read part by part within limits, never to the disk.

The general limit on bodies (`server.max_upload_bytes`) stays small for everybody; a route marked
``takes_files`` reads here, after the check of rights, up to its own limit. The form token must be the
first part: it is looked at before anything large is read.
"""

from __future__ import annotations

import msgspec
from aiohttp import BodyPartReader, web

from conference.errors import N_, BadInput
from conference.serving.protection import FIELD, check_token
from conference.serving.text import clean_text

_FIELD_LIMIT = 20_000  # bytes of a field that is not a file
_MOST_PARTS = 40
_CHUNK = 64 * 1024


class Upload(msgspec.Struct):
    """What a form with files brought: `fields` by name, and the one file; `data` is empty without one."""

    fields: dict[str, str]
    filename: str = ""
    data: bytes = b""


async def read_upload(request: web.Request, *, limit: int) -> Upload:
    """The form of *request*, its one file at most *limit* bytes.

    Raises `NotAllowed` for a missing or wrong form token, `BadInput` for what is too large or no form.
    """
    if request.content_type != "multipart/form-data":
        raise BadInput(
            N_("This form was sent in a way the server does not understand."), code="form.encoding"
        )
    upload, is_ours, parts = Upload({}), False, 0
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            parts += 1
            if not isinstance(part, BodyPartReader) or parts > _MOST_PARTS:
                raise BadInput(N_("The form could not be read."), code="form.unreadable")
            if not is_ours:
                check_token(request, await _text(part) if part.name == FIELD else "")
                is_ours = True
            elif part.filename is None:
                upload.fields[part.name or ""] = await _text(part)
            elif part.filename:
                upload.filename = clean_text(part.filename[-200:], limit=200)
                upload.data = await _bytes(part, limit)
    except (ValueError, LookupError, UnicodeError) as error:
        raise BadInput(N_("The form could not be read."), code="form.unreadable") from error
    if not is_ours:
        check_token(request, "")
    return upload


async def _text(part: BodyPartReader) -> str:
    return (await _bytes(part, _FIELD_LIMIT)).decode("utf-8", "replace")


async def _bytes(part: BodyPartReader, limit: int) -> bytes:
    read = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        read += chunk
        if len(read) > limit:
            raise BadInput(
                N_("This file is larger than %(limit)d kB."),
                code="upload.too-large",
                field="file",
                limit=limit // 1024,
            )
    return bytes(read)
