"""
Hold what the product left behind against a reckoning of its own: `python -m tests.independent.check FOLDER`.

FOLDER is an installation's (`mandate.db`, `letters/`, `mail/`); `--database` names another database, `--document` the
demonstration's result (`mandate demo --json`), whose table must then agree row for row. Prints one line a case; exits 1
with every complaint.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tests.independent import ballots, chain, delivered, pay
from tests.independent.ladder import Happened, Standing, climbed
from tests.independent.left_behind import LeftBehind, Row
from tests.independent.outcomes import compared, row_of

COLUMNS = ("case", "stage", "since", "events", "ballots", "mandate to", "struck", "pence")
Part = Callable[[LeftBehind], Iterator[str]]
IN_THE_DATABASE: tuple[Part, ...] = (chain.complaints, ballots.complaints, pay.complaints)
PARTS: tuple[Part, ...] = (*IN_THE_DATABASE, delivered.complaints)
DOCUMENTS = ("result.json", "document.json")


def check(
    left: LeftBehind, document: dict[str, Any] | None = None, parts: Sequence[Part] = PARTS
) -> tuple[list[Row], list[str]]:
    """A line a case, and every complaint of the parts and of the document."""
    rows, found = [], []
    for case in sorted(left.table("cases"), key=lambda each: each["ref"]):
        row, said = _case(left, case)
        rows.append(row)
        found += [f"case {case['ref']}: {each}" for each in said]
    for complaints in parts:
        found += _heard(complaints, left)
    if document is not None:
        found += _compared(rows, document)
    return rows, found


def _heard(complaints: Part, left: LeftBehind) -> Iterator[str]:
    try:
        yield from complaints(left)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        yield f"{complaints.__module__.rpartition('.')[2]}: what is stored cannot be read, {error!r}"


def _happened(left: LeftBehind, case: Row) -> list[Happened]:
    rows = sorted(left.by("case_events", "case_id")[case["id"]], key=lambda row: row["seq"])
    return [Happened(row["kind"], row["happened_on"], row["facts"]) for row in rows]


def _case(left: LeftBehind, case: Row) -> tuple[Row, list[str]]:
    events = _happened(left, case)
    stood = climbed(events)
    return row_of(left, case, events, stood), list(_row_complaints(left, case, stood[-1]))


def _row_complaints(left: LeftBehind, case: Row, now: Standing) -> Iterator[str]:
    replayed = {
        "stage": now.stage,
        "entered_on": now.since,
        "officer_id": now.officer.replace("-", "") if now.officer else None,
        "wake_on": date.fromisoformat(now.rests_until) if now.rests_until else None,
        "events_count": len(left.by("case_events", "case_id")[case["id"]]),
    }
    for name, value in replayed.items():
        if case[name] != value:
            yield f"{name} is {case[name]}; its events give {value}"
    for row in left.by("deadlines", "case_id")[case["id"]]:
        if now.stage == "closed" and row["met_on"] is None and row["cancelled_on"] is None:
            yield f"it is closed and waits for {row['kind']}"


def _compared(rows: Sequence[Row], document: dict[str, Any]) -> Iterator[str]:
    """Where the demonstration's own table says otherwise."""
    told = {each["ref"]: each for each in document["cases"]}
    if told.keys() != {row["ref"] for row in rows}:
        yield f"the table has the cases {sorted(told)}, the database {[row['ref'] for row in rows]}"
    for row in rows:
        yield from (f"case {row['ref']}: {said}" for said in compared(row, told.get(row["ref"], {})))


def _printed(rows: Sequence[Row]) -> Iterator[str]:
    lines = [COLUMNS, *(_line(row) for row in rows)]
    widths = [max(len(str(line[place])) for line in lines) for place in range(len(COLUMNS))]
    for line in lines:
        yield "  ".join(str(cell).ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _line(row: Row) -> tuple[object, ...]:
    ends = max((each["mandate_ends_on"] for each in row["ballots"] if each["mandate_ends_on"]), default="-")
    struck = sum(each["took_part"] is not None for each in row["strike_days"])
    counts = (row["events"], len(row["ballots"]), ends, struck, row["reimbursed_pence"])
    return row["ref"], row["stage"], row["since"], *counts


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 when nothing is to complain of."""
    parser = argparse.ArgumentParser(prog="python -m tests.independent.check", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database", help="postgresql://... or sqlite:///FILE; the folder's mandate.db unless given")
    parser.add_argument("--document", type=Path, help="what `mandate demo --json` printed")
    given = parser.parse_args(arguments)
    beside = [given.folder / name for name in DOCUMENTS if (given.folder / name).exists()]
    told = given.document or next(iter(beside), None)
    document = json.loads(told.read_text(encoding="utf-8")) if told else None
    left = LeftBehind(given.database or f"sqlite:///{given.folder / 'mandate.db'}", given.folder)
    rows, found = check(left, document)
    print(*_printed(rows), sep="\n")
    print(*found or ["Nothing to complain of."], sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
