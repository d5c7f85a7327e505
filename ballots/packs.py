"""
The pack of a ballot or an action that is held here: its papers as facts, for the linter and for a file.

What the papers say is taken from the facts that were frozen with them, never worked out again; the employers are those
of the register now, the number entitled is the frozen list counted. A pack counts people and names none of them.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ballots import pack_papers, papers, repository, stood_down, suspensions
from ballots.lint.notified import LAST_MINUTE
from ballots.mandate import ActionKind
from ballots.models import Action, ActionStage, Ballot, BallotCase, BallotScope, EntitledToVote
from ballots.pack import Ballot as BallotOfPack
from ballots.pack import (
    Call,
    Dispute,
    EmployerTerms,
    LegalForm,
    Pack,
    PlannedAction,
    Register,
    Scope,
    ScrutineerFile,
    VotingPaper,
    Workplace,
)
from ballots.pack_papers import Numbers, Paper
from ballots.result import Service
from ballots.scrutineers import INSTRUCTION
from ballots.timetable_facts import VotingMethod
from casework.cases import Case, CaseEvent
from casework.disputes import DisputeCase, DisputeLeg
from casework.lifecycle import EventKind
from casework.register.employers import EmployerKind
from casework.register.models import Employer
from casework.register.models import Workplace as WorkplaceRow
from core.history import canonical
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications import listing, proof
from notifications.lifecycle import State
from notifications.models import Notice
from notifications.rereading import words_of

NOTICE, SAMPLE, RESULT, ACTION_NOTICE = (
    "notice_of_ballot",
    "sample_voting_paper",
    "ballot_result_employer",
    "notice_of_action",
)
EARLIER = "earlier_action_notice_received_on"

Copied = tuple[str, str, str]
"""What the copies of one paper by letter and by mail have in common: subject, kind and recipient."""


def pack_of_ballot(uow: UnitOfWork, ballot: Ballot, *, words: bool = False) -> Pack:
    """
    Everything of one ballot that must be lawful, as it went out or as it will go.

    A paper counts as received on the earliest day for which receipt is proved. One without proof counts as received
    today: its letter is handed over on the day it goes out, and nothing shows that it came sooner. So it is as late as
    it would be if it arrived now. Papers that were taken back are left out. `words`: with the words of the notices.

    The workplaces are those that vote in this ballot; separate ballots of one dispute have a pack each.
    """
    return _Held(uow, ballot, words=words).pack()


def pack_of_action(uow: UnitOfWork, action: Action, *, words: bool = False) -> Pack:
    """
    The pack of an action's ballot with the notice, the call and the days of that action.

    Days that were called off are left out; of action that is over only what was taken is told. It counts as called on
    the day it was authorised, before which no member is called. An earlier notice under the ballot stands beside it
    only where a saving of the law looks at it.
    """
    return _Held(uow, action.mandate.ballot, words=words).with_action(action)


def packs_of_ballot(uow: UnitOfWork, ballot: Ballot) -> tuple[Pack, ...]:
    """The pack of a ballot once for each form of the voting paper among its samples: one, where all is well."""
    held = _Held(uow, ballot, words=False)
    return held.in_each_form(held.pack())


def packs_of_action(uow: UnitOfWork, action: Action) -> tuple[Pack, ...]:
    """The pack of an action once for each form of the voting paper among the samples of its ballot."""
    held = _Held(uow, action.mandate.ballot, words=False)
    return held.in_each_form(held.with_action(action))


@dataclass(frozen=True, slots=True)
class _Seat:
    """A workplace of the ballot with the number it stands under, and when its case left the dispute."""

    row: WorkplaceRow
    number: int
    settled_on: date | None


class _Held:
    """The rows behind one pack, each kind read once whatever the number of schools."""

    def __init__(self, uow: UnitOfWork, ballot: Ballot, *, words: bool) -> None:
        self.uow = uow
        self.ballot = ballot
        self.words = words

    @cached_property
    def seats(self) -> Sequence[_Seat]:
        """The workplaces that vote in the ballot, by their cases' references."""
        statement = (
            select(WorkplaceRow, DisputeCase.settled_on)
            .join(Case, Case.workplace_id == WorkplaceRow.id)
            .join(BallotCase, BallotCase.case_id == Case.id)
            .join(DisputeCase, DisputeCase.case_id == Case.id)
            .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
            .where(BallotCase.ballot_id == self.ballot.id, DisputeLeg.dispute_id == self.ballot.dispute_id)
            .options(joinedload(WorkplaceRow.employer))
            .order_by(Case.ref)
        )
        return [_Seat(row, number_of(row), left) for row, left in self.uow.session.execute(statement).tuples()]

    @cached_property
    def employers(self) -> Mapping[uuid.UUID, str]:
        """What each employer is called in the pack: its name now, with its key in the register where two share one."""
        legs = {leg.employer_id for leg in self.ballot.legs}
        known = {seat.row.employer_id: seat.row.employer for seat in self.seats}
        missing = select(Employer).where(Employer.id.in_(legs - known.keys()))
        rows = [*known.values(), *(self.uow.session.scalars(missing) if legs - known.keys() else ())]
        shared = Counter(row.name.casefold() for row in rows)
        return {
            row.id: f"{row.name} ({row.register_key})" if shared[row.name.casefold()] > 1 else row.name for row in rows
        }

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers of the workplaces by their names."""
        return Numbers({seat.row.name: seat.number for seat in self.seats})

    @cached_property
    def about_ballot(self) -> Sequence[Notice]:
        """The papers of the ballot to its employers and its scrutineer that were not taken back."""
        return _notices(self.uow, [papers.ballot_ref(self.ballot.id)], (NOTICE, SAMPLE, RESULT, INSTRUCTION))

    @cached_property
    def forms(self) -> tuple[VotingPaper, ...]:
        """The voting papers by their samples, each form once."""
        found = (pack_papers.voting_paper(paper.facts) for paper in self.papers(SAMPLE))
        forms: list[VotingPaper] = []
        for form in found:
            if form not in forms:
                forms.append(form)
        return tuple(forms)

    def pack(self) -> Pack:
        """The dispute, the ballot, its papers and its result."""
        ballot = self.ballot
        result = None
        if ballot.result is not None:
            told = {each.employer: each.received for each in self.papers(RESULT)}
            result = pack_papers.ballot_result(ballot.result, ballot.told_members_on, told)
        return Pack(
            dispute=self._dispute(),
            ballot=self._ballot(),
            ballot_notices=tuple(pack_papers.ballot_notice(each, self.numbers) for each in self.papers(NOTICE)),
            sample_papers=tuple(dict.fromkeys(map(pack_papers.sample_paper, self.papers(SAMPLE)))),
            voting_paper=self.forms[0] if self.forms else None,
            result=result,
        )

    def in_each_form(self, pack: Pack) -> tuple[Pack, ...]:
        """A pack with each form of the voting paper."""
        return tuple(replace(pack, voting_paper=form) for form in self.forms) or (pack,)

    def _dispute(self) -> Dispute:
        settled = [seat.settled_on for seat in self.seats]
        left = [day for day in settled if day is not None]
        forms = {seat.row.employer_id: seat.row.employer.kind for seat in self.seats}
        return Dispute(
            nation=Nation(self.ballot.nation),
            matters=tuple(papers.matters_in_words(self.ballot.dispute.matters)),
            settled_on=max(left) if left and len(left) == len(settled) else None,
            workplaces=tuple(
                Workplace(seat.number, self.employers[seat.row.employer_id], seat.row.name) for seat in self.seats
            ),
            employers={self.employers[each]: EmployerTerms(_form(kind)) for each, kind in forms.items()},
        )

    def _ballot(self) -> BallotOfPack:
        ballot = self.ballot
        return BallotOfPack(
            opens=ballot.opens_on,
            closes=ballot.closes_on,
            method=VotingMethod(ballot.method),
            questions=tuple(ActionKind(each) for each in ballot.questions),
            scope=self._scope(),
            service=Service(ballot.service),
            caller=ballot.caller,
            scrutineer=ballot.scrutineer,
            register=self._register(),
            scrutineer_file=self._scrutineer_file(),
        )

    def _scope(self) -> Scope:
        if self.ballot.scope is BallotScope.AGGREGATE:
            return Scope.AGGREGATED
        in_dispute = (
            select(func.count())
            .select_from(DisputeCase)
            .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
            .where(DisputeLeg.dispute_id == self.ballot.dispute_id)
        )
        return Scope.SEPARATE if (self.uow.session.scalar(in_dispute) or 0) > 1 else Scope.SINGLE

    def _register(self) -> Register:
        counted = self.uow.session.execute(
            select(EntitledToVote.workplace_id, EntitledToVote.category, func.count())
            .where(EntitledToVote.ballot_id == self.ballot.id)
            .group_by(EntitledToVote.workplace_id, EntitledToVote.category)
            .order_by(EntitledToVote.category)
        ).tuples()
        own = {seat.row.id: str(seat.number) for seat in self.seats}
        by_workplace, by_category = dict.fromkeys(own.values(), 0), Counter[str]()
        for workplace_id, category, count in counted:
            place = own.get(workplace_id, str(workplace_id))
            by_workplace[place] = by_workplace.get(place, 0) + count
            by_category[category] += count
        return Register(by_category.total(), by_workplace, dict(by_category))

    def _scrutineer_file(self) -> ScrutineerFile | None:
        """What the scrutineer counts: by the result, or before it by the letter that instructed it."""
        if self.ballot.result is not None and self.ballot.scrutineer:
            return ScrutineerFile(self.ballot.result["entitled"])
        told = [notice.facts["entitled"] for notice in self.about_ballot if notice.kind == INSTRUCTION]
        return ScrutineerFile(told[-1]) if told else None

    def papers(self, kind: str, sent: Sequence[Notice] | None = None) -> list[Paper]:
        """
        The papers of a kind, by employer; those of the ballot unless others are given.

        The copies of one paper by letter and by mail say the same; one that says something else is a paper of its own.
        """
        copies = [notice for notice in (self.about_ballot if sent is None else sent) if notice.kind == kind]
        found: dict[str, Paper] = {}
        for notice in sorted(copies, key=lambda each: (each.recipient_key, each.subject_ref, each.medium)):
            said = canonical([notice.recipient_key, notice.subject_ref, notice.facts])
            if said not in found:
                found[said] = Paper(self._addressee(notice), notice.facts, self._received(notice), self._words(notice))
        return list(found.values())

    def _words(self, notice: Notice) -> str | None:
        return words_of(notice) if self.words and notice.kind == NOTICE else None

    def _received(self, notice: Notice) -> date:
        """The day a paper counts as received; see `pack_of_ballot`."""
        return self._proved.get(_copied(notice)) or self.uow.today

    @cached_property
    def _proved(self) -> dict[Copied, date]:
        return _proved(self.uow, self.about_ballot)

    def _addressee(self, notice: Notice) -> str:
        """The employer a paper names: by the name of now where it names whom it went to, else by the name it gives."""
        named = str(notice.facts.get("employer_name", ""))
        if named != notice.recipient_name:
            return named
        return self.employers.get(uuid.UUID(notice.recipient_key.partition(":")[2]), named)

    def with_action(self, action: Action) -> Pack:
        """The pack with one action's notice, call and days."""
        plain, own = self.pack(), self._action_papers([action])
        seat = next(each for each in self.seats if each.row.id == action.case.workplace_id)
        paused = suspensions.as_fact(self.uow, action)
        before = [pack_papers.action_notice(each, self.numbers) for each in self._saved_by(action, own)]
        given = [replace(pack_papers.action_notice(each, self.numbers), suspended=paused) for each in own]
        days = _taken(self.uow, action, self.employers[action.case.workplace.employer_id])
        by = next((each.facts.get("caller") for each in own), self.ballot.caller)
        return replace(
            plain,
            dispute=replace(plain.dispute, settled_on=seat.settled_on),
            action_notices=(*before, *given),
            call=Call(by=by, on=action.authorised_on) if days else None,
            action=days,
        )

    def _action_papers(self, actions: Sequence[Action]) -> list[Paper]:
        sent = _notices(self.uow, [papers.action_ref(each.id) for each in actions], (ACTION_NOTICE,))
        self._proved.update(_proved(self.uow, sent))
        return self.papers(ACTION_NOTICE, sent)

    def _saved_by(self, action: Action, own: Sequence[Paper]) -> list[Paper]:
        """The earlier notices under the ballot that keep an older law for this one (SI 2026/3, Sch. 2, para 10)."""
        received = min((each.received for each in own), default=self.uow.today)
        under = repository.actions_under(self.uow, self.ballot.id, action.mandate.employer_id)
        others = [other for other in under if other.id != action.id]
        return [
            each
            for each in (self._action_papers(others) if others else [])
            if each.received < received and self._keeps_older_law(received, each.received)
        ]

    def _keeps_older_law(self, received: date, earlier: date) -> bool:
        nation = Nation(self.ballot.nation)
        return any(
            self.uow.law.at(name, received, nation=nation)
            != self.uow.law.at(name, received, nation=nation, events={EARLIER: earlier})
            for name in ("ballots.action_notice_days", "ballots.action_notice_contents")
        )


