"""Pages: one way from a handler's values to HTML in the reader's language.

What every template knows beside its own values: ``_``, ``ngettext``, ``lang``, ``dir``, ``viewer``,
``asset(name)``, ``preloads(name)``, ``form_token``, ``now``, ``event`` (or none), ``path``, ``zone``,
``zone_told``, ``theme``, ``style``; filters: see ``web/templates/parts/macros.html`` and `_filters`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from conference.serving import times
from conference.serving.accent import accent_styles
from conference.serving.built import STYLES, BuiltFiles, style_hash
from conference.serving.context import CLOCK, FORM_TOKEN, PAGE_VALUES, STYLE_HASH, ZONE
from conference.serving.translation import SUPPORTED, catalogue, direction, language_of

STYLES_COOKIE, THEME_COOKIE = "styles", "theme"
THEMES = ("light", "dark")
YEAR = 365 * 86400


class Style(msgspec.Struct, frozen=True):
    """How a page gets its styles: ``inline`` always (at least the accent), ``link`` on later visits."""

    inline: Markup
    link: str | None


class Page(msgspec.Struct, frozen=True):
    """A page before it is answered: its text and what CSP must know of its one inlined style sheet."""

    text: str
    style_hash: str


class Pages:
    """The templates, one environment for each language, and the built files they name."""

    def __init__(self, templates: Path, built: BuiltFiles) -> None:
        self.built = built
        self._loader = FileSystemLoader(templates)
        self._environments = {lang: self._environment(lang) for lang in SUPPORTED}

    def html(self, template: str, lang: str, values: dict[str, Any]) -> str:
        return self._environments[lang].get_template(template).render(values)

    def _environment(self, lang: str) -> Environment:
        environment = Environment(
            loader=self._loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_translations(catalogue(lang), newstyle=True)  # type: ignore[attr-defined]  # by the extension
        environment.filters.update(_filters(lang))
        environment.tests["web_address"] = _is_web_address
        environment.globals.update(
            lang=lang,
            dir=direction(lang),
            languages=SUPPORTED,
            asset=self.built.address,
            preloads=self.built.preloads,
            zone_choices=partial(times.zone_choices, lang),
        )
        return environment


PAGES: web.AppKey[Pages] = web.AppKey("pages", Pages)


def render(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    cacheable: bool = False,
    page_styles: str = "",
    **values: Any,
) -> web.Response:
    """The page made from *template* and *values*.

    *cacheable*: the page may be kept by the reader's own browser and asked about again by ETag;
    leave it off for anything personal (then ``no-store``). *page_styles*: rules for this page alone,
    made by us from numbers and codes, never from what people typed (our CSP allows no style attributes).
    """
    made = compose_page(request, template, page_styles=page_styles, **values)
    return page_answer(request, made, status=status, cacheable=cacheable)


def compose_page(request: web.Request, template: str, *, page_styles: str = "", **values: Any) -> Page:
    """The text of a page alone: as `render` makes it, also in a thread, also to be kept for others.

    What is in it of *request*: language, zone, theme, address, form token, viewer, and whether the style
    sheet is linked. *values* go before these.
    """
    pages, lang = request.app[PAGES], language_of(request)
    event = values.setdefault("event", None)
    style = _style(request, pages.built, accent_styles(getattr(event, "accent", None)) + page_styles)
    context = _given(request, event) | {"style": style} | values
    return Page(pages.html(template, lang, context), style_hash(style.inline))


def page_answer(
    request: web.Request, page: Page, *, status: int = 200, cacheable: bool = False
) -> web.Response:
    """*page* with the headers and cookies that belong to it."""
    response = web.Response(text=page.text, status=status, content_type="text/html", charset="utf-8")
    response.headers["Content-Language"] = language_of(request)
    response.headers["Vary"] = "Cookie, Accept-Language"
    response.headers["Cache-Control"] = "private, no-cache" if cacheable and status == 200 else "no-store"
    request[STYLE_HASH] = page.style_hash
    built = request.app[PAGES].built
    if built.styles and not links_styles(request):
        remember(response, STYLES_COOKIE, built.styles_version)
    return response


def links_styles(request: web.Request) -> bool:
    """Whether this browser has the style sheet already, so that pages link it instead of carrying it."""
    built = request.app[PAGES].built
    return not built.styles or request.cookies.get(STYLES_COOKIE) == built.styles_version


def remember(response: web.StreamResponse, cookie: str, value: str) -> None:
    """Keep a preference in the reader's browser for a year (nothing secret: scripts may read it)."""
    response.set_cookie(cookie, value, max_age=YEAR, path="/", samesite="Lax")


def _style(request: web.Request, built: BuiltFiles, own: str) -> Style:
    # A first visit needs no second round trip for styles; later ones have the file in their cache.
    assert "</" not in own
    if links_styles(request):
        return Style(inline=Markup(own), link=built.address(STYLES))  # noqa: S704  # our own text
    return Style(inline=Markup(built.styles + own), link=None)  # noqa: S704  # our own text


