"""The statutory days of a ballot as deadlines of its cases, each with why it falls there."""

from __future__ import annotations

from ballots import papers, reasons, repository
from ballots.models import ActionStage, Ballot, MandateRow
from ballots.timetable_facts import NoticeOfBallot, SamplePaper, Timetable
from casework.cases import Case
from casework.deadlines import DeadlineKind, set_deadline
from casework.lifecycle import OVER
from core.calendar import next_working_day
from core.nations import Nation
from core.unit_of_work import UnitOfWork

OF_THE_VOTING = (
    DeadlineKind.BALLOT_NOTICE_RECEIVED,
    DeadlineKind.SAMPLE_PAPER_RECEIVED,
    DeadlineKind.BALLOT_OPENS,
    DeadlineKind.BALLOT_CLOSES,
)


def set_ballot_deadlines(uow: UnitOfWork, ballot: Ballot, dates: Timetable) -> None:
    """The days before and of the voting, on every case under the ballot."""
    for case in repository.cases_under(uow, ballot):
        _set_receipt(uow, case, DeadlineKind.BALLOT_NOTICE_RECEIVED, dates.ballot_notice)
        _set_receipt(uow, case, DeadlineKind.SAMPLE_PAPER_RECEIVED, dates.sample_paper)
        fixed = (ballot.opens_on, ballot.closes_on)
        set_deadline(uow, case.id, DeadlineKind.BALLOT_OPENS, ballot.opens_on, reasons.opening(*fixed))
        set_deadline(uow, case.id, DeadlineKind.BALLOT_CLOSES, ballot.closes_on, reasons.closing(*fixed))


def _set_receipt(uow: UnitOfWork, case: Case, kind: DeadlineKind, step: NoticeOfBallot | SamplePaper | None) -> None:
    if step is not None:
        set_deadline(uow, case.id, kind, step.latest_receipt, step.why)


def set_result_deadlines(uow: UnitOfWork, ballot: Ballot) -> None:
    """The days for telling the result, for the scrutineer's report and for the end of the mandate."""
    nation = Nation(ballot.nation)
    due_on = next_working_day(uow.today, nation, uow.holidays_in(nation))
    told = reasons.result_told(uow.today, due_on)
    dates = papers.timetable_of(uow, ballot)
    for case in repository.cases_told(uow, ballot):
        set_deadline(uow, case.id, DeadlineKind.RESULT_TO_MEMBERS, due_on, told)
        set_deadline(uow, case.id, DeadlineKind.RESULT_TO_EMPLOYERS, due_on, told)
        if ballot.scrutineer and dates.scrutineer:
            set_deadline(
                uow, case.id, DeadlineKind.SCRUTINEER_REPORT, dates.scrutineer.report_due, dates.scrutineer.why
            )
        if case.stage not in OVER:
            set_mandate_deadline(uow, case)


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
    assert dates.mandate.why is not None
    set_deadline(uow, case.id, DeadlineKind.MANDATE_ENDS, dates.mandate.last_day, dates.mandate.why)
