"""One plan of the product beside the oracle's, value by value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ballots.mandate import ActionKind
from ballots.plan import Channel, Plan, Step, Wish, plan
from core.law import Law
from core.nations import Nation
from tests.oracle import days as wall
from tests.oracle import regimes
from tests.oracle.planner import IN_ORDER, PAPERS, REAL, Ask, Day, Desk, Lengths, desk_for
from tests.oracle.tally import Tally

Work = Callable[[Ask], dict[str, object]]


def wish(ask: Ask) -> Wish:
    """The same question to the product."""
    return Wish(
        first_action_on=ask.first,
        today=ask.today,
        nation=Nation(ask.nation),
        channel=Channel(ask.channel),
        opens_for=ask.opens_for,
        agrees_shorter_notice=ask.agrees,
        earlier_action_notice_on=ask.earlier,
        kind=ActionKind(ask.kind),
        offices_closed=ask.offices_closed,
        school_closed=ask.school_closed,
        added_holidays=ask.added,
    )


def compare(tally: Tally, ask: Ask, law: Law, lengths: Lengths = REAL) -> Plan:
    """Plan one wish both ways and count every value; what the plan lies across is noted."""
    answer = plan(wish(ask), law)
    mine, touched = expected(ask, lengths)
    tally.compare(ask, mine, found(answer))
    tally.touch(touched)
    return answer


def expected(ask: Ask, lengths: Lengths = REAL) -> tuple[dict[str, object], tuple[str, ...]]:
    """Every value of the plan by name, and the kinds of landmark between its first day and its last."""
    from tests.oracle.cases import crossed

    desk = desk_for(ask, lengths)
    earliest = _earliest(desk, ask.today)
    first = ask.first or earliest[f"earliest_{ask.kind}"]
    assert first is not None
    days = {day.step: day for day in desk.steps(first)}
    values: dict[str, object] = {**earliest, "first_action_on": first, **_steps(days, ask.today)}
    for paper, safe in desk.by_channel(first, days["ballot_opens"].safe).items():
        values |= {f"{paper}.{channel}": day for channel, day in safe.items()}
    values |= _afterwards(ask, days, lengths) | _said(desk, first, ask.today, days)
    return values, crossed([first, *(day.safe for day in days.values())])


def _earliest(desk: Desk, today: date | None) -> dict[str, date | None]:
    if today is None:
        return dict.fromkeys(EARLIEST)
    return {
        "earliest_asos": desk.earliest(today),
        "earliest_strike": desk.earliest_in_school(today),
        "earliest_lawful": desk.earliest_by_statute(today),
    }


def _steps(days: dict[str, Day], today: date | None) -> dict[str, object]:
    values: dict[str, object] = {"steps": [step for step in IN_ORDER if step in days]}
    for step, day in days.items():
        values[f"{step}.latest_lawful"] = day.lawful
        values[f"{step}.latest_safe"] = day.safe
        values[f"{step}.margin"] = wall.PLACE[day.lawful] - wall.PLACE[day.safe]
        values[f"{step}.slack"] = None if today is None else wall.PLACE[day.safe] - wall.PLACE[today]
        values[f"{step}.safe_by"] = datetime.combine(day.safe, time(17), tzinfo=ZoneInfo("Europe/London"))
    return values


def _said(desk: Desk, first: date, today: date | None, days: dict[str, Day]) -> dict[str, object]:
    """Which steps are too late, and which of the warnings that depend on days are given."""
    ask, doors = desk.ask, desk.doors
    values: dict[str, object] = {}
    for step, day in days.items():
        if today is not None and day.safe < today:
            values[f"{step}.too_late"] = "stop" if day.lawful < today else "warn"
    voting = wall.between(days["ballot_opens"].safe, days["ballot_closes"].safe)
    sent = days["action_notice"].safe
    warned = {
        "strike_while_school_closed": ask.kind == "strike" and not doors.school(first),
        "voting_in_school_holiday": any(day in doors.school_closed for day in voting),
        "agreement_without_effect": ask.agrees and regimes.agreed_days(sent, ask.earlier) is None,
        "ballot_window_short": ask.opens_for is not None and ask.opens_for < desk.lengths.window(voting[-1]),
    }
    return values | {code: True for code, given in warned.items() if given}


WARNINGS = (
    "strike_while_school_closed",
    "voting_in_school_holiday",
    "agreement_without_effect",
    "ballot_window_short",
)


def _afterwards(ask: Ask, days: dict[str, Day], lengths: Lengths) -> dict[str, object]:
    """The mandate that would follow, and when to begin the ballot that carries the action on after it."""
    opens, closes = days["ballot_opens"].safe, days["ballot_closes"].safe
    months = regimes.mandate_months(opens)
    if months is None:
        return {"mandate.last_day": wall.last_of_weeks(closes, 4), "re_ballot": None}
    last_day = wall.last_of_months(closes, months)[0]
    again = wall.nth_day_after(last_day, 1)
    desk = desk_for(replace(ask, agrees=False), lengths)
    start_by = next(day.safe for day in desk.steps(again) if day.step == "authorise")
    return {"mandate.last_day": last_day, "re_ballot": (again, start_by)}


EARLIEST = ("earliest_asos", "earliest_strike", "earliest_lawful")


def found(answer: Plan) -> dict[str, object]:
    """The same values out of the product's plan."""
    values: dict[str, object] = {name: getattr(answer, name) for name in (*EARLIEST, "first_action_on")}
    values["steps"] = [step.step.value for step in answer.steps]
    for step in answer.steps:
        values |= _of_step(step)
    for finding in answer.findings:
        if finding.code == "plan_too_late":
            values[f"{finding.where}.too_late"] = finding.severity.value
        if finding.code in WARNINGS:
            values[finding.code] = True
    mandate, again = answer.mandate, answer.re_ballot
    values["mandate.last_day"] = None if mandate is None else mandate.last_day
    values["re_ballot"] = None if again is None else (again.continues_on, again.start_by)
    return values


def _of_step(step: Step) -> dict[str, object]:
    name = step.step.value
    values: dict[str, object] = {
        f"{name}.latest_lawful": step.latest_lawful,
        f"{name}.latest_safe": step.latest_safe,
        f"{name}.margin": step.margin_days,
        f"{name}.slack": step.slack_days,
        f"{name}.safe_by": step.safe_by,
    }
    if name in PAPERS:
        by_channel = step.by_channel or {}
        values |= {f"{name}.{channel.value}": day for channel, day in by_channel.items()}
    return values
