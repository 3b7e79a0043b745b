"""One spelling for texts that people mean to be the same, in Arabic and in English: for searching.

Arabic is typed with and without hamza, with ya or alef maqsura, with ta marbuta or ha, with vowel signs,
tatweel and two sets of digits; devices add presentation forms. After compatibility decomposition (Unicode
TR15, NFKD) and case folding, all of them meet in one plain form. For comparing, never for showing. Pure.
"""

from __future__ import annotations

import unicodedata

# Those that decomposition does not bring together. The hamza on a seat falls as a combining mark.
_letters = str.maketrans(
    {
        "ٱ": "ا",  # alef wasla
        "ى": "ي",
        "ی": "ي",  # Persian ya
        "ې": "ي",
        "ے": "ي",
        "ة": "ه",
        "ۃ": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ە": "ه",
        "ک": "ك",  # Persian kaf
        "ڪ": "ك",
        "ڤ": "ف",
        "ء": "",
        "ـ": "",  # tatweel
    }
)


def normalised(text: str) -> str:
    """*text* in its plain form: words of letters and ASCII digits with one space between them.

    Idempotent. What is neither letter nor number becomes a space; marks and invisible characters fall away.
    """
    plain = _folded(text)
    # Folding may uncover what folds again (U+0345, some Greek and Cherokee letters): few rounds settle it.
    while (again := _folded(plain)) != plain:
        plain = again
    return plain


def _folded(text: str) -> str:
    if text.isascii():
        kept = text.casefold()
        return " ".join("".join(letter if letter.isalnum() else " " for letter in kept).split())
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(map(_letter, text.translate(_letters))).split())


def _letter(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category[0] in "LN":
        return character
    return "" if category in ("Mn", "Me", "Cf", "Mc") else " "


def words_of(text: str) -> list[str]:
    """The plain words of *text*, in order."""
    return normalised(text).split()
