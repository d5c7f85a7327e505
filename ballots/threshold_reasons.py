"""Why a threshold is met or not: the rule, the figures, and whole numbers that a person can compare by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from ballots.reasons import Planned, by_planned, law_chosen
from ballots.turnout import least
from core.calendar import in_words
from core.law import LegalValue
from core.why import Why


def wanted(
    opened_on: date, entitled: int | None, turnout: LegalValue, support: LegalValue, planned: Planned = ()
) -> Why:
    """What share of those entitled must vote and must vote Yes, in votes where the number entitled is known."""
    in_votes = [
        f"{name}: {_least(share.fraction, entitled)}"
        for name, share in (("turnout", turnout), ("support", support))
        if share.fraction is not None
    ]
    return Why(
        rule=f"{_turnout_rule(turnout)} {_support_rule(support)}",
        inputs={
            "ballot opens": in_words(opened_on),
            "entitled": "not given" if entitled is None else f"{entitled:,}",
            "law": law_chosen(turnout, opened_on),
        },
        arithmetic="; ".join(in_votes) or "nothing is required",
        citation=turnout.citation,
        certainty=turnout.certainty,
        changes_if="; ".join(["another opening day", *by_planned(planned)]),
    )


def majority(yes: int, no: int, cast: int, share: LegalValue, opened_on: date) -> Why:
    """Why a question has a majority or not, read strictly: spoiled papers count among those returned."""
    part = _fraction(share)
    ours, theirs = yes * part.denominator, cast * part.numerator
    met = ours > theirs
    compared = "is more than" if met else "is not more than"
    other = "the other reading, which leaves spoiled papers out: no case decides, so the stricter holds"
    return Why(
        rule=f"More than {part} of the papers returned, spoiled ones included, must say Yes.",
        inputs={"Yes": f"{yes:,}", "papers returned": f"{cast:,}", "law": law_chosen(share, opened_on)},
        arithmetic=_sum(yes, cast, part, compared, met=met),
        citation=share.citation,
        certainty=share.certainty,
        changes_if=other if yes > no and not met else "",
    )


def turnout(voted: int, entitled: int, share: LegalValue, opened_on: date, planned: Planned = ()) -> Why:
    """Why the turnout is enough or not; whether spoiled papers are among those voting is for the law of the day."""
    return _at_least(_turnout_rule(share), {"voted": voted, "entitled to vote": entitled}, share, opened_on, planned)


def support(
    yes: int, entitled: int, share: LegalValue, opened_on: date, *, applies: bool, planned: Planned = ()
) -> Why:
    """Why the support is enough or not; `applies` says whether the ballot is in an important public service."""
    rule = (
        _support_rule(share) if applies else "The ballot is not in an important public service: no share must say Yes."
    )
    return _at_least(rule, {"Yes": yes, "entitled to vote": entitled}, share, opened_on, planned, applies=applies)


def _at_least(
    rule: str,
    figures: dict[str, int],
    share: LegalValue,
    opened_on: date,
    planned: Planned,
    *,
    applies: bool = True,
) -> Why:
    votes, of = figures.values()
    part = share.fraction if applies else None
    if part is None:
        arithmetic = "nothing is required"
    else:
        met = votes * part.denominator >= of * part.numerator
        arithmetic = _sum(votes, of, part, "is not less than" if met else "is less than", met=met)
    return Why(
        rule=rule,
        inputs={**{name: f"{count:,}" for name, count in figures.items()}, "law": law_chosen(share, opened_on)},
        arithmetic=arithmetic,
        citation=share.citation,
        certainty=share.certainty,
        changes_if="; ".join(by_planned(planned)),
    )


def _turnout_rule(share: LegalValue) -> str:
    if share.fraction is None:
        return "The law of the day asks for no turnout."
    return f"At least {share.fraction} of those entitled must vote."


def _support_rule(share: LegalValue) -> str:
    if share.fraction is None:
        return "The law of the day asks for no share of those entitled to say Yes."
    return f"In an important public service at least {share.fraction} of those entitled must say Yes."


def _sum(votes: int, of: int, part: Fraction, compared: str, *, met: bool) -> str:
    ours, theirs = votes * part.denominator, of * part.numerator
    return (
        f"{votes:,} × {part.denominator} = {ours:,}; {of:,} × {part.numerator} = {theirs:,}; "
        f"{ours:,} {compared} {theirs:,}: {'met' if met else 'not met'}"
    )


def _least(part: Fraction, entitled: int | None) -> str:
    if entitled is None:
        return f"votes × {part.denominator} must not be less than entitled × {part.numerator}"
    return f"{part} of {entitled:,}, so at least {least(entitled, part):,}"


def _fraction(share: LegalValue) -> Fraction:
    assert share.fraction is not None, "every law wants a majority"
    return share.fraction
