"""
A law that never was, in which every length a plan needs changes every few weeks.

Today's notice of ballot has been seven days for thirty years, so that real law cannot tell by which day a planner looks
it up. Under this one it shows at once. The oracle has the lengths in a list, the product in law files.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import yaml

from core.law import LAW_FOLDERS, ROOT, Law, load
from tests.oracle import days as wall
from tests.oracle.planner import Lengths
from tests.oracle.regimes import agreed_days

FIRST, LAST = date(2005, 10, 1), date(2040, 12, 31)
RANGES = {
    "ballots.action_notice_days": (6, 21),
    "ballots.notice_of_ballot_days": (6, 12),
    "ballots.sample_paper_days": (2, 5),
    "ballots.voting_window_days": (7, 21),
}
SOURCE = {"act": "An Act that never was", "provision": "s. 1", "url": "https://example.org/never"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """One length, from a day to a day."""

    first: date
    last: date
    value: int


def stretches(rng: Random, shortest: int, longest: int) -> list[Stretch]:
    """Lengths one after another, a few weeks each, none like the one before it."""
    made: list[Stretch] = []
    first = FIRST
    while first <= LAST:
        last = min(wall.nth_day_after(first, rng.randint(5, 60)), LAST)
        before = made[-1].value if made else None
        made.append(Stretch(first, last, rng.choice([n for n in range(shortest, longest + 1) if n != before])))
        first = wall.nth_day_after(last, 1)
    return made


def by_day(made: list[Stretch]) -> Callable[[date], int]:
    """The length on a day, out of a list of all days."""
    lengths = {day: stretch.value for stretch in made for day in wall.between(stretch.first, stretch.last)}
    return lengths.__getitem__


def _write(path: Path, made: list[Stretch]) -> None:
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    text["values"] = [
        {
            "from": stretch.first,
            "to": stretch.last,
            "value": stretch.value,
            "citation": SOURCE,
            "certainty": "confirmed",
            "last_checked": date(2026, 11, 21),
        }
        for stretch in made
    ]
    del text["values"][-1]["to"]
    path.write_text(yaml.safe_dump(text, sort_keys=False), encoding="utf-8")


def made_up(folder: Path, seed: int) -> tuple[Law, Lengths]:
    """Such a law for a seed: the product's out of files in `folder`, and the oracle's."""
    rng = Random(seed)
    for name in LAW_FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    days: dict[str, Callable[[date], int]] = {}
    for parameter, (shortest, longest) in RANGES.items():
        made = stretches(rng, shortest, longest)
        _write(folder / LAW_FOLDERS[0] / f"{parameter}.yaml", made)
        days[parameter] = by_day(made)
    notice = days["ballots.action_notice_days"]
    lengths = Lengths(
        lambda received, _earlier, agrees: (agreed_days(received) if agrees else None) or notice(received),
        days["ballots.notice_of_ballot_days"],
        days["ballots.sample_paper_days"],
        days["ballots.voting_window_days"],
    )
    return load(*(folder / name for name in LAW_FOLDERS)), lengths
