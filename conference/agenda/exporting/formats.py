"""Every format the programme goes out in: what makes it, what it is called, and how it is served."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from conference.agenda.exporting.calendar import export_ics
from conference.agenda.exporting.frab_xml import export_xml
from conference.agenda.exporting.public import Edition
from conference.agenda.exporting.schedule_json import export_json
from conference.agenda.exporting.table import export_csv
from conference.agenda.exporting.xcal import export_xcal


class Format(msgspec.Struct, frozen=True):
    """`media_type` is what HTTP says of it; all are UTF-8."""

    export: Callable[[Edition], bytes]
    media_type: str


FORMATS: dict[str, Format] = {
    "json": Format(export_json, "application/json"),
    "xml": Format(export_xml, "application/vnd.c3voc.schedule+xml"),
    "xcal": Format(export_xcal, "application/xcal+xml"),
    "csv": Format(export_csv, "text/csv"),
    "ics": Format(export_ics, "text/calendar"),
}
