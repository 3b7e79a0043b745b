"""Which questions seem to ask the same. Pure; texts are in their plain form (`serving.arabic.normalised`).

Words are cut to a stem (Arabic articles and endings, English endings), common words of both languages count
for nothing, and rare words of the session count most (inverse document frequency). Words that only differ by
a letter are met half-way by their letter triples. A thousand questions take well under a tenth of a second.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from conference.serving.arabic import words_of

Key = TypeVar("Key")

ALIKE = 0.5  # below this nobody would call them the same
CLOSE = 20  # so many are compared letter by letter

# In plain form: what questions are made of whatever they ask about.
_COMMON = frozenset(
    words_of(
        """
        a an the is are was were be been do does did can could should would will may might has have had
        of in on at to for from by with and or not no if when what which who whom why how where this that
        these those it its we you i they he she my your our their there any some as about than then so
        please thank thanks dr doctor professor sir speaker question ما ماذا هل كيف لماذا متى أين من في
        على إلى عن مع هذا هذه ذلك تلك التي الذي الذين هو هي هم نحن أنت أنا كان كانت يكون تكون يمكن يجب لا
        لم لن إن أن أو ثم قد كل بعض أي عند عندما إذا لو حول بين بعد قبل و ف ب ل ك شكرا دكتور الدكتور
        دكتورة الدكتورة أستاذ الأستاذ سؤال سؤالي أرجو ممكن يرجى
        """
    )
)
_PREFIXES = ("وال", "فال", "بال", "كال", "لل", "ال", "و")
_ARABIC_ENDINGS = ("ات", "ين", "ون", "ان", "يه", "ها", "هم", "ه", "ي")
_ENGLISH_ENDINGS = ("ings", "ing", "ies", "ed", "es", "s", "e")


def stem(word: str) -> str:
    """The part of a plain word that stays when it is bent; at least three letters are left."""
    if word.isascii():
        # Of "bleed" nothing falls: four letters have to stay before -ed.
        return _without_end(word, _ENGLISH_ENDINGS, left=4 if word.endswith("ed") else 3)
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            word = word[len(prefix) :]
            break
    return _without_end(word, _ARABIC_ENDINGS)


def most_alike(plain: str, others: Mapping[Key, str]) -> list[tuple[Key, float]]:
    """Those of *others* that seem to ask the same as *plain*, with a score from `ALIKE` to 1, best first."""
    mine = stems(plain)
    if not mine:
        return []
    holding: defaultdict[str, list[Key]] = defaultdict(list)
    theirs: dict[Key, frozenset[str]] = {}
    for key, text in others.items():
        theirs[key] = found = stems(text)
        for one in found:
            holding[one].append(key)
    total = len(others) + 1
    weight = {one: math.log(1 + total / (1 + len(holding.get(one, ())))) for one in holding.keys() | mine}
    shared: Counter[Key] = Counter()
    for one in mine:
        for key in holding.get(one, ()):
            shared[key] += 1
    nearest = sorted(
        ((_overlap(mine, theirs[key], weight), number, key) for number, key in enumerate(shared)),
        key=lambda found: (-found[0], found[1]),
    )[:CLOSE]
    triples = _triples(plain)
    scored = [
        (key, max(words, 0.5 * (words + _dice(triples, _triples(others[key]))))) for words, _, key in nearest
    ]
    return sorted((one for one in scored if one[1] >= ALIKE), key=lambda one: -one[1])


@lru_cache(maxsize=4096)  # the same questions are compared again with every new one
def stems(plain: str) -> frozenset[str]:
    """The stems of the words that say what a text is about."""
    return frozenset(stem(word) for word in plain.split() if word not in _COMMON)


def _without_end(word: str, endings: tuple[str, ...], *, left: int = 3) -> str:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= left:
            return word[: -len(ending)]
    return word


def _overlap(one: frozenset[str], other: frozenset[str], weight: Mapping[str, float]) -> float:
    """The Dice coefficient of two sets of words, the rare ones weighing more."""
    both = sum(weight[word] for word in one & other)
    return 2 * both / (sum(weight[word] for word in one) + sum(weight[word] for word in other))


def _triples(plain: str) -> Counter[str]:
    padded = f" {plain} "
    return Counter(padded[place : place + 3] for place in range(len(padded) - 2))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    return 2 * (one & other).total() / ((one.total() + other.total()) or 1)
