"""What a timetable is asked about, and what it answers: values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from ballots.action_notice import NoticeTerms
from ballots.mandate import MandatePeriod
from ballots.paper import VotingPaper
from core.calendar import LAST_YEAR
from core.errors import BadInput
from core.findings import Citation, Finding
from core.nations import Nation
from core.why import Why


class VotingMethod(StrEnum):
    """Ways of voting that the law has or plans to have."""

    POSTAL = "postal"
    HYBRID = "hybrid"
    ELECTRONIC = "electronic"
    WORKPLACE = "workplace"


class NoticeContents(StrEnum):
    """How much a notice of ballot tells: every figure and how it was reached, or the lists and one total."""

    FULL_FIGURES = "full_figures"
    LISTS_AND_TOTAL = "lists_and_total"


@dataclass(frozen=True, slots=True)
class BallotFacts:
    """
    A ballot as planned or held, for one employer. A receipt date that is None has not happened yet.

    `opens_on` is the day the first voting paper is sent, `closes_on` the last day votes may be cast.
    `entitled` counts every person entitled to vote, over all separate ballots of the action. `today` is only
    for what depends on it. Raises `BadInput` for facts that contradict each other.
    """

    opens_on: date
    closes_on: date
    nation: Nation = Nation.ENGLAND
    first_action_on: date | None = None
    ballot_notice_received_on: date | None = None
    sample_received_on: date | None = None
    action_notice_received_on: date | None = None
    earlier_action_notice_on: date | None = None
    agrees_shorter_notice: bool = False
    longer_mandate_until: date | None = None
    entitled: int | None = None
    method: VotingMethod = VotingMethod.POSTAL
    today: date | None = None

    def __post_init__(self) -> None:
        if self.closes_on < self.opens_on:
            raise BadInput(
                field="closes",
                found=self.closes_on.isoformat(),
                wanted=f"a day not before the ballot opens on {self.opens_on.isoformat()}",
            )
        self._check_earlier_notice()
        self._check_within_the_calendar()
        if self.entitled is not None and self.entitled < 1:
            raise BadInput(field="entitled", found=self.entitled, wanted="a whole number of 1 or more")

    def _check_within_the_calendar(self) -> None:
        days = {
            "opens": self.opens_on,
            "closes": self.closes_on,
            "first-action": self.first_action_on,
            "action-notice-received": self.action_notice_received_on,
        }
        for name, day in days.items():
            if day is not None and day.year > LAST_YEAR:
                raise BadInput(field=name, found=day.isoformat(), wanted=f"a day before the year {LAST_YEAR + 1}")

    def _check_earlier_notice(self) -> None:
        """An earlier notice of the same action came before this one."""
        earlier, notice = self.earlier_action_notice_on, self.action_notice_received_on
        if earlier is not None and notice is not None and earlier > notice:
            wanted = f"a day not after the receipt of the notice of action, {notice.isoformat()}"
            raise BadInput(field="earlier-action-notice", found=earlier.isoformat(), wanted=wanted)

    @property
    def notice_terms(self) -> NoticeTerms:
        """What bears on the length of the notice of action besides its day of receipt."""
        return NoticeTerms(self.agrees_shorter_notice, self.earlier_action_notice_on)


@dataclass(frozen=True, slots=True)
class NoticeOfBallot:
    """When the employer must have the notice of ballot, and what it states (`items`)."""

    latest_receipt: date
    days: int
    contents: NoticeContents
    items: tuple[str, ...]
    citation: Citation
    why: Why


@dataclass(frozen=True, slots=True)
class SamplePaper:
    """When the employer must have the sample voting paper."""

    latest_receipt: date
    days: int
    citation: Citation
    why: Why


@dataclass(frozen=True, slots=True)
class ScrutineerTerms:
    """Whether there must be a scrutineer (None: the number entitled is not known); when a report falls due."""

    required: bool | None
    report_due: date
    citation: Citation
    why: Why


@dataclass(frozen=True, slots=True)
class Thresholds:
    """
    What share must vote, and must vote Yes; None where the law asks for none.

    The support fraction is the one for an important public service; whether the ballot is in one is the
    result's question.
    """

    turnout_fraction: Fraction | None
    support_fraction: Fraction | None
    keyed_on: str
    citation: Citation
    why: Why


@dataclass(frozen=True, slots=True)
class ActionNotice:
    """
    How long the notice of action is; its latest receipt for the first day of action; what a receipt allows.

    Without a first day of action or a receipt, `days` is for a notice received on the last day of voting,
    which no notice can come before. `why` is of the latest receipt, `earliest_why` of the earliest action.
    """

    days: int
    latest_receipt: date | None
    earliest_action_if_received: date | None
    items: tuple[str, ...]
    citation: Citation
    why: Why | None
    earliest_why: Why | None


@dataclass(frozen=True, slots=True)
class Timetable:
    """Every step of one ballot; a step is None where the law files cannot answer for its date."""

    ballot_notice: NoticeOfBallot | None
    sample_paper: SamplePaper | None
    voting_paper: VotingPaper | None
    scrutineer: ScrutineerTerms | None
    thresholds: Thresholds | None
    action_notice: ActionNotice | None
    mandate: MandatePeriod | None
    findings: tuple[Finding, ...]
