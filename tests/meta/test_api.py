"""What every address of the API has: a summary, the shape of its answers and refusals, who may ask, lists in parts."""

from __future__ import annotations

from typing import Any

import pytest

from app.access import OPEN_TO_ALL
from app.openapi import REFUSALS, operations
from tests.app.applications import description

DOCUMENT = description()
OPERATIONS = [each for each in operations(DOCUMENT) if each[0] not in OPEN_TO_ALL]
WHOLE = {
    "/api/law": "the values of the law files: some hundred",
    "/api/law/{parameter}": "what one parameter ever was",
    "/api/plan": "one plan",
    "/api/account/digest": "what one account chose",
    "/api/status": "one document for a monitor",
    "/api/restore": "one document",
    "/api/cases/{ref}": "one case",
    "/api/cases/{ref}/ballot/findings": "what one pack has against it",
    "/api/cases/{ref}/action/findings": "what one pack has against it",
    "/api/notices/{notice_id}": "one notice",
    "/api/runs/{run_id}": "one run",
    "/api/workplaces/{number}": "one workplace",
    "/api/search": "the best of each kind: twenty at most",
}
"""Answers that hold an array and are no list, and why."""


def named(path: str, method: str) -> str:
    return f"{method} {path}"


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema itself, where it is told by its name."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["schemas"][name] if name else schema


def good(operation: Any) -> list[tuple[str, dict[str, Any]]]:
    """The schemas of the answers that are no refusal, by media type."""
    return [
        (media, told.get("schema", {}))
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for media, told in answer.get("content", {}).items()
    ]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[named(*each[:2]) for each in OPERATIONS])
def test_a_route_says_what_it_is_for_and_what_it_answers(path: str, method: str, operation: Any) -> None:
    """Red when a route of the API loses its `response_model`, or its summary."""
    assert operation.get("summary")
    assert operation.get("description")
    answers = good(operation)
    assert answers
    assert all(schema for _, schema in answers), "say what it answers: response_model=, from app/api_answers.py"


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[named(*each[:2]) for each in OPERATIONS])
def test_a_route_says_how_it_refuses_and_who_may_ask(path: str, method: str, operation: Any) -> None:
    """Red when `described` leaves the refusals out."""
    wanted = {str(status) for status in REFUSALS if status != 409 or method != "GET"}
    assert wanted <= set(operation["responses"])
    for status in wanted:
        schema = operation["responses"][status]["content"]["application/json"]["schema"]
        assert schema["$ref"].endswith("/Refusal")
    assert operation["security"]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[named(*each[:2]) for each in OPERATIONS])
def test_what_changes_something_describes_its_body_and_takes_a_key(path: str, method: str, operation: Any) -> None:
    """Red when an address that takes JSON reads a shape that it does not tell of, or no key."""
    if method == "GET":
        return
    content = operation.get("requestBody", {}).get("content", {})
    assert all(told.get("schema") for told in content.values())
    keys = [each for each in operation.get("parameters", []) if each["name"].lower() == "idempotency-key"]
    assert keys or "multipart/form-data" in content, "a file taken in again changes nothing; anything else takes a key"


@pytest.mark.parametrize(
    ("path", "operation"),
    [(path, operation) for path, method, operation in OPERATIONS if method == "GET"],
    ids=[path for path, method, _ in OPERATIONS if method == "GET"],
)
def test_every_list_comes_in_parts(path: str, operation: Any) -> None:
    """Red when a list loses `Paged`, or its answer the cursor of the next part."""
    schema = next((resolved(schema) for media, schema in good(operation) if media == "application/json"), {})
    lists = [name for name, told in schema.get("properties", {}).items() if told.get("type") == "array"]
    names = {each["name"] for each in operation.get("parameters", [])}
    if lists and path not in WHOLE:
        assert {"limit", "after"} <= names, "take `paged: Paged` and answer with `paging.answer`"
        assert "after" in schema["properties"]
    else:
        assert "after" not in names


def test_no_shape_is_told_by_where_it_stands() -> None:
    """Red when two shapes have one name: each is then told by its module's, and a client breaks when a file moves."""
    assert [name for name in DOCUMENT["components"]["schemas"] if "__" in name] == []


def test_what_is_whole_is_there() -> None:
    assert set(WHOLE) <= set(DOCUMENT["paths"])
