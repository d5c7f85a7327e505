"""The papers of a ballot or an action made from its rows: rendered once, frozen, and left for approval."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ballots import notices, reasons, repository
from ballots.action_notice import NoticeTerms, action_notice_contents
from ballots.constituency import Figures, Voter, figures
from ballots.law_words import frozen
from ballots.mandate import ActionKind
from ballots.models import Action, Ballot, BallotLeg, BallotScope, MandateRow
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts, NoticeOfBallot, SamplePaper, Timetable, VotingMethod
from casework import parties
from casework.issues.catalogue import instruction, instructions_for, issue
from casework.register.models import Workplace
from core.calendar import in_words
from core.errors import RuleViolation
from core.findings import stops
from core.law import Consultation, LegalValue
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from core.why import Why
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message
from notifications.models import Notice
from notifications.recipients import Recipient
from notifications.showing import Names

BALLOT_PAPERS = ("notice_of_ballot", "sample_voting_paper")


THIS_NOTICE = "This notice to be received not later than"
SAMPLE = "The sample voting paper to be received not later than"
LAST_DAY = "Last day on which the ballot supports action"


def ballot_ref(ballot_id: uuid.UUID) -> str:
    """The subject under which the papers of a ballot are filed."""
    return f"ballot:{ballot_id}"


def action_ref(action_id: uuid.UUID) -> str:
    """The subject under which the papers of an action are filed."""
    return f"action:{action_id}"


def law_used(*values: LegalValue) -> dict[str, Any]:
    """Which law a paper was made under, to be frozen with it."""
    return {value.parameter: frozen(value) for value in values}


def timetable_of(
    uow: UnitOfWork, ballot: Ballot, *, received_on: date | None = None, entitled: int | None = None
) -> Timetable:
    """
    The statutory timetable of a ballot; `received_on` is the day its two papers reach the employer, if known, and
    `entitled` counts over all ballots of the dispute, where that matters.
    """
    facts = BallotFacts(
        opens_on=ballot.opens_on,
        closes_on=ballot.closes_on,
        ballot_notice_received_on=received_on,
        sample_received_on=received_on,
        nation=Nation(ballot.nation),
        entitled=entitled or ballot.entitled or None,
        method=VotingMethod(ballot.method),
    )
    return timetable(facts, uow.law)


def matters_in_words(codes: Iterable[str]) -> list[str]:
    """What a dispute is about, as the employer is told."""
    return [issue(code).title for code in codes]


def figures_of(uow: UnitOfWork, ballot: Ballot, leg: BallotLeg) -> Figures:
    """The frozen list of one employer, counted."""
    rows = [row for row in repository.entitled(uow, ballot.id) if row.employer_id == leg.employer_id]
    return figures(
        Voter(row.member_id, row.employer_id, row.workplace_id, row.category, ballot.authorised_on, None)
        for row in rows
    )


def sites_of(workplaces: Iterable[Workplace]) -> list[notices.Site]:
    """Workplaces as papers name them."""
    return [notices.Site(each.id, each.name, each.urn, ", ".join(each.postal_lines)) for each in workplaces]


def workplaces_of(ballot: Ballot, leg: BallotLeg) -> list[Workplace]:
    """The workplaces of one employer in a ballot."""
    return [case.workplace for case in ballot.cases if case.workplace.employer_id == leg.employer_id]


def common_facts(ballot: Ballot, leg: BallotLeg) -> notices.BallotPaperFacts:
    """What every paper to one employer has in common."""
    return notices.BallotPaperFacts(
        reference=ballot.ref,
        employer_name=leg.employer.name,
        opening_day=ballot.opens_on,
        closing_day=ballot.closes_on,
        questions=[ActionKind(each) for each in ballot.questions],
        caller=ballot.caller,
        scrutineer=ballot.scrutineer,
        return_address=ballot.return_address,
    )


def others_than(ballot: Ballot, employer_id: uuid.UUID) -> Names:
    """The other employers of a ballot: no paper to one of them names another."""
    return Names(leg.employer.name for leg in ballot.legs if leg.employer_id != employer_id)


def prepare_both_ways(
    uow: UnitOfWork, message: Message, to: Recipient, subject_ref: str, latest_receipt_on: date | None, others: Names
) -> list[Notice]:
    """
    One paper by letter, which is handed over, and by mail where there is an address. `others` are not to be named.
    """
    return [
        outbox.prepare(
            uow,
            message,
            to,
            medium=medium,
            subject_ref=subject_ref,
            latest_receipt_on=latest_receipt_on,
            others=others,
        )
        for medium in (Medium.LETTER, Medium.MAIL)
        if to.can_receive(medium)
    ]


def prepare_ballot_papers(uow: UnitOfWork, ballot: Ballot, leg: BallotLeg) -> None:
    """
    The notice of ballot and the sample voting paper of one employer, under the law of their own key dates.

    They are made to be handed over on the day they are made, so that day's law decides what they hold.
    """
    dates = timetable_of(uow, ballot, received_on=uow.today)
    if dates.ballot_notice is None or dates.sample_paper is None or dates.voting_paper is None:
        raise RuleViolation("The papers of this ballot cannot be made.", stops(dates.findings))
    common, to, subject = common_facts(ballot, leg), parties.employer(leg.employer), ballot_ref(ballot.id)
    counted, sites = figures_of(uow, ballot, leg), sites_of(workplaces_of(ballot, leg))
    nation = Nation(ballot.nation)
    contents = uow.law.at("ballots.notice_of_ballot_contents", uow.today, nation=nation)
    notice = notices.notice_of_ballot(
        common,
        counted,
        sites,
        dates.ballot_notice.contents,
        ballot.authorised_on,
        [_by(dates.ballot_notice, THIS_NOTICE), _by(dates.sample_paper, SAMPLE)],
    )
    prepare_both_ways(
        uow,
        Message("notice_of_ballot", notice, law_used(contents)),
        to,
        subject,
        dates.ballot_notice.latest_receipt,
        others_than(ballot, leg.employer_id),
    )
    received = {"sample_paper_received_on": uow.today}
    statement = uow.law.at("ballots.dismissal_warning_statement", ballot.opens_on, nation=nation, events=received)
    sample = notices.sample_voting_paper(
        common, dates.voting_paper, _summaries(ballot, dates), [_by(dates.sample_paper, SAMPLE)]
    )
    prepare_both_ways(
        uow,
        Message("sample_voting_paper", sample, law_used(statement)),
        to,
        subject,
        dates.sample_paper.latest_receipt,
        others_than(ballot, leg.employer_id),
    )


def _by(step: NoticeOfBallot | SamplePaper, what: str) -> notices.Reckoned:
    return notices.Reckoned(what, step.latest_receipt, step.why)


def _summaries(ballot: Ballot, dates: Timetable) -> dict[str, Any]:
    """The three summaries that voting papers bore from March 2017 to February 2026 (s. 229(2B)-(2D))."""
    assert dates.mandate is not None
    period = f"between {in_words(ballot.closes_on)} and {in_words(dates.mandate.last_day)}"
    matters = [issue(code) for code in ballot.dispute.matters]
    return {
        "summary_of_dispute": " ".join(matter.complaint for matter in matters),
        "asos_types": [each.title for each in instructions_for([matter.code for matter in matters])],
        "periods": dict.fromkeys(ballot.questions, period),
    }


def prepare_result(uow: UnitOfWork, ballot: Ballot, leg: BallotLeg, result: Mapping[str, Any]) -> list[Notice]:
    """The result for one employer (s. 231A)."""
    facts, law = result_facts(uow, ballot, leg, result)
    message = Message("ballot_result_employer", facts, law)
    others = others_than(ballot, leg.employer_id)
    return prepare_both_ways(uow, message, parties.employer(leg.employer), ballot_ref(ballot.id), None, others)


def result_facts(
    uow: UnitOfWork, ballot: Ballot, leg: BallotLeg, result: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is told of a result, and the law that says what must be."""
    law = Consultation(uow.law, Nation(ballot.nation))
    wanted = notices.told_of_result(ballot.opens_on, law)
    return notices.ballot_result(common_facts(ballot, leg), result, wanted), law_used(*law.given())


