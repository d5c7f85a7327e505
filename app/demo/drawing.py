"""
The timeline as a page of its own: the weeks drawn as SVG, the letters explained, and a table that says the same.

It is drawn twice, and one of the two is shown: with the weeks across where there is room, and down on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.demo.timeline import LETTERS, RESTS, Line, Sheet
from app.stored_words import stage_name
from app.templating import long_date

LABELS = 330
CELL = 16
TOP, ROW = 24, 28
MONTHS, COLUMN = 46, 28
"""Of the narrow drawing: the room for the months at its left, and that for a case. Nine cases fit on a phone."""
LONGEST_LABEL = 40
NO_BREAK = "\N{NO-BREAK SPACE}"
TITLE = "The demonstration's cases, week by week"


def meaning(letter: str) -> str:
    """What a letter of the timeline stands for."""
    if letter == RESTS:
        return "The case rests"
    return next(stage_name(stage.value) for stage, each in LETTERS.items() if each == letter)


def draw(path: Path, drawn: Sheet, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the page; `rows` are the document's cases."""
    pages = Environment(loader=PackageLoader("app.demo"), autoescape=True, undefined=StrictUndefined)
    page = pages.get_template("timeline.html").render(
        title=TITLE,
        description=_description(drawn),
        width=LABELS + CELL * len(drawn.weeks),
        height=TOP + ROW * len(drawn.lines),
        cell_width=CELL - 1,
        tall=_tall(drawn),
        months=_months(drawn),
        lines=[_line(place, line) for place, line in enumerate(drawn.lines)],
        legend=[(letter, meaning(letter)) for letter in drawn.letters()],
        rows=[{**row, "stages": _in_words(row["stages"])} for row in rows],
    )
    path.write_text(page, encoding="utf-8")


def _description(drawn: Sheet) -> str:
    first, last = drawn.weeks[0], drawn.weeks[-1]
    return (
        f"{len(drawn.lines)} cases, a line each, from {long_date(first)} to the week of {long_date(last)}. "
        "Each week carries the letter of the stage that the case stood at when the week ended."
    )


def _months(drawn: Sheet) -> list[dict[str, Any]]:
    return [{"x": LABELS + CELL * place, "name": f"{day:%b %y}"} for place, day in drawn.months()]


def _tall(drawn: Sheet) -> dict[str, Any]:
    """The same with a column for each case, under the end of its reference, and a row for each week."""
    cells = [
        {"x": MONTHS + COLUMN * place, "y": TOP + CELL * week, "phase": cell.phase, "letter": cell.letter}
        for place, line in enumerate(drawn.lines)
        for week, cell in enumerate(line.cells)
        if cell
    ]
    return {
        "width": MONTHS + COLUMN * len(drawn.lines),
        "height": TOP + CELL * len(drawn.weeks),
        "cell_width": COLUMN - 1,
        "cell_height": CELL - 1,
        "months": [{"y": TOP + CELL * place, "name": f"{day:%b %y}"} for place, day in drawn.months()],
        "cases": [
            {"x": MONTHS + COLUMN * place, "number": _number(line), "workplace": line.workplace}
            for place, line in enumerate(drawn.lines)
        ],
        "cells": cells,
    }


def _number(line: Line) -> str:
    return line.ref.rpartition("-")[2]


def _line(place: int, line: Line) -> dict[str, Any]:
    cells = [
        {"x": LABELS + CELL * week, "phase": cell.phase, "letter": cell.letter}
        for week, cell in enumerate(line.cells)
        if cell
    ]
    return {"y": TOP + ROW * place, "label": f"{line.ref} {shortened(line.workplace, LONGEST_LABEL)}", "cells": cells}


def shortened(name: str, most: int) -> str:
    """
    A name in at most so many letters.

    >>> shortened("Parliament Hill School", 12)
    'Parliament…'
    """
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def _in_words(stages: Sequence[Mapping[str, str]]) -> str:
    return "; ".join(f"{stage_name(each['stage'])} {_unbroken(each['entered_on'])}" for each in stages)


def _unbroken(iso_day: str) -> str:
    day = date.fromisoformat(iso_day)
    return f"{day.day} {day:%b} {day.year}".replace(" ", NO_BREAK)
