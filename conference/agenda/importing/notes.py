"""What an import notices and tolerates, and the place of what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from conference.agenda.drafts import Oddity
from conference.agenda.importing.fields import refuse
from conference.errors import N_, BadInput

Draft = TypeVar("Draft")


class Notes:
    """The oddities of one file, in the order they were met."""

    def __init__(self) -> None:
        self.oddities: list[Oddity] = []

    def add(self, place: Callable[[], str], message: str, **values: Any) -> None:
        """Note *message* (a msgid) about what stands at *place*."""
        self.oddities.append(Oddity(message, place(), values))


def checked(draft: Draft, check: Callable[[Draft], None], place: Callable[[], str]) -> Draft:
    """*draft* when it passes *check*; otherwise `BadInput` with its place in the file."""
    try:
        check(draft)
    except BadInput as error:
        if error.code == "agenda.too-long":
            refuse(
                place(),
                N_("%(place)s: “%(name)s” is %(length)d characters long; at most %(limit)d fit."),
                name=error.field,
                **error.values,
            )
        refuse(place(), N_("%(place)s: %(name)s: %(reason)s"), name=error.field, reason=str(error))
    return draft
