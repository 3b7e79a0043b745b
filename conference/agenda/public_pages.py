"""Public pages for readers who are not signed in: made once for all who would be shown the same.

Such a page depends on the programme (release and delays), the minute, and the reader's language, zone,
theme and filters, which are its key. The one thing of a reader's own, their form token, is put in last.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

from conference.agenda.export_pages import stamp_for
from conference.agenda.kept import KEPT
from conference.people.viewer import VIEWER
from conference.serving.context import CLOCK, FORM_TOKEN, PAGE_STATE, ZONE
from conference.serving.pages import THEME_COOKIE, Page, links_styles, page_answer
from conference.serving.translation import language_of

#: Stands for the token in what is kept. Nobody can guess it, so no text of a programme can hold it.
_TOKEN = secrets.token_hex(16)
_HASH = 44  # characters of a style hash, which is kept in front of the text
#: Filters. With anything else in its address a page is made for that one reader.
_KNOWN = frozenset({"day", "track", "room", "language", "lang"})


def is_shared(request: web.Request) -> bool:
    """Whether others may be shown the very page of this request."""
    return not request[VIEWER].signed_in and request.query.keys() <= _KNOWN


async def shared_page(
    request: web.Request, slug: str, compose: Callable[[str], Awaitable[Page]]
) -> web.Response:
    """The page of the event *slug* that *compose* makes (with the form token it is given), now or earlier in
    this minute."""
    minute = request.app[CLOCK].now().replace(second=0, microsecond=0)
    key = (
        "page",
        await stamp_for(request, slug),
        minute,
        request.rel_url.raw_path_qs,
        language_of(request),
        request.get(ZONE, ""),
        request.cookies.get(THEME_COOKIE, ""),
        links_styles(request),
        request.get(PAGE_STATE, ""),
    )

    async def make() -> bytes:
        page = await compose(_TOKEN)
        return (page.style_hash.ljust(_HASH) + page.text).encode()

    kept = (await request.app[KEPT].get(key, make)).decode()
    page = Page(kept[_HASH:].replace(_TOKEN, request[FORM_TOKEN]), kept[:_HASH].strip())
    return page_answer(request, page, cacheable=True)
