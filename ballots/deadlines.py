"""The statutory days of a ballot as deadlines of its cases, each with why it falls there."""

from __future__ import annotations

from datetime import date

from ballots import papers, repository
from ballots.models import ActionStage, Ballot, MandateRow
from ballots.timetable_facts import NoticeOfBallot, SamplePaper, Timetable
from casework.cases import Case
from casework.deadlines import DeadlineKind, set_deadline
from casework.lifecycle import OVER
from core.calendar import in_words, next_working_day
from core.findings import Citation
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from core.why import Why

TOLD = Citation("TULRCA 1992", "ss. 231 and 231A", "https://www.legislation.gov.uk/ukpga/1992/52/section/231A")
DATE_OF_BALLOT = Citation("TULRCA 1992", "s. 246", "https://www.legislation.gov.uk/ukpga/1992/52/section/246")
OF_THE_VOTING = (
    DeadlineKind.BALLOT_NOTICE_RECEIVED,
    DeadlineKind.SAMPLE_PAPER_RECEIVED,
    DeadlineKind.BALLOT_OPENS,
    DeadlineKind.BALLOT_CLOSES,
)
NTH_DAY_BEFORE = "Receipt by the employer counts, not sending; every day counts, weekends and holidays too."


def set_ballot_deadlines(uow: UnitOfWork, ballot: Ballot, dates: Timetable) -> None:
    """The days before and of the voting, on every case under the ballot."""
    for case in repository.cases_under(uow, ballot):
        _set_receipt(uow, case, DeadlineKind.BALLOT_NOTICE_RECEIVED, dates.ballot_notice, ballot)
        _set_receipt(uow, case, DeadlineKind.SAMPLE_PAPER_RECEIVED, dates.sample_paper, ballot)
        for kind, day, said in (
            (DeadlineKind.BALLOT_OPENS, ballot.opens_on, "the first day a voting paper is sent"),
            (DeadlineKind.BALLOT_CLOSES, ballot.closes_on, "the last day on which votes may be cast"),
        ):
            inputs = {"opens": in_words(ballot.opens_on), "closes": in_words(ballot.closes_on)}
            rule = f"Fixed when the ballot was authorised: {said}."
            set_deadline(uow, case.id, kind, day, Why(rule, inputs, in_words(day), DATE_OF_BALLOT, "confirmed"))


def certainty_of(uow: UnitOfWork, ballot: Ballot, parameter: str, on: date) -> str:
    """How sure the law is of the value that a deadline rests on."""
    return uow.law.at(parameter, on, nation=Nation(ballot.nation)).certainty.value


PAPERS = {
    DeadlineKind.BALLOT_NOTICE_RECEIVED: ("notice of ballot", "ballots.notice_of_ballot_days"),
    DeadlineKind.SAMPLE_PAPER_RECEIVED: ("sample voting paper", "ballots.sample_paper_days"),
}


def _set_receipt(
    uow: UnitOfWork, case: Case, kind: DeadlineKind, step: NoticeOfBallot | SamplePaper | None, ballot: Ballot
) -> None:
    if step is None:
        return
    paper, parameter = PAPERS[kind]
    why = Why(
        f"The {paper} must be received not later than day {step.days} before the opening day. {NTH_DAY_BEFORE}",
        {"opening day": in_words(ballot.opens_on), "days": str(step.days)},
        f"{in_words(ballot.opens_on)} − {step.days} days = {in_words(step.latest_receipt)}",
        step.citation,
        certainty_of(uow, ballot, parameter, ballot.opens_on),
        "another opening day",
    )
    set_deadline(uow, case.id, kind, step.latest_receipt, why)


def set_result_deadlines(uow: UnitOfWork, ballot: Ballot) -> None:
    """The days for telling the result, for the scrutineer's report and for the end of the mandate."""
    nation = Nation(ballot.nation)
    due_on = next_working_day(uow.today, nation, uow.holidays_in(nation))
    declared = in_words(uow.today)
    told = Why(
        "The result is told as soon as reasonably practicable; the union's own bound is the next working day.",
        {"result declared": declared},
        f"first working day after {declared} = {in_words(due_on)}",
        TOLD,
        "confirmed",
    )
    dates = papers.timetable_of(uow, ballot)
    for case in repository.cases_told(uow, ballot):
        set_deadline(uow, case.id, DeadlineKind.RESULT_TO_MEMBERS, due_on, told)
        set_deadline(uow, case.id, DeadlineKind.RESULT_TO_EMPLOYERS, due_on, told)
        if ballot.scrutineer and dates.scrutineer:
            _set_report_deadline(uow, ballot, case, dates)
        if case.stage not in OVER:
            set_mandate_deadline(uow, case)


def _set_report_deadline(uow: UnitOfWork, ballot: Ballot, case: Case, dates: Timetable) -> None:
    assert dates.scrutineer is not None
    closes = in_words(ballot.closes_on)
    due_on = dates.scrutineer.report_due
    why = Why(
        "The scrutineer reports within the weeks that begin with the date of the ballot, the last day of voting.",
        {"date of the ballot": closes},
        f"last day of the weeks beginning with {closes} = {in_words(due_on)}",
        dates.scrutineer.citation,
        certainty_of(uow, ballot, "ballots.scrutineer_report_weeks", ballot.closes_on),
    )
    set_deadline(uow, case.id, DeadlineKind.SCRUTINEER_REPORT, due_on, why)


def set_mandate_deadline(uow: UnitOfWork, case: Case) -> None:
    """
    The next end of a mandate that matters to a case: that of the action that goes on, else that of the latest ballot.

    Action that goes on under an earlier ballot ends with that ballot's mandate, whatever a later one gave.
    """
    mandate = mandate_that_ends_next(uow, case)
    if mandate is not None and mandate.last_day >= uow.today:
        _set_end_of(uow, mandate.ballot, case)


def mandate_that_ends_next(uow: UnitOfWork, case: Case) -> MandateRow | None:
    """The mandate whose end matters next to a case; see `set_mandate_deadline`."""
    going_on = repository.actions_of(uow, case.id, ActionStage.NOTIFIED, ActionStage.BEGUN)
    ends = [action.mandate for action in going_on if action.mandate.last_day >= uow.today]
    return min(ends, key=lambda each: each.last_day, default=None) or repository.latest_mandate(uow, case.id)


def _set_end_of(uow: UnitOfWork, ballot: Ballot, case: Case) -> None:
    dates = papers.timetable_of(uow, ballot)
    assert dates.mandate is not None
    closes, last = in_words(ballot.closes_on), dates.mandate.last_day
    months = f"{dates.mandate.months} months" if dates.mandate.months else "the period"
    why = Why(
        "Action has the ballot's support to the end of the months that begin with the date of the ballot.",
        {"date of the ballot": closes, "length": months},
        f"{closes} + {months} − 1 day = {in_words(last)}, to midnight",
        dates.mandate.citation,
        certainty_of(uow, ballot, "ballots.mandate_months", ballot.opens_on),
        "a fresh ballot",
    )
    set_deadline(uow, case.id, DeadlineKind.MANDATE_ENDS, last, why)
