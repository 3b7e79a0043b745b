"""From what a file says to a checked `Programme`: the event with its zone and days, then every session."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from conference.agenda.breaks import means_break
from conference.agenda.checks import check_event, check_session
from conference.agenda.drafts import EventDraft, Programme, SessionDraft
from conference.agenda.identity import derived_slug, number_from, uuid_from
from conference.agenda.importing.cast import Cast
from conference.agenda.importing.fields import (
    Field,
    language_tag,
    number_of,
    shown,
    text_of,
    texts_of,
    truth_of,
)
from conference.agenda.importing.links import address_of, links_of
from conference.agenda.importing.named import Named
from conference.agenda.importing.notes import Notes, checked
from conference.agenda.importing.raw import RawSchedule, RawSession, RawTrack
from conference.agenda.importing.times import (
    dates_of,
    day_start_of,
    length_of,
    start_of,
    timeslot_of,
    zone_of,
)
from conference.agenda.importing.translations import add_translations
from conference.agenda.slugs import is_session_code, slug_of
from conference.agenda.tables import SessionKind
from conference.errors import N_

MOST_PLACES = 10_000_000
_CODE_IN_ADDRESS = re.compile(r"/talk/([0-9A-Z]{6})/?$")  # pretalx's own pages


def gather(raw: RawSchedule, *, slug: str = "", zone: str = "", home: str = "") -> Programme:
    """The checked programme; *slug* and *zone* (IANA) go before the file's, *home* before a guess. `BadInput`
    says what is wrong."""
    return _Gathering(raw).programme(slug, zone, home)


class _Gathering:
    def __init__(self, raw: RawSchedule) -> None:
        self.raw = raw
        self.notes = Notes()
        self.spoken = _languages(raw)
        said = language_tag(text_of(raw.language))
        self.language = said or next((tag for tag in self.spoken if tag in ("ar", "en")), "en")
        self.named = Named(self.language, self.notes)
        self.cast = Cast(self.notes)
        self.text_language = language_tag(text_of(raw.text_language))
        self.guids: set[str] = set()

    def programme(self, slug: str, zone: str, home: str) -> Programme:
        raw = self.raw
        chosen = zone_of(raw, zone, home, self.notes)
        day_start = day_start_of(raw)
        starts = [start_of(one, chosen.name, day_start, self.notes) for one in raw.sessions]
        event = self.event(slug, chosen.name, day_start, starts)
        for room in raw.rooms:
            self.named.room(room)
        for track in raw.tracks:
            self.named.track(track)
        sessions = [self.session(one, start, event) for one, start in zip(raw.sessions, starts, strict=True)]
        programme = Programme(
            event=event,
            rooms=list(self.named.rooms.values()),
            tracks=list(self.named.tracks.values()),
            types=list(self.named.types.values()),
            people=list(self.cast.people.values()),
            sessions=sessions,
            zone_is_guess=chosen.is_guess,
            warnings=self.notes.oddities,
        )
        if raw.translations is not None:
            add_translations(raw.translations, programme, self.notes)
        return programme

    def event(self, slug: str, zone: str, day_start: int, starts: list[datetime]) -> EventDraft:
        raw, notes = self.raw, self.notes
        title = texts_of(raw.title, self.language)
        if not any(title.values()):
            raw.title.refuse(N_("%(place)s: the conference has no title."))
        first, last = dates_of(raw, starts, zone, notes)
        draft = EventDraft(
            slug=slug or slug_of(text_of(raw.acronym) or next(filter(None, title.values())), prefix="event"),
            title=title,
            description=texts_of(raw.description, self.language),
            zone=zone,
            language=self.language,
            languages=[self.language, *(tag for tag in self.spoken if tag != self.language)],
            starts=first,
            ends=last,
            day_start_hour=day_start,
            timeslot_minutes=timeslot_of(raw.timeslot),
            accent=self.named.colour(raw.colour),
            logo=address_of(raw.logo, notes),
            url=address_of(raw.url, notes),
            base_url=address_of(raw.base_url, notes),
            version=text_of(raw.version),
        )
        return checked(draft, check_event, raw.place)

    def session(self, raw: RawSession, starts_at: datetime, event: EventDraft) -> SessionDraft:
        notes = self.notes
        spoken = language_tag(text_of(raw.field("language")))
        language = self.text_language or spoken or self.language
        minutes = length_of(raw, starts_at, event.timeslot_minutes, notes)
        is_break = _is_break(raw)
        everywhere = is_break and raw.names_no_room
        room = None if everywhere or raw.room is None else self.named.room(raw.room)
        if room is None and not is_break:
            notes.add(raw.place, N_("the session has no room"))
        draft = SessionDraft(
            kind=SessionKind.BREAK if is_break else SessionKind.SESSION,
            starts_at=starts_at,
            minutes=minutes,
            language=spoken,
            room=room,
            track=self.named.track(RawTrack(name=raw.field("track"))),
            type=self.named.type(raw.field("type"), minutes),
            title=texts_of(raw.field("title"), language),
            subtitle=texts_of(raw.field("subtitle"), language),
            abstract=texts_of(raw.field("abstract"), language),
            description=texts_of(raw.field("description"), language),
            code=self.code(raw),
            guid=self.guid(raw, starts_at),
            external_id=self.number(raw),
            slug=self.slug(raw, event),
            recording_license=text_of(raw.field("recording_license")),
            do_not_record=truth_of(raw.field("do_not_record")),
            is_cme=_truth_said(raw.field("is_cme")),
            capacity=_places(raw.field("capacity")),
            takes_sign_ups=_truth_said(raw.field("takes_sign_ups")),
            recording_url=address_of(raw.field("recording_url"), notes),
            url=address_of(raw.field("url"), notes),
            origin_url=address_of(raw.field("origin_url"), notes),
            feedback_url=address_of(raw.field("feedback_url"), notes),
            logo=address_of(raw.field("logo"), notes),
            links=links_of(raw.links, notes),
            attachments=links_of(raw.attachments, notes),
            parts=[part for one in raw.persons if (part := self.cast.part(one, language))],
        )
        if not any(draft.title.values()):
            raw.field("title").refuse(N_("%(place)s: the session has no title."))
        return checked(draft, check_session, raw.place)

    def code(self, raw: RawSession) -> str:
        """The file's code, also where only pretalx's address or slug has it; "" when there is none."""
        found = _CODE_IN_ADDRESS.search(text_of(raw.field("url")))
        for code in (text_of(raw.field("code")), found[1] if found else "", text_of(raw.field("slug"))):
            if is_session_code(code):
                return code
        return ""

    def number(self, raw: RawSession) -> int | None:
        """The file's "id", unless one of our exports made it up because the formats demand one."""
        number = number_of(raw.field("id"))
        return None if number == number_from(text_of(raw.field("guid"))) else number

    def slug(self, raw: RawSession, event: EventDraft) -> str:
        """The file's slug, unless one of our exports made it up."""
        slug, code = text_of(raw.field("slug")), text_of(raw.field("code"))
        return "" if code and slug.startswith(derived_slug(event.slug, code)) else slug

    def guid(self, raw: RawSession, starts_at: datetime) -> str:
        """The file's guid; where it is missing or doubled, one derived from what else names the session."""
        guid = text_of(raw.field("guid"))
        if not guid:
            known = (
                self.code(raw)
                or number_of(raw.field("id"))
                or (raw.field("title").value, starts_at.isoformat())
            )
            guid = uuid_from(f"session {known}")
        if guid in self.guids:
            self.notes.add(raw.place, N_("another session has the same guid; this one gets its own"))
            guid, number = uuid_from(f"{guid} {starts_at.isoformat()}"), 2
            while guid in self.guids:
                guid, number = uuid_from(f"{guid} {number}"), number + 1
        self.guids.add(guid)
        return guid


def _truth_said(field: Field) -> bool | None:
    return None if field.value is None else truth_of(field)


def _places(field: Field) -> int | None:
    """None when it is not said; `BadInput` with its place for what is no number of people."""
    number = number_of(field)
    if field.value is not None and (number is None or number >= MOST_PLACES):
        field.refuse(N_("%(place)s: “%(value)s” is not a number of people."), value=shown(field.value))
    return number


def _is_break(raw: RawSession) -> bool:
    said = raw.field("type").value
    texts = said.values() if isinstance(said, dict) else [said]
    return any(isinstance(text, str) and means_break(text) for text in texts)


def _languages(raw: RawSchedule) -> list[str]:
    """The file's own default first, then the spoken languages by how often they occur."""
    counted = Counter(tag for one in raw.sessions if (tag := language_tag(text_of(one.field("language")))))
    default = language_tag(text_of(raw.language)) if raw.language.value else None
    return list(dict.fromkeys([*([default] if default else []), *(tag for tag, _ in counted.most_common())]))
