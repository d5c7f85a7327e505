"""Why a ballot's figures give a mandate or not, threshold by threshold, and why the mandate ends when it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballots import reasons, threshold_reasons
from ballots.mandate import ActionKind, mandate_period
from ballots.result import BallotThresholds, Count, Result, Votes, thresholds_for, voted
from core.law import Consultation, Law
from core.why import Why


@dataclass(frozen=True, slots=True)
class ResultReasons:
    """Of each question why `majority`, `turnout` and `support` are met or not; of the mandate, if any, its last day."""

    questions: Mapping[ActionKind, Mapping[str, Why]]
    mandate: Why | None


def reasons_of(count: Count, answered: Result, law: Law) -> ResultReasons:
    """The reasons behind a result of those figures under that law; none for a result that no law answers."""
    if answered.turnout is None:
        return ResultReasons({}, None)
    consultation = Consultation(law, count.nation)
    thresholds = thresholds_for(count.opened_on, count.service, consultation)
    questions = {votes.kind: _of_question(votes, count, thresholds, consultation) for votes in count.questions}
    mandate = None
    if answered.has_mandate:
        period, _ = mandate_period(count.opened_on, count.closed_on, consultation)
        mandate = reasons.mandate_end_under(consultation, count.opened_on, period)
    return ResultReasons(questions, mandate)


def _of_question(votes: Votes, count: Count, thresholds: BallotThresholds, law: Consultation) -> dict[str, Why]:
    opened_on = count.opened_on
    majority = law.at("ballots.majority_fraction", opened_on)
    turnout = law.at("ballots.turnout_fraction", opened_on)
    support = law.at("ballots.support_fraction", opened_on)
    cast = count.papers_cast
    return {
        "majority": threshold_reasons.majority(votes.yes, votes.no, cast, majority, opened_on),
        "turnout": threshold_reasons.turnout(
            voted(votes, cast, thresholds), count.entitled, turnout, opened_on, law.planned(turnout.parameter)
        ),
        "support": threshold_reasons.support(
            votes.yes,
            count.entitled,
            support,
            opened_on,
            applies=support.fraction is None or thresholds.support is not None,
            planned=law.planned(support.parameter),
        ),
    }
