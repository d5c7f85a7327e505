"""
Which values of the law the live ballots and actions rest on, and what a stale one holds up.

A case is as sure as the oldest check of any value that its ballot's timetable and papers, or its action's notice, were
made by.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ballots import papers, repository
from ballots.action_notice import action_notice_contents, latest_action_notice, notice_length
from ballots.mandate import mandate_period
from ballots.models import Action, ActionStage, Ballot
from ballots.result import Service, thresholds_for
from casework.cases import Case
from core.findings import Finding
from core.law import Consultation, LegalValue
from core.law_use import Observed, stale_stops, stale_values
from core.nations import Nation
from core.unit_of_work import UnitOfWork

LIVE = (ActionStage.AUTHORISED, ActionStage.NOTIFIED, ActionStage.BEGUN)


def ballot_values(uow: UnitOfWork, ballot: Ballot) -> tuple[LegalValue, ...]:
    """Every value that a ballot's timetable, papers and result are made by."""
    law, nation = Observed(uow.law), Nation(ballot.nation)
    papers.timetable_of(uow.under(law, uow.added_holidays), ballot)
    consultation = Consultation(law, nation)
    thresholds_for(ballot.opens_on, Service(ballot.service), consultation)
    consultation.at("ballots.result_items", ballot.opens_on)
    return law.given()


def action_values(uow: UnitOfWork, action: Action) -> tuple[LegalValue, ...]:
    """Every value that an action's notice and the mandate it stands in are made by."""
    law = Observed(uow.law)
    ballot = action.mandate.ballot
    consultation = Consultation(law, Nation(action.case.workplace.nation))
    terms = papers.notice_terms(uow, action.mandate)
    latest = latest_action_notice(action.starts_on, terms, consultation)
    served_on = repository.received_on(uow, _notices(uow, action)) or min(latest, uow.today)
    notice_length(served_on, terms, consultation)
    action_notice_contents(served_on, terms, consultation)
    mandate_period(ballot.opens_on, ballot.closes_on, consultation)
    return law.given()


def _notices(uow: UnitOfWork, action: Action) -> Sequence[papers.Notice]:
    return repository.papers(uow, papers.action_ref(action.id), "notice_of_action")


def ballot_stops(uow: UnitOfWork, ballot: Ballot) -> tuple[Finding, ...]:
    """A `law_stale` stop for each stale value that a ballot rests on; none while every value is fresh."""
    return stale_stops(ballot_values(uow, ballot), uow.today) if anything_stale(uow) else ()


def action_stops(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    """A `law_stale` stop for each stale value that an action rests on; none while every value is fresh."""
    return stale_stops(action_values(uow, action), uow.today) if anything_stale(uow) else ()


def anything_stale(uow: UnitOfWork) -> bool:
    """Whether any value of the law files at all is stale today: most days none is, and nothing need be looked up."""
    every = (value for parameter in uow.law.parameters() for value in parameter.values)
    return bool(stale_values(every, uow.today))


def live_ballots(uow: UnitOfWork) -> Sequence[Ballot]:
    """The ballots that are not over, by reference."""
    statement = select(Ballot).where(Ballot.stage.not_in(repository.OVER)).order_by(Ballot.ref)
    return uow.session.scalars(statement.options(selectinload(Ballot.cases))).all()


def live_actions(uow: UnitOfWork) -> Sequence[Action]:
    """The action that is not over, by case."""
    statement = select(Action).where(Action.stage.in_(LIVE)).join(Case, Case.id == Action.case_id)
    ordered = statement.order_by(Case.ref, Action.starts_on)
    return uow.session.scalars(ordered.options(joinedload(Action.case), joinedload(Action.mandate))).all()


def resting_on(uow: UnitOfWork) -> Iterator[tuple[Case, tuple[LegalValue, ...]]]:
    """Each live case with the values it rests on, once for its ballot and once for each action."""
    for ballot in live_ballots(uow):
        values = ballot_values(uow, ballot)
        for case in repository.cases_under(uow, ballot):
            yield case, values
    for action in live_actions(uow):
        yield action.case, action_values(uow, action)


def stale_cases(uow: UnitOfWork) -> Mapping[uuid.UUID, tuple[str, ...]]:
    """The live cases that rest on a stale value, each with its parameters in order; none while every value is fresh."""
    if not anything_stale(uow):
        return {}
    found: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    for case, values in resting_on(uow):
        found[case.id].update(value.parameter for value in stale_values(values, uow.today))
    return {case_id: tuple(sorted(parameters)) for case_id, parameters in found.items() if parameters}
