"""The kept bank holidays against the library that they come from."""

from __future__ import annotations

from datetime import date

import pytest

from core import bank_holidays
from core.bank_holidays import FILE, KEPT_YEARS, as_kept, by_the_library, holidays_of
from core.calendar import bank_holidays as known
from core.nations import GREAT_BRITAIN, Nation


def test_the_file_is_what_the_library_says() -> None:
    """Turns red when the library changes a holiday: write the file again with `python -m core.bank_holidays`."""
    assert FILE.read_text(encoding="utf-8") == as_kept()


@pytest.mark.parametrize("nation", Nation)
@pytest.mark.parametrize("year", [KEPT_YEARS[0] - 1, KEPT_YEARS[0], 2026, KEPT_YEARS[-1], KEPT_YEARS[-1] + 1])
def test_a_year_is_the_library_s_whether_it_is_kept_or_not(nation: Nation, year: int) -> None:
    """Turns red if a year at the edge of the file is lost, or a nation is given another's days."""
    assert holidays_of(nation, year) == by_the_library(nation, year)


@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_a_kept_year_does_not_ask_the_library(nation: Nation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if a calculator has to import the library for the years that plans are made for."""
    monkeypatch.setattr(bank_holidays, "by_the_library", lambda nation, year: pytest.fail("the library was asked"))
    known.cache_clear()
    assert date(2026, 12, 25) in known(nation, 2026)
