"""When things are: sessions and their lengths, the event's days and zone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from conference.agenda.importing.fields import Field, clock_of, day_of, minutes_of, moment_of, text_of
from conference.agenda.importing.notes import Notes
from conference.agenda.importing.raw import RawSchedule, RawSession
from conference.agenda.importing.zones import agrees, known_zone, likely_zone
from conference.errors import N_


class Zone(msgspec.Struct, frozen=True):
    name: str
    is_guess: bool


def zone_of(raw: RawSchedule, wished: str, home: str, notes: Notes) -> Zone:
    """*wished* (checked) when given; the file's own where its times agree with it; else that of the event it
    is read into (*home*) where they agree with that; else a likely one."""
    if wished:
        return Zone(wished, is_guess=False)
    written = [moment_of(one.field("date")) for one in raw.sessions if one.field("date").value]
    aware = [moment for moment in written if moment.tzinfo is not None]
    said = text_of(raw.zone)
    named = known_zone(said)
    if named and agrees(named, aware):
        return Zone(named, is_guess=False)
    fits = bool(home) and agrees(home, aware)
    likely = home if fits else likely_zone(aware)
    if not said and fits:
        return Zone(home, is_guess=True)
    if not said:
        message = N_("no time zone is named; the times fit %(zone)s.")
    elif not named:
        message = N_("“%(said)s” is not a time zone; the times fit %(zone)s.")
    else:
        message = N_("the zone is said to be %(said)s, but the times fit %(zone)s.")
    notes.add(raw.zone.place if said else raw.place, message, said=said[:40], zone=likely)
    return Zone(likely, is_guess=True)


def start_of(session: RawSession, zone: str, day_start_hour: int, notes: Notes) -> datetime:
    """The start as an aware moment: "date" with its offset, else in *zone*, else the day and "start"."""
    written = session.field("date")
    if written.value:
        moment = moment_of(written)
        return moment.astimezone(UTC) if moment.tzinfo else _in_zone(moment, zone, written, notes)
    start = session.field("start")
    if session.day is None or not start.value:
        written.refuse(N_("%(place)s: the session has no date and time."))
    hour, minute = clock_of(start)
    day = session.day + timedelta(days=hour < day_start_hour)
    return _in_zone(datetime.combine(day, time(hour, minute)), zone, start, notes)


def _in_zone(local: datetime, zone: str, field: Field, notes: Notes) -> datetime:
    info = ZoneInfo(zone)
    moment = local.replace(tzinfo=info).astimezone(UTC)
    if moment.astimezone(info).replace(tzinfo=None) != local:
        field.refuse(
            N_("%(place)s: %(time)s does not exist in %(zone)s: the clocks jump over it."),
            time=local.strftime("%Y-%m-%d %H:%M"),
            zone=zone,
        )
    if local.replace(tzinfo=info, fold=1).astimezone(UTC) != moment:
        notes.add(field.place, N_("this time comes twice on the day the clocks go back; the first is taken"))
    return moment


def length_of(session: RawSession, starts_at: datetime, timeslot: int, notes: Notes) -> int:
    """Minutes: "duration", else until "end"; nothing or zero is one timeslot, and noted."""
    duration, end = session.field("duration"), session.field("end")
    minutes = 0
    if duration.value:
        minutes = minutes_of(duration)
    elif end.value:
        moment = moment_of(end)
        if moment.tzinfo is None:
            end.refuse(N_("%(place)s: the end needs its offset, like +03:00."))
        minutes = int((moment - starts_at).total_seconds() // 60)
        if minutes < 0:
            end.refuse(N_("%(place)s: the session ends before it starts."))
    if not minutes:
        notes.add(
            session.place, N_("the session has no length; %(minutes)d minutes are taken"), minutes=timeslot
        )
    return minutes or timeslot


def timeslot_of(field: Field) -> int:
    """The planner's step in minutes; 5 when the file does not say."""
    return max(1, min(minutes_of(field) if field.value else 5, 240))


def day_start_of(raw: RawSchedule) -> int:
    """The hour conference days begin at, from where the file ends its days (03:59 and 04:00 are 4)."""
    hours = Counter(
        (moment_of(end) + timedelta(minutes=1)).replace(tzinfo=None).hour for end in raw.day_ends if end.value
    )
    likely = [hour for hour, _ in hours.most_common() if hour <= 12]
    return likely[0] if likely else 4


def dates_of(raw: RawSchedule, starts: list[datetime], zone: str, notes: Notes) -> tuple[date, date]:
    """First and last day: as said of the conference, else of its days, else of its sessions."""
    local = [moment.astimezone(ZoneInfo(zone)).date() for moment in starts]
    days = [day_of(field) for field in raw.dates if field.value] or local
    first = day_of(raw.starts) if raw.starts.value else min(days, default=None)
    last = day_of(raw.ends) if raw.ends.value else max(days, default=first)
    if first is None or last is None:
        raw.title.refuse(N_("%(place)s: the schedule has neither dates nor sessions."))
    if last < first:
        notes.add(
            raw.ends.place, N_("the conference ends before it starts; the days of its sessions are taken")
        )
        first, last = min(days, default=first), max(days, default=first)
    return first, last