def notice_terms(uow: UnitOfWork, mandate: MandateRow) -> NoticeTerms:
    """
    What bears on notices of action under a mandate's ballot: the first one this employer received.

    Action under one ballot is taken as one action, which is the stricter reading of SI 2026/3, Sch. 2, para 10.
    """
    earlier = [
        notice
        for action in repository.actions_under(uow, mandate.ballot_id, mandate.employer_id)
        for notice in repository.papers(uow, action_ref(action.id), "notice_of_action")
    ]
    return NoticeTerms(earlier_received_on=repository.received_on(uow, earlier))


def prepare_action_notice(uow: UnitOfWork, action: Action, ballot: Ballot, latest: date) -> list[Notice]:
    """The notice of industrial action for the employer of one case's workplace (s. 234A)."""
    workplace = action.case.workplace
    terms = notice_terms(uow, action.mandate)
    law = Consultation(uow.law, Nation(ballot.nation))
    contents = action_notice_contents(uow.today, terms, law)
    facts = notices.ActionPaperFacts(
        reference=f"{ballot.ref}/{_of_case(action, ballot)}{action.kind.value}/{action.starts_on:%Y%m%d}",
        employer_name=workplace.employer.name,
        kind=action.kind,
        pattern=action.pattern.value,
        days=action.strike_days or (action.starts_on,),
        instructions=[instruction(number).text_for_heads for number in action.instructions],
        caller=ballot.caller,
        mandate_last_day=action.mandate.last_day,
    )
    counted = Figures(action.affected, {workplace.id: action.affected}, action.by_category)
    reckoned = _dates_of(uow, action, latest, reasons.action_notice_under(law, action.starts_on, latest, terms))
    sites = sites_of([workplace])
    stated = notices.notice_of_action(facts, counted, sites, contents.items, action.authorised_on, reckoned)
    message = Message("notice_of_action", stated, law_used(contents))
    others = others_than(ballot, workplace.employer_id)
    return prepare_both_ways(uow, message, parties.employer(workplace.employer), action_ref(action.id), latest, others)


