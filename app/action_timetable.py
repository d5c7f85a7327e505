"""The steps of a ballot's timetable that come after its result: notices of action, the action, the mandate's end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import select

from app.people_views import named
from app.templating import long_date, short_date, weekday_date
from app.timetable_lines import BY_ITSELF, Line, Part, StepState, by, moment, receipt_state, why_of
from ballots import papers, reasons, repository
from ballots.action_notice import NoticeTerms, earliest_action, latest_action_notice, notice_length
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.models import Action, ActionStage, Ballot
from ballots.timetable_facts import Timetable
from casework import repository as cases
from casework.deadlines import Deadline, DeadlineKind
from casework.lifecycle import EventKind
from casework.people.roles import CASE_STAFF, SERVICE_STAFF
from core.calendar import counted, shift
from core.errors import NoLawInForce
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications.models import Notice

LONG = {ActionKind.STRIKE: "a strike", ActionKind.ASOS: "action short of a strike"}
SHORT = {ActionKind.STRIKE: "strike", ActionKind.ASOS: "ASOS"}
HELD = (EventKind.ASOS_BEGAN, EventKind.STRIKE_DAY_HELD)


def action_lines(uow: UnitOfWork, ballot: Ballot, dates: Timetable) -> tuple[Line, ...]:
    """The notices and the days of every action under the ballot, or its earliest day; then the end of the mandate."""
    told = _Told(uow, ballot, dates)
    actions = told.actions()
    groups = [list(each) for _, each in groupby(actions, key=lambda action: (action.starts_on, action.kind))]
    lines = [line for group in groups for line in (told.notice(group), told.action(group))]
    return (*(lines or told.earliest()), *told.mandates())


@dataclass(frozen=True, slots=True)
class _Told:
    """One ballot, asked for what comes after its result. Schools that act from the same day share a line."""

    uow: UnitOfWork
    ballot: Ballot
    dates: Timetable

    def actions(self) -> list[Action]:
        found = [
            action
            for leg in self.ballot.legs
            for action in repository.actions_under(self.uow, self.ballot.id, leg.employer_id)
        ]
        return sorted(found, key=lambda each: (each.starts_on, each.kind, each.case.ref))

    def notice(self, group: Sequence[Action]) -> Line:
        """The notice of action to the employer, which each school's action has one of."""
        first = group[0]
        notices = [self._papers(each) for each in group]
        received = [repository.received_on(self.uow, copies) for copies in notices]
        shown = max((day for day in received if day), default=None) if None not in received else None
        terms = papers.notice_terms(self.uow, first.mandate)
        latest = self._latest(first)
        due = self._deadline(group, latest)
        length = notice_length(shown or latest, terms, self._law)
        return Line(
            f"notice_{first.kind}_{first.starts_on.isoformat()}",
            Part.ACTION,
            f"Notice of {LONG[first.kind]} from {long_date(first.starts_on)}",
            f"Notice of {SHORT[first.kind]}, {short_date(first.starts_on)}",
            f"Received: {by(latest, first=False)}",
            self._off(group, receipt_state(shown, latest, self.uow.today)),
            f"Received on {weekday_date(shown)}" if shown else _lacking(received),
            f"Sent by Mandate once approved; receipt recorded by: {named(SERVICE_STAFF)}",
            not_after=latest,
            done=moment(shown),
            citation=length.citation,
            why=due.why if due else why_of(reasons.action_notice_under(self._law, first.starts_on, latest, terms)),
        )

    def action(self, group: Sequence[Action]) -> Line:
        """The days of action: not before the receipt of its notice allows."""
        first = group[0]
        last = first.strike_days[-1] if first.strike_days else first.starts_on
        received = [day for each in group if (day := repository.received_on(self.uow, self._papers(each)))]
        terms = papers.notice_terms(self.uow, first.mandate)
        earliest = earliest_action(max(received), terms, self._law) if len(received) == len(group) else None
        held = self._held(group)
        state = StepState.DONE if held else StepState.AHEAD if first.starts_on >= self.uow.today else StepState.OVERDUE
        why = reasons.earliest_action_under(self._law, max(received), terms) if earliest else None
        days = f"{counted(len(first.days), 'day')} of strike, the first" if first.days else "Begins"
        return Line(
            f"{first.kind}_{first.starts_on.isoformat()}",
            Part.ACTION,
            f"{'Strike' if first.days else 'Action short of a strike'} from {long_date(first.starts_on)}",
            f"{'Strike' if first.days else 'ASOS'}, {short_date(first.starts_on)}",
            f"Not before {weekday_date(earliest)}" if earliest else "Not before its notice is shown to be received",
            self._off(group, state),
            _happened(held, days, first.starts_on),
            f"Members; recorded by: {named(SERVICE_STAFF)}" if first.days else BY_ITSELF,
            not_before=earliest,
            planned=(first.starts_on, last),
            done=(held[0], held[-1]) if held else None,
            citation=why.citation if why else None,
            why=why_of(why),
        )

    def earliest(self) -> Iterator[Line]:
        """Where no action is authorised: the first day that there could be, were its notice received next."""
        gives_none = self.ballot.stage is BallotStage.DECLARED and not repository.mandates_of(self.uow, self.ballot.id)
        if gives_none or self.ballot.stage is BallotStage.CANCELLED:
            return
        on = max(self.uow.today, shift(self.ballot.closes_on, 1))
        if self.dates.mandate is not None and on > self.dates.mandate.last_day:
            return
        try:
            first = earliest_action(on, NoticeTerms(), self._law)
            why = reasons.earliest_action_under(self._law, on, NoticeTerms())
        except NoLawInForce:
            return
        yield Line(
            "earliest_action",
            Part.ACTION,
            "Earliest first day of action",
            "Earliest day of action",
            f"Not before {weekday_date(first)}, with the notice of it received on {weekday_date(on)}",
            StepState.NONE,
            "No action is authorised",
            f"Authorised by: {named(CASE_STAFF)}",
            not_before=first,
            citation=why.citation,
            why=why_of(why),
        )

    def mandates(self) -> Iterator[Line]:
        """The mandate that the ballot gave; before its result, the one it would give."""
        given = sorted({(each.first_day, each.last_day) for each in repository.mandates_of(self.uow, self.ballot.id)})
        period = self.dates.mandate
        if given:
            for first, last in given:
                why = period.why if period is not None and period.last_day == last else None
                yield self._mandate("The mandate", first, last, self._of_mandate(first, last), why_of(why))
        elif period is not None and self.ballot.stage not in (BallotStage.DECLARED, BallotStage.CANCELLED):
            label = "The mandate, if the ballot carries"
            yield self._mandate(label, period.first_day, period.last_day, StepState.NONE, why_of(period.why))

    def _mandate(self, label: str, first: date, last: date, state: StepState, why: object) -> Line:
        period = self.dates.mandate
        told = {StepState.NOW: "It is running", StepState.AHEAD: "Not begun", StepState.DONE: "It is over"}
        return Line(
            f"mandate_{last.isoformat()}",
            Part.ACTION,
            label,
            label.replace("the ballot carries", "carried").replace("The m", "M"),
            f"From {weekday_date(first)}; action not later than {weekday_date(last)}",
            state,
            told.get(state, "There is no result yet"),
            BY_ITSELF,
            not_after=last,
            planned=(first, last),
            citation=period.citation if period else None,
            why=why if isinstance(why, dict) else None,
        )

    def _of_mandate(self, first: date, last: date) -> StepState:
        if self.uow.today > last:
            return StepState.DONE
        return StepState.NOW if self.uow.today >= first else StepState.AHEAD

    @property
    def _law(self) -> Consultation:
        return Consultation(self.uow.law, Nation(self.ballot.nation))

    def _papers(self, action: Action) -> list[Notice]:
        return repository.papers(self.uow, papers.action_ref(action.id), "notice_of_action")

    def _latest(self, action: Action) -> date:
        """The last day of receipt as its papers have it; as the law has it, before they are drawn up."""
        stated = [each.latest_receipt_on for each in self._papers(action) if each.latest_receipt_on is not None]
        return min(stated) if stated else latest_action_notice(action.starts_on, NoticeTerms(), self._law)

    def _deadline(self, group: Sequence[Action], latest: date) -> Deadline | None:
        wanted = select(Deadline).where(
            Deadline.case_id.in_([each.case_id for each in group]),
            Deadline.kind == DeadlineKind.ACTION_NOTICE_RECEIVED,
            Deadline.due_on == latest,
        )
        return self.uow.session.scalars(wanted.order_by(Deadline.id).limit(1)).first()

    def _held(self, group: Sequence[Action]) -> list[date]:
        """The days on which members acted, or began to."""
        named_days = {day for each in group for day in (*each.strike_days, each.starts_on)}
        events = [event for each in group for event in cases.events_of(self.uow, each.case_id) if event.kind in HELD]
        kind = EventKind.STRIKE_DAY_HELD if group[0].days else EventKind.ASOS_BEGAN
        return sorted({each.happened_on for each in events if each.kind is kind and each.happened_on in named_days})

    def _off(self, group: Sequence[Action], state: StepState) -> StepState:
        """What action that was stood down or withdrawn has not done, it will not do."""
        over = all(each.stage in (ActionStage.STOOD_DOWN, ActionStage.ENDED) for each in group)
        return StepState.OFF if over and state not in (StepState.DONE, StepState.LATE) else state


def _happened(held: Sequence[date], days: str, starts_on: date) -> str:
    if len(held) > 1:
        return f"{counted(len(held), 'day')}, from {weekday_date(held[0])} to {weekday_date(held[-1])}"
    return f"On {weekday_date(held[0])}" if held else f"{days} on {weekday_date(starts_on)}"


def _lacking(received: Sequence[date | None]) -> str:
    proved = sum(day is not None for day in received)
    return f"Shown of {proved} of {len(received)} notices" if len(received) > 1 else "No receipt is shown yet"
