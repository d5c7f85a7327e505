"""
The laid-out half of a mail: its own text, read paragraph by paragraph and set in one plain layout.

The text stays what it is: whoever reads the mail without layout reads the same words. Everything is escaped by the
template; the only link that is ever made is the union's own, on a line by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

BULLET = re.compile(r"- (.+)")
NUMBERED = re.compile(r"(\d+)\. (.+)")
PAIR = re.compile(r"\s*([A-Z][^:]{0,59}): (.+)")
CONTINUED = re.compile(r"\s{2,}(\S.*)")
EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")


class Shape(StrEnum):
    """How a run of lines is set."""

    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    STEPS = "steps"
    PAIRS = "pairs"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a run. `mark` is a step's number or a pair's first half; `more` are the lines that go on with it."""

    words: str
    mark: str = ""
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of one shape that stand together."""

    shape: Shape
    items: tuple[Item, ...]


def runs_of(text: str, link: str | None = None) -> list[Run]:
    """A mail's text as runs in reading order; nothing is left out. `link` is the address that becomes a link."""
    parts = EMPTY_LINES.split(text.strip("\n"))
    return [run for part in parts if part.strip() for run in _runs(part.split("\n"), link)]


def _runs(lines: Sequence[str], link: str | None) -> Iterator[Run]:
    shapes = _shapes(lines, link)
    for shape, numbered in groupby(zip(shapes, lines, strict=True), key=lambda each: each[0]):
        members = [line for _, line in numbered]
        yield Run(shape, tuple(_items(shape, members)))


def _shapes(lines: Sequence[str], link: str | None) -> list[Shape]:
    """The shape of each line: a line that goes on with a list has the list's; one pair alone is a paragraph."""
    shapes: list[Shape] = []
    for line in lines:
        before = shapes[-1] if shapes else None
        shapes.append(_shape(line, before, link))
    return [Shape.PARAGRAPH if shape is Shape.PAIRS and shapes.count(Shape.PAIRS) == 1 else shape for shape in shapes]


def _shape(line: str, before: Shape | None, link: str | None) -> Shape:
    if link is not None and line.strip() == link:
        return Shape.LINK
    if before is not None and before in (Shape.BULLETS, Shape.STEPS) and CONTINUED.fullmatch(line):
        return before
    for pattern, shape in ((BULLET, Shape.BULLETS), (NUMBERED, Shape.STEPS), (PAIR, Shape.PAIRS)):
        if pattern.fullmatch(line):
            return shape
    return Shape.PARAGRAPH


def _items(shape: Shape, lines: Sequence[str]) -> list[Item]:
    items: list[Item] = []
    for line in lines:
        continued = CONTINUED.fullmatch(line) if items and shape in (Shape.BULLETS, Shape.STEPS) else None
        if continued is not None:
            items[-1] = Item(items[-1].words, items[-1].mark, (*items[-1].more, continued[1]))
        else:
            items.append(_item(shape, line))
    return items


def _item(shape: Shape, line: str) -> Item:
    if shape is Shape.BULLETS and (bullet := BULLET.fullmatch(line)):
        return Item(bullet[1])
    if shape is Shape.STEPS and (step := NUMBERED.fullmatch(line)):
        return Item(step[2], step[1])
    if shape is Shape.PAIRS and (pair := PAIR.fullmatch(line)):
        return Item(pair[2], pair[1])
    return Item(line.strip())
