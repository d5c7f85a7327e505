"""
The facts that each statutory paper states: pure, from figures and law to the words a template needs.

Papers carry numbers, never names of members. What a paper must hold is read from the law of its own key date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from ballots.constituency import Figures
from ballots.mandate import ActionKind
from ballots.paper import VotingPaper
from ballots.result import share_in_words
from ballots.timetable_facts import NoticeContents
from core.law import Consultation, LegalValue
from core.why import Why

QUESTIONS = {
    ActionKind.STRIKE: "Are you prepared to take part in strike action?",
    ActionKind.ASOS: "Are you prepared to take part in industrial action short of a strike?",
}
LABELS = {ActionKind.STRIKE: "Strike action", ActionKind.ASOS: "Action short of a strike"}


@dataclass(frozen=True, slots=True)
class Site:
    """A workplace as papers name it; a college has no URN."""

    workplace_id: UUID
    name: str
    urn: str | None
    address: str


@dataclass(frozen=True, slots=True)
class BallotPaperFacts:
    """What every paper of one ballot has in common."""

    reference: str
    employer_name: str
    opening_day: date
    closing_day: date
    questions: Sequence[ActionKind]
    caller: str
    scrutineer: str | None
    return_address: str


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A date that a paper states or rests on, and why it falls there."""

    what: str
    day: date
    why: Why

    @property
    def row(self) -> dict[str, str]:
        """For the reader outside the union: rule, arithmetic and source. How sure the union is stays with it."""
        return {
            "what": self.what,
            "day": self.day.isoformat(),
            "rule": self.why.rule,
            "arithmetic": self.why.arithmetic,
            "source": str(self.why.citation),
        }


def _rows(reckoned: Sequence[Reckoned]) -> list[dict[str, str]]:
    return [each.row for each in reckoned]


def explanation(frozen_on: date) -> str:
    """How the figures were arrived at, in the words that stand in the notices."""
    return (
        "The figures come from the union's register of members as it stood on "
        f"{frozen_on.day} {frozen_on:%B %Y}. Each member is counted once, at the workplace and in the "
        "category of employee that the register records for that member. People who joined or left after that day are "
        "not reflected."
    )


def _sites(sites: Sequence[Site]) -> list[dict[str, str | None]]:
    return [{"name": site.name, "urn": site.urn, "address": site.address or None} for site in sites]


def _by_site(figures: Figures, sites: Sequence[Site]) -> dict[str, int]:
    return {site.urn or site.name: figures.by_workplace.get(site.workplace_id, 0) for site in sites}


def notice_of_ballot(
    ballot: BallotPaperFacts,
    figures: Figures,
    sites: Sequence[Site],
    contents: NoticeContents,
    frozen_on: date,
    reckoned: Sequence[Reckoned] = (),
) -> dict[str, Any]:
    """The facts of a notice of ballot (s. 226A): lists and the total, with every figure only where the law wants it."""
    full = contents is NoticeContents.FULL_FIGURES
    return {
        "employer_name": ballot.employer_name,
        "opening_day": ballot.opening_day.isoformat(),
        "closing_day": ballot.closing_day.isoformat(),
        "contents": contents.value,
        "total": figures.total,
        "categories": list(figures.by_category),
        "workplaces": _sites(sites),
        "by_category": dict(figures.by_category) if full else None,
        "by_workplace": _by_site(figures, sites) if full else None,
        "explanation": explanation(frozen_on) if full else None,
        "questions": [kind.value for kind in ballot.questions],
        "reckoned": _rows(reckoned),
        "reference": ballot.reference,
    }


def sample_voting_paper(
    ballot: BallotPaperFacts,
    paper: VotingPaper,
    summaries: Mapping[str, Any] | None,
    reckoned: Sequence[Reckoned] = (),
) -> dict[str, Any]:
    """The facts of the sample voting paper (ss. 226A, 229): the paper itself, word for word."""
    return {
        "employer_name": ballot.employer_name,
        "opening_day": ballot.opening_day.isoformat(),
        "return_by": ballot.closing_day.isoformat(),
        "return_address": ballot.return_address,
        "scrutineer": ballot.scrutineer,
        "caller": ballot.caller,
        "questions": [{"kind": kind.value, "wording": QUESTIONS[kind]} for kind in ballot.questions],
        "statement": paper.statement,
        "summaries": dict(summaries) if paper.summaries_required and summaries else None,
        "reckoned": _rows(reckoned),
        "reference": ballot.reference,
    }


def scrutineer_instruction(ballot: BallotPaperFacts, entitled: int, report: Reckoned) -> dict[str, Any]:
    """The facts of the letter that instructs the scrutineer: counts and dates."""
    return {
        "scrutineer": ballot.scrutineer,
        "employer_name": ballot.employer_name,
        "entitled": entitled,
        "opening_day": ballot.opening_day.isoformat(),
        "closing_day": ballot.closing_day.isoformat(),
        "report_due": report.day.isoformat(),
        "questions": [QUESTIONS[kind] for kind in ballot.questions],
        "reckoned": _rows([report]),
        "reference": ballot.reference,
    }


