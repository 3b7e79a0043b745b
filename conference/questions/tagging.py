"""Tags: short words by which moderators sort questions. For the desk and the exports."""

from __future__ import annotations

from datetime import datetime

from conference.errors import N_, BadInput
from conference.live.commands import Caller
from conference.questions.changing import Decided, change, decided
from conference.questions.messages import TagQuestion
from conference.questions.reading import question_by_public_id
from conference.serving.arabic import normalised
from conference.serving.text import clean_text
from conference.storage.database import Transaction

MAX_TAG = 30
MAX_TAGS = 8


def tag(tx: Transaction, caller: Caller, wish: TagQuestion, *, now: datetime) -> Decided:
    """Give a question these tags and no others. `BadInput` (field `tags`) for too many, too long."""
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    tags = tags_from(wish.tags)
    return decided(row if tags == row.tags else change(tx, caller, row, now, tags=tags))


def tags_from(wanted: list[str]) -> list[str]:
    """Cleaned, in their order; of two that are spelt alike (in Arabic as well) the first stays."""
    tags: dict[str, str] = {}
    for text in wanted:
        cleaned = clean_text(text, limit=MAX_TAG, field="tags")
        if cleaned:
            tags.setdefault(normalised(cleaned) or cleaned, cleaned)
    if len(tags) > MAX_TAGS:
        raise BadInput(N_("A question can have eight tags at most."), code="questions.tags", field="tags")
    return list(tags.values())
