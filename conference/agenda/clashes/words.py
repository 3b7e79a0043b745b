"""How the things of a plan are called in one language: plain for JSON and mails, or as HTML with links.

Names that people typed are set apart from the sentence (U+2068 … U+2069, or `<bdi>`): a Latin title in
an Arabic sentence, or the other way round, then moves nothing around it.
"""

from __future__ import annotations

from markupsafe import Markup

from conference.agenda.clashes.checker import Checker
from conference.agenda.clashes.plan import local, moment_of
from conference.agenda.languages import text_in
from conference.agenda.rows import Texts
from conference.serving.times import clock_time, day_name_short
from conference.serving.translation import direction, translate

FSI, PDI = "\u2068", "\u2069"


class Words:
    """How the things of a plan are called in one language, in plain text."""

    def __init__(self, checker: Checker, lang: str) -> None:
        self.checker, self.lang = checker, lang
        self.zone = checker.zone.key

    def text(self, texts: Texts, default: str = "") -> str:
        """What somebody typed, set apart."""
        return f"{FSI}{text_in(texts, self.lang) or default}{PDI}"

    def session(self, code: str) -> str:
        known = self.checker.sessions.get(code)
        return self.text(known.title if known else {}, code)

    def person(self, key: int) -> str:
        known = self.checker.plan.people.get(key)
        return self.text(known.name if known else {}, translate(self.lang, "somebody"))

    def room(self, key: int | None) -> str:
        known = self.checker.plan.rooms.get(key) if key is not None else None
        return self.text(known.name if known else {}, translate(self.lang, "no room"))

    def clock(self, minute: int) -> str:
        return clock_time(moment_of(minute), self.zone)

    def day(self, minute: int) -> str:
        return day_name_short(local(minute, self.checker.zone).date(), self.lang)


class LinkedWords(Words):
    """The same as HTML, sessions and people as links to their pages for organizers."""

    def __init__(self, checker: Checker, lang: str, event_slug: str) -> None:
        super().__init__(checker, lang)
        self._here = f"/{event_slug}"

    def text(self, texts: Texts, default: str = "") -> str:
        found = self.lang if texts.get(self.lang) else next((tag for tag, text in texts.items() if text), "")
        if not found or found == self.lang:
            return Markup("<bdi>{}</bdi>").format(texts.get(found) or default)
        return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(found, direction(found), texts[found])

    def session(self, code: str) -> str:
        address = f"{self._here}/organize/sessions/{code}"
        return Markup('<a href="{}">{}</a>').format(address, super().session(code))

    def person(self, key: int) -> str:
        known = self.checker.plan.people.get(key)
        name = super().person(key)
        if known is None or not known.code:
            return name
        return Markup('<a class="person" href="{}">{}</a>').format(
            f"{self._here}/organize/speakers/{known.code}", name
        )
