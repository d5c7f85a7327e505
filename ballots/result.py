"""
Whether a ballot's figures give a mandate, question by question. Whole numbers only; nothing is rounded.

Strict majority: the Yes votes are more than half of all papers returned, spoiled ones included. Between that
and more Yes than No the law is contested: no mandate, and a warn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from ballots.mandate import ActionKind, Shortfall, mandate_period
from ballots.turnout import least
from core.calendar import counted
from core.errors import BadInput, NoLawInForce
from core.findings import Citation, Finding, Severity
from core.law import Consultation, Law
from core.law_findings import no_law_in_force, stale, unconfirmed, unsupported_jurisdiction
from core.nations import Nation


class Service(StrEnum):
    """Where those entitled to vote normally work, as far as the support threshold asks."""

    STATE_TEACHING = "state-teaching"
    STATE_SUPPORT = "state-support"
    INDEPENDENT = "independent"
    FURTHER_EDUCATION = "further-education"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Votes:
    """The count of one question."""

    kind: ActionKind
    yes: int
    no: int
    spoiled: int = 0

    @property
    def papers(self) -> int:
        """Papers that say something, valid or not, on this question."""
        return self.yes + self.no + self.spoiled


@dataclass(frozen=True, slots=True)
class Count:
    """
    The scrutineer's figures for one ballot. Raises `BadInput` for figures that contradict each other.

    `cast` counts the papers returned, spoiled ones included; None takes the largest count of any question.
    """

    opened_on: date
    closed_on: date
    entitled: int
    questions: tuple[Votes, ...]
    cast: int | None = None
    nation: Nation = Nation.ENGLAND
    service: Service = Service.STATE_TEACHING

    def __post_init__(self) -> None:
        if self.closed_on < self.opened_on:
            raise BadInput(
                field="closes",
                found=self.closed_on.isoformat(),
                wanted=f"a day not before the ballot opened on {self.opened_on.isoformat()}",
            )
        for fault in arithmetic_faults(self.entitled, self.papers_cast, self.questions):
            raise fault

    @property
    def papers_cast(self) -> int:
        """The papers returned."""
        if self.cast is not None:
            return self.cast
        return max((votes.papers for votes in self.questions), default=0)


def arithmetic_faults(entitled: int, cast: int, questions: Iterable[Votes]) -> list[BadInput]:
    """Every contradiction between the figures of one count, ready to be raised or turned into findings."""
    faults: list[BadInput] = []
    votes = tuple(questions)
    if entitled < 1:
        faults.append(BadInput(field="entitled", found=entitled, wanted="a whole number of 1 or more"))
    if not 0 <= cast <= entitled:
        faults.append(BadInput(field="cast", found=cast, wanted=f"0 to the {entitled} entitled to vote"))
    if not votes:
        faults.append(BadInput(field="question", found="none", wanted="at least one question"))
    for kind in sorted({vote.kind for vote in votes if _times(vote.kind, votes) > 1}):
        faults.append(BadInput(field=f"question {kind}", found="given twice", wanted="each question once"))
    faults += [fault for vote in votes for fault in _faults_of_question(vote, cast)]
    return faults


def _times(kind: ActionKind, votes: tuple[Votes, ...]) -> int:
    return sum(1 for vote in votes if vote.kind is kind)


def _faults_of_question(votes: Votes, cast: int) -> list[BadInput]:
    if min(votes.yes, votes.no, votes.spoiled) < 0:
        return [BadInput(field=f"question {votes.kind}", found="a count below 0", wanted="counts of 0 or more")]
    if votes.papers > cast:
        wanted = f"yes + no + spoiled of at most the {counted(cast, 'paper')} cast"
        return [BadInput(field=f"question {votes.kind}", found=votes.papers, wanted=wanted)]
    return []


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many voted of how many; `met` is true where nothing is required."""

    cast: int
    entitled: int
    required: bool
    met: bool


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """
    What the law makes of one question. `support_met` and `turnout_met` are true where nothing is required.

    `reasons` are the codes of what is missing. `short_by` is how many further Yes votes would have met every
    threshold, all else unchanged: each a further paper returned by someone entitled, so that yes and cast
    rise by one together, and no, spoiled and entitled stay. 0 when met.
    """

    yes: int
    no: int
    spoiled: int
    majority_met: bool
    turnout_met: bool
    support_required: bool
    support_met: bool
    mandate: bool
    reasons: tuple[str, ...]
    short_by: int


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a ballot: turnout, each question, how long a mandate lasts, and what is to be said."""

    turnout: Turnout | None
    questions: dict[ActionKind, QuestionResult | None]
    mandate_last_day: date | None
    findings: tuple[Finding, ...]

    @property
    def has_mandate(self) -> bool:
        """Whether any question has a mandate."""
        return any(question is not None and question.mandate for question in self.questions.values())


@dataclass(frozen=True, slots=True)
class BallotThresholds:
    """
    The thresholds that apply to one ballot; a fraction is None where the law asks for none.

    `turnout_counts_spoiled`: whether those whose papers were spoiled are among those voting (s. 297A).
    """

    majority: Fraction
    turnout: Fraction | None
    support: Fraction | None
    turnout_counts_spoiled: bool
    majority_citation: Citation
    turnout_citation: Citation
    support_citation: Citation


def thresholds_for(opened_on: date, service: Service, law: Consultation) -> BallotThresholds:
    """The thresholds for a ballot opened on a day, its members working in a service of the law's nation."""
    majority = law.at("ballots.majority_fraction", opened_on)
    turnout = law.at("ballots.turnout_fraction", opened_on)
    support = law.at("ballots.support_fraction", opened_on)
    services = law.at("ballots.support_services", opened_on)
    important = services.value is not None and service in services.items
    assert majority.fraction is not None
    return BallotThresholds(
        majority=majority.fraction,
        turnout=turnout.fraction,
        support=support.fraction if important else None,
        turnout_counts_spoiled=law.at("ballots.turnout_counts_spoiled", opened_on).flag,
        majority_citation=majority.citation,
        turnout_citation=turnout.citation,
        support_citation=support.citation,
    )


