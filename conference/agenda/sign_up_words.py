"""The words of the mail to somebody who moved up from a waiting list."""

from __future__ import annotations

from datetime import datetime

from conference.errors import N_
from conference.people.letters import Words
from conference.serving.times import clock_time, day_name, local_date, place_name
from conference.serving.translation import choose_language, translate


def moved_up_words(
    language: str, *, name: str, session: str, event: str, starts_at: datetime | None, zone: str, link: str
) -> Words:
    """Subject and text, in *language* and with the time on the clocks of *zone*."""
    lang = choose_language([language])
    when = ""
    if starts_at is not None:
        when = translate(
            lang,
            N_("%(day)s, %(time)s (%(place)s)"),
            day=day_name(local_date(starts_at, zone), lang, year=True),
            time=clock_time(starts_at, zone),
            place=place_name(zone, lang),
        )
    parts = [
        translate(lang, N_("Hello %(name)s,"), name=name),
        translate(lang, N_("a place became free and it is yours: “%(session)s”."), session=session),
        when,
        translate(
            lang, N_("If you cannot come, please give the place back here, so that somebody else gets it:")
        ),
        link,
        event,
    ]
    subject = translate(lang, N_("You have a place: %(session)s"), session=session)
    return Words(subject, "\n\n".join(part for part in parts if part))
