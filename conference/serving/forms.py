"""Forms: an urlencoded body becomes a typed struct, or errors that stand next to the fields.

A struct describes the form. `msgspec.Meta` carries the limits; `extra` says what only forms know:

    class Ask(msgspec.Struct):
        text: Annotated[str, Meta(min_length=1, max_length=500, extra={"lines": True})]
        anonymous: bool = False                      # a checkbox: present or not
        rooms: list[str] = []                        # repeated field

Every string is cleaned (`serving.text.clean_text`). An empty field with a default takes the
default. Unknown fields are ignored (browsers add them); nothing is ever set by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from aiohttp import web
from msgspec import inspect

from conference.errors import N_, BadInput
from conference.serving.text import clean_text

Form = TypeVar("Form", bound=msgspec.Struct)

TYPED_LIMIT = 20_000  # code points of a field given back to the page after an error

MISSING = N_("Please fill this in.")
NOT_RIGHT = N_("This does not look right. Please check it.")
NOT_OFFERED = N_("Please choose one of the offered values.")
NOT_A_NUMBER = N_("Please enter a number.")


class FormErrors(BadInput):
    """What is wrong with a form: `errors` (field → msgid) and what was `typed` (field → text)."""

    default_code = "form"

    def __init__(self, errors: dict[str, str], typed: dict[str, str]) -> None:
        super().__init__(N_("Something in the form needs your attention."), field=next(iter(errors), None))
        self.errors = errors
        self.typed = typed


async def read_form(request: web.Request, form: type[Form]) -> Form:
    """The body of *request* as a *form*. Raises `FormErrors`, or `BadInput` for another kind of body."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise BadInput(
            N_("This form was sent in a way the server does not understand."), code="form.encoding"
        )
    try:
        posted = await request.post()
    except (ValueError, LookupError, UnicodeError) as error:
        raise BadInput(N_("The form could not be read."), code="form.unreadable") from error
    values: dict[str, list[str]] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return parse_form(values, form)


def parse_form(values: Mapping[str, list[str]], form: type[Form]) -> Form:
    """`read_form` without the request; *values* maps each field to all that was sent for it."""
    described = inspect.type_info(form)
    assert isinstance(described, inspect.StructType)
    hints = get_type_hints(form, include_extras=True)
    errors: dict[str, str] = {}
    typed: dict[str, str] = {}
    fields: dict[str, Any] = {}
    for field in described.fields:
        sent = values.get(field.encode_name, [])
        if sent:
            typed[field.encode_name] = sent[-1][:TYPED_LIMIT].encode(errors="ignore").decode()
        try:
            value = _field(field, hints[field.name], sent)
        except BadInput as error:
            errors[field.encode_name] = error.message
            continue
        if value is not msgspec.UNSET:
            fields[field.name] = value
    if errors:
        raise FormErrors(errors, typed)
    return form(**fields)


def _field(field: inspect.Field, hint: Any, sent: list[str]) -> Any:
    kind, extra = _unwrapped(field.type)
    if isinstance(kind, inspect.BoolType):
        return bool(sent) and sent[-1] not in ("", "0", "false", "off")
    if isinstance(kind, inspect.ListType):
        item, item_extra = _unwrapped(kind.item_type)
        (item_hint,) = get_args(hint)
        return [_one(item, item_extra, item_hint, text) for text in sent if text.strip()]
    text = sent[-1] if sent else ""
    if not text.strip():
        if field.required:
            raise BadInput(MISSING)
        return msgspec.UNSET
    return _one(kind, extra, hint, text)


def _one(kind: inspect.Type, extra: dict[str, Any], hint: Any, text: str) -> Any:
    is_text = isinstance(kind, inspect.StrType)
    limit = (kind.max_length if isinstance(kind, inspect.StrType) else None) or 2000
    cleaned = clean_text(text, limit=limit, lines=bool(extra.get("lines")))
    if not cleaned:  # nothing but invisible characters
        raise BadInput(MISSING)
    try:
        return msgspec.convert(cleaned, hint, strict=is_text)
    except msgspec.ValidationError as error:
        raise BadInput(extra.get("message") or _reason(kind)) from error


def _reason(kind: inspect.Type) -> str:
    if isinstance(kind, (inspect.EnumType, inspect.LiteralType)):
        return NOT_OFFERED
    if isinstance(kind, (inspect.IntType, inspect.FloatType)):
        return NOT_A_NUMBER
    return NOT_RIGHT


def _unwrapped(kind: inspect.Type) -> tuple[inspect.Type, dict[str, Any]]:
    """The type without `Meta` and `| None`, and what `Meta.extra` said."""
    extra: dict[str, Any] = {}
    while isinstance(kind, (inspect.Metadata, inspect.UnionType)):
        if isinstance(kind, inspect.Metadata):
            extra |= kind.extra or {}
            kind = kind.type
        else:
            kind = next(each for each in kind.types if not isinstance(each, inspect.NoneType))
    return kind, extra