def number_of(workplace: WorkplaceRow) -> int:
    """The number a workplace stands under in a pack: its URN, or the UKPRN of a college, which has no URN."""
    return int(workplace.urn or workplace.ukprn or 0)


def _form(kind: EmployerKind) -> LegalForm | None:
    return None if kind is EmployerKind.UNKNOWN else LegalForm(kind.value)


def _notices(uow: UnitOfWork, subjects: Sequence[str], kinds: Sequence[str]) -> Sequence[Notice]:
    """The notices of some kinds about some subjects that were not taken back, oldest first, without their bytes."""
    statement = (
        select(Notice)
        .where(Notice.subject_ref.in_(subjects), Notice.kind.in_(kinds), Notice.state != State.CANCELLED)
        .order_by(Notice.created_at, Notice.idem_key)
    )
    return uow.session.scalars(statement.options(*listing.WITHOUT_BYTES)).all()


def _copied(notice: Notice) -> Copied:
    return (notice.subject_ref, notice.kind, notice.recipient_key)


def _proved(uow: UnitOfWork, sent: Sequence[Notice]) -> dict[Copied, date]:
    """The earliest day for which receipt of any copy of each paper is proved."""
    status = proof.receipt_status(uow, [each.id for each in sent]) if sent else {}
    found: dict[Copied, date] = {}
    for notice in sent:
        day = status[notice.id].received_on
        if day is not None:
            found[_copied(notice)] = min(day, found.get(_copied(notice), day))
    return found


