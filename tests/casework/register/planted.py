"""
A register of many rows in the shape of the real extract, with faults planted at lines that are written down.

Rows are the bundled extract's own, given new numbers; the same seed gives the same file.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from casework.register.imports import BUNDLED_EXTRACT

FIRST_URN = 200_000
Cells = dict[str, str]
SPOILED: Mapping[str, tuple[Callable[[str], str], ...]] = {
    "URN": (
        lambda _: "", lambda urn: urn[:5], lambda urn: urn + "0", lambda urn: "0" + urn[1:], lambda urn: urn[:5] + "O",
        lambda urn: urn.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ),
    "LA (code)": (lambda _: "", lambda code: code[:2], lambda _: "704", lambda _: "Kent"),
    "LA (name)": (lambda _: "", lambda name: f"{name}\u200b", lambda _: "L" * 101),
    "EstablishmentName": (lambda _: "", lambda name: f"{name}\x07", lambda _: "   ", lambda _: "N" * 256),
    "TypeOfEstablishment (name)": (lambda _: "", lambda _: "Hedge school", lambda _: "Miscellaneous"),
    "EstablishmentStatus (name)": (lambda _: "", lambda _: "Ajar", lambda _: "1"),
    "OpenDate": (
        lambda _: "31-02-1996", lambda _: "9/1/96", lambda _: "soon", lambda _: "1996-13-01", lambda _: "35309",
    ),
    "CloseDate": (lambda _: "00-00-0000", lambda _: "31-08-21"),
    "PhaseOfEducation (name)": (lambda _: "P" * 61, lambda _: "Prim\x00ary"),
    "Postcode": (lambda _: "", lambda code: code.replace(" ", ""), lambda _: "XX", lambda code: code + "\x7f"),
    "Street": (lambda _: "S" * 256, lambda _: "1 High\x1bStreet"),
    "Town": (lambda _: "Ash\ufeffford",),
}  # fmt: skip
"""How a cell goes wrong, by the heading that the reject has to name."""

ROW, AGAIN = "row", "URN"


@dataclass(frozen=True, slots=True)
class Planted:
    """The headings, every row as written, and what a person must see rejected: line -> heading."""

    headings: list[str]
    rows: list[list[str]]
    faults: dict[int, str]
    right: dict[int, list[str]]


def plant(count: int, faults: int, *, seed: int) -> Planted:
    """So many rows with so many faults of every kind; `right` holds the faulty rows as they should have been."""
    chance = random.Random(seed)
    with BUNDLED_EXTRACT.open(encoding="utf-8", newline="") as file:
        models = list(csv.DictReader(file))
    headings = list(models[0])
    good = [_row(chance.choice(models), FIRST_URN + number) for number in range(count)]
    rows = [list(row.values()) for row in good]
    places = sorted(chance.sample(range(1, count), faults))
    planted: dict[int, str] = {}
    kinds = [*SPOILED, ROW, "again"]
    for number, place in enumerate(places):
        kind = kinds[number % len(kinds)]
        if kind == "again":
            # The row before stands whole: what is rejected is the second of the two.
            rows[place] = [rows[_whole_before(place, planted)][0], *rows[place][1:]]
            planted[place + 2] = AGAIN
        elif kind == ROW:
            rows[place] = rows[place][:-1] if number % 2 else [*rows[place], "one more"]
            planted[place + 2] = ROW
        else:
            column = headings.index(kind)
            spoil = chance.choice(SPOILED[kind])
            rows[place] = [*rows[place]]
            rows[place][column] = spoil(rows[place][column])
            planted[place + 2] = kind
    return Planted(headings, rows, planted, {line: list(good[line - 2].values()) for line in planted})


def write_planted(path: Path, planted: Planted, *, encoding: str = "utf-8") -> Path:
    """The file; one row a line, so that a row's line is its place and two."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([planted.headings, *planted.rows])
    return path


def _row(model: Cells, urn: int) -> Cells:
    return {**model, "URN": str(urn), "UKPRN": ""}


def _whole_before(place: int, planted: Mapping[int, str]) -> int:
    return next(each for each in range(place - 1, -1, -1) if each + 2 not in planted)
