"""The statutory days of a ballot as deadlines, each with why it falls there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ballots import reasons
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from casework.deadlines import STATUTORY, Deadline, DeadlineKind
from core.law import current_law
from core.unit_of_work import UnitOfWork
from core.why import Why
from tests.ballots.scenes import CLOSES, OPENS, WON, Ladder, disputed, planned
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]


def why(ladder: Ladder, kind: DeadlineKind) -> dict[str, object]:
    row = ladder.uow.session.query(Deadline).filter_by(case_id=ladder.case_id, kind=kind).one()
    return dict(row.why)


@pytest.mark.parametrize(
    ("kind", "due", "provision", "arithmetic"),
    [
        (
            DeadlineKind.BALLOT_NOTICE_RECEIVED,
            "Tue 2026-10-13",
            "s. 226A(1)(a)",
            "Tuesday 20 October 2026 − 7 days = Tuesday 13 October 2026; receipt at any time of that day will do",
        ),
        (
            DeadlineKind.SAMPLE_PAPER_RECEIVED,
            "Sat 2026-10-17",
            "s. 226A(1)(b)",
            "Tuesday 20 October 2026 − 3 days = Saturday 17 October 2026; receipt at any time of that day will do",
        ),
        (DeadlineKind.BALLOT_OPENS, OPENS, "s. 246", "Tuesday 20 October 2026"),
        (DeadlineKind.BALLOT_CLOSES, CLOSES, "s. 246", "Tuesday 17 November 2026"),
    ],
)
def test_the_days_of_a_ballot_say_where_they_come_from(
    climb: Climb, kind: DeadlineKind, due: str, provision: str, arithmetic: str
) -> None:
    """Turns red if the days of the two papers are exchanged, or the arithmetic is not that of the day."""
    ladder = climb("planned")
    assert ladder.deadline(kind) == day(due)
    stated = why(ladder, kind)
    assert stated["citation"]["provision"] == provision  # type: ignore[index]
    assert stated["arithmetic"] == arithmetic


def test_the_employer_is_told_by_the_next_working_day(climb: Climb) -> None:
    """The union's own bound: a result of Friday is told by Monday."""
    ladder = climb("closed").on("Fri 2026-11-20").act("result_declared", **WON)
    assert ladder.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) == day("Mon 2026-11-23")


def test_the_mandate_says_how_it_is_counted(climb: Climb) -> None:
    ladder = climb("won")
    assert ladder.deadline(DeadlineKind.MANDATE_ENDS) == day("Tue 2027-11-16")
    assert why(ladder, DeadlineKind.MANDATE_ENDS)["arithmetic"] == (
        "Tuesday 17 November 2026 + 12 months = Wednesday 17 November 2027; − 1 day = Tuesday 16 November 2027, "
        "to midnight"
    )


@pytest.mark.parametrize(("members", "due"), [(50, None), (51, "Mon 2026-12-14")])
def test_a_report_is_due_only_from_a_scrutineer(uow: UnitOfWork, members: int, due: str | None) -> None:
    """Turns red if the four weeks do not begin with the date of the ballot, or an exempt ballot waits for a report."""
    ladder = planned(disputed(uow, members=members))
    ladder.on("Wed 2026-10-07").act("ballot_notices_approved", by="officer:second")
    ladder.arrives("notice_of_ballot").arrives("sample_voting_paper")
    ladder.on(OPENS, work=True).on("Wed 2026-11-18", work=True)
    ladder.act("result_declared", **{**WON, "entitled": members, "cast": 30, "strike_yes": 20, "asos_yes": 20})
    assert ladder.deadline(DeadlineKind.SCRUTINEER_REPORT) == (day(due) if due else None)
    if due:
        ladder.on("Tue 2026-12-08").act("scrutineer_reported", received_on=ladder.uow.today, clean=True)
        assert ladder.met(DeadlineKind.SCRUTINEER_REPORT) == day("Tue 2026-12-08")


def calculated(
    opens: date, closes: date, first_action: date | None = None, earlier: date | None = None
) -> dict[DeadlineKind, Why | None]:
    """What the calculator says of each statutory kind, for a ballot, a first day of action and an earlier notice."""
    facts = BallotFacts(opens, closes, first_action_on=first_action, earlier_action_notice_on=earlier)
    dates = timetable(facts, current_law())
    steps = {
        DeadlineKind.BALLOT_NOTICE_RECEIVED: dates.ballot_notice,
        DeadlineKind.SAMPLE_PAPER_RECEIVED: dates.sample_paper,
        DeadlineKind.SCRUTINEER_REPORT: dates.scrutineer,
        DeadlineKind.ACTION_NOTICE_RECEIVED: dates.action_notice,
        DeadlineKind.MANDATE_ENDS: dates.mandate,
    }
    return {
        **{kind: step.why for kind, step in steps.items() if step is not None},
        DeadlineKind.BALLOT_OPENS: reasons.opening(opens, closes),
        DeadlineKind.BALLOT_CLOSES: reasons.closing(opens, closes),
    }


def test_every_statutory_deadline_has_the_words_of_the_calculator(climb: Climb) -> None:
    """Turns red if a deadline says why in words of its own: each kind is compared part by part."""
    ladder = climb("striking")
    days = (day("Wed 2027-01-27"), day("Thu 2027-01-28"))
    told = reasons.result_told(day("Wed 2026-11-18"), day("Thu 2026-11-19"))
    wanted = {
        **calculated(day(OPENS), day(CLOSES), days[0], earlier=day("Tue 2026-11-24")),
        DeadlineKind.RESULT_TO_MEMBERS: told,
        DeadlineKind.RESULT_TO_EMPLOYERS: told,
        DeadlineKind.ACTION_BEGINS: reasons.action_begins(days[0]),
        DeadlineKind.STRIKE_ENDS: reasons.strike_ends(days),
    }
    rows = ladder.uow.session.query(Deadline).filter_by(case_id=ladder.case_id)
    stored = {row.kind: row.why for row in rows.order_by(Deadline.due_on)}
    for kind in STATUTORY:
        why = wanted[kind]
        assert why is not None
        assert stored[kind] == why.as_dict(), kind


def test_a_deadline_under_older_law_has_the_words_of_the_calculator_too(climb: Climb) -> None:
    """Turns red if the length of a mandate is told by the law of today and not of its ballot."""
    ladder = climb("older")
    wanted = calculated(day("Mon 2026-01-12"), day("Fri 2026-01-30"))
    for kind in (DeadlineKind.SAMPLE_PAPER_RECEIVED, DeadlineKind.MANDATE_ENDS):
        found = wanted[kind]
        assert found is not None
        assert why(ladder, kind) == found.as_dict()
    assert "6 months" in str(why(ladder, DeadlineKind.MANDATE_ENDS)["rule"])


def test_another_opening_day_replaces_the_days_of_the_first(climb: Climb) -> None:
    ladder = climb("planned").act("ballot_cancelled", reason="another day")
    for kind in (DeadlineKind.BALLOT_NOTICE_RECEIVED, DeadlineKind.BALLOT_OPENS, DeadlineKind.BALLOT_CLOSES):
        assert ladder.deadline(kind) is None
