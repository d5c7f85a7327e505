"""
A clean pack for any opening day, with everything on its last lawful day, vote and minute; and how to overstep each.

The law is that of the second hand in `tests.oracle`, the counting that of the wall calendar; nothing is the product's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.oracle import days as wall
from tests.oracle import regimes

EMPLOYER = "Alder Vale Learning Trust"
URN = 990101
WHO = "General Secretary"
SCRUTINEER = "Fairfold Ballots"
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The facts of one dispute, each on its limit; `at_the_limit` sets them, `dataclasses.replace` oversteps one.

    `last_minute` is the end of the last action; None where the law limits only when action begins.
    """

    nation: str
    kind: str
    opens: date
    closes: date
    notice: date
    sample: date
    told: date
    called: date
    noticed: date
    first_action: date
    last_minute: datetime | None
    entitled: int
    cast: int
    yes: int
    has_scrutineer: bool


def at_the_limit(opens: date, turn: int) -> Limits:
    """Everything as late, and every count as low, as the law of its day allows; `turn` varies the rest."""
    nation = ("england", "wales", "scotland")[turn % 3]
    entitled = (50, 51, 120, 201, 33)[turn % 5]
    closes = wall.nth_day_after(opens, 14 + turn % 7)
    cast = (entitled + 1) // 2 if regimes.turnout(opens) else entitled // 3
    wanted = -(-2 * entitled // 5) if regimes.support(opens, nation) else 0
    return Limits(
        nation=nation,
        kind=("strike", "asos")[turn % 2],
        opens=opens,
        closes=closes,
        notice=wall.nth_day_before(opens, 7),
        sample=wall.nth_day_before(opens, 3),
        told=closes,
        called=closes,
        noticed=closes,
        first_action=wall.nth_day_after(closes, regimes.notice_days(closes)),
        last_minute=_midnight_after(opens, closes),
        entitled=entitled,
        cast=cast,
        yes=max(cast // 2 + 1, wanted),
        has_scrutineer=entitled > 50,
    )


def stops_expected(here: Limits, limits: Limits) -> set[str]:
    """The codes of the stops that overstepped limits deserve, `here` being the limits themselves."""
    expected = set()
    if limits.notice > here.notice:
        expected.add("ballot_notice_late")
    if limits.sample > here.sample:
        expected.add("sample_paper_late")
    if wall.nth_day_after(limits.noticed, regimes.notice_days(limits.noticed)) > limits.first_action:
        expected.add("action_notice_late")
    if limits.noticed < limits.told:
        expected.add("action_notice_before_result_told")
    if limits.called < limits.closes:
        expected.add("called_before_ballot_date")
    if limits.entitled > 50 and not limits.has_scrutineer:
        expected |= {"scrutineer_missing", "voting_paper_scrutineer_missing"}
    return expected | _lost(limits) | _over(limits)


def _lost(limits: Limits) -> set[str]:
    """What the figures fail; more Yes than No without a majority of all papers is contested, no stop."""
    lost = set()
    if regimes.turnout(limits.opens) and 2 * limits.cast < limits.entitled:
        lost.add("turnout_not_met")
    if regimes.support(limits.opens, limits.nation) and 5 * limits.yes < 2 * limits.entitled:
        lost.add("support_not_met")
    if limits.yes <= limits.cast - limits.yes:
        lost.add("majority_not_met")
    return lost


def _over(limits: Limits) -> set[str]:
    """Whether the last minute is beyond the later reading of the months; up to there it is contested, no stop."""
    months = regimes.mandate_months(limits.opens)
    if months is None or limits.last_minute is None:
        return set()
    end = datetime.combine(wall.last_of_months(limits.closes, months)[1] + DAY, time())
    return {"mandate_expired"} if limits.last_minute > end else set()


def _midnight_after(opens: date, closes: date) -> datetime | None:
    months = regimes.mandate_months(opens)
    if months is None:
        return None
    return datetime.combine(wall.last_of_months(closes, months)[0] + DAY, time())


def oversteps(here: Limits) -> dict[str, Limits]:
    """The same facts with one limit overstepped each, by the least there is."""
    over = {
        "notice of ballot a day late": replace(here, notice=here.notice + DAY),
        "sample a day late": replace(here, sample=here.sample + DAY),
        "notice of action a day late": replace(here, noticed=here.noticed + DAY, told=here.told),
        "told a day after the notice": replace(here, told=here.told + DAY),
        "called a day early": replace(here, called=here.called - DAY),
        "a vote fewer": replace(here, cast=here.cast - 1, yes=min(here.yes, here.cast - 1)),
        "a Yes fewer": replace(here, yes=here.yes - 1),
        "no scrutineer": replace(here, has_scrutineer=False),
        "one voter more": replace(here, entitled=here.entitled + 1),
    }
    if here.last_minute is not None:
        over["a minute more"] = replace(here, last_minute=here.last_minute + MINUTE)
        over["four days more"] = replace(here, last_minute=here.last_minute + 4 * DAY)
    return over


def pack(limits: Limits) -> dict[str, Any]:
    """The limits as a pack, with papers that hold what the law of their own days wants and nothing more."""
    return {
        "dispute": {
            "nation": limits.nation,
            "matters": ["lesson observation"],
            "workplaces": [{"urn": URN, "name": "Hill End School", "employer": EMPLOYER}],
            "employers": {EMPLOYER: {"kind": "trust"}},
        },
        "ballot": _ballot(limits),
        "ballot_notices": [_ballot_notice(limits)],
        "sample_papers": [{"employer": EMPLOYER, "received": limits.sample}],
        "voting_paper": _voting_paper(limits),
        "result": _result(limits),
        "call": {"by": WHO, "on": limits.called},
        "action_notices": [_action_notice(limits)],
        "action": [_action(limits)],
    }


def _ballot(limits: Limits) -> dict[str, Any]:
    ballot = {
        "opens": limits.opens,
        "closes": limits.closes,
        "method": "postal",
        "scope": "single",
        "service": "state-teaching",
        "questions": [limits.kind],
        "caller": WHO,
        "register": _figures(limits, "total", "by_workplace", "by_category"),
    }
    return ballot | ({"scrutineer": SCRUTINEER} if limits.has_scrutineer else {})


def _figures(limits: Limits, *items: str) -> dict[str, Any]:
    known: dict[str, Any] = {
        "opening_day": limits.opens,
        "total": limits.entitled,
        "categories": ["teacher"],
        "by_category": {"teacher": limits.entitled},
        "workplaces": [URN],
        "by_workplace": {str(URN): limits.entitled},
        "explanation": "Counted in the register of members on the day before.",
    }
    return {item: known[item] for item in items}


def _ballot_notice(limits: Limits) -> dict[str, Any]:
    items = regimes.ballot_notice_items(limits.notice)
    return {"employer": EMPLOYER, "received": limits.notice, **_figures(limits, *items)}


def _voting_paper(limits: Limits) -> dict[str, Any]:
    paper: dict[str, Any] = {
        "questions": [limits.kind],
        "return_address": "PO Box 12, Fairfold",
        "return_by": limits.closes,
        "caller": WHO,
        "numbered": True,
        "statement": regimes.statement(limits.opens, limits.sample),
    }
    if limits.has_scrutineer:
        paper["scrutineer"] = SCRUTINEER
    if regimes.summaries(limits.opens, limits.sample):
        paper["summary_of_dispute"] = "Lesson observations were doubled without agreement."
        paper["periods"] = {limits.kind: "for up to one year"}
        if limits.kind == "asos":
            paper["asos_types"] = ["working to contract"]
    return paper


def _result(limits: Limits) -> dict[str, Any]:
    return {
        "entitled": limits.entitled,
        "cast": limits.cast,
        "questions": {limits.kind: {"yes": limits.yes, "no": limits.cast - limits.yes, "spoiled": 0}},
        "told_members": limits.told,
        "told_employers": {EMPLOYER: limits.told},
    }


def _action_notice(limits: Limits) -> dict[str, Any]:
    items = (item for item in regimes.notice_items(limits.noticed) if item not in ("kind", "pattern", "dates"))
    return {
        "employer": EMPLOYER,
        "received": limits.noticed,
        "kind": limits.kind,
        "pattern": "continuous",
        "starts": limits.first_action,
        **_figures(limits, *items),
    }


def _action(limits: Limits) -> dict[str, Any]:
    begins = datetime.combine(limits.first_action, time())
    ends = limits.last_minute or begins + 400 * DAY
    return {"employer": EMPLOYER, "kind": limits.kind, "starts": begins, "ends": ends}
