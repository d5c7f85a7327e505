"""A timetable by hand: every step of a ballot from the oracle's calendar and its book of rules."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from ballots.timetable_facts import BallotFacts, Timetable
from tests.oracle import days as wall
from tests.oracle import regimes
from tests.oracle.regimes import AS_IT_STANDS, Planned


def expected(facts: BallotFacts, planned: Planned = AS_IT_STANDS) -> dict[str, object]:
    """Every value of the timetable, by the dotted name under which the product has it."""
    return {
        **_papers(facts),
        **_scrutineer(facts),
        **_action_notice(facts),
        **_mandate(facts),
        **_refusals(facts),
        "thresholds.turnout_fraction": regimes.turnout(facts.opens_on, planned),
        "thresholds.support_fraction": regimes.support(facts.opens_on, facts.nation.value),
    }


def _papers(facts: BallotFacts) -> dict[str, object]:
    opens = facts.opens_on
    notice_by, sample_by = wall.nth_day_before(opens, 7), wall.nth_day_before(opens, 3)
    notice_on, sample_on = facts.ballot_notice_received_on or notice_by, facts.sample_received_on or sample_by
    return {
        "ballot_notice.latest_receipt": notice_by,
        "ballot_notice.days": 7,
        "ballot_notice.contents": regimes.contents(notice_on),
        "ballot_notice.items": regimes.ballot_notice_items(notice_on),
        "sample_paper.latest_receipt": sample_by,
        "sample_paper.days": 3,
        "voting_paper.summaries_required": regimes.summaries(opens, sample_on),
        "voting_paper.dismissal_warning": regimes.warning(opens, sample_on),
        "voting_paper.statement": regimes.statement(opens, sample_on),
    }


def _scrutineer(facts: BallotFacts) -> dict[str, object]:
    return {
        "scrutineer.required": None if facts.entitled is None else facts.entitled > 50,
        "scrutineer.report_due": wall.last_of_weeks(facts.closes_on, 4),
    }


def _length(received: date, facts: BallotFacts) -> int:
    return regimes.notice_days(received, facts.earlier_action_notice_on, facts.agrees_shorter_notice)


def latest_notice(first: date, facts: BallotFacts) -> date:
    """The last day of receipt that allows action on a day: turn back and try each."""
    return wall.last_that(
        first, lambda received: wall.first_day_with_notice(received, _length(received, facts)) <= first
    )


def _action_notice(facts: BallotFacts) -> dict[str, object]:
    """The law is that of the receipt; one not given is taken as the latest lawful one; else that of the close."""
    first, received = facts.first_action_on, facts.action_notice_received_on
    latest = None if first is None else latest_notice(first, facts)
    received = received or latest
    chosen = received or facts.closes_on
    return {
        "action_notice.days": _length(chosen, facts),
        "action_notice.latest_receipt": latest,
        "action_notice.earliest_action_if_received": None
        if received is None
        else wall.first_day_with_notice(received, _length(received, facts)),
        "action_notice.items": regimes.notice_items(chosen, facts.earlier_action_notice_on),
    }


Readings = tuple[date, date]


def ends(facts: BallotFacts) -> tuple[Readings, Readings | None]:
    """The last day of the mandate on both readings, and the last to which an agreement can carry it."""
    opens, closes = facts.opens_on, facts.closes_on
    months, longer = regimes.mandate_months(opens), regimes.agreed_months(opens)
    if months is None:
        four, eight = wall.last_of_weeks(closes, 4), wall.last_of_weeks(closes, 8)
        return (four, four), (eight, eight)
    return wall.last_of_months(closes, months), None if longer is None else wall.last_of_months(closes, longer)


def _mandate(facts: BallotFacts) -> dict[str, object]:
    """Both readings: turn the leaves from the close for as long as action on the day has support."""
    closes, agreed = facts.closes_on, facts.longer_mandate_until
    ordinary, longest = ends(facts)
    limit = longest or (date.min, date.min)
    strict, lenient = (_supported(closes, end, most, agreed) for end, most in zip(ordinary, limit, strict=True))
    has_effect = agreed is not None and agreed > ordinary[0] and limit[1] > ordinary[1]
    return {
        "mandate.first_day": closes,
        "mandate.last_day": strict,
        "mandate.last_day_lenient": lenient,
        "mandate.months": regimes.mandate_months(facts.opens_on),
        "mandate.begins_by": regimes.mandate_months(facts.opens_on) is None,
        "mandate.agreed_until": min(agreed, limit[1]) if has_effect and agreed is not None else None,
    }


SHORTER, LONGER = "employer_agrees_shorter_notice", "employer_agrees_longer_mandate"


def _refusals(facts: BallotFacts) -> dict[str, object]:
    """What is wrong with the dates: the finding's code and where, and how grave it is."""
    said: dict[str, object] = {}
    opens, closes = facts.opens_on, facts.closes_on
    if (facts.ballot_notice_received_on or date.min) > wall.nth_day_before(opens, 7):
        said["ballot_notice_late at ballot_notice_received"] = "stop"
    if (facts.sample_received_on or date.min) > wall.nth_day_before(opens, 3):
        said["sample_paper_late at sample_paper_received"] = "stop"
    if closes < wall.nth_day_after(opens, 14):
        said["ballot_window_short at closes"] = "warn"
    if facts.action_notice_received_on is not None and facts.action_notice_received_on < closes:
        said["action_notice_before_result_told at action_notice_received"] = "stop"
    return said | _shorter_notice(facts) | _longer_mandate(facts) | _first_day(facts)


