"""The message that tells one person what changed for them: plain text, in their language and zone."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import msgspec

from conference.agenda.releasing.change_log import Kind
from conference.agenda.releasing.change_words import GROUPS, Voice, sentences
from conference.agenda.releasing.concerns import LISTENING, Concern, Tie, Told
from conference.agenda.rows import EventRow, SessionRow
from conference.errors import N_
from conference.people.letters import Words
from conference.serving import times
from conference.serving.text import clean_text

YOU_ARE: dict[Tie, str] = {
    Tie.SPEAKER: N_("You speak in it."),
    Tie.CHAIR: N_("You chair it."),
    Tie.MODERATOR: N_("You moderate it."),
    Tie.INTERPRETER: N_("You interpret it."),
    Tie.TECHNICIAN: N_("You look after its technology."),
    Tie.SIGN_UP: N_("You signed up for it."),
    Tie.STAR: N_("You starred it."),
}

#: No mail is longer than what a phone shows in reason; the rest stands on the page it links to.
SHOWN = 40
SUBJECT_LIMIT, PART_LIMIT = 200, 50_000


class Letterhead(msgspec.Struct, frozen=True):
    """What all messages of a release share. `site` is the public address, `comment` the organizers' words."""

    event: EventRow
    site: str
    comment: str = ""


class Writer:
    """Writes the messages of one release; what many of them say is put into words once."""

    def __init__(self, head: Letterhead) -> None:
        self._head = head
        self._said: dict[Hashable, str] = {}

    def words(self, told: Told, name: str, voice: Voice, *, base: int | None) -> Words:
        """Subject and text for the person called *name*; their difference counts from the release *base*."""
        parts = [voice.say(N_("Hello %(name)s,"), name=clean_text(name, limit=200)), summary(told, voice)]
        for one in told.concerns[:SHOWN]:
            tie = one.tie
            key = (base, one.code, one.kinds, tie, voice)
            parts.append(self._once(key, lambda one=one, tie=tie: _block(one, tie, voice)))  # type: ignore[misc]  # its defaults
        parts += [_clash(one, other, voice) for one, other in told.clashes[:SHOWN]]
        parts.append(self._once(("end", voice), lambda: self._end(told, voice)))
        subject = self._once(("subject", voice.lang), lambda: self._subject(voice))
        return Words(subject, "\n\n".join(part for part in parts if part))

    def _subject(self, voice: Voice) -> str:
        subject = voice.say(N_("What changed for you: %(event)s"), event=voice.text(self._head.event.title))
        return subject[:SUBJECT_LIMIT]

    def _end(self, told: Told, voice: Voice) -> str:
        head = self._head
        parts = (
            [voice.say(N_("The organizers say: %(comment)s"), comment=head.comment)] if head.comment else []
        )
        parts.append(_zone_line(head.event, told, voice))
        address = f"{head.site}/{head.event.slug}/schedule/mine"
        parts.append(voice.say(N_("Your agenda: %(address)s"), address=address))
        return "\n\n".join(parts)

    def _once(self, key: Hashable, make: Callable[[], str]) -> str:
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = clean_text(make(), limit=PART_LIMIT, lines=True)
        return said


def summary(told: Told, voice: Voice) -> str:
    """``2 sessions you starred have changed, 1 now clashes.``"""
    own = [concern for concern in told.concerns if not concern.ties <= LISTENING]
    starred = len(told.concerns) - len(own)
    said = []
    if own:
        said.append(
            voice.ngettext(
                "%(num)d session you take part in has changed.",
                "%(num)d sessions you take part in have changed.",
                len(own),
            )
        )
    if starred:
        said.append(
            voice.ngettext(
                "%(num)d session in your agenda has changed.",
                "%(num)d sessions in your agenda have changed.",
                starred,
            )
        )
    clashing = {code for pair in told.clashes for code in (pair[0].code, pair[1].code)}
    clashing &= {concern.code for concern in told.concerns}
    if clashing:
        said.append(
            voice.ngettext(
                "%(num)d of them now clashes with another of yours.",
                "%(num)d of them now clash with others of yours.",
                len(clashing),
            )
        )
    return " ".join(said)


def _block(concern: Concern, tie: Tie, voice: Voice) -> str:
    """The title, why it concerns them, and what changed."""
    lines = [voice.say(N_("“%(title)s”"), title=voice.text(concern.session.title))]
    first = concern.kinds[0]
    if first in (Kind.NEW, Kind.JOINED, Kind.CANCELLED, Kind.LEFT):
        lines[0] = voice.say(N_("%(what)s: %(title)s"), what=voice.say(GROUPS[first]), title=lines[0])
    lines += sentences(concern, voice)
    if first is not Kind.LEFT:
        lines.append(voice.say(YOU_ARE[tie]))
    return "\n".join(lines)


def _clash(one: SessionRow, other: SessionRow, voice: Voice) -> str:
    titles = {"one": voice.text(one.title), "other": voice.text(other.title)}
    return voice.say(N_("“%(one)s” and “%(other)s” now overlap."), **titles)


def _zone_line(event: EventRow, told: Told, voice: Voice) -> str:
    place = times.place_name(voice.zone, voice.lang)
    line = voice.say(N_("All times are those of %(place)s."), place=place)
    moment = told.concerns[0].session.starts_at
    if times.elsewhere(moment, here=event.zone, there=voice.zone, lang=voice.lang):
        line += " " + voice.say(
            N_("The conference itself goes by %(place)s."), place=times.place_name(event.zone, voice.lang)
        )
    return line
