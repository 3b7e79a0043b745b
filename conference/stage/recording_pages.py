"""The organizers' page of recordings, and their files."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from aiohttp import web
from sqlalchemy import Connection

from conference.agenda.reading import event_by_slug
from conference.agenda.rows import EventRow
from conference.errors import N_, NotFound
from conference.media.recording import LIST, FileList
from conference.serving.context import DATABASE, SETTINGS
from conference.serving.pages import render
from conference.stage import recordings
from conference.stage.recording import MANIFEST
from conference.stage.recordings import Recording

# What a recording is made of; nothing else in its folder is handed out.
_FILE = re.compile(r"[A-Za-z0-9_-]{1,80}\.(webm|mkv)")
_TYPES = {".webm": "video/webm", ".mkv": "video/matroska", ".json": "application/json"}


class ListedFile(msgspec.Struct, frozen=True):
    """`who` is empty when the manifest does not know the participant; `size` in bytes, None when missing."""

    name: str
    who: str
    sources: tuple[str, ...]
    size: int | None
    seconds: int
    height: int
    ended: bool


class ListedRecording(msgspec.Struct, frozen=True):
    row: Recording
    files: list[ListedFile]


class _Person(msgspec.Struct):
    name: str = ""


class _Manifest(msgspec.Struct):
    participants: dict[str, _Person] = {}


async def recordings_page(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/recordings`"""
    data = request.app[SETTINGS].folder

    def read(rows: Connection) -> tuple[EventRow, list[ListedRecording]]:
        event = event_by_slug(rows, request.match_info["event"])
        listed = [
            ListedRecording(row, _files(data / row.folder)) for row in recordings.of_event(rows, event.id)
        ]
        return event, listed

    event, listed = await request.app[DATABASE].read(read)
    return render(request, "stage/recordings.html", event=event, recordings=listed)


async def download(request: web.Request) -> web.StreamResponse:
    """`GET /{event}/organize/recordings/{recording}/{file}`: whole or by ranges (RFC 9110 §14)."""
    names = request.match_info

    def read(rows: Connection) -> Recording:
        event = event_by_slug(rows, names["event"])
        return recordings.named(rows, event.id, names["recording"])

    row = await request.app[DATABASE].read(read)
    file = request.app[SETTINGS].folder / row.folder / names["file"]
    known = _FILE.fullmatch(names["file"]) or names["file"] in (LIST, MANIFEST)
    if not known or not file.is_file():
        raise NotFound(N_("There is no such recording."), code="recording.unknown")
    name = f"{row.place.code}-{file.name}"
    return web.FileResponse(
        file,
        headers={
            "Content-Type": _TYPES[file.suffix],
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _files(folder: Path) -> list[ListedFile]:
    """By what the engine has written down; a recording that is on has files already."""
    try:
        listed = msgspec.json.decode((folder / LIST).read_bytes(), type=FileList)
    except (OSError, msgspec.DecodeError):
        return []
    people: dict[str, _Person] = {}
    try:
        people = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=_Manifest).participants
    except (OSError, msgspec.DecodeError):
        pass  # names are a help; the files are the thing
    found: list[ListedFile] = []
    for each in listed.files:
        file = folder / each.name
        size = file.stat().st_size if _FILE.fullmatch(each.name) and file.is_file() else None
        who = people[each.participant].name if each.participant in people else ""
        found.append(
            ListedFile(each.name, who, each.sources, size, round(each.seconds), each.height, each.ended)
        )
    return found
