"""What the room was told and must not be told again: the texts leave the room's log.

A log is read from its beginning by whoever catches up from there. A question that was hidden because of what
it said, or the words before an edit, would be handed out for as long as it is kept. In their place stands
that the question is not shown; whole views follow each other, so nobody's state differs by it.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import update

from conference.live.channels import session_channel
from conference.live.commands import Caller
from conference.live.tables import log_event
from conference.questions.messages import QuestionHidden, QuestionShown
from conference.storage.database import Transaction


def take_back(tx: Transaction, caller: Caller, public_id: str) -> None:
    """Take every text of a question out of what the room was told so far."""
    told = (
        (log_event.c.channel == session_channel(caller.session_code))
        & (log_event.c.type == QuestionShown.__name__)
        & log_event.c.body.contains(f'"id":"{public_id}"', autoescape=True)
    )
    gone = msgspec.json.encode(QuestionHidden(question=public_id)).decode()
    tx.connection.execute(update(log_event).where(told).values(type=QuestionHidden.__name__, body=gone))
