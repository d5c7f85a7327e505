"""Writing a pack: to a mapping with the keys of its file, and to the text of that file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ballots.pack import Pack

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def as_mapping(pack: Pack, *, texts: bool = False) -> dict[str, Any]:
    """
    The keys and values of a pack's file; what is absent or an empty list is left out.

    Days and times stay `date` and `datetime`, or become ISO text with `texts`, as JSON wants them.
    """
    mapping: dict[str, Any] = _plain(pack, texts=texts)
    mapping["ballot"].setdefault("questions", [])
    return mapping


def _plain(value: Any, *, texts: bool) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((each.name.rstrip("_"), getattr(value, each.name)) for each in fields(value))
        return {key: _plain(item, texts=texts) for key, item in pairs if not _is_absent(item)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item, texts=texts) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item, texts=texts) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if texts and isinstance(value, date) else value


def _is_absent(value: Any) -> bool:
    return value is None or value == ()


def as_json(pack: Pack) -> str:
    """A pack as the text of a JSON file."""
    return json.dumps(as_mapping(pack, texts=True), indent=2, ensure_ascii=False) + "\n"


def as_toml(pack: Pack) -> str:
    """A pack as the text of a TOML file, section by section in the order of `ballots.pack.Pack`."""
    return "\n".join(_sections(as_mapping(pack)))


def _sections(mapping: Mapping[str, Any]) -> Iterator[str]:
    for name, section in mapping.items():
        if isinstance(section, list):
            for entry in section:
                yield _section(f"[[{name}]]", entry)
        else:
            nested = {key: value for key, value in section.items() if _is_nested(key, value)}
            yield _section(f"[{name}]", {key: value for key, value in section.items() if key not in nested})
            for key, value in nested.items():
                yield from _nested(f"{name}.{key}", value)


def _is_nested(key: str, value: Any) -> bool:
    """Whether a key is written as a section of its own: on one line it would be too long to read."""
    return key in ("employers", "register") or (key == "workplaces" and isinstance(value, list))


def _nested(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for entry in value:
            yield _section(f"[[{name}]]", entry)
    elif name.endswith(".employers"):
        for employer, terms in value.items():
            yield _section(f"[{name}.{_key(employer)}]", terms)
    else:
        yield _section(f"[{name}]", value)


def _section(header: str, table: Mapping[str, Any]) -> str:
    return "\n".join([header, *(f"{_key(key)} = {_value(value)}" for key, value in table.items()), ""])


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _string(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return _string(value) if isinstance(value, str) else str(value)


def _string(text: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
