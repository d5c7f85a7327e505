"""
Which values of the law the live ballots and actions rest on, and what a stale one holds up.

A case is as sure as the oldest check of any value that its ballot's timetable and papers, or its action's notice, were
made by. While it is stale, papers are not approved or served, a ballot or action is not authorised, and a ballot does
not open. The result is told all the same: holding back what ss. 231 and 231A want told at once would cure nothing.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ballots import papers, repository
from ballots.action_notice import NoticeTerms, action_notice_contents, latest_action_notice, notice_length
from ballots.mandate import mandate_period
from ballots.models import LIVE, Action, Ballot, MandateRow
from ballots.result import Service, thresholds_for
from casework.cases import Case
from core.findings import Finding
from core.law import Consultation, LegalValue
from core.law_findings import stale_stops, stale_values
from core.law_use import Observed
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications.models import Notice


def ballot_values(uow: UnitOfWork, ballot: Ballot) -> tuple[LegalValue, ...]:
    """Every value that a ballot's timetable, papers and result are made by."""
    law, nation = Observed(uow.law), Nation(ballot.nation)
    papers.timetable_of(uow.under(law, uow.added_holidays), ballot)
    rest_on_result(law, nation, ballot.opens_on, Service(ballot.service))
    return law.given()


def rest_on_result(law: Observed, nation: Nation, opens_on: date, service: Service) -> None:
    """Let a law remember what the result of a ballot is made by: the ballot rests on it from the start."""
    consultation = Consultation(law, nation)
    thresholds_for(opens_on, service, consultation)
    consultation.at("ballots.result_items", opens_on)


def action_values(uow: UnitOfWork, action: Action) -> tuple[LegalValue, ...]:
    """Every value that an action's notice and the mandate it stands in are made by."""
    served_on = repository.received_on(uow, _notices(uow, action))
    return _values_of_action(uow, action.case, action.mandate, action.starts_on, served_on)


def _values_of_action(
    uow: UnitOfWork, case: Case, mandate: MandateRow, first_day: date, served_on: date | None
) -> tuple[LegalValue, ...]:
    return values_under(uow, case, mandate, first_day, served_on, papers.notice_terms(uow, mandate))


def values_under(
    uow: UnitOfWork, case: Case, mandate: MandateRow, first_day: date, served_on: date | None, terms: NoticeTerms
) -> tuple[LegalValue, ...]:
    """Every value that action from a day is made by, whose notice was received on a day, if it was, under its terms."""
    law = Observed(uow.law)
    consultation = Consultation(law, Nation(case.workplace.nation))
    served_on = served_on or min(latest_action_notice(first_day, terms, consultation), uow.today)
    notice_length(served_on, terms, consultation)
    action_notice_contents(served_on, terms, consultation)
    mandate_period(mandate.ballot.opens_on, mandate.ballot.closes_on, consultation)
    return law.given()


def planned_action_stops(uow: UnitOfWork, case: Case, mandate: MandateRow, first_day: date) -> tuple[Finding, ...]:
    """A `law_stale` stop for each stale value that action from a day would rest on."""
    if not anything_stale(uow):
        return ()
    return stale_stops(_values_of_action(uow, case, mandate, first_day, None), uow.today)


def _notices(uow: UnitOfWork, action: Action) -> Sequence[Notice]:
    return repository.papers(uow, papers.action_ref(action.id), "notice_of_action")


def ballot_stops(uow: UnitOfWork, ballot: Ballot) -> tuple[Finding, ...]:
    """A `law_stale` stop for each stale value that a ballot rests on; none while every value is fresh."""
    return stale_stops(ballot_values(uow, ballot), uow.today) if anything_stale(uow) else ()


def action_stops(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    """A `law_stale` stop for each stale value that an action rests on; none while every value is fresh."""
    return stale_stops(action_values(uow, action), uow.today) if anything_stale(uow) else ()


def subject_stops(uow: UnitOfWork, subject_ref: str) -> tuple[Finding, ...]:
    """The same for whatever a notice is filed under; none for what rests on no ballot, or on one that is over."""
    kind, _, key = subject_ref.partition(":")
    if kind == "ballot":
        ballot = uow.session.get_one(Ballot, uuid.UUID(key))
        return () if ballot.stage in repository.OVER else ballot_stops(uow, ballot)
    return action_stops(uow, uow.session.get_one(Action, uuid.UUID(key))) if kind == "action" else ()


def case_stops(uow: UnitOfWork, case: Case) -> tuple[Finding, ...]:
    """What a stale value holds up of a case: its ballot that is not over, its action that is not over."""
    if not anything_stale(uow):
        return ()
    ballot = repository.ballot_of(uow, case.id)
    found = ballot_stops(uow, ballot) if ballot is not None and ballot.stage not in repository.OVER else ()
    for action in repository.actions_of(uow, case.id, *LIVE):
        found += action_stops(uow, action)
    return tuple(dict.fromkeys(found))


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
