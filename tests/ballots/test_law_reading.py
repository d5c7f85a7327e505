"""What a record of the law must say before it is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ballots import law_reading
from core.errors import BadInput
from core.law import current_law
from core.law_changes import planned_changes
from core.nations import Nation

PLANNED = planned_changes(current_law())["end-of-turnout-test"]
TODAY, SOON = date(2026, 12, 1), date(2027, 4, 1)
INVISIBLE = "\u200b\u200b\u200b\u200b"


@pytest.mark.parametrize("by", [f"{INVISIBLE}, {INVISIBLE}", "Jo Example", "12, 34", f"Jo Example, {INVISIBLE}", ", "])
def test_a_person_and_a_role_can_be_read(by: str) -> None:
    """Turns red if characters are counted that nobody can see."""
    with pytest.raises(BadInput) as caught:
        law_reading.require_person(by)
    assert caught.value.field == "by"
    law_reading.require_person("Zoë Ó Briain, head of legal")


@pytest.mark.parametrize("text", [INVISIBLE, "    ", "1234", "...."])
def test_a_source_and_a_name_can_be_read(text: str) -> None:
    """Turns red if spaces or dots are the name of what was read."""
    for require, field in ((law_reading.require_source, "read"), (law_reading.require_name, "name")):
        with pytest.raises(BadInput) as caught:
            require(text)
        assert caught.value.field == field


@pytest.mark.parametrize(
    "instrument",
    ["none", INVISIBLE, "SI 2027/12", "SI 2099/1", "SI 1066/1", "SI 20261/3", "2026/12", "an Order", "Order 2024"],
)
def test_an_instrument_that_cannot_be_is_refused(instrument: str) -> None:
    """Turns red if a year to come, or one before the Act, is taken."""
    with pytest.raises(BadInput) as caught:
        law_reading.require_instrument(instrument, PLANNED, SOON, TODAY)
    assert caught.value.field == "instrument"


@pytest.mark.parametrize("instrument", ["SI 2026/1234", "S.I. 2025/9 (C. 3)", "Employment Rights Act 2025, s. 159"])
def test_an_instrument_by_year_and_number_is_taken(instrument: str) -> None:
    law_reading.require_instrument(instrument, PLANNED, SOON, TODAY)


def test_a_day_on_which_it_was_looked_for_and_not_in_force_is_refused() -> None:
    """Turns red if a change can be in force before the day on which somebody found that it was not."""
    looked_on = min(value.last_checked for value in PLANNED)
    for on in (date(1994, 3, 2), date(2026, 11, 20), date(2206, 4, 1)):
        with pytest.raises(BadInput) as caught:
            law_reading.require_commencement_day(on, PLANNED, TODAY)
        assert caught.value.field == "from"
    law_reading.require_commencement_day(looked_on, PLANNED, TODAY)


def test_a_change_looked_for_by_any_of_its_values_was_not_in_force_then() -> None:
    """Turns red if the value looked for first decides (`min` for `max`), or a look after today does."""
    looked_on, later = PLANNED[0].last_checked, date(2027, 1, 15)
    planned = [replace(PLANNED[0], last_checked=later), *PLANNED[1:]]
    with pytest.raises(BadInput, match="2027-01-15"):
        law_reading.require_commencement_day(date(2027, 1, 14), planned, date(2027, 2, 1))
    law_reading.require_commencement_day(later, planned, date(2027, 2, 1))
    law_reading.require_commencement_day(date(2026, 10, 21), PLANNED, date(2026, 9, 1))
    assert date(2026, 10, 21) < looked_on


def test_an_instrument_is_made_before_what_it_commences() -> None:
    """Turns red if the year of today counts alone: an instrument of January brings nothing into force in December."""
    with pytest.raises(BadInput, match="2025 to 2026"):
        law_reading.require_instrument("SI 2027/1", PLANNED, date(2026, 12, 31), date(2027, 1, 5))
    law_reading.require_instrument("SI 2027/1", PLANNED, date(2027, 1, 4), date(2027, 1, 5))


def test_a_day_in_the_past_is_a_warn() -> None:
    """Turns red if a commencement of yesterday is told like one of tomorrow."""
    assert [found.code for found in law_reading.commenced_in_the_past(date(2026, 11, 30), TODAY)] == [
        "commencement_in_the_past"
    ]
    assert law_reading.commenced_in_the_past(TODAY, TODAY) == ()


def test_a_holiday_is_a_day_to_come_in_great_britain() -> None:
    """Turns red if a day of 1999 or one in Northern Ireland is recorded, or a Sunday passes without a word."""
    for on, nation, field in (
        (date(1999, 6, 1), Nation.ENGLAND, "day"),
        (date(2027, 6, 4), Nation.NORTHERN_IRELAND, "nations"),
    ):
        with pytest.raises(BadInput) as caught:
            law_reading.require_holiday(on, [nation], TODAY)
        assert caught.value.field == field
    law_reading.require_holiday(TODAY, [Nation.SCOTLAND], TODAY)
    days = (date(2027, 6, 4), date(2027, 6, 5), date(2027, 6, 6))
    assert [len(law_reading.holiday_of_a_weekend(on)) for on in days] == [0, 1, 1]
