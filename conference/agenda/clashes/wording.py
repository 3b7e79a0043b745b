"""A problem as one sentence in the reader's language, plain or with links (`words`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conference.agenda.clashes.prayer import Prayer
from conference.agenda.clashes.problems import Kind, Problem
from conference.agenda.clashes.words import Words
from conference.agenda.tables import SessionRole
from conference.errors import N_
from conference.serving.times import duration, place_name
from conference.serving.translation import translate, translate_plural

PRAYERS = {
    Prayer.FAJR: N_("Fajr"),
    Prayer.DHUHR: N_("Dhuhr"),
    Prayer.ASR: N_("Asr"),
    Prayer.MAGHRIB: N_("Maghrib"),
    Prayer.ISHA: N_("Isha"),
}
ROLES = {
    SessionRole.SPEAKER: N_("as speaker"),
    SessionRole.CHAIR: N_("as chair"),
    SessionRole.MODERATOR: N_("as moderator"),
    SessionRole.INTERPRETER: N_("as interpreter"),
    SessionRole.TECHNICIAN: N_("as technician"),
}


def sentence(words: Words, problem: Problem) -> str:
    """What is wrong. With `LinkedWords` it is HTML: every name is escaped there, the rest is our own text."""
    return _SENTENCES[problem.kind](words, problem)


def _room_overlap(words: Words, problem: Problem) -> str:
    return translate_plural(
        words.lang,
        "%(one)s and %(other)s are both in %(room)s for %(num)d minute.",
        "%(one)s and %(other)s are both in %(room)s for %(num)d minutes.",
        problem.values["minutes"],
        **_pair(words, problem),
        room=words.room(problem.room),
    )


def _person_overlap(words: Words, problem: Problem) -> str:
    one, other = (translate(words.lang, ROLES[SessionRole(role)]) for role in _roles(problem))
    return translate(
        words.lang,
        "%(person)s is in two places at once: in %(one)s %(role)s and in %(other)s %(other_role)s.",
        **_pair(words, problem),
        person=words.person(problem.people[0]),
        role=one,
        other_role=other,
    )


def _unavailable(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "%(person)s is not available for all of %(one)s.",
        **_one(words, problem),
        person=words.person(problem.people[0]),
    )


def _room_closed(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "%(room)s is not open for all of %(one)s.",
        **_one(words, problem),
        room=words.room(problem.room),
    )


def _over_capacity(words: Words, problem: Problem) -> str:
    return translate_plural(
        words.lang,
        "%(num)d person signed up for %(one)s, and %(room)s seats %(seats)d.",
        "%(num)d people signed up for %(one)s, and %(room)s seats %(seats)d.",
        problem.values["people"],
        **_one(words, problem),
        room=words.room(problem.room),
        seats=problem.values["seats"],
    )


def _more_stars_than_seats(words: Words, problem: Problem) -> str:
    return translate_plural(
        words.lang,
        "%(num)d person starred %(one)s, and %(room)s seats %(seats)d.",
        "%(num)d people starred %(one)s, and %(room)s seats %(seats)d.",
        problem.values["people"],
        **_one(words, problem),
        room=words.room(problem.room),
        seats=problem.values["seats"],
    )


def _room_changeover(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "%(room)s has %(between)s between %(one)s and %(other)s; changing over takes %(needed)s.",
        **_pair(words, problem),
        **_gap(words, problem),
        room=words.room(problem.room),
    )


def _person_changeover(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "%(person)s has %(between)s to get from %(one)s to %(other)s in another room; it takes %(needed)s.",
        **_pair(words, problem, by_time=True),
        **_gap(words, problem),
        person=words.person(problem.people[0]),
    )


def _starred_both(words: Words, problem: Problem) -> str:
    return translate_plural(
        words.lang,
        "%(num)d person starred both %(one)s and %(other)s, which are on at the same time.",
        "%(num)d people starred both %(one)s and %(other)s, which are on at the same time.",
        problem.values["people"],
        **_pair(words, problem),
    )


def _night(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "It is night where %(person)s is: %(one)s lasts from %(from)s to %(to)s in %(place)s.",
        **_one(words, problem),
        **{name: problem.values[name] for name in ("from", "to")},
        person=words.person(problem.people[0]),
        place=place_name(problem.values["zone"], words.lang),
    )


def _prayer(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "The %(prayer)s prayer is called at %(time)s, during %(one)s or just before it.",
        **_one(words, problem),
        prayer=translate(words.lang, PRAYERS[Prayer(problem.values["prayer"])]),
        time=words.clock(problem.values["minute"]),
    )


def _holiday(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "%(one)s is on a public holiday (%(name)s).",
        **_one(words, problem),
        name=words.text(problem.values["name"]),
    )


def _shutdown(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "The network is announced to be shut down from %(from)s to %(to)s (%(name)s), during %(one)s.",
        **_one(words, problem),
        **{name: words.clock(problem.values[name]) for name in ("from", "to")},
        name=words.text(problem.values["name"]),
    )


def _same_track(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "%(one)s and %(other)s, both of the track %(track)s, are on at the same time.",
        **_pair(words, problem),
        track=words.text(words.checker.plan.tracks.get(problem.values["track"], {})),
    )


def _longer_than_type(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "%(one)s lasts %(length)s; a session of the type %(type)s has %(usual)s.",
        **_one(words, problem),
        length=duration(problem.values["minutes"], words.lang),
        usual=duration(problem.values["usual"], words.lang),
        type=words.text(problem.values["type"]),
    )


def _no_break(words: Words, problem: Problem) -> str:
    return translate(
        words.lang,
        "%(room)s has no break for %(length)s, from %(one)s to %(other)s.",
        room=words.room(problem.room),
        length=duration(problem.values["minutes"], words.lang),
        one=words.session(problem.sessions[0]),
        other=words.session(problem.sessions[-1]),
    )


_SENTENCES: dict[Kind, Callable[[Words, Problem], str]] = {
    Kind.ROOM_OVERLAP: _room_overlap,
    Kind.PERSON_OVERLAP: _person_overlap,
    Kind.UNAVAILABLE: _unavailable,
    Kind.ROOM_CLOSED: _room_closed,
    Kind.OVER_CAPACITY: _over_capacity,
    Kind.ROOM_CHANGEOVER: _room_changeover,
    Kind.PERSON_CHANGEOVER: _person_changeover,
    Kind.STARRED_BOTH: _starred_both,
    Kind.NIGHT: _night,
    Kind.PRAYER: _prayer,
    Kind.HOLIDAY: _holiday,
    Kind.SHUTDOWN: _shutdown,
    Kind.MORE_STARS_THAN_SEATS: _more_stars_than_seats,
    Kind.SAME_TRACK: _same_track,
    Kind.LONGER_THAN_TYPE: _longer_than_type,
    Kind.NO_BREAK: _no_break,
}


def _one(words: Words, problem: Problem) -> dict[str, str]:
    return {"one": words.session(problem.sessions[0])}


def _pair(words: Words, problem: Problem, *, by_time: bool = False) -> dict[str, str]:
    codes = list(problem.sessions)
    if by_time:
        known = words.checker.sessions
        codes.sort(key=lambda code: (known[code].starts or 0) if code in known else 0)
    return {"one": words.session(codes[0]), "other": words.session(codes[1])}


def _gap(words: Words, problem: Problem) -> dict[str, str]:
    minutes = problem.values["minutes"]
    between = duration(minutes, words.lang) if minutes else translate(words.lang, "no time")
    return {"between": between, "needed": duration(problem.values["needed"], words.lang)}


def _roles(problem: Problem) -> list[Any]:
    return [problem.values["roles"][code] for code in problem.sessions]
