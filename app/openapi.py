"""
The description of the API (OpenAPI 3.1): what every route has in common is said here once, so no route can forget it:
who may ask, how a refusal looks, and the bodies that an act's own model reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, cast

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.access import OPEN_TO_ALL
from app.api_answers import Refusal
from app.guards import SAFE_METHODS
from app.signing_in import PLAIN_NAME

Document = dict[str, Any]
TEMPLATE = "#/components/schemas/{model}"
BYTES: Document = {"type": "string", "format": "binary"}
METHODS = frozenset({"get", "post", "put", "patch", "delete"})
REFUSALS = {
    401: "Nobody is known by the token or the sign-in",
    403: "None of your roles, or nothing of what the token may, is for this",
    404: "Nothing by this name, or nothing that your roles reach",
    409: "Not possible as things stand, or the key came before with another request",
    422: "Something in the request cannot be used; `findings` name each field",
    503: "The database cannot be reached just now",
}
CHANGING = frozenset({409})
"""Refusals of requests that change something."""
SECURITY: Document = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of an account, made on the account's page: it looks, or acts too, and ends by itself",
    },
    "signIn": {"type": "apiKey", "in": "cookie", "name": PLAIN_NAME, "description": "The browser's own sign-in"},
}
ABOUT = """Cases, their deadlines and notices, and the acts that can be recorded: what the pages and the command line \
do, by the same rules. Refusals are `{"error", "findings"}`. Lists come in parts, by `limit` and `after`."""


def json_body(*shapes: type[BaseModel], description: str = "", required: bool = True) -> Document:
    """What a route says of the body that it reads itself, for `openapi_extra`: one of these shapes."""
    refs, schemas = models_json_schema([(shape, "validation") for shape in shapes], ref_template=TEMPLATE)
    any_of = [refs[shape, "validation"] for shape in shapes]
    schema: Document = any_of[0] if len(any_of) == 1 else {"anyOf": any_of}
    body: Document = {"required": required, "content": {"application/json": {"schema": schema}}}
    if description:
        body["description"] = description
    return {"requestBody": {**body, DEFINED: schemas.get("$defs", {})}}


DEFINED = "x-defined-shapes"
"""Where a body keeps its shapes until they stand among those of the document."""


def bytes_body(*media_types: str) -> Document:
    """What a route says of a body that is a file as it is."""
    return {"requestBody": {"required": True, "content": {each: {"schema": BYTES} for each in media_types}}}


def describe(app: FastAPI) -> None:
    """Let the application's description say what every route has in common."""
    plain = app.openapi

    def whole() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = described(plain())
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]


def described(document: Document) -> Document:
    """A document with the shape of refusals, who may ask, and every body's shapes in their place."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    refs, more = models_json_schema([(Refusal, "serialization")], ref_template=TEMPLATE)
    schemas.update(more["$defs"])
    refused = refs[Refusal, "serialization"]
    for path, method, operation in operations(document):
        schemas.update(operation.get("requestBody", {}).pop(DEFINED, {}))
        if path in OPEN_TO_ALL:
            continue
        operation["security"] = [{name: []} for name in SECURITY]
        answers = operation["responses"]
        for status, says in _refusals(method):
            answers[str(status)] = {"description": says, "content": {"application/json": {"schema": refused}}}
    components["securitySchemes"] = SECURITY
    return document


def operations(document: Document) -> Iterator[tuple[str, str, MutableMapping[str, Any]]]:
    """Every operation of a document: its path, its method in capitals, and what is said of it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield path, method.upper(), cast(MutableMapping[str, Any], operation)


def _refusals(method: str) -> Iterable[tuple[int, str]]:
    changes = method not in SAFE_METHODS
    return ((status, says) for status, says in REFUSALS.items() if changes or status not in CHANGING)
