"""
The catalogue of workload issues and of the instructions that members may be given once action is authorised.

Both are data (`catalogue.yaml`, `instructions.yaml`). Loading checks them against each other, once a process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from casework.tables import read_table
from core.errors import BadInput, NotFound
from core.findings import Citation

FOLDER = Path(__file__).parent
CATALOGUE_FILE = "catalogue.yaml"
INSTRUCTIONS_FILE = "instructions.yaml"
_STRICT = ConfigDict(extra="forbid")


class Bound(StrEnum):
    """Which side of the figure is within the limit."""

    AT_MOST = "at-most"
    AT_LEAST = "at-least"


class SetBy(StrEnum):
    """Whose limit it is: the pay and conditions document's, or the union's own policy."""

    STPCD = "stpcd"
    UNION = "union"


class Backing(StrEnum):
    """How far the School Teachers' Pay and Conditions Document stands behind an issue."""

    FULL = "full"
    PART = "part"
    NONE = "none"


class Binds(StrEnum):
    """Which members an instruction is addressed to."""

    TEACHERS = "teachers"
    OBSERVERS = "observers"
    LEADERS = "leaders"
    HEAD_TEACHERS = "head-teachers"


class Calculator(StrEnum):
    """The evidence calculators, by their names on the command line."""

    DIRECTED_TIME = "directed-time"
    MEETINGS = "meetings"
    OBSERVATIONS = "observations"
    PPA = "ppa"


@dataclass(frozen=True, slots=True)
class Limit:
    """
    One figure that evidence can be held against: `measure` is `bound` `value` `unit`.

    `law_parameter` names the parameter of the law files that holds the figure by date, where one does.
    """

    __pydantic_config__ = _STRICT

    measure: str
    bound: Bound
    value: int
    unit: str
    set_by: SetBy
    law_parameter: str | None = None

    def __str__(self) -> str:
        side = "at most" if self.bound is Bound.AT_MOST else "at least"
        return f"{self.measure}: {side} {self.value:,} {self.unit}"


@dataclass(frozen=True, slots=True)
class StpcdBacking:
    """What the pay and conditions document says to the point; `citation` is absent where it says nothing."""

    __pydantic_config__ = _STRICT

    backing: Backing
    sentence: str
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """
    A workload issue.

    `limit` is the limit in one sentence and `limits` its figures; `evidence` what shows whether it is kept;
    `instructions` the numbers of the instructions that serve it; `ask` what the head teacher is asked for.
    """

    __pydantic_config__ = _STRICT

    code: str
    title: str
    complaint: str
    limit: str
    limits: tuple[Limit, ...]
    stpcd: StpcdBacking
    evidence: tuple[str, ...]
    calculators: tuple[Calculator, ...]
    instructions: tuple[int, ...]
    union_arguments: str
    educational_arguments: str
    ask: str


@dataclass(frozen=True, slots=True)
class Instruction:
    """
    One numbered instruction.

    `text` is for members and `text_for_heads` for the head teacher. `condition` says when it applies (always,
    where absent). `needs_strike_mandate_review`: obeying it may leave directed time unworked, which may be a
    stoppage of work and so a strike (TULRCA 1992 s. 246); `review_reason` says how. An officer decides.
    """

    __pydantic_config__ = _STRICT

    number: int
    issue: str
    title: str
    text: str
    text_for_heads: str
    binds: tuple[Binds, ...]
    compliance_evidence: str
    needs_strike_mandate_review: bool
    condition: str | None = None
    review_reason: str | None = None
    minimum_teaching_percent: int | None = None
    permitted_activities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Both files, checked against each other: issues by code and instructions by number, in file order."""

    issues: dict[str, Issue]
    instructions: dict[int, Instruction]


def load_catalogue(folder: Path) -> Catalogue:
    """Read and check `catalogue.yaml` and `instructions.yaml` in `folder`; `BadInput` names file and key."""
    issue_rows = read_table(folder / CATALOGUE_FILE, TypeAdapter(tuple[Issue, ...]))
    instruction_rows = read_table(folder / INSTRUCTIONS_FILE, TypeAdapter(tuple[Instruction, ...]))
    _refuse_repeats(CATALOGUE_FILE, "code", [row.code for row in issue_rows])
    _refuse_repeats(INSTRUCTIONS_FILE, "number", [row.number for row in instruction_rows])
    catalogue = Catalogue({row.code: row for row in issue_rows}, {row.number: row for row in instruction_rows})
    _check_references(catalogue)
    _check_reviews(catalogue)
    return catalogue


def issues() -> tuple[Issue, ...]:
    """Every issue, in the order of the catalogue."""
    return tuple(_shipped().issues.values())


def issue(code: str) -> Issue:
    """The issue of that code; `NotFound` otherwise."""
    try:
        return _shipped().issues[code]
    except KeyError:
        raise NotFound("workload issue", code) from None


def instructions() -> tuple[Instruction, ...]:
    """Every instruction, by number."""
    return tuple(_shipped().instructions.values())


def instruction(number: int) -> Instruction:
    """The instruction of that number; `NotFound` otherwise."""
    try:
        return _shipped().instructions[number]
    except KeyError:
        raise NotFound("instruction", number) from None


def instructions_for(codes: Iterable[str]) -> tuple[Instruction, ...]:
    """The instructions that serve these issues, each once, by number; `NotFound` for an unknown code."""
    numbers = {number for code in codes for number in issue(code).instructions}
    return tuple(instruction(number) for number in sorted(numbers))


@cache
def _shipped() -> Catalogue:
    return load_catalogue(FOLDER)


def _refuse_repeats(path: str, field: str, keys: list[str] | list[int]) -> None:
    for key, count in Counter[str | int](keys).items():
        if count > 1:
            raise BadInput(path=path, field=field, found=key, wanted=f"each {field} once (it stands {count} times)")


def _check_references(catalogue: Catalogue) -> None:
    """Every instruction has exactly one issue, and that issue names it."""
    named = {(row.code, number) for row in catalogue.issues.values() for number in row.instructions}
    served = {(row.issue, row.number) for row in catalogue.instructions.values()}
    for code, number in sorted(named - served):
        raise BadInput(
            path=CATALOGUE_FILE,
            field=f"{code}.instructions",
            found=number,
            wanted="numbers of instructions that name this issue",
        )
    for code, number in sorted(served - named):
        raise BadInput(
            path=INSTRUCTIONS_FILE,
            field=f"{number}.issue",
            found=code,
            wanted="the code of an issue that lists this instruction",
        )


def _check_reviews(catalogue: Catalogue) -> None:
    for row in catalogue.instructions.values():
        if row.needs_strike_mandate_review != (row.review_reason is not None):
            raise BadInput(
                path=INSTRUCTIONS_FILE,
                field=f"{row.number}.review_reason",
                found=row.review_reason,
                wanted="a reason exactly where needs_strike_mandate_review is true",
            )