def result(count: Count, law: Law, today: date | None = None) -> Result:
    """
    The result of a count under the law of its dates.

    Never raises for law that is missing: the answers are None and a stop says so.
    """
    unanswered = Result(None, dict.fromkeys((votes.kind for votes in count.questions), None), None, ())
    refused = unsupported_jurisdiction(count.nation)
    if refused is not None:
        return replace(unanswered, findings=(refused,))
    consultation = Consultation(law, count.nation)
    try:
        answered = _result(count, consultation)
    except NoLawInForce as error:
        return replace(unanswered, findings=(no_law_in_force(error),))
    consulted = consultation.given()
    said = (*answered.findings, *_scope(count, consultation), *unconfirmed(consulted), *stale(consulted, today))
    return replace(answered, findings=said)


def _result(count: Count, law: Consultation) -> Result:
    thresholds = thresholds_for(count.opened_on, count.service, law)
    questions: dict[ActionKind, QuestionResult | None] = {
        votes.kind: question_result(votes, count.papers_cast, count.entitled, thresholds) for votes in count.questions
    }
    period, _ = mandate_period(count.opened_on, count.closed_on, law)
    answered = Result(_turnout(count, thresholds), questions, None, ())
    said = tuple(
        finding
        for votes in count.questions
        for finding in question_findings(
            votes, count.papers_cast, count.entitled, thresholds, blocking=not answered.has_mandate
        )
    )
    return replace(answered, findings=said, mandate_last_day=period.last_day if answered.has_mandate else None)


def _scope(count: Count, law: Consultation) -> list[Finding]:
    """A note that further education is an important public service only for those of compulsory school age."""
    services = law.at("ballots.support_services", count.opened_on)
    support = law.at("ballots.support_fraction", count.opened_on)
    if count.service is not Service.FURTHER_EDUCATION or support.fraction is None:
        return []
    return [
        Finding(
            code="support_scope_narrow",
            severity=Severity.NOTE,
            sentence=(
                "In further education the support threshold is for teaching those of compulsory school age; "
                "it was applied as the stricter reading."
            ),
            cure="Use --service other if most of those entitled to vote do not normally teach them.",
            citation=services.citation,
            where="service",
        )
    ]


def _turnout(count: Count, thresholds: BallotThresholds) -> Turnout:
    cast = count.papers_cast
    return Turnout(
        cast=cast,
        entitled=count.entitled,
        required=thresholds.turnout is not None,
        met=all(
            _reaches(voted(votes, cast, thresholds), count.entitled, thresholds.turnout) for votes in count.questions
        ),
    )


def voted(votes: Votes, cast: int, thresholds: BallotThresholds) -> int:
    """How many of those who returned a paper count as voting on a question, for the turnout."""
    return cast if thresholds.turnout_counts_spoiled else cast - votes.spoiled


def _voted_enough(votes: Votes, cast: int, entitled: int, thresholds: BallotThresholds) -> bool:
    return _reaches(voted(votes, cast, thresholds), entitled, thresholds.turnout)


def _reaches(votes: int, of: int, share: Fraction | None) -> bool:
    """Whether votes are at least a share of a number, in whole numbers; true where there is no share."""
    return share is None or votes * share.denominator >= of * share.numerator


def share_in_words(share: Fraction | int) -> str:
    """`half`, `40 per cent`, or the fraction itself where it makes no whole percentage."""
    if share == Fraction(1, 2):
        return "half"
    per_cent = share * 100
    return f"{per_cent} per cent" if per_cent.denominator == 1 else str(share)


