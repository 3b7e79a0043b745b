"""The OpenAPI 3.1 document, made of the table of operations and the types they speak in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from conference import __version__

if TYPE_CHECKING:
    from conference.agenda.api.operations import Operation

_REFERENCE = "#/components/schemas/{name}"
_parameter = re.compile(r"{(\w+)}")


class Failure(msgspec.Struct, frozen=True):
    """Every refusal: a sentence in the language of ``Accept-Language``, a stable code, and the field it is
    about. `details` say more for some codes: both versions for "agenda.stale"."""

    detail: str
    code: str
    field: str | None
    details: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document (https://spec.openapis.org/oas/v3.1.0)."""
    spoken = [kind for one in operations for kind in (one.takes, one.gives) if kind is not None]
    kinds = list(dict.fromkeys([Failure, *spoken]))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    schema_of = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Majlis",
            "version": __version__,
            "description": "The organizers' programme: the draft, acts on it, clashes and releases.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token from /me. A browser's session works too, with X-Form-Token.",
                }
            },
        },
    }


def _operation(one: Operation, schema_of: dict[Any, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": f"{one.method.lower()}_{re.sub(r'[^a-z]+', '_', one.path).strip('_')}",
        "summary": one.summary,
        "x-scope": one.scope.value,
        "parameters": list(_parameters(one)),
        "responses": _responses(one, schema_of),
    }
    if one.takes is not None:
        body = {"application/json": {"schema": schema_of[one.takes]}}
        said["requestBody"] = {"required": True, "content": body}
    elif one.takes_file:
        said["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return said


def _parameters(one: Operation) -> Iterable[dict[str, Any]]:
    for name in _parameter.findall(one.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for name in one.query:
        yield {"name": name, "in": "query", "schema": {"type": "string"}}
    if one.is_paged:
        yield {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}
        size = {"type": "integer", "minimum": 1, "maximum": 50, "default": 50}
        yield {"name": "page_size", "in": "query", "schema": size}
    for name in one.headers:
        required = name == "If-Match"
        yield {"name": name, "in": "header", "required": required, "schema": {"type": "string"}}


def _responses(one: Operation, schema_of: dict[Any, Any]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": HTTPStatus(one.status).phrase}
    if one.gives is not None:
        done["content"] = {"application/json": {"schema": schema_of[one.gives]}}
    failure = {"application/json": {"schema": schema_of[Failure]}}
    responses = {str(int(one.status)): done, "default": {"description": "Refused.", "content": failure}}
    if one.method == "GET":
        responses["304"] = {"description": "As it was for the ETag in If-None-Match."}
    return responses
