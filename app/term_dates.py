"""A file of school terms, and the days between them on which the school is closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from ballots.channels import Span
from ballots.plan_facts import LONGEST_CLOSURE_DAYS
from casework.register.reading import Reject, SourceFile, SourceRow, Vocabulary, read_file
from core.calendar import shift
from core.errors import BadInput

TERMS = Vocabulary(
    {"name": ("name",), "starts": ("starts",), "ends": ("ends",)}, required=frozenset({"name", "starts", "ends"})
)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Term:
    """One term, or one half of it, with the line it stands on."""

    starts: date
    ends: date
    line: int


def closed_between_terms(path: Path) -> tuple[Span, ...]:
    """
    The spans between the terms of a file with the columns name, starts and ends, in any order of rows.

    A CSV file or a workbook. What comes before the first term and after the last is not known, so nothing is closed
    then. Raises `BadInput` naming file, line and field for the first row that cannot be used.
    """
    source = _read(path)
    terms = sorted((_term(source, row) for row in source.rows), key=lambda term: term.starts)
    if len(terms) < 2:
        raise BadInput(field="row", found=f"{len(terms)} terms", wanted="two terms or more", path=path.name)
    gaps = (_gap(source, before, after) for before, after in pairwise(terms))
    return tuple(gap for gap in gaps if gap[0] <= gap[1])


def _read(path: Path) -> SourceFile:
    try:
        return read_file(path, TERMS)
    except BadInput as error:
        if error.field == "FILE":
            raise BadInput(field="term-dates", found=str(path), wanted=error.wanted) from None
        if error.field == "heading":
            wanted = f"{error.wanted}; a file of terms has the columns {', '.join(TERMS.spellings)}"
            raise BadInput(
                field="heading", found=error.found, wanted=wanted, path=error.path, line=error.line
            ) from None
        raise


def _term(source: SourceFile, row: SourceRow | Reject) -> Term:
    if isinstance(row, Reject):
        raise BadInput(field=row.field, found=row.found, wanted=row.wanted, path=source.path.name, line=row.line)
    if not row.values["name"]:
        raise _bad(source, row.line, "name", "", "the name of a term")
    starts, ends = (_day(source, row, field) for field in ("starts", "ends"))
    if ends < starts:
        raise _bad(source, row.line, "ends", ends.isoformat(), f"a day not before {starts.isoformat()}")
    return Term(starts, ends, row.line)


def _day(source: SourceFile, row: SourceRow, field: str) -> date:
    written = row.values[field]
    try:
        if _ISO_DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise _bad(source, row.line, field, written, "a day such as 2027-01-05")


def _gap(source: SourceFile, before: Term, after: Term) -> Span:
    if after.starts <= before.ends:
        wanted = f"a day after {before.ends.isoformat()}, when the term of line {before.line} ends"
        raise _bad(source, after.line, "starts", after.starts.isoformat(), wanted)
    if (after.starts - before.ends).days > LONGEST_CLOSURE_DAYS:
        wanted = f"a day within {LONGEST_CLOSURE_DAYS} days of {before.ends.isoformat()}, when the term before it ends"
        raise _bad(source, after.line, "starts", after.starts.isoformat(), wanted)
    return shift(before.ends, 1), shift(after.starts, -1)


def _bad(source: SourceFile, line: int, field: str, found: str, wanted: str) -> BadInput:
    return BadInput(field=source.heading_of(field), found=found, wanted=wanted, path=source.path.name, line=line)