def _dates_of(uow: UnitOfWork, action: Action, latest: date, why: Why) -> list[notices.Reckoned]:
    """How the dates of a notice of action were reckoned: its own receipt and the end of the mandate."""
    receipt = notices.Reckoned(THIS_NOTICE, latest, why)
    ends = why_it_ends(uow, action.mandate)
    return [receipt] if ends is None else [receipt, notices.Reckoned(LAST_DAY, action.mandate.last_day, ends)]


def why_it_ends(uow: UnitOfWork, mandate: MandateRow) -> Why | None:
    """Why a mandate ends on its last day; None where the law as it is now puts that day elsewhere."""
    period = timetable_of(uow, mandate.ballot).mandate
    return period.why if period is not None and period.last_day == mandate.last_day else None


def _of_case(action: Action, ballot: Ballot) -> str:
    # Schools that voted together can act on the same days; each notice has a reference of its own.
    return f"{action.case.ref}/" if ballot.scope is BallotScope.AGGREGATE else ""


def approve_all(uow: UnitOfWork, prepared: Iterable[Notice], approver: str) -> int:
    """Approve the bytes of every paper that waits for it; how many there were."""
    waiting = [notice for notice in prepared if notice.approved_by is None]
    for notice in waiting:
        outbox.approve(uow, notice.id, approver)
    return len(waiting)


def approved(prepared: Iterable[Notice]) -> list[Notice]:
    """The papers that are approved and not yet on their way."""
    return [notice for notice in prepared if notice.approved_by is not None and notice.queued_at is None]


def queue_approved(uow: UnitOfWork, prepared: Iterable[Notice]) -> int:
    """Queue what is approved and not yet on its way; how many there were."""
    ready = approved(prepared)
    for notice in ready:
        outbox.queue(uow, notice.id)
    return len(ready)


def take_back(uow: UnitOfWork, prepared: Iterable[Notice], reason: str) -> int:
    """Cancel what has not gone out, queued or not; how many there were."""
    ours = [notice for notice in prepared if outbox.may_be_taken_back(notice)]
    for notice in ours:
        outbox.cancel(uow, notice.id, reason)
    return len(ours)
