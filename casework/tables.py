"""
Reading the tables that ship with the program (YAML): strict, so that a slip in a file is found when it loads.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from core.errors import BadInput

Shape = TypeVar("Shape")


class _UniqueKeyLoader(yaml.CSafeLoader):
    """The C loader, except that a key given twice is refused: YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping; `BadInput` on a repeated key."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise BadInput(field=str(key), found="the key twice", wanted="each key once", line=line)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_table(path: Path, adapter: TypeAdapter[Shape]) -> Shape:
    """
    The file's content in the adapter's shape.

    Raises `BadInput` naming the file and the key: for YAML that cannot be parsed, an unknown or missing key,
    or a value of the wrong type (numbers in quotes included).
    """
    try:
        return adapter.validate_json(json.dumps(_parsed(path)), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "(top)"
        found = "no value" if first["type"] == "missing" else first["input"]
        raise BadInput(field=key, found=found, wanted=_wanted(first["type"], first["msg"]), path=path.name) from None


def _parsed(path: Path) -> Any:
    try:
        with path.open("rb") as stream:
            return yaml.load(stream, Loader=_UniqueKeyLoader)  # noqa: S506 - a safe loader
    except BadInput as error:
        raise BadInput(
            field=error.field, found=error.found, wanted=error.wanted, path=path.name, line=error.line
        ) from None
    except yaml.YAMLError as error:
        raise BadInput(field="(file)", found=str(error), wanted="YAML", path=path.name) from None


def _wanted(kind: str, message: str) -> str:
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        return "only keys that this table knows (this one is unknown)"
    return message[:1].lower() + message[1:]