def _whole(kind: ActionKind, first: date, last: date, employer: str) -> PlannedAction:
    """Action from the beginning of one day to the last minute of another."""
    return PlannedAction(kind, datetime.combine(first, time()), datetime.combine(last, LAST_MINUTE), employer)


def _taken(uow: UnitOfWork, action: Action, employer: str) -> tuple[PlannedAction, ...]:
    """The days of an action as they are meant; once it is over, those that were taken."""
    told = _recorded(uow, action)
    over = action.stage is ActionStage.ENDED
    if action.kind is ActionKind.STRIKE:
        off, held = told[EventKind.STRIKE_DAY_WITHDRAWN], told[EventKind.STRIKE_DAY_HELD]
        days = [day for day in action.strike_days if (day in held if over else day not in off)]
        return tuple(_whole(action.kind, day, day, employer) for day in days)
    if over and not told[EventKind.ASOS_BEGAN]:
        return ()
    ends = (action.mandate.last_day, _told_to_stop(uow, action), stood_down.stopped_on(uow, action))
    last = max(action.starts_on, min(day for day in ends if day))
    return tuple(_whole(action.kind, *each, employer) for each in suspensions.periods(uow, action, last))


def _recorded(uow: UnitOfWork, action: Action) -> Mapping[EventKind, frozenset[date]]:
    """The days on which an action is recorded as begun, held or called off."""
    kinds = (EventKind.ASOS_BEGAN, EventKind.STRIKE_DAY_HELD, EventKind.STRIKE_DAY_WITHDRAWN)
    events = select(CaseEvent).where(CaseEvent.case_id == action.case_id, CaseEvent.kind.in_(kinds))
    ours = [each for each in uow.session.scalars(events) if each.facts.get("action_id") == str(action.id)]
    return {
        kind: frozenset(
            date.fromisoformat(each.facts["on"]) if "on" in each.facts else each.happened_on
            for each in ours
            if each.kind == kind
        )
        for kind in kinds
    }


def _told_to_stop(uow: UnitOfWork, action: Action) -> date | None:
    """The last day of the instructions as members were told it; None while they go on."""
    told = select(Notice.facts).where(Notice.subject_ref == papers.action_ref(action.id), Notice.kind == "stand_down")
    facts = uow.session.scalars(told.limit(1)).first()
    return date.fromisoformat(facts["last_day"]) if facts else None
