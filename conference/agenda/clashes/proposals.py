"""A suggestion in words: what it does, and what is left then."""

from __future__ import annotations

from conference.agenda.clashes.rooms import conference_day
from conference.agenda.clashes.suggesting import Act, Suggestion
from conference.agenda.clashes.words import Words
from conference.serving.times import duration
from conference.serving.translation import translate, translate_plural


def proposal(words: Words, suggestion: Suggestion) -> str:
    """What is to be done, as one sentence."""
    if suggestion.act is Act.SWAP:
        return _swap(words, suggestion)
    (to,) = suggestion.moves
    was = words.checker.sessions.get(to.code, to)
    one = words.session(to.code)
    if suggestion.act is Act.SHORTEN:
        return translate(
            words.lang, "Shorten %(one)s to %(length)s.", one=one, length=duration(to.minutes, words.lang)
        )
    room = words.room(to.room)
    if to.starts == was.starts:
        return translate(words.lang, "Move %(one)s to %(room)s, at the same time.", one=one, room=room)
    time = when(words, to.starts or 0, beside=was.starts or 0)
    if to.room == was.room:
        return translate(words.lang, "Move %(one)s to %(time)s, in the same room.", one=one, time=time)
    return translate(words.lang, "Move %(one)s to %(time)s in %(room)s.", one=one, time=time, room=room)


def outcome(words: Words, suggestion: Suggestion) -> str:
    """How many problems that takes away and brings, and how many these sessions have left."""
    before, after = ({one.key for one in each} for each in (suggestion.gone, suggestion.new))
    said = [
        translate_plural(
            words.lang, "This solves %(num)d problem.", "This solves %(num)d problems.", len(before - after)
        )
    ]
    if after - before:
        said.append(
            translate_plural(
                words.lang,
                "It brings %(num)d lesser one.",
                "It brings %(num)d lesser ones.",
                len(after - before),
            )
        )
    others = len({one.key for one in suggestion.remains} - (after - before))
    if others:
        said.append(translate_plural(words.lang, "%(num)d other remains.", "%(num)d others remain.", others))
    elif not after - before:
        said.append(translate(words.lang, "Nothing remains."))
    return " ".join(said)


def when(words: Words, minute: int, *, beside: int) -> str:
    """The time, with its day where that is another than the one of *beside*."""
    plan, zone = words.checker.plan, words.checker.zone
    clock = words.clock(minute)
    if conference_day(plan, zone, minute) == conference_day(plan, zone, beside):
        return clock
    return translate(words.lang, "%(day)s, %(time)s", day=words.day(minute), time=clock)


def _swap(words: Words, suggestion: Suggestion) -> str:
    one, other = suggestion.moves
    # Each goes to where the other is: its new place is the other's present one.
    return translate(
        words.lang,
        "Swap %(one)s (%(time)s, %(room)s) and %(other)s (%(other_time)s, %(other_room)s).",
        one=words.session(one.code),
        time=when(words, other.starts or 0, beside=one.starts or 0),
        room=words.room(other.room),
        other=words.session(other.code),
        other_time=when(words, one.starts or 0, beside=other.starts or 0),
        other_room=words.room(one.room),
    )
