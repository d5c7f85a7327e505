"""
Facts that fit a kind of message and are nobody's: made from its `message.yaml`, to try a text before anybody needs it.

Each choice is made in every way, with everything that may be null given and with nothing of it, so that no branch of a
text goes untried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from types import MappingProxyType
from typing import Any
from zlib import crc32

from notifications.facts import Fact
from notifications.messages import MessageKind
from notifications.recipients import Recipient

LINES = ("first specimen", "second specimen")
FIRST = date(2026, 1, 1)
NUMBER = "123456"


def _count(name: str) -> int:
    """A number for each name, so that one that stands in place of another is noticed."""
    return 1_000 + crc32(name.encode()) % 9_000


def _day(name: str) -> str:
    return (FIRST + timedelta(days=crc32(name.encode()) % 3_000)).isoformat()


PLAIN: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "line": lambda name: f"specimen of {name}",
        "text": lambda name: f"specimen of {name}\n\nsecond paragraph",
        "ref": lambda _name: NUMBER,
        "number": _count,
        "pence": _count,
        "days": _count,
        "flag": lambda _name: True,
        "date": _day,
        "dates": lambda name: [_day(name), _day(f"second {name}")],
        "lines": lambda _name: list(LINES),
        "texts": lambda _name: list(LINES),
        "words": lambda name: {"strike": f"specimen of {name}", "asos": f"specimen of {name}"},
        # By the names and numbers that lists and rows of a specimen have.
        "counts": lambda _name: {key: _count(key) for key in (*LINES, NUMBER)},
    }
)


def specimens(kind: MessageKind) -> Iterator[dict[str, Any]]:
    """Facts in JSON spelling, for every way in which the choices of a kind can be made."""
    choices = [fact for fact in kind.facts if fact.kind == "choice"]
    for made in product(*(fact.choices for fact in choices)):
        chosen = {fact.name: value for fact, value in zip(choices, made, strict=True)}
        yield {fact.name: chosen.get(fact.name, _value(fact)) for fact in kind.facts}
        yield _bare(kind, chosen)


def _bare(kind: MessageKind, chosen: Mapping[str, str]) -> dict[str, Any]:
    """The same with null wherever that is allowed."""
    needed = {each for name, value in chosen.items() for each in kind.needs.get(name, {}).get(value, ())}
    return {
        fact.name: None if fact.optional and fact.name not in needed else chosen.get(fact.name, _value(fact))
        for fact in kind.facts
    }


def _value(fact: Fact) -> Any:
    if fact.kind == "choice":
        return fact.choices[0]
    if fact.kind in ("rows", "record"):
        row = {column.name: _value(column) for column in fact.columns}
        return [row] if fact.kind == "rows" else row
    return PLAIN[fact.kind](fact.name)


def recipient(kind: MessageKind, language: str, facts: Mapping[str, Any]) -> Recipient:
    """Somebody of the kind's audience who reads that language, with every address."""
    return Recipient(
        f"{kind.audience}:specimen",
        str(facts.get("employer_name") or "specimen of a recipient"),
        "specimen@mandate.invalid",
        ("specimen street", "specimen town"),
        language=language,
    )
