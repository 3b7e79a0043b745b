"""Searching the questions of a session, and proposing those that seem to ask the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import Connection, select

from conference.errors import N_, BadInput
from conference.live.commands import Caller
from conference.people.tables import account
from conference.questions.asking import MAX_LENGTH
from conference.questions.messages import FindSimilar, SearchQuestions
from conference.questions.moderation import TAKES_OTHERS
from conference.questions.reading import questions, rows_of
from conference.questions.similar import most_alike
from conference.questions.snapshot import Found, found, moderates, visible_to
from conference.questions.tables import question
from conference.serving.arabic import normalised, words_of
from conference.serving.text import clean_text
from conference.storage.database import Database

MAX_FOUND = 50
MAX_PROPOSED = 5
MAX_SEARCH = 100


def search(rows: Connection, caller: Caller, wish: SearchQuestions) -> Found:
    """What holds every word, the newest first: in the question, its answer, and for moderators in the
    original, the asker's name, the tags. `BadInput` (field `text`) without a word."""
    words = words_of(clean_text(wish.text, limit=MAX_SEARCH, field="text"))
    if not words:
        raise BadInput(N_("Write what to look for."), code="questions.empty", field="text")
    texts = _texts(rows, caller)
    hits = [number for number, text in texts if all(word in text for word in words)]
    query = questions().where(question.c.id.in_(hits[:MAX_FOUND])).order_by(question.c.id.desc())
    return found(rows, caller, list(rows_of(rows, query)), more=max(0, len(hits) - MAX_FOUND))


def find_similar(rows: Connection, caller: Caller, wish: FindSimilar) -> Found:
    """What seems to ask the same as the text, the most alike first: five at most."""
    text = clean_text(wish.text, limit=MAX_LENGTH, lines=True, field="text")
    query = select(question.c.id, question.c.public_id, question.c.plain).where(
        question.c.session_id == caller.session_id, question.c.state.in_(TAKES_OTHERS), visible_to(caller)
    )
    if wish.but is not None:
        query = query.where(question.c.public_id != wish.but)
    rest = {number: (public_id, plain) for number, public_id, plain in rows.execute(query)}
    alike = most_alike(normalised(text), {number: plain for number, (_, plain) in rest.items()})
    best = alike[:MAX_PROPOSED]
    numbers = [number for number, _ in best]
    listed = {row.id: row for row in rows_of(rows, questions().where(question.c.id.in_(numbers)))}
    scores = {rest[number][0]: round(score, 2) for number, score in best}
    return found(rows, caller, [listed[number] for number in numbers], scores=scores)


class QuestionSearch:
    """The handlers of what only reads: nothing is kept of it, so it belongs to one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, caller: Caller, command: SearchQuestions, client_id: str) -> Found:
        return await self._database.read(lambda rows: search(rows, caller, command))

    async def find_similar(self, caller: Caller, command: FindSimilar, client_id: str) -> Found:
        return await self._database.read(lambda rows: find_similar(rows, caller, command))


def _texts(rows: Connection, caller: Caller) -> Iterator[tuple[int, str]]:
    """What is searched of each question the caller may see, in its plain form, the newest first."""
    desk = moderates(caller)
    columns = (question.c.id, question.c.plain, question.c.answer, question.c.original, question.c.pseudonym)
    query = (
        select(*columns, question.c.tags, account.c.name)
        .outerjoin(account, account.c.id == question.c.account_id)
        .where(question.c.session_id == caller.session_id, visible_to(caller))
        .order_by(question.c.id.desc())
    )
    for number, plain, answer, original, pseudonym, tags, name in rows.execute(query):
        more = [answer, *((original, pseudonym, name or "", *tags) if desk else ())]
        yield number, " ".join([plain, *(_plain(text) for text in more if text)])


# Names, tags and answers come again with every search.
_plain = lru_cache(maxsize=4096)(normalised)
