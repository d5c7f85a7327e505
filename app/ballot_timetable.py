"""
The statutory timetable of one ballot as it stands: for each step the days that the law allows, what people fixed, what
happened, who sees to it, and why each date falls where it does. Nothing of the law is worked out here: every day comes
from `ballots.timetable`, and from what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.action_timetable import action_lines
from app.people_views import named
from app.templating import weekday_date
from app.timetable_lines import BY_ITSELF, Line, Part, StepState, by, moment, receipt_state, why_of
from ballots import papers, reasons, receipts, repository
from ballots.lifecycle import BallotStage
from ballots.models import Ballot
from ballots.timetable_facts import NoticeOfBallot, SamplePaper, Timetable
from ballots.voting_window import expected_last_day
from casework.deadlines import Deadline, DeadlineKind
from casework.people.roles import BALLOT_STAFF, REPORT_STAFF, SERVICE_STAFF
from core.errors import NoLawInForce
from core.findings import Citation
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork

OPENED = frozenset({BallotStage.OPEN, BallotStage.CLOSED, BallotStage.COUNTED, BallotStage.DECLARED})
CLOSED = OPENED - {BallotStage.OPEN}
SERVED_BY = f"Sent by Mandate once approved; receipt recorded by: {named(SERVICE_STAFF)}"


def lines_of(uow: UnitOfWork, ballot: Ballot) -> tuple[Line, ...]:
    """Every step of a ballot: first those of the ballot, then those of the action it supports."""
    dates = papers.timetable_of(uow, ballot)
    told = _Told(uow, ballot, dates)
    return (
        told.paper("notice_of_ballot", "Notice of ballot", dates.ballot_notice),
        told.paper("sample_voting_paper", "Sample voting paper", dates.sample_paper),
        told.opening(),
        told.voting(),
        told.declared(),
        told.members_told(),
        told.employers_told(),
        *told.report(),
        *action_lines(uow, ballot, dates),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """One ballot, asked for its steps."""

    uow: UnitOfWork
    ballot: Ballot
    dates: Timetable

    def state(self, of: StepState) -> StepState:
        """The state of a step; what a cancelled ballot has not done, it will not do."""
        over = self.ballot.stage is BallotStage.CANCELLED and of not in (StepState.DONE, StepState.LATE)
        return StepState.OFF if over else of

    def paper(self, kind: str, short: str, step: NoticeOfBallot | SamplePaper | None) -> Line:
        received = self._received(kind)
        latest = step.latest_receipt if step else None
        return Line(
            kind,
            Part.BALLOT,
            f"{short} to the employer",
            short,
            f"Received: {by(latest, first=False)}",
            self.state(receipt_state(received, latest, self.uow.today)),
            f"Received on {weekday_date(received)}" if received else self._how_many(kind),
            SERVED_BY,
            not_after=latest,
            done=moment(received),
            citation=step.citation if step else None,
            why=why_of(step.why) if step else None,
        )

    def opening(self) -> Line:
        ballot, why = self.ballot, reasons.opening(self.ballot.opens_on, self.ballot.closes_on)
        opened = ballot.stage in OPENED
        state = StepState.DONE if opened else self._ahead(ballot.opens_on)
        return Line(
            "opens",
            Part.BALLOT,
            "Opening day",
            "Opening day",
            f"Fixed for {weekday_date(ballot.opens_on)}",
            self.state(state),
            f"Opened on {weekday_date(ballot.opens_on)}" if opened else "Not open yet",
            BY_ITSELF,
            planned=moment(ballot.opens_on),
            done=moment(ballot.opens_on) if opened else None,
            citation=why.citation,
            why=why_of(why),
        )

    def voting(self) -> Line:
        ballot, why = self.ballot, reasons.closing(self.ballot.opens_on, self.ballot.closes_on)
        expected, source = self._expected()
        closed, state = ballot.stage in CLOSED, self._ahead(ballot.closes_on)
        if ballot.stage is BallotStage.OPEN:
            state = StepState.NOW
        fixed = f"Fixed for {weekday_date(ballot.closes_on)}"
        code = f"; the Code of Practice expects {weekday_date(expected)} or later" if expected else ""
        return Line(
            "closes",
            Part.BALLOT,
            "Voting, to its last day",
            "Voting, to its last day",
            f"{fixed}{code}",
            self.state(StepState.DONE if closed else state),
            f"Closed after {weekday_date(ballot.closes_on)}" if closed else "Not over yet",
            BY_ITSELF,
            not_before=expected,
            planned=(ballot.opens_on, ballot.closes_on),
            done=(ballot.opens_on, ballot.closes_on) if closed else None,
            citation=source or why.citation,
            why=why_of(why),
        )

    def declared(self) -> Line:
        on = self.ballot.declared_on
        state = StepState.DONE if on else StepState.TO_DO if self.ballot.stage in CLOSED else StepState.AHEAD
        return Line(
            "declared",
            Part.BALLOT,
            "The result is declared",
            "Result declared",
            "The law sets no day; nothing follows from the ballot before it",
            self.state(state),
            f"Declared on {weekday_date(on)}" if on else "Not declared yet",
            f"Recorded by: {named(BALLOT_STAFF)}",
            done=moment(on),
        )

    def members_told(self) -> Line:
        on = self.ballot.told_members_on
        return self._told_of_result("result_to_members", "Members are told the result", on, BY_ITSELF)

    def employers_told(self) -> Line:
        on = self._received(receipts.RESULT)
        return self._told_of_result("result_to_employers", "The employer is told the result", on, SERVED_BY)

    def report(self) -> Iterator[Line]:
        """The scrutineer's report, where there is a scrutineer."""
        terms = self.dates.scrutineer
        if not self.ballot.scrutineer or terms is None:
            return
        reported = repository.report_on(self.uow, self.ballot)
        came = reported.happened_on if reported else None
        state = receipt_state(came, terms.report_due, self.uow.today)
        if came is None and self.ballot.stage not in CLOSED:
            state = StepState.AHEAD
        yield Line(
            "report",
            Part.BALLOT,
            "The scrutineer’s report",
            "Scrutineer’s report",
            by(terms.report_due),
            self.state(state),
            f"Came on {weekday_date(came)}" if came else "Not here yet",
            f"The scrutineer; recorded by: {named(REPORT_STAFF)}",
            not_after=terms.report_due,
            done=moment(came),
            citation=terms.citation,
            why=why_of(terms.why),
        )

    def _told_of_result(self, kind: str, label: str, on: date | None, who: str) -> Line:
        due = self._deadline(DeadlineKind(kind))
        latest = due.due_on if due else None
        state = StepState.AHEAD if due is None and on is None else receipt_state(on, latest, self.uow.today)
        bound = (
            f"As soon as reasonably practicable: by {weekday_date(latest)}, the union’s own bound"
            if latest
            else ("As soon as reasonably practicable after the result")
        )
        citation = due.why["citation"] if due else None
        return Line(
            kind,
            Part.BALLOT,
            label,
            label.replace("The e", "E").replace("are ", "").replace("is ", ""),
            bound,
            self.state(state),
            f"Told on {weekday_date(on)}" if on else "Not told yet",
            who,
            not_before=self.ballot.declared_on if latest else None,
            not_after=latest,
            done=moment(on),
            citation=Citation(**citation) if citation else None,
            why=due.why if due else None,
        )

    def _received(self, kind: str) -> date | None:
        days = receipts.received_by_all(self.uow, self.ballot, kind)
        return max(days) if days else None

    def _how_many(self, kind: str) -> str:
        """Why a paper does not count as received: which employers nothing is shown of, where there are several."""
        legs = self.ballot.legs
        subject = papers.ballot_ref(self.ballot.id)
        shown = [repository.papers(self.uow, subject, kind, f"employer:{leg.employer_id}") for leg in legs]
        proved = sum(repository.received_on(self.uow, copies) is not None for copies in shown)
        if not any(shown):
            return "Not drawn up yet"
        return f"Shown of {proved} of {len(legs)} employers" if len(legs) > 1 else "No receipt is shown yet"

    def _ahead(self, on: date) -> StepState:
        """How a day stands that comes by itself: one that went by without its step waits for what is in the way."""
        return StepState.AHEAD if on >= self.uow.today else StepState.OVERDUE

    def _expected(self) -> tuple[date | None, Citation | None]:
        law = Consultation(self.uow.law, Nation(self.ballot.nation))
        try:
            return expected_last_day(self.ballot.opens_on, law)
        except NoLawInForce:
            return None, None

    def _deadline(self, kind: DeadlineKind) -> Deadline | None:
        """The deadline of this ballot's result: the first of its kind on or after the day it was declared."""
        if self.ballot.declared_on is None:
            return None
        wanted = select(Deadline).where(
            Deadline.case_id.in_([case.id for case in self.ballot.cases]),
            Deadline.kind == kind,
            Deadline.due_on >= self.ballot.declared_on,
        )
        return self.uow.session.scalars(wanted.order_by(Deadline.due_on, Deadline.id).limit(1)).first()
