"""The words by which the exchange formats, which know no breaks, tell one: its type."""

_WORDS = frozenset({"break", "breaks", "pause", "استراحة"})


def means_break(type_name: str) -> bool:
    """Whether a session type of this name is a break."""
    return type_name.strip().lower() in _WORDS
