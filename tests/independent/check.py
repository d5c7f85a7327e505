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
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.independent import ballots, chain, delivered, pay
from tests.independent.ladder import Happened, Standing, climbed
from tests.independent.left_behind import LeftBehind, Row

COLUMNS = ("case", "stage", "since", "events", "ballots", "mandate to", "struck", "pence")
LONDON = ZoneInfo("Europe/London")
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
    row = {
        "ref": case["ref"],
        "urn": left.of_id("workplaces")[case["workplace_id"]]["urn"],
        "stage": stood[-1].stage,
        "raised_on": _iso(events[0].on),
        "stages": _stages(stood),
        "rests_until": stood[-1].rests_until,
        "ballots": [_ballot(left, each) for each in _ballots(left, case)],
        "asos_from": [_iso(each.on) for each in events if each.kind == "asos_began"],
        "struck": {each.facts["on"]: each.facts["took_part"] for each in events if each.kind == "strike_day_held"},
        "deadlines": _deadlines(left, case),
        "reimbursed_pence": pay.reimbursed(left, case["id"]),
        "settled_on": _iso(max((each.on for each in events if _agreed(each)), default=None)),
        "reopened_on": _iso(max((each.on for each in events if each.kind == "case_reopened"), default=None)),
        "events": len(events),
        "since": _iso(stood[-1].since),
    }
    return row, list(_row_complaints(left, case, stood[-1]))


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


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _agreed(event: Happened) -> bool:
    return event.kind == "settlement_reached" or event.facts.get("answer") == "accepted"


def _stages(stood: Sequence[Standing]) -> list[dict[str, str | None]]:
    first = {"stage": stood[0].stage, "entered_on": _iso(stood[0].since)}
    moved = [now for before, now in pairwise(stood) if now.stage != before.stage]
    return [first, *({"stage": now.stage, "entered_on": _iso(now.since)} for now in moved)]


def _ballots(left: LeftBehind, case: Row) -> list[Row]:
    ids = {row["ballot_id"] for row in left.by("ballot_cases", "case_id")[case["id"]]}
    return sorted((row for row in left.table("ballots") if row["id"] in ids), key=lambda row: row["opens_on"])


def _ballot(left: LeftBehind, ballot: Row) -> Row:
    result = ballot["result"] or {}
    mandates = left.by("mandates", "ballot_id")[ballot["id"]]
    return {
        "ref": ballot["ref"],
        "opens_on": _iso(ballot["opens_on"]),
        "closes_on": _iso(ballot["closes_on"]),
        "entitled": len(left.by("entitled_to_vote", "ballot_id")[ballot["id"]]),
        "cast": result.get("cast"),
        "turnout_met": 2 * result["cast"] >= result["entitled"] if result else None,
        "mandates": sorted({row["kind"] for row in mandates}),
        "mandate_ends_on": _iso(max((row["last_day"] for row in mandates), default=None)),
    }


def _deadlines(left: LeftBehind, case: Row) -> dict[str, int]:
    (clock,) = left.table("stored_clock") or [{"stands_at": datetime.now(UTC)}]
    today = clock["stands_at"].astimezone(LONDON).date()
    counted = dict.fromkeys(("met", "late", "missed", "open", "no_longer_due"), 0)
    for row in left.by("deadlines", "case_id")[case["id"]]:
        if row["met_on"]:
            counted["met" if row["met_on"] <= row["due_on"] else "late"] += 1
        elif row["cancelled_on"]:
            counted["no_longer_due"] += 1
        else:
            counted["missed" if row["due_on"] < today else "open"] += 1
    return counted


COMPARED = (
    "urn",
    "stage",
    "raised_on",
    "stages",
    "rests_until",
    "asos_from",
    "deadlines",
    "reimbursed_pence",
    "settled_on",
    "reopened_on",
)


def _compared(rows: Sequence[Row], document: dict[str, Any]) -> Iterator[str]:
    """Where the demonstration's own table says otherwise."""
    told = {each["ref"]: each for each in document["cases"]}
    if told.keys() != {row["ref"] for row in rows}:
        yield f"the table has the cases {sorted(told)}, the database {[row['ref'] for row in rows]}"
    for row in rows:
        said = told.get(row["ref"], {})
        for name in COMPARED:
            if said.get(name) != row[name]:
                yield f"case {row['ref']}: the table says {name} {said.get(name)}, it is {row[name]}"
        ours = [
            {name: each.get(name) for name in row["ballots"][0]} for each in said.get("ballots", ()) if row["ballots"]
        ]
        if ours != row["ballots"]:
            yield f"case {row['ref']}: the table says of its ballots {ours}, it is {row['ballots']}"
        struck = {
            each["on"]: each["took_part"] for each in said.get("strike_days", ()) if each["took_part"] is not None
        }
        if struck != row["struck"]:
            yield f"case {row['ref']}: the table has the strike days {struck}, it is {row['struck']}"


def _printed(rows: Sequence[Row]) -> Iterator[str]:
    lines = [COLUMNS, *(_line(row) for row in rows)]
    widths = [max(len(str(line[place])) for line in lines) for place in range(len(COLUMNS))]
    for line in lines:
        yield "  ".join(str(cell).ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _line(row: Row) -> tuple[object, ...]:
    ends = max((each["mandate_ends_on"] for each in row["ballots"] if each["mandate_ends_on"]), default="-")
    counts = (row["events"], len(row["ballots"]), ends, len(row["struck"]), row["reimbursed_pence"])
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
