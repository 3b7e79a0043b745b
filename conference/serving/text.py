"""What people type, made safe to store and to show; and names that only look different.

`clean_text` is used by forms and by live messages alike. What it takes away: control
characters, bidirectional embeddings, overrides and isolates (U+202A-202E, U+2066-2069: they
reorder the text of others, Unicode TR36 §2.6), lone surrogates, and towers of combining
marks. Joiners (U+200C, U+200D) and the marks U+200E, U+200F, U+061C stay: Arabic and Persian
need them. `looks_like` follows the idea of Unicode TR39 (skeletons) with a small table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from conference.errors import N_, BadInput

_breaks = re.compile("\r\n|[\r\n\u0085\u2028\u2029\x0b\x0c]")
_forbidden = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
_marks_in_a_row = 6  # vocalised Arabic needs three


def clean_text(text: str, *, limit: int, lines: bool = False, field: str | None = None) -> str:
    """*text* in NFC without dangerous characters; one line unless *lines*.

    `limit` counts code points after cleaning. Raises `BadInput` when it is longer: cutting
    would lose what a person typed.
    """
    # Much longer than allowed is refused before normalisation costs anything (NFC grows at most threefold).
    if len(text) > 4 * limit + 1000:
        raise _too_long(field)
    text = _breaks.sub("\n", text)
    text = _forbidden.sub("", text)
    text = _without_towers(unicodedata.normalize("NFC", text))
    if lines:
        text = "\n".join(line.rstrip() for line in text.replace("\t", " ").split("\n"))
        text = re.sub(r"\n{3,}", "\n\n", text).strip()
    else:
        text = " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    if len(text) > limit:
        raise _too_long(field)
    return text


def _too_long(field: str | None) -> BadInput:
    return BadInput(N_("This text is too long. Please shorten it."), code="text.too-long", field=field)


def _without_towers(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _marks_in_a_row:
            kept.append(character)
    return "".join(kept)


def _table(*groups: str) -> dict[int, str]:
    """Each group: the letter that stands for all, then those that look like it."""
    return {ord(other): group[0] for group in groups for other in group[1:]}


_same_look = _table(
    # Latin, digits, Cyrillic, Greek (after case folding)
    "aаαɑ",
    "bЬьβʙв",
    "cсϲ",
    "dԁ",
    "eеєεҽ",
    "gɡց",
    "hнһհ",
    "lіιıi1|ӏӀǀ!",
    "jјϳ",
    "kкκ",
    "mм",
    "nпηո",
    "oоοσ0օө",
    "pрρ",
    "qԛ",
    "rгᴦ",
    "sѕꜱ5",
    "tтτ",
    "uυսц",
    "vνѵ",
    "wѡωԝш",
    "xхχ",
    "yуүγ",
    "zᴢ",
    "3зэ",
    # Arabic: alef forms, ya and alef maqsura, kaf, heh and teh marbuta, waw
    "اٱٲٳإأآﺍ",
    "يىیېےۍئ",
    "كکڪػ",
    "هةہھەۀۃ",
    "وؤۄۆۇ",
)
_titles = frozenset(
    {
        "dr",
        "prof",
        "professor",
        "mr",
        "mrs",
        "ms",
        "sir",
        "phd",
        "md",
        "د",
        "أد",
        "ا",
        "أ",
        "م",
        "الدكتور",
        "الدكتورة",
        "دكتور",
        "دكتورة",
        "الأستاذ",
        "الأستاذة",
        "أستاذ",
        "أستاذة",
        "بروفيسور",
        "البروفيسور",
        "السيد",
        "السيدة",
    }
)


def skeleton(name: str) -> str:
    """What remains of *name* when everything is taken away that an eye may overlook."""
    text = unicodedata.normalize("NFKD", name).casefold()
    words = re.split(r"[\s.\-_,،/'’`]+", "".join(filter(_visible, text)))
    significant = [word for word in words if word and word not in _plain_titles] or [
        word for word in words if word
    ]
    text = "".join(_digit(character) for character in "".join(significant)).translate(_same_look)
    text = "".join(character for character in text if character.isalnum())
    return text.replace("rn", "m").replace("vv", "w")


def looks_like(name: str, others: Iterable[str]) -> str | None:
    """The first of *others* that *name* could be taken for, or None."""
    mine = skeleton(name)
    if not mine:
        return None
    return next((other for other in others if skeleton(other) == mine), None)


def _visible(character: str) -> bool:
    """Diacritics, tatweel and format characters change how a name is stored, hardly how it looks."""
    return character != "\u0640" and unicodedata.category(character) not in ("Mn", "Me", "Cf", "Cc")


def _digit(character: str) -> str:
    """Arabic-Indic and other decimal digits as ASCII."""
    return str(unicodedata.decimal(character)) if unicodedata.category(character) == "Nd" else character


_plain_titles = frozenset(
    "".join(filter(_visible, unicodedata.normalize("NFKD", title))).casefold() for title in _titles
)
