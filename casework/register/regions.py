"""Which region a local authority lies in: the register divides by authorities, a national official by regions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from casework.tables import read_table
from core.errors import BadInput

REGIONS_FILE = Path(__file__).parent / "regions.yaml"


@dataclass(frozen=True, slots=True)
class Region:
    """One region; `authorities` are the first and the last of each stretch of numbers that lie in it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    code: str
    name: str
    authorities: tuple[tuple[int, int], ...]

    @property
    def la_codes(self) -> tuple[str, ...]:
        """The numbers of its local authorities as the register spells them."""
        return tuple(str(number) for first, last in self.authorities for number in range(first, last + 1))


@cache
def regions() -> tuple[Region, ...]:
    """Every region, in the order of the file."""
    return load_regions(REGIONS_FILE)


def load_regions(path: Path) -> tuple[Region, ...]:
    """Read and check the table; `BadInput` for an authority in two regions, or a code that stands twice."""
    found, seen = read_table(path, TypeAdapter(tuple[Region, ...])), dict[str, str]()
    for region in found:
        for key in (region.code, *region.la_codes):
            if key in seen:
                raise BadInput(field=region.code, found=key, wanted=f"what {seen[key]} has not", path=path.name)
            seen[key] = region.code
    return found


def region_named(code: str) -> Region:
    """The region of that code; `BadInput` names those there are."""
    for each in regions():
        if each.code == code:
            return each
    raise BadInput(field="region", found=code, wanted="one of " + ", ".join(each.code for each in regions()))


def region_of(la_code: str | None) -> Region | None:
    """The region in which a local authority lies; None for a number that is in none, and for no number."""
    return next((each for each in regions() if la_code in each.la_codes), None)
