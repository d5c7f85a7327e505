"""One of a thing is said in the singular, wherever the words of law, plan, result and linter say a count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from ballots.lint import lint
from ballots.mandate import ActionKind
from ballots.plan import plan
from ballots.plan_facts import Wish
from ballots.result import Service, Votes, question_findings, thresholds_for
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.law import Consultation, Law, LegalValue, Parameter, current_law
from core.law_changes import with_parameters
from core.law_findings import stale, stale_stops
from core.nations import Nation
from tests.ballots.lint.packs import BASES, pack_of
from tests.ballots.lint.test_codes import DEFECTS

THINGS = "day|week|month|year|vote|paper|member|employer|case|value|record|workplace|school|ballot|post|voter"
ONE_OF_MANY = re.compile(rf"(?<![\d.,£/−-])1 (?:working |calendar |further |earlier |Yes |No )*(?:{THINGS})s\b")
ONE_THEY = re.compile(rf"(?<![\d.,£/−-])1 (?:{THINGS}) (?:are|were|have|allow|wait)\b")


def _ones(parameter: Parameter) -> Parameter:
    def one(value: LegalValue) -> LegalValue:
        return replace(value, value=1) if isinstance(value.value, int) and not isinstance(value.value, bool) else value

    return replace(parameter, values=tuple(map(one, parameter.values)))


ONES: Law = with_parameters(current_law(), map(_ones, current_law().parameters()))
"""The law with one of whatever it counts: one day of notice, one month of mandate, one voter exempt."""


def words(told: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(told, str):
        yield told
    elif is_dataclass(told) and not isinstance(told, type):
        yield from words([getattr(told, each.name) for each in fields(told)])
    elif isinstance(told, Mapping):
        yield from words([*told, *told.values()])
    elif isinstance(told, Iterable):
        for each in told:
            yield from words(each)


def misspelt(told: Any) -> set[str]:
    return {said for said in words(told) if ONE_OF_MANY.search(said) or ONE_THEY.search(said)}


def test_what_is_looked_for_is_found() -> None:
    """Turns red if the two patterns match nothing any more."""
    assert misspelt(["in 1 days", {"why": "1 further Yes votes were needed"}, "1 day are safe"])
    assert misspelt(["in 11 days", "1 day", "2026-10-1 days", "£1 members", "1 vote was needed"]) == set()


@pytest.mark.parametrize("nation", [Nation.ENGLAND, Nation.SCOTLAND])
@pytest.mark.parametrize("opens", [date(2016, 9, 12), date(2024, 2, 12), date(2026, 2, 17), date(2026, 9, 21)])
def test_timetables(opens: date, nation: Nation) -> None:
    """Turns red if a count in a timetable, its reasons or its findings is written `{count} days`."""
    facts = BallotFacts(opens, opens + timedelta(days=1), nation, entitled=2, today=opens - timedelta(days=2))
    given = replace(
        facts, first_action_on=opens + timedelta(days=3), action_notice_received_on=opens + timedelta(days=2)
    )
    for each in (facts, given, replace(given, agrees_shorter_notice=True)):
        assert misspelt(timetable(each, ONES)) == set()
        assert misspelt(timetable(each, current_law())) == set()


@pytest.mark.parametrize("kind", ActionKind)
def test_plans(kind: ActionKind) -> None:
    """Turns red if a count in a plan, its reasons or its findings is written `{count} days`."""
    wishes = [
        Wish(first_action_on=date(2027, 1, 12), today=date(2026, 11, 22), kind=kind, opens_for=1),
        Wish(first_action_on=date(2026, 11, 24), today=date(2026, 11, 22), kind=kind, agrees_shorter_notice=True),
        Wish(today=date(2026, 11, 22), kind=kind, opens_for=1, earlier_action_notice_on=date(2026, 2, 1)),
    ]
    for wish in wishes:
        for law in (ONES, current_law()):
            assert misspelt(plan(wish, law)) == set()


@pytest.mark.parametrize("base", BASES)
def test_findings_of_the_linter(base: str) -> None:
    """Turns red if a count in a finding or its cure is written `{count} days`."""
    for code, (own, changes) in DEFECTS.items():
        if own == base:
            for law in (ONES, current_law()):
                assert misspelt(lint(pack_of(base, changes), law)) == set(), code


def test_results() -> None:
    """Turns red if one paper, or one further vote, is spoken of as several."""
    for opens in (date(2016, 9, 12), date(2024, 2, 12), date(2026, 9, 21)):
        shares = thresholds_for(opens, Service.STATE_TEACHING, Consultation(current_law(), Nation.ENGLAND))
        for yes, no, cast, entitled in ((0, 1, 1, 1), (1, 0, 1, 3), (1, 1, 2, 4), (1, 0, 2, 2), (39, 40, 80, 120)):
            found = question_findings(Votes(ActionKind.STRIKE, yes, no), cast, entitled, shares, blocking=True)
            assert misspelt(found) == set()


def test_stale_law() -> None:
    """Turns red if a value's age is written `{days} days`."""
    (value,) = ONES.parameter("ballots.mandate_months").values[-1:]
    for days in range(89, 93):
        today = value.last_checked + timedelta(days=days)
        assert misspelt([stale([value], today), stale_stops([value], today)]) == set()
