"""One way in for every format: the first bytes decide which it is."""

from __future__ import annotations

from conference.agenda.drafts import Programme
from conference.agenda.importing.fields import refuse
from conference.agenda.importing.frab_xml import read_frab_xml
from conference.agenda.importing.gathering import gather
from conference.agenda.importing.hub_json import is_hub_schedule, read_hub_json
from conference.agenda.importing.json_tree import read_json
from conference.agenda.importing.raw import RawSchedule
from conference.agenda.importing.schedule_json import read_schedule_json
from conference.agenda.zone_names import zone_named
from conference.errors import N_

LARGEST_FILE = 64 * 1024 * 1024  # bytes; the largest published schedules have about 5 MB


def read_programme(data: bytes, file: str, *, slug: str = "", zone: str = "", home: str = "") -> Programme:
    """The checked programme in *data*; *file* is the name errors begin with.

    *slug* and *zone* replace what the file says; *home* is the zone of the event it is read into, for a file
    that names none. Raises nothing but `BadInput`, which names file,
    line and column (XML) or path (JSON).
    """
    if zone:
        zone_named(zone, field="zone")
    if len(data) > LARGEST_FILE:
        refuse(file, N_("%(place)s: the file is larger than %(limit)d MB."), limit=LARGEST_FILE >> 20)
    return gather(_read(data, file), slug=slug, zone=zone, home=home)


def _read(data: bytes, file: str) -> RawSchedule:
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):  # the last two: UTF-16, which only XML may use
        return read_frab_xml(data, file)
    if not start.startswith((b"{", b"[")):
        refuse(file, N_("%(place)s: this is neither schedule XML nor schedule JSON."))
    schedule = read_json(data, file).child("schedule")
    if not isinstance(schedule.value, dict):
        refuse(schedule.place(), N_("%(place)s: there is no “schedule” in this file."))
    return read_hub_json(schedule) if is_hub_schedule(schedule) else read_schedule_json(schedule)
