"""Choosing a text among its languages."""

from __future__ import annotations

from conference.agenda.rows import Texts


def text_in(texts: Texts, *languages: str | None) -> str:
    """The text in the first of *languages* that has one, else in any; "" when there is none."""
    if not texts:
        return ""  # most texts of most sessions
    for language in languages:
        if language and texts.get(language):
            return texts[language]
    return next(filter(None, texts.values()), "")
