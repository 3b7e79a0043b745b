"""Editing what the room reads of a question; what was asked is kept."""

from __future__ import annotations

from datetime import datetime

from conference.errors import N_, BadInput, Conflict
from conference.live.commands import Caller
from conference.questions.asking import MAX_LENGTH
from conference.questions.changing import Decided, change, decided
from conference.questions.identifiers import identifiers_in
from conference.questions.messages import EditQuestion
from conference.questions.reading import question_by_public_id
from conference.serving.arabic import normalised
from conference.serving.text import clean_text
from conference.storage.database import Transaction


def edit(tx: Transaction, caller: Caller, wish: EditQuestion, *, now: datetime) -> Decided:
    """Change the words; the original text, given again, undoes every edit.

    `BadInput` (field `text`) when empty or too long; `Conflict` (field `text`) when somebody else has edited
    since: nobody's words are overwritten unseen.
    """
    row = question_by_public_id(tx.connection, caller.session_id, wish.question)
    text = clean_text(wish.text, limit=MAX_LENGTH, lines=True, field="text")
    if not text:
        raise BadInput(N_("A question needs words."), code="questions.empty", field="text")
    if text == row.text:
        return decided(row)
    if wish.edits != row.edits:
        raise Conflict(
            N_("Someone else has edited this question meanwhile. Read it again before you save yours."),
            code="questions.edited",
            field="text",
        )
    first = row.original or row.text
    changed = change(
        tx, caller, row, now, text=text, plain=normalised(text), flags=identifiers_in(text),
        original="" if text == first else first, edits=row.edits + 1,
    )  # fmt: skip
    return decided(changed)
