"""The reader's language: choosing it for a request, and saying things in it.

English is the source: its texts are the msgids. The catalogues are gettext files made by
``scripts/translations compile``; where one is missing, people read English.
"""

from __future__ import annotations

import gettext
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from typing import Any

from aiohttp import web

from conference.assets import locales_folder
from conference.errors import MajlisError
from conference.serving.context import LANGUAGE

SUPPORTED = ("ar", "en")
DEFAULT = "ar"
COOKIE = "lang"
DIRECTIONS = {"ar": "rtl", "en": "ltr"}
RTL_LANGUAGES = frozenset({"ar", "ckb", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

LanguageOfAccount = Callable[[web.Request], str | None]


@lru_cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """The texts of *lang*; English (the msgids themselves) where nothing was compiled."""
    return gettext.translation("majlis", locales_folder(), [lang], fallback=True)


def translate(lang: str, msgid: str, **values: Any) -> str:
    """*msgid* in *lang*, its ``%(name)s`` filled from *values*."""
    text = catalogue(lang).gettext(msgid) if msgid else ""
    return text % values if values else text


def translate_plural(lang: str, singular: str, plural: str, count: int, **values: Any) -> str:
    """The form of the text that fits *count*, with ``%(num)d`` and *values* filled."""
    return catalogue(lang).ngettext(singular, plural, count) % {"num": count, **values}


def explain(lang: str, error: MajlisError) -> str:
    """What happened, in the reader's language."""
    return translate(lang, error.message, **error.values)


def direction(lang: str) -> str:
    """``rtl`` or ``ltr``, for the ``dir`` attribute."""
    return "rtl" if lang.split("-")[0] in RTL_LANGUAGES else "ltr"


def choose_language(candidates: Iterable[str | None], accept: str = "", default: str = DEFAULT) -> str:
    """The first supported of *candidates* (most wanted first), then of Accept-Language, then *default*.

    RFC 9110 §12.5.4; ``ar-IQ`` is taken for ``ar``.
    """
    for candidate in (*candidates, *_by_quality(accept), default):
        primary = (candidate or "").split("-")[0].lower()
        if primary in SUPPORTED:
            return primary
    return DEFAULT


def _by_quality(accept: str) -> list[str]:
    wanted: list[tuple[float, str]] = []
    for part in accept[:500].split(","):
        name, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            quality = 0.0
        if name and quality > 0:
            wanted.append((quality, name))
    return [name for _, name in sorted(wanted, key=lambda pair: -pair[0])]


def language_of(request: web.Request) -> str:
    """The request's language, also where an error came before the middleware could decide it."""
    chosen = request.get(LANGUAGE)
    return chosen or _negotiate(request, None)


def _negotiate(request: web.Request, account: str | None) -> str:
    candidates = (request.cookies.get(COOKIE), account, request.query.get("lang"))
    return choose_language(candidates, request.headers.get("Accept-Language", ""))


def language_middleware(of_account: LanguageOfAccount) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Set ``request[LANGUAGE]``: cookie, account (*of_account*), ``?lang``, Accept-Language, Arabic."""

    @web.middleware
    async def choosing_language(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        request[LANGUAGE] = _negotiate(request, of_account(request))
        return await handler(request)

    return choosing_language