def _shorter_notice(facts: BallotFacts) -> dict[str, object]:
    """An agreement to shorter notice: unknown to the law of the notice, or kept by an earlier notice only."""
    first, earlier = facts.first_action_on, facts.earlier_action_notice_on
    latest = None if first is None else latest_notice(first, facts)
    received = facts.action_notice_received_on or latest or facts.closes_on
    if not facts.agrees_shorter_notice:
        return {}
    if regimes.agreed_days(received, earlier) is None:
        return {f"agreement_without_effect at {SHORTER}": "warn"}
    if regimes.agreed_days(received) is None:
        return {f"agreement_rests_on_saving at {SHORTER}": "warn"}
    return {}


def _longer_mandate(facts: BallotFacts) -> dict[str, object]:
    """An agreement to a longer mandate: unknown to the law, longer than it allows, or no longer than the law's own."""
    agreed = facts.longer_mandate_until
    if agreed is None:
        return {}
    ordinary, limit = ends(facts)
    if limit is not None and agreed > limit[0]:
        return {f"mandate_agreement_too_long at {LONGER}": "warn"}
    if limit is None or agreed <= ordinary[0]:
        return {f"agreement_without_effect at {LONGER}": "warn"}
    return {}


def _first_day(facts: BallotFacts) -> dict[str, object]:
    """A first day of action sooner than its notice allows, or later than the mandate."""
    first = facts.first_action_on
    if first is None:
        return {}
    said: dict[str, object] = {}
    received = facts.action_notice_received_on or facts.closes_on
    if first < wall.first_day_with_notice(received, _length(received, facts)):
        kept = regimes.agreed_days(received, facts.earlier_action_notice_on) if facts.agrees_shorter_notice else None
        may_be = kept is not None and first >= wall.first_day_with_notice(received, kept)
        said["action_notice_late at first_action"] = "warn" if may_be else "stop"
    mandate = _mandate(facts)
    if first > mandate["mandate.last_day"]:  # type: ignore[operator]
        beyond = first > mandate["mandate.last_day_lenient"]  # type: ignore[operator]
        said["mandate_expired at None"] = "stop" if beyond else "warn"
    return said


REFUSALS = (
    "ballot_notice_late",
    "sample_paper_late",
    "ballot_window_short",
    "action_notice_before_result_told",
    "agreement_without_effect",
    "agreement_rests_on_saving",
    "mandate_agreement_too_long",
    "action_notice_late",
    "mandate_expired",
)


def _supported(closes: date, end: date, limit: date, agreed: date | None) -> date:
    """The last day that the ballot supports without an agreement, or by one within the law's limit."""
    last = closes
    for day in wall.onwards(closes):
        if not (day <= end or (agreed is not None and day <= agreed and day <= limit)):
            return last
        last = day
    raise AssertionError("a mandate has an end")


def found(timetable: Timetable) -> dict[str, object]:
    """The same values out of the product's timetable."""
    names = {
        "ballot_notice": ("latest_receipt", "days", "contents", "items"),
        "sample_paper": ("latest_receipt", "days"),
        "voting_paper": ("summaries_required", "dismissal_warning", "statement"),
        "scrutineer": ("required", "report_due"),
        "thresholds": ("turnout_fraction", "support_fraction"),
        "action_notice": ("days", "latest_receipt", "earliest_action_if_received", "items"),
        "mandate": ("first_day", "last_day", "last_day_lenient", "months", "begins_by", "agreed_until"),
    }
    said = {
        f"{finding.code} at {finding.where}": finding.severity.value
        for finding in timetable.findings
        if finding.code in REFUSALS
    }
    return said | {
        f"{step}.{name}": _plain(getattr(getattr(timetable, step), name)) for step, of in names.items() for name in of
    }


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Fraction) else value
