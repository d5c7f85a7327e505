"""Counting what was compared: how many cases, how many values, and every value that differed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

KEPT = 20


@dataclass(slots=True)
class Tally:
    """Cases and values compared so far; the first differences in full; and what the cases touched."""

    name: str
    cases: int = 0
    values: int = 0
    different: int = 0
    shown: list[str] = field(default_factory=list)
    touched: Counter[str] = field(default_factory=Counter)

    def compare(self, case: object, expected: Mapping[str, object], found: Mapping[str, object]) -> None:
        """One case: every value of the oracle beside the product's. A value that only one of them has differs."""
        self.cases += 1
        for name in expected.keys() | found.keys():
            self.values += 1
            mine, theirs = expected.get(name, "nothing"), found.get(name, "nothing")
            if mine != theirs:
                self.different += 1
                if len(self.shown) < KEPT:
                    self.shown.append(f"{case}\n    {name}: the oracle says {mine}, the product {theirs}")

    def touch(self, what: Iterable[str]) -> None:
        """Note what a case lies across."""
        self.touched.update(what)

    def record(self) -> dict[str, object]:
        """As a plain mapping, for a report that travels between processes."""
        return {"name": self.name, "cases": self.cases, "values": self.values, "different": self.different}

    def must_agree(self) -> None:
        """Fail with the first differences, if there is one."""
        assert self.cases, f"{self.name}: nothing was compared"
        assert self.different == 0, f"{self.name}: {self.different} differences\n" + "\n".join(self.shown)


Comparing = Callable[[str], AbstractContextManager[Tally]]
"""What begins a tally of a name, reports it at the end of a `with` block, and fails where anything differed."""


def table(records: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The counts line by line, the same names added up, and the sum."""
    counts: dict[str, list[int]] = {}
    for record in records:
        sums = counts.setdefault(str(record["name"]), [0, 0, 0])
        for place, key in enumerate(("cases", "values", "different")):
            sums[place] += int(str(record[key]))
    counts["together"] = [sum(sums) for sums in zip(*counts.values(), strict=True)] if counts else [0, 0, 0]
    yield f"{'compared with the oracle':<56}{'cases':>12}{'values':>14}{'differences':>13}"
    for name, (cases, values, different) in counts.items():
        yield f"{name:<56}{cases:>12,}{values:>14,}{different:>13,}"
