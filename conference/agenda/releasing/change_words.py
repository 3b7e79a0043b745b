"""Changes of the programme in words: for pages, the feed and mails, in both languages and any zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
from markupsafe import Markup, escape

from conference.agenda.releasing.change_log import Kind, Renamed
from conference.agenda.rows import PersonRow, RoomRow, SessionRow, Texts
from conference.agenda.tables import SessionRole
from conference.errors import N_
from conference.serving import times
from conference.serving.translation import direction, translate, translate_plural

GROUPS: dict[Kind, str] = {
    Kind.NEW: N_("New in the programme"),
    Kind.JOINED: N_("New in your agenda"),
    Kind.CANCELLED: N_("Cancelled"),
    Kind.LEFT: N_("No longer in your agenda"),
    Kind.TIME: N_("At another time"),
    Kind.ROOM: N_("In another room"),
    Kind.LENGTH: N_("Longer or shorter"),
    Kind.PEOPLE: N_("With other people"),
    Kind.TITLE: N_("Under another title"),
}


class Differs(Protocol):
    """What is said here: a `change_log.Change` or a `concerns.Concern`."""

    @property
    def before(self) -> SessionRow | None: ...
    @property
    def after(self) -> SessionRow | None: ...
    @property
    def kinds(self) -> tuple[Kind, ...]: ...


class Voice(msgspec.Struct, frozen=True):
    """Says things in `lang` on the clock of `zone`; as HTML, what people wrote stands in `<bdi>`."""

    lang: str
    zone: str
    as_html: bool = False

    def say(self, msgid: str, **values: object) -> str:
        """*msgid* (marked with `N_` where it stands) in this language."""
        if self.as_html:
            return Markup(escape(translate(self.lang, msgid))) % values  # noqa: S704  # escaped just here
        return translate(self.lang, msgid, **values)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return translate_plural(self.lang, singular, plural, number)

    def text(self, texts: Texts) -> str:
        """A text in this language, else in the first it has."""
        found = (
            self.lang if texts.get(self.lang) else next((name for name in texts if texts[name]), self.lang)
        )
        words = texts.get(found, "")
        if not self.as_html:
            return words
        if found == self.lang:
            return Markup("<bdi>{}</bdi>").format(words)
        return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(found, direction(found), words)

    def names(self, people: Iterable[PersonRow]) -> str:
        return self.joined([self.text(person.name) for person in people])

    def joined(self, parts: Sequence[str]) -> str:
        comma = translate(self.lang, N_(", "))
        return Markup(comma).join(parts) if self.as_html else comma.join(parts)  # noqa: S704  # our own text

    def day(self, moment: datetime) -> str:
        return times.day_name(times.local_date(moment, self.zone), self.lang)

    def clock(self, moment: datetime) -> str:
        return times.clock_time(moment, self.zone)

    def when(self, session: SessionRow) -> str:
        """``Saturday 25 October, 09:00–09:30``"""
        span = f"{self.clock(session.starts_at)}–{self.clock(session.ends_at)}"
        hours = Markup('<bdi class="numbers" dir="ltr">{}</bdi>').format(span) if self.as_html else span
        return self.joined([self.day(session.starts_at), hours])

    def room(self, room: RoomRow | None) -> str:
        return self.text(room.name) if room else self.say(N_("all rooms"))

    def when_and_where(self, session: SessionRow) -> str:
        return self.joined([self.when(session), self.room(session.room)])


def sentences(change: Differs, voice: Voice) -> list[str]:
    """One sentence for each way in which the session differs; its title is not among them."""
    said = [_sentence(kind, change, voice) for kind in change.kinds]
    return [sentence for sentence in said if sentence]


def renaming(renamed: Renamed, voice: Voice) -> str:
    """``Hall A is called Main hall now.``"""
    was, now = voice.text(renamed.before.name), voice.text(renamed.after.name)
    return voice.say(N_("%(was)s is called %(now)s now."), was=was, now=now)


def _sentence(kind: Kind, change: Differs, voice: Voice) -> str:
    before, after = change.before, change.after
    if after is not None and kind in (Kind.NEW, Kind.JOINED):
        return voice.say(N_("%(when)s."), when=voice.when_and_where(after))
    if before is not None and after is None:
        return voice.say(N_("It was to be on %(when)s."), when=voice.when_and_where(before))
    if before is None or after is None:
        return ""
    if kind is Kind.TIME:
        return voice.say(
            N_("Now on %(now)s; it was on %(was)s."), now=voice.when(after), was=voice.when(before)
        )
    if kind is Kind.ROOM:
        return voice.say(
            N_("Now in %(now)s; it was in %(was)s."), now=voice.room(after.room), was=voice.room(before.room)
        )
    if kind is Kind.LENGTH:
        # A new time has said its new end already.
        return "" if Kind.TIME in change.kinds else _length(before, after, voice)
    if kind is Kind.PEOPLE:
        return _people(before, after, voice)
    return voice.say(N_("It was called “%(title)s”."), title=voice.text(before.title))


def _length(before: SessionRow, after: SessionRow, voice: Voice) -> str:
    return voice.say(
        N_("Now until %(now)s, %(length)s; it was until %(was)s."),
        now=voice.clock(after.ends_at),
        was=voice.clock(before.ends_at),
        length=times.duration(after.minutes, voice.lang),
    )


ROLES: dict[SessionRole, str] = {
    SessionRole.SPEAKER: N_("Speakers: %(names)s."),
    SessionRole.CHAIR: N_("Chair: %(names)s."),
    SessionRole.MODERATOR: N_("Moderator: %(names)s."),
    SessionRole.INTERPRETER: N_("Interpreter: %(names)s."),
    SessionRole.TECHNICIAN: N_("Technician: %(names)s."),
}


def _people(before: SessionRow, after: SessionRow, voice: Voice) -> str:
    """Who does it now, for each role in which that differs."""
    said = []
    for role, words in ROLES.items():
        was, now = before.people_in(role), after.people_in(role)
        if {one.id for one in was} != {one.id for one in now}:
            said.append(voice.say(words, names=voice.names(now) or voice.say(N_("nobody"))))
    return Markup(" ").join(said) if voice.as_html else " ".join(said)
