"""What is wrong with a setting, in words: what was found and what is wanted, never the expression that says so."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

from pydantic import AfterValidator, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

LONGEST = 80
WITHHELD = re.compile(r"//[^/@\s]*@")
FOUND = "found "
WANTED = "wanted "
A_TABLE = 'a table in JSON, such as {"to": "recipient"}'
NUMBERS = frozenset({"int_parsing", "int_type", "int_from_float", "greater_than_equal", "less_than_equal"})


def table(value: Any) -> Any:
    """A table written in JSON; nothing written is an empty one."""
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value or "{}")
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    raise ValueError(WANTED + A_TABLE)


def written(pattern: str, wanted: str, *, or_nothing: bool = True) -> AfterValidator:
    """Text that fits a pattern as a whole, or is empty; `wanted` says in words what that is, with an example."""
    whole = re.compile(pattern)

    def fits(text: str) -> str:
        if not ((or_nothing and not text) or whole.fullmatch(text)):
            raise ValueError(WANTED + wanted)
        return text

    return AfterValidator(fits)


def fault(error: ErrorDetails, field: FieldInfo | None) -> str:
    """
    What is wrong with one setting: `found 'x', wanted a whole number`. What is secret is not shown.

    >>> fault({"type": "bool_parsing", "loc": ("a",), "msg": "", "input": "perhaps"}, None)
    "found 'perhaps', wanted true or false"
    """
    said = str(error["msg"]).removeprefix("Value error, ")
    if said.startswith(FOUND):
        return said
    wanted = said if said.startswith(WANTED) else WANTED + _wanted(error, field, said)
    return f"{FOUND}{_shown(error['input'], field)}, {wanted}"


def _shown(value: Any, field: FieldInfo | None) -> str:
    """What was found, short, and without a password: that of an address, or all of what is secret."""
    if isinstance(value, SecretStr) or (field is not None and _is_secret(field)):
        return "something else"
    text = WITHHELD.sub("//…@", str(value))
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def _wanted(error: ErrorDetails, field: FieldInfo | None, said: str) -> str:
    kind, told = error["type"], error.get("ctx", {})
    if kind in NUMBERS:
        return _number(field)
    if kind in {"bool_parsing", "bool_type"}:
        return "true or false"
    if kind == "literal_error":
        return str(told["expected"])
    return f"another value: {said[:1].lower()}{said[1:]}"


def _number(field: FieldInfo | None) -> str:
    bounds: dict[str, Any] = {}
    for each in field.metadata if field is not None else ():
        bounds |= {name: getattr(each, name) for name in ("ge", "le") if hasattr(each, name)}
    words = [f"{word} {bounds[name]}" for name, word in (("ge", "from"), ("le", "to")) if name in bounds]
    return " ".join(["a whole number", *words])
