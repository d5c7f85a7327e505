"""Which action may go on under the notice it had (s. 234A(7)-(7B)), and which calls can be repudiated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ballots.mandate import Pattern
from ballots.restart import (
    Ceased,
    Pause,
    against_extension,
    against_restart,
    against_suspension,
    against_telling_now,
    new_days_want_a_notice,
    not_made_yet,
    not_repudiable,
    repudiated_late,
)
from core.findings import Severity
from tests.days import day

BEGAN, LAST = day("Mon 2026-12-07"), day("Tue 2027-11-16")
STOPS, RESUMES = day("Mon 2027-01-18"), day("Mon 2027-02-08")
AGREED = day("Tue 2027-01-12")
PAUSE = Pause(AGREED, STOPS, RESUMES)
A_DAY = timedelta(days=1)
CONTINUOUS, NAMED = Pattern.CONTINUOUS, Pattern.DISCONTINUOUS


def codes(found: tuple[object, ...]) -> list[str]:
    return [each.code for each in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("ceased", "pattern", "restarts_on", "found"),
    [
        (Ceased.COURT_ORDER, CONTINUOUS, RESUMES, []),
        (Ceased.AGREEMENT, CONTINUOUS, RESUMES, []),
        (Ceased.UNIONS_OWN_WILL, CONTINUOUS, RESUMES, ["restart_without_notice"]),
        (Ceased.COURT_ORDER, NAMED, RESUMES, ["restart_without_notice"]),
        (Ceased.COURT_ORDER, CONTINUOUS, LAST, []),
        (Ceased.COURT_ORDER, CONTINUOUS, LAST + A_DAY, ["mandate_expired"]),
        (Ceased.UNIONS_OWN_WILL, CONTINUOUS, LAST + A_DAY, ["restart_without_notice", "mandate_expired"]),
    ],
)
def test_what_ceased_goes_on_only_for_a_court_or_by_agreement(
    ceased: Ceased, pattern: Pattern, restarts_on: object, found: list[str]
) -> None:
    """Turns red if a withdrawal is taken for a court's order, or named days for continuous action."""
    assert codes(against_restart(ceased, pattern, restarts_on, LAST)) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pause", "pattern", "found"),
    [
        (PAUSE, CONTINUOUS, []),
        (Pause(STOPS - A_DAY, STOPS, RESUMES), CONTINUOUS, []),
        (Pause(STOPS, STOPS, RESUMES), CONTINUOUS, ["restart_without_notice"]),
        (PAUSE, NAMED, ["suspension_of_named_days"]),
        (Pause(BEGAN - A_DAY, BEGAN, RESUMES), CONTINUOUS, ["suspension_before_action"]),
        (Pause(BEGAN, BEGAN + A_DAY, RESUMES), CONTINUOUS, []),
        (Pause(AGREED, STOPS, STOPS), CONTINUOUS, ["suspension_without_length"]),
        (Pause(AGREED, STOPS, STOPS + A_DAY), CONTINUOUS, []),
        (Pause(AGREED, STOPS, LAST), CONTINUOUS, []),
        (Pause(AGREED, STOPS, LAST + A_DAY), CONTINUOUS, ["mandate_expired"]),
    ],
)
def test_a_suspension_is_agreed_before_the_action_ceases(pause: Pause, pattern: Pattern, found: list[str]) -> None:
    """Turns red if an agreement of the day of the cessation, or after it, passes (s. 234A(7B))."""
    assert codes(against_suspension(pause, pattern, BEGAN, LAST)) == found


@pytest.mark.parametrize(
    ("agreed_on", "resumes_on", "found"),
    [
        (RESUMES, RESUMES + A_DAY, []),
        (RESUMES + A_DAY, RESUMES + 2 * A_DAY, ["extended_too_late"]),
        (AGREED, RESUMES, ["suspension_without_length"]),
        (AGREED, LAST + A_DAY, ["mandate_expired"]),
    ],
)
def test_an_extension_comes_before_the_day_it_puts_off(agreed_on: object, resumes_on: object, found: list[str]) -> None:
    """Turns red if action that was free to resume can be suspended further under the agreement before."""
    assert codes(against_extension(PAUSE, agreed_on, resumes_on, LAST)) == found  # type: ignore[arg-type]


def test_an_agreement_of_today_is_made_and_one_of_tomorrow_is_not() -> None:
    """Turns red if the day of an agreement is not held against today, or today does not count."""
    assert not_made_yet(AGREED, AGREED) == ()
    assert codes(not_made_yet(AGREED, AGREED - A_DAY)) == ["agreement_to_come"]


@pytest.mark.parametrize(
    ("resumed_on", "today", "found"),
    [
        (None, STOPS, []),
        (None, STOPS + A_DAY, ["suspension_over"]),
        (STOPS, AGREED, []),
        (STOPS + A_DAY, AGREED, ["suspensions_overlap"]),
    ],
)
def test_a_suspension_begins_today_at_the_earliest_and_after_the_one_before(
    resumed_on: object, today: object, found: list[str]
) -> None:
    """Turns red if members are told to stop on a day that is over, or two suspensions lie across each other."""
    assert codes(against_telling_now(PAUSE, resumed_on, today)) == found


def test_every_refusal_cites_its_section() -> None:
    """Turns red if a finding has no source: whoever is refused is told where it stands."""
    found = (
        *against_restart(Ceased.UNIONS_OWN_WILL, CONTINUOUS, LAST + A_DAY, LAST),
        *against_restart(Ceased.COURT_ORDER, NAMED, RESUMES, LAST),
        *against_suspension(Pause(STOPS, STOPS, STOPS), NAMED, STOPS, LAST),
        *against_extension(PAUSE, RESUMES + A_DAY, RESUMES, LAST),
        *not_made_yet(AGREED, AGREED - A_DAY),
        *against_telling_now(PAUSE, RESUMES, RESUMES),
        new_days_want_a_notice(),
        not_repudiable(),
        *repudiated_late(AGREED, STOPS),
    )
    assert {each.citation.provision for each in found if each.citation} == {
        "s. 234A(7)(a)",
        "s. 234A(3)(b)",
        "s. 234A(7)-(7B)",
        "s. 234",
        "ss. 20(2)(c) and 21(1)",
        "s. 21",
    }
    assert all(each.citation for each in found)


def test_a_repudiation_of_the_same_day_is_in_time_and_a_later_one_is_told() -> None:
    """Turns red if a warn is raised on the day itself, or stops a repudiation that comes late."""
    assert repudiated_late(AGREED, AGREED) == ()
    [late] = repudiated_late(AGREED, AGREED + A_DAY)
    assert late.severity is Severity.WARN
