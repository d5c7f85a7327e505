"""
The bank and public holidays of each nation, by the public `holidays` library.

The library takes longer to import than a calculator may take to start, so what it says of the years that plans are made
for is kept in `bank_holidays.json` beside this module. A test holds the two together; after an update of the library,
`python -m core.bank_holidays` writes the file again.
"""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from pathlib import Path

from core.nations import GREAT_BRITAIN, Nation

FILE = Path(__file__).with_suffix(".json")
KEPT_YEARS = range(2005, 2051)

_SUBDIVISIONS = {
    Nation.ENGLAND: "ENG",
    Nation.WALES: "WLS",
    Nation.SCOTLAND: "SCT",
    Nation.NORTHERN_IRELAND: "NIR",
}


def holidays_of(nation: Nation, year: int) -> frozenset[date]:
    """The bank and public holidays of a nation in a year; none where the library knows none."""
    if nation in GREAT_BRITAIN and year in KEPT_YEARS:
        return _kept()[nation, year]
    return by_the_library(nation, year)


def by_the_library(nation: Nation, year: int) -> frozenset[date]:
    """What the library itself says."""
    import holidays  # a quarter of a second, and every country of the world

    return frozenset(holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[nation], years=year, observed=True).keys())


@lru_cache(maxsize=1)
def _kept() -> dict[tuple[Nation, int], frozenset[date]]:
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        (Nation(nation), int(year)): frozenset(date.fromisoformat(f"{year}-{day}") for day in days)
        for nation, years in found.items()
        for year, days in years.items()
    }


def as_kept() -> str:
    """The text of the file: by nation and year the days, as month and day."""
    found = {
        nation.value: {
            str(year): [f"{day:%m-%d}" for day in sorted(by_the_library(nation, year))] for year in KEPT_YEARS
        }
        for nation in GREAT_BRITAIN
    }
    lines = json.dumps(found).replace('], "', '],\n"').replace('}, "', '},\n"').replace(": {", ":\n{")
    return f"{lines}\n"


if __name__ == "__main__":
    FILE.write_text(as_kept(), encoding="utf-8")
