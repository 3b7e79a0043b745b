"""The offline copy: one ZIP, pages in Arabic and English that open from a folder or a memory stick.

The same programme gives the same bytes, so that copies can be compared and fetched again for nothing.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from conference.agenda.exporting.calendar import export_ics
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.schedule_json import export_json
from conference.agenda.releasing.published import people_of, sessions_of_person
from conference.agenda.track_colours import track_styles
from conference.serving.pages import Pages
from conference.serving.translation import SUPPORTED

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest moment a ZIP can hold: when it was made does not matter


def offline_copy(edition: Edition, pages: Pages) -> bytes:
    """The copy of everything the public sees of the programme; cancelled sessions are left out."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(_files(edition, pages)):
            entry = zipfile.ZipInfo(f"{edition.event.slug}/{name}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on every system
            archive.writestr(entry, content)
    return packed.getvalue()


def _files(edition: Edition, pages: Pages) -> Iterator[tuple[str, bytes]]:
    event = edition.event
    yield "schedule.json", export_json(edition)
    yield "schedule.ics", export_ics(edition)
    yield "style.css", (pages.built.styles + track_styles(edition.schedule.tracks)).encode()
    yield "index.html", pages.html("agenda/offline/start.html", edition.names, {"event": event}).encode()
    for lang in SUPPORTED:
        for name, template, values in _pages(edition):
            shared = {"event": event, "zone": event.zone, "zone_told": False, "page": name}
            shared |= {"root": "../" * (name.count("/") + 1), "version": edition.version_name}
            shared |= {"address": f"{edition.address}/schedule"}
            yield f"{lang}/{name}", pages.html(f"agenda/offline/{template}", lang, shared | values).encode()


def _pages(edition: Edition) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each page's name within its language, its template and what it shows."""
    days = edition.days()
    yield "index.html", "schedule.html", {"days": days}
    people = people_of(edition.schedule)
    theirs = [(person, sessions_of_person(edition.schedule, person.id)) for person in people]
    held = [(person, [one for one in sessions if not one.is_cancelled]) for person, sessions in theirs]
    yield "speakers.html", "speakers.html", {"people": [one for one in held if one[1]]}
    for day in days:
        for session in day.sessions:
            if not session.is_break:
                values = {"session": session, "day": day.date}
                yield f"session/{session.code}.html", "session.html", values
