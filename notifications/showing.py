"""
What rendered words must show, and whose name they must not: looked at after rendering, before anything is frozen.

A template that leaves out the employer, a total or a date is refused, and so are words in which another employer of the
same batch is named. Names are compared word for word, whatever their case, so that one name inside a longer one of the
notice's own counts as the longer one. A number is looked for as a number: neither a date nor a longer number shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.errors import ConfigurationError
from notifications.language import Language

WORD = re.compile(r"\w+(?:['’&-]\w+)*")
SHORTEST = 4
"""A name of fewer letters, such as an initial, could stand anywhere."""


class RenderingError(ConfigurationError):
    """A template cannot be rendered with facts that `message.yaml` allows, or leaves out what it must show."""


def words_in(text: str) -> tuple[str, ...]:
    """The words of a text, in small letters, without what stands between them."""
    return tuple(WORD.findall(text.casefold()))


class Names:
    """Names of others, ready to be looked for in many texts."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_words = {words_in(name): name for name in names if len(name) >= SHORTEST}
        self._by_words.pop((), None)
        self._lengths = sorted({len(words) for words in self._by_words}, reverse=True)

    def in_text(self, text: str, own: Iterable[str]) -> str | None:
        """The first of the names that a text speaks of, other than within `own`, what it may speak of."""
        if not self._by_words:
            return None
        found = words_in(text)
        covered = set(_covered(found, own))
        for length in self._lengths:
            for start in range(len(found) - length + 1):
                name = self._by_words.get(found[start : start + length])
                if name is not None and not covered.issuperset(range(start, start + length)):
                    return name
        return None


def _covered(found: tuple[str, ...], own: Iterable[str]) -> Iterator[int]:
    """The places of words that belong to a name of the notice's own."""
    own_words = {words for words in map(words_in, own) if words}
    for length in {len(words) for words in own_words}:
        for start in range(len(found) - length + 1):
            if found[start : start + length] in own_words:
                yield from range(start, start + length)


def own_names(facts: Mapping[str, Any]) -> Iterator[str]:
    """Every name on one line that the facts hold: the employer, workplaces and their addresses, the scrutineer."""
    for name, value in facts.items():
        if isinstance(value, str) and (name.endswith("_name") or name in ("name", "address", "scrutineer")):
            yield value
        elif isinstance(value, Mapping):
            yield from own_names(value)
        elif isinstance(value, list | tuple):
            for each in value:
                if isinstance(each, Mapping):
                    yield from own_names(each)


def require_shown(
    kind: str, wanted: Mapping[str, Any], words: str, tongue: Language, number: Callable[[int], str]
) -> None:
    """`RenderingError` for the first fact whose value, or one of whose values, the words do not hold."""
    collapsed = " ".join(words.split())
    undated = _dates(tongue).sub(" ", collapsed)
    for name, value in wanted.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, int):
                shown = _as_number(number(each)).search(undated) is not None
            else:
                shown = " ".join(str(each).split()) in collapsed
            if not shown:
                raise RenderingError(f"{kind}: the rendered words do not show {name}.")


def _dates(tongue: Language) -> re.Pattern[str]:
    """Days of a month in that language, with their year where it is said."""
    return re.compile(rf"\b\d{{1,2}} (?:{'|'.join(tongue.months)})\b(?: \d{{4}}\b)?")


def _as_number(said: str) -> re.Pattern[str]:
    """The number by itself: no part of a longer one, of a sum of money, an hour, a reference or a section's number."""
    return re.compile(rf"(?<![\w£/-])(?<!\d[,.:])(?<!\w\(){re.escape(said)}(?![\w/-])(?![,.:]\d)")
