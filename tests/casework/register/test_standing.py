"""A workplace that closed, or that another follows on: said where a case opens."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from casework.register import links
from casework.register.models import WorkplaceLink
from casework.register.standing import Standing, Successor, standing_findings
from core.errors import RuleViolation
from core.findings import Severity
from core.unit_of_work import UnitOfWork
from tests.builders import a_case, a_workplace

TODAY = date(2026, 9, 1)
ACADEMY = Successor("148654", "Brook Lane Academy", date(2026, 9, 1), whole=True)


def _found(**changes: Any) -> list[tuple[str, Severity]]:
    standing = Standing(**{"number": "URN 100050", "status": "Open", "closed_on": None, **changes})
    return [(each.code, each.severity) for each in standing_findings(standing, TODAY)]


def test_an_open_workplace_has_nothing_against_it() -> None:
    """Turns red if every workplace is told to be closed."""
    assert _found() == _found(status="Open, but proposed to close", closed_on=date(2026, 9, 2)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Closed"},
        {"status": "Closed", "closed_on": TODAY},
        {"status": "Open", "closed_on": TODAY},
        {"status": "Closed", "successors": [ACADEMY]},
    ],
)
def test_a_closed_workplace_is_a_stop(changes: dict[str, Any]) -> None:
    """Turns red if `is_closed` looks at the status alone: the day may have come since the extract was made."""
    assert _found(**changes) == [("workplace_closed", Severity.STOP)]


@pytest.mark.parametrize(
    ("established_on", "whole", "found"),
    [
        (date(2026, 9, 1), True, [("workplace_succeeded", Severity.STOP)]),
        (None, True, [("workplace_succeeded", Severity.STOP)]),
        (date(2026, 9, 2), True, []),
        (date(2026, 9, 1), False, [("workplace_split", Severity.WARN)]),
    ],
)
def test_a_successor_counts_from_its_day(
    established_on: date | None, whole: bool, found: list[tuple[str, Severity]]
) -> None:
    """Turns red if `<=` in `succeeded_by` becomes `<`."""
    assert _found(successors=[Successor("148654", None, established_on, whole)]) == found


def test_the_cure_names_the_successor() -> None:
    """Turns red if the cure of a closed school leaves its successor out."""
    (finding,) = standing_findings(Standing("URN 100050", "Closed", TODAY, [ACADEMY]), TODAY)
    assert "URN 148654 (Brook Lane Academy)" in finding.cure


def _link(uow: UnitOfWork, urn: str | None, linked: str | None, kind: str, **changes: Any) -> None:
    values = {"linked_name": "Brook Lane", "established_on": date(2026, 8, 31), **changes}
    uow.session.add(WorkplaceLink(urn=urn, linked_urn=linked, kind=kind, **values))
    uow.session.flush()


def test_a_link_is_known_at_both_ends(uow: UnitOfWork) -> None:
    """Turns red if `_links` asks for one end: a predecessor would not know what follows on it."""
    school, academy = a_workplace(uow, name="Old"), a_workplace(uow, name="New")
    _link(uow, academy.urn, school.urn, "Predecessor - merged")
    _link(uow, academy.urn, "999999", "Expansion")
    (line,) = links.of(uow, school.urn)
    assert (line.kind, line.urn, line.name, line.known) == ("Successor - merged", academy.urn, "New", True)
    assert [(each.kind, each.known) for each in links.of(uow, academy.urn)] == [
        ("Predecessor - merged", True),
        ("Expansion", False),
    ]
    assert links.of(uow, None) == ()


def test_a_link_given_at_both_ends_is_told_once(uow: UnitOfWork) -> None:
    """Turns red if the two rows of one succession are both listed."""
    school, academy = a_workplace(uow), a_workplace(uow)
    _link(uow, academy.urn, school.urn, "Predecessor", established_on=date(2026, 9, 1))
    _link(uow, school.urn, academy.urn, "Successor")
    assert [(each.kind, each.established_on) for each in links.of(uow, school.urn)] == [
        ("Successor", date(2026, 8, 31))
    ]


def test_a_case_is_not_opened_at_a_school_that_has_a_successor(uow: UnitOfWork) -> None:
    """Turns red if `open_case` does not ask: every notice would go to an employer that employs there no longer."""
    school = a_workplace(uow, status="Closed")
    _link(uow, school.urn, "148654", "Successor")
    with pytest.raises(RuleViolation) as refused:
        a_case(uow, school)
    (finding,) = refused.value.findings
    assert finding.code == "workplace_closed"
    assert "URN 148654 (Brook Lane)" in finding.cure


def test_a_case_is_not_opened_where_nothing_can_arrive(uow: UnitOfWork) -> None:
    """Turns red if a college without an address takes a case: the letter to its head would fail in a flow."""
    college = a_workplace(uow, urn=None, ukprn="10000794", postal_lines=[], email=None)
    with pytest.raises(RuleViolation) as refused:
        a_case(uow, college)
    (finding,) = refused.value.findings
    assert finding.code == "workplace_address_missing"
    assert "mandate register address 10000794" in finding.cure
