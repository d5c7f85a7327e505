"""What every figure is made with: contenders by turns, medians, a ratio against a limit, and what machine it was."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

LEAST_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the whole bench was asked for. `quick` makes sizes small: for trying it out, not for figures."""

    quick: bool
    full: bool

    @property
    def repeats(self) -> int:
        """How often each contender is measured."""
        return 2 if self.quick else LEAST_REPEATS

    def size(self, count: int) -> int:
        """How many rows to take where `count` are wanted."""
        return max(40, count // 25) if self.quick else count


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of the table. `value` is the ratio or the seconds that are held against `limit`; None where nothing is.

    `measured` are medians with the least and the most, in words.
    """

    figure: str
    what: str
    measured: str
    value: float
    unit: Literal["x", "s"]
    limit: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; None without one."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def wanted(self) -> str:
        """The limit in words."""
        if self.limit is None:
            return ""
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g} {self.unit}"

    @property
    def verdict(self) -> str:
        """The mark of the table."""
        return {True: "yes", False: "NO", None: ""}[self.met]

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return f"{self.value:.2f} {self.unit}" if self.value < 1000 else f"{self.value:.0f} {self.unit}"

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self) | {"met": self.met}


Contender = Callable[[int], float]
"""One measurement, given which repeat it is: seconds."""


def by_turns(contenders: Mapping[str, Contender], repeats: int) -> dict[str, list[float]]:
    """Every contender once in each repeat, beginning with another each time, so that drift falls on all alike."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for repeat in range(repeats):
        first = repeat % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(contenders[name](repeat))
        say(f"  {repeat + 1}/{repeats}: " + ", ".join(f"{name} {spoken(times[name][-1])}" for name in names))
    return times


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def spread(values: Sequence[float], per: int = 1) -> str:
    """The median with the least and the most; each divided by how many things were done in that time."""
    low, middle, high = (spoken(value / per) for value in (min(values), median(values), max(values)))
    return f"{middle} ({low} – {high})"


def spoken(value: float) -> str:
    """A time in the unit that suits it."""
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1000:.2f} ms" if value >= 0.001 else f"{value * 1_000_000:.0f} µs"


def say(words: str) -> None:
    """Progress, for whoever waits."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def machine() -> dict[str, str]:
    """What it was measured on."""
    return {
        "cores": str(os.cpu_count()),
        "processor": platform.machine(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "load before": f"{os.getloadavg()[0]:.1f}",
    }
