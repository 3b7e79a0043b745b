"""What a notification says, in the reader's language, at the moment it is read."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from conference.errors import N_
from conference.people.notifying import Body, Kind
from conference.serving.translation import translate, translate_plural

# Names that people typed are set apart from the sentence around them.
FSI, PDI = "\u2068", "\u2069"

WORDS: dict[Kind, str] = {
    Kind.QUESTION_ANSWERED: N_("Your question has a written answer."),
    Kind.QUESTION_DECLINED: N_("Your question was not taken."),
    Kind.QUESTION_MERGED: N_("Your question was joined with one like it; the votes are counted together."),
    Kind.QUESTION_NEXT: N_("Your question is next."),
    Kind.HAND_NEXT: N_("You are next to speak."),
    Kind.INVITED: N_("You are invited to the floor."),
    Kind.MENTION: N_("%(name)s mentioned you."),
    Kind.DIRECT_MESSAGE: N_("%(name)s wrote to you."),
    Kind.ANNOUNCEMENT: N_("The organizers have an announcement."),
}
ALOUD = N_("Your question was answered.")
BEGUN = N_("This session has begun.")
SOMEBODY = N_("Somebody")


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notification as it is read: `words` is our sentence, `quote` what somebody wrote, `title` that of the
    session with the code `session`."""

    id: str
    kind: Kind
    at: datetime
    words: str
    quote: str = ""
    title: str = ""
    session: str = ""
    unread: bool = False


def words_of(kind: Kind, body: Body, lang: str, *, now: datetime) -> str:
    """The sentence of a notification."""
    if kind is Kind.SESSION_SOON:
        return _begins(body.starts_at, lang, now=now)
    if kind is Kind.QUESTION_ANSWERED and body.live:
        return translate(lang, ALOUD)
    name = f"{FSI}{body.by}{PDI}" if body.by else translate(lang, SOMEBODY)
    return translate(lang, WORDS[kind], name=name)


def _begins(starts_at: datetime | None, lang: str, *, now: datetime) -> str:
    left = starts_at - now if starts_at is not None else timedelta()
    if left <= timedelta():
        return translate(lang, BEGUN)
    # Up: “in 5 minutes” is said with a few seconds less to go.
    minutes = -(-left // timedelta(minutes=1))
    return translate_plural(
        lang, "This session starts in %(num)d minute.", "This session starts in %(num)d minutes.", minutes
    )