@dataclass(frozen=True, slots=True)
class ToldOfResult:
    """What the law of a ballot wants told of its result, and the shares it asked for; None where it asked for none."""

    items: Sequence[str]
    turnout: Fraction | None
    support: Fraction | None


def told_of_result(opens_on: date, law: Consultation) -> ToldOfResult:
    """What the law of the opening day wants told of a result."""
    items = law.at("ballots.result_items", opens_on)
    turnout = law.at("ballots.turnout_fraction", opens_on)
    support = law.at("ballots.support_fraction", opens_on)
    return ToldOfResult(items.items, turnout.fraction, support.fraction)


def ballot_result(ballot: BallotPaperFacts, result: Mapping[str, Any], wanted: ToldOfResult) -> dict[str, Any]:
    """The facts told to members and employers (ss. 231, 231A)."""
    items = wanted.items
    return {
        "employer_name": ballot.employer_name,
        "entitled": result["entitled"] if "entitled" in items else None,
        "cast": result["cast"],
        "questions": [
            {"kind": kind, "label": LABELS[ActionKind(kind)], **{key: counts[key] for key in ("yes", "no", "spoiled")}}
            for kind, counts in result["questions"].items()
        ],
        "turnout_statement": _reached(wanted.turnout, "vote", met=result["turnout_met"])
        if "turnout_met" in items
        else None,
        "support_statement": _reached(wanted.support, "vote Yes", met=bool(result.get("support_met")))
        if "support_met" in items and result.get("support_required")
        else None,
        "closed_on": ballot.closing_day.isoformat(),
        "reference": ballot.reference,
    }


def _reached(share: Fraction | None, what: str, *, met: bool) -> str | None:
    """Whether so many did something, as s. 231 wants it stated; None where the law asks for no share."""
    if share is None:
        return None
    return f"At least {share_in_words(share)} of those entitled to vote {'did' if met else 'did not'} {what}."


def most_pickets(days: Sequence[date], law: Consultation) -> LegalValue:
    """The most pickets at an entrance by the Code of each strike day: the least of them for all the days."""
    return min((law.at("ballots.pickets_at_an_entrance", day) for day in days), key=lambda each: each.whole)


def strike_call(
    workplace_name: str, employer_name: str, days: Sequence[date], *, caller: str, reference: str, pickets: int
) -> dict[str, Any]:
    """The facts of the call to strike on named days; `pickets` is the most at an entrance, of the Code of Practice."""
    return {
        "workplace_name": workplace_name,
        "employer_name": employer_name,
        "days": [day.isoformat() for day in days],
        "advice": "On these days, please do no work for your employer, at the workplace or at home. You need not tell "
        "your employer beforehand whether you will strike; if you are asked afterwards, answer truthfully.\n\n"
        "A picket stands peacefully at or near your own place of work, to tell people why you strike and ask them not "
        f"to work. The Code of Practice on picketing advises at most {pickets} at any entrance. Speak to your rep "
        "before you join one.\n\n"
        "Your employer will deduct pay for each day on which you strike. The union makes that loss good: keep the "
        "payslip that shows the deduction, and claim with it.",
        "caller": caller,
        "reference": reference,
    }


@dataclass(frozen=True, slots=True)
class ActionPaperFacts:
    """What a notice of action says of the action itself."""

    reference: str
    employer_name: str
    kind: ActionKind
    pattern: str
    days: Sequence[date]
    instructions: Sequence[str]
    caller: str
    mandate_last_day: date


def notice_of_action(
    action: ActionPaperFacts,
    figures: Figures,
    sites: Sequence[Site],
    items: Sequence[str],
    counted_on: date,
    reckoned: Sequence[Reckoned] = (),
    also: ActionPaperFacts | None = None,
) -> dict[str, Any]:
    """
    The facts of a notice of industrial action (s. 234A); `items` are what the law of its receipt wants stated.

    `also` is action of the other kind under the same ballot, of which the letter gives notice in a part of its own:
    continuous and discontinuous action may share a letter that keeps them clearly apart (Milford Haven v Unite).
    """
    return {
        "employer_name": action.employer_name,
        **_when(action),
        "also": None if also is None else _when(also),
        "contents": "full_figures" if "by_category" in items else "workplace_figures",
        "total": figures.total,
        "categories": list(figures.by_category),
        "by_category": dict(figures.by_category) if "by_category" in items else None,
        "workplaces": _sites(sites),
        "by_workplace": _by_site(figures, sites),
        "explanation": explanation(counted_on),
        "caller": action.caller,
        "mandate_last_day": action.mandate_last_day.isoformat(),
        "reckoned": _rows(reckoned),
        "reference": action.reference,
    }


def _when(action: ActionPaperFacts) -> dict[str, Any]:
    continuous = action.pattern == "continuous"
    return {
        "kind": action.kind.value,
        "pattern": action.pattern,
        "dates": None if continuous else [day.isoformat() for day in action.days],
        "starts": action.days[0].isoformat() if continuous else None,
        "actions": list(action.instructions),
    }