def _given(request: web.Request, event: Any) -> dict[str, Any]:
    """The values every template can count on, also on an error page before any middleware ran."""
    told = request.get(ZONE, "")
    theme = request.cookies.get(THEME_COOKIE, "")
    clock = request.app.get(CLOCK)
    given: dict[str, Any] = {
        "viewer": None,
        "form_token": request.get(FORM_TOKEN, ""),
        "now": clock.now() if clock else datetime.now(UTC),
        "path": request.rel_url.raw_path_qs if request.method == "GET" else request.rel_url.raw_path,
        "zone": told or (event.zone if event else "UTC"),
        "zone_told": bool(told),
        "theme": theme if theme in THEMES else "",
    }
    for values in request.app.get(PAGE_VALUES, []):
        given |= values(request)
    return given


def _filters(lang: str) -> dict[str, Any]:
    """The filters for one language; those about time use the zones of the page they stand on."""

    def chosen(texts: dict[str, str] | str | None) -> tuple[str, str]:
        if not isinstance(texts, dict):
            return lang, texts or ""
        found = lang if texts.get(lang) else next((name for name, text in texts.items() if text), lang)
        return found, texts.get(found, "")

    def marked(texts: dict[str, str] | str | None) -> Markup:
        found, text = chosen(texts)
        # Put together by hand: a schedule has thousands of these, and Markup.format reads its pattern anew.
        return Markup(f"<bdi{_language_of_text(found, lang)}>{escape(text)}</bdi>")  # noqa: S704  # escaped

    def prose(texts: dict[str, str] | str | None) -> Markup:
        found, text = chosen(texts)
        paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part]
        attributes = _language_of_text(found, lang) or Markup(' dir="auto"')
        return Markup("\n").join(Markup("<p{}>{}</p>").format(attributes, _linked(p)) for p in paragraphs)

    @pass_context
    def time(context: Context, moment: datetime, zone: str | None = None) -> str:
        return times.clock_time(moment, zone or _zone_of(context))

    @pass_context
    def day(context: Context, moment: datetime | date, zone: str | None = None, year: bool = False) -> str:
        return times.day_name(_date(context, moment, zone), lang, year=year)

    @pass_context
    def short_day(context: Context, moment: datetime | date, zone: str | None = None) -> str:
        return times.day_name_short(_date(context, moment, zone), lang)

    @pass_context
    def weekday(context: Context, moment: datetime | date, zone: str | None = None) -> str:
        return times.weekday_name(_date(context, moment, zone), lang)

    @pass_context
    def date_there(context: Context, moment: datetime) -> str:
        return times.local_date(moment, _zone_of(context)).isoformat()

    @pass_context
    def there(context: Context, moment: datetime) -> times.There | None:
        reader = str(context["zone"])
        return times.elsewhere(moment, here=_zone_of(context), there=reader, lang=lang)

    @pass_context
    def offset(context: Context, moment: datetime, zone: str | None = None) -> str:
        return times.utc_offset(moment, zone or _zone_of(context))

    return {
        "localized": lambda texts: chosen(texts)[1],
        "language": lambda texts: chosen(texts)[0],
        "marked": marked,
        "prose": prose,
        "time": time,
        "day": day,
        "short_day": short_day,
        "weekday": weekday,
        "date_there": date_there,
        "there": there,
        "offset": offset,
        "duration": lambda length: times.duration(length, lang),
        "day_range": lambda first, last: times.day_range(first, last, lang),
        "language_name": lambda code: times.language_name(code, lang),
        "place": lambda zone: times.place_name(zone, lang),
        "iso": lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tojson": lambda value: htmlsafe_json_dumps(msgspec.to_builtins(value)),
    }


def _is_web_address(text: object) -> bool:
    """Whether *text* may become a link: other schemes (``javascript:``) could act in the reader's name."""
    return isinstance(text, str) and re.match(r"https?://[^\s]+$", text) is not None


def _zone_of(context: Context) -> str:
    event = context.get("event")
    return str(event.zone if event else context["zone"])


def _date(context: Context, moment: datetime | date, zone: str | None) -> date:
    if isinstance(moment, datetime):
        return times.local_date(moment, zone or _zone_of(context))
    return moment


@lru_cache(maxsize=256)
def _language_of_text(text_lang: str, page_lang: str) -> Markup:
    """``lang`` and ``dir`` for a text in another language than its page's; nothing for the same."""
    if text_lang == page_lang:
        return Markup()
    return Markup(' lang="{}" dir="{}"').format(text_lang, direction(text_lang))


def _linked(text: str) -> Markup:
    """*text* escaped, its web addresses as links that give the target neither rank nor referrer."""
    parts = re.split(r"(https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'])", str(text))
    made = (
        Markup('<a href="{0}" rel="nofollow noopener noreferrer" dir="ltr">{0}</a>').format(part)
        if number % 2
        else _lines(part)
        for number, part in enumerate(parts)
    )
    return Markup("").join(made)


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))
