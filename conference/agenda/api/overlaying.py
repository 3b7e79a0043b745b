"""What a program says of a thing, laid over what is stored, as the organizers' form of it would be sent.

So programs and people meet the same rules and the same sentences: both end in a `Typed`.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from conference.agenda.checks import is_language
from conference.agenda.organizing.typed import Typed
from conference.errors import N_, BadInput

MOST_LANGUAGES = 20


def overlaid(stored: Typed, said: msgspec.Struct) -> Typed:
    """*stored* with every field that is *said*; None empties one, texts are merged by language."""
    typed = Typed(stored.values)
    for name in said.__struct_fields__:
        value = getattr(said, name)
        if value is UNSET:
            continue
        if isinstance(value, dict):
            _check_languages(value, name)
            typed.values |= {f"{name}_{language}": [text] for language, text in value.items()}
        elif value is None or value is False:
            typed.values.pop(name, None)
        else:
            typed.values |= Typed.of(**{name: value}).values
    return typed


def _check_languages(texts: dict[str, str], field: str) -> None:
    if len(texts) > MOST_LANGUAGES:
        raise BadInput(N_("That is more languages than fit."), code="agenda.languages", field=field)
    for language in texts:
        if not is_language(language):
            raise BadInput(
                N_("“%(language)s” is not a language code like ar or en."),
                code="agenda.language",
                field=field,
                language=language[:40],
            )