def _exceeds(votes: int, of: int, share: Fraction) -> bool:
    return votes * share.denominator > of * share.numerator


def question_result(votes: Votes, cast: int, entitled: int, thresholds: BallotThresholds) -> QuestionResult:
    """What the law makes of one question of a ballot in which `cast` of `entitled` returned a paper."""
    majority = _exceeds(votes.yes, cast, thresholds.majority)
    turnout = _voted_enough(votes, cast, entitled, thresholds)
    support = _reaches(votes.yes, entitled, thresholds.support)
    contested = not majority and votes.yes > votes.no
    checks = {
        Shortfall.MAJORITY_CONTESTED: not contested,
        Shortfall.MAJORITY: majority or contested,
        Shortfall.TURNOUT: turnout,
        Shortfall.SUPPORT: support,
    }
    return QuestionResult(
        yes=votes.yes,
        no=votes.no,
        spoiled=votes.spoiled,
        majority_met=majority,
        turnout_met=turnout,
        support_required=thresholds.support is not None,
        support_met=support,
        mandate=majority and turnout and support,
        reasons=tuple(each.value for each, met in checks.items() if not met),
        short_by=max(
            short_by(votes.yes, cast, entitled, thresholds),
            _short_of_share(voted(votes, cast, thresholds), entitled, thresholds.turnout),
        ),
    )


def short_by(yes: int, cast: int, entitled: int, thresholds: BallotThresholds) -> int:
    """
    How many further Yes votes would meet every threshold: the least `n` of 0 or more for which `yes + n` of
    `cast + n` papers is a majority, `cast + n` of those entitled a turnout, and `yes + n` of them support.

    The number may be more than the people who have not voted: then no further vote could have carried it.
    """
    return max(
        0,
        _short_of_majority(yes, cast, thresholds.majority),
        _short_of_share(cast, entitled, thresholds.turnout),
        _short_of_share(yes, entitled, thresholds.support),
    )


def _short_of_majority(yes: int, cast: int, share: Fraction) -> int:
    """The least n with (yes + n) over more than `share` of (cast + n)."""
    lacking = cast * share.numerator - yes * share.denominator
    return lacking // (share.denominator - share.numerator) + 1


def _short_of_share(votes: int, of: int, share: Fraction | None) -> int:
    """The least n with (votes + n) at least `share` of a number that stays."""
    if share is None:
        return 0
    return least(of, share) - votes


def question_findings(
    votes: Votes, cast: int, entitled: int, thresholds: BallotThresholds, *, blocking: bool
) -> list[Finding]:
    """One finding a missing threshold: stops where the question must have a mandate, notes otherwise."""
    answer = question_result(votes, cast, entitled, thresholds)
    severity = Severity.STOP if blocking else Severity.NOTE
    said = _sentences(votes, cast, entitled, thresholds)
    return [
        Finding(
            code=code,
            severity=Severity.WARN if code == Shortfall.MAJORITY_CONTESTED else severity,
            sentence=said[code][0],
            cure=_cure(answer.short_by),
            citation=said[code][1],
            where=f"questions.{votes.kind}",
        )
        for code in answer.reasons
    ]


def _cure(votes: int) -> str:
    lacking = f"{counted(votes, 'further Yes vote')} {'was' if votes == 1 else 'were'}"
    return f"None for this ballot: {lacking} needed. A fresh ballot may be held."


def _sentences(
    votes: Votes, cast: int, entitled: int, thresholds: BallotThresholds
) -> Mapping[str, tuple[str, Citation]]:
    kind = votes.kind.words.capitalize()
    return {
        Shortfall.MAJORITY_CONTESTED: (
            f"{kind}: {votes.yes} Yes against {votes.no} No, but not more than {share_in_words(thresholds.majority)} "
            f"of the {counted(cast, 'paper')} returned. Whether spoiled papers count here is not decided; the stricter "
            "reading gives no mandate.",
            thresholds.majority_citation,
        ),
        Shortfall.MAJORITY: (
            f"{kind}: {votes.yes} Yes of {counted(cast, 'paper')} returned is no majority.",
            thresholds.majority_citation,
        ),
        Shortfall.TURNOUT: (
            f"{kind}: {cast} of {entitled} entitled voted; at least {share_in_words(thresholds.turnout or 0)} "
            "of them had to.",
            thresholds.turnout_citation,
        ),
        Shortfall.SUPPORT: (
            f"{kind}: {votes.yes} Yes of {entitled} entitled; in an important public service at least "
            f"{share_in_words(thresholds.support or 0)} of them had to vote Yes.",
            thresholds.support_citation,
        ),
    }
