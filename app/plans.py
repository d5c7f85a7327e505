"""A plan as every edge gives it: one document, one name for each step, one way to write the days that are closed."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ballots.channels import Span
from ballots.mandate import ActionKind, MandatePeriod
from ballots.plan import Plan, ReBallot, Step, StepName, Wish, plan
from ballots.plan_facts import BINDING_NAMES
from ballots.plan_findings import TERMS_UNKNOWN
from core.errors import BadInput
from core.findings import Finding
from core.law import Law

KINDS: Mapping[str, str] = {ActionKind.STRIKE: "Strike", ActionKind.ASOS: "Action short of a strike"}

FORWARDS, BACKWARDS = "forwards", "backwards"

TODAY_WITHIN_DAYS = 60
"""Today is drawn when it lies within so many days of the plan's first day; from further off it squashes the rest."""

ON_THE_LINE_BEFORE = (StepName.BALLOT_CLOSES, StepName.RESULT_TO_EMPLOYERS)
"""Drawn on the line of the step before: voting is one thing, and so is the result."""
VOTING, RESULT_TOLD = "Voting", "Result told"
"""What these two lines are called."""

_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s*\.\.\s*(\d{4}-\d{2}-\d{2}))?", re.ASCII)
SPAN_WANTED = "a span such as 2026-12-21..2027-01-04, or one day"


def planned(wish: Wish, law: Law, *, terms_given: bool = False) -> dict[str, Any]:
    """The document of a plan, the same from the command line and from the API; as `document`."""
    return document(wish, plan(wish, law), terms_given=terms_given)


def findings_of(wish: Wish, outcome: Plan, *, terms_given: bool = False) -> tuple[Finding, ...]:
    """What the planner found, and that no school terms were given where the plan had none to go by."""
    unknown = outcome.steps and not wish.school_closed and not terms_given
    return (*outcome.findings, *([TERMS_UNKNOWN] if unknown else []))


def document(wish: Wish, outcome: Plan, *, terms_given: bool = False) -> dict[str, Any]:
    """
    Every key is always there; null, or an object of nulls, where nothing is known.

    `terms_given`: term dates were given, even if they leave no day of holiday between them.
    """
    return {
        "direction": FORWARDS if wish.first_action_on is None else BACKWARDS,
        "channel": wish.channel,
        "kind": wish.kind,
        "nation": wish.nation,
        "today": wish.today,
        "first_action": outcome.first_action_on,
        "steps": outcome.steps,
        "earliest": {"asos": outcome.earliest_asos, "strike": outcome.earliest_strike},
        "earliest_lawful": dict.fromkeys(("asos", "strike"), outcome.earliest_lawful),
        "mandate": outcome.mandate or dict.fromkeys(MandatePeriod.__dataclass_fields__),
        "re_ballot": outcome.re_ballot or dict.fromkeys(ReBallot.__dataclass_fields__),
        "findings": findings_of(wish, outcome, terms_given=terms_given),
    }


def spans_in(field: str, texts: Iterable[str]) -> tuple[Span, ...]:
    """Spans of days written `2026-12-21..2027-01-04`, or `2026-12-21` for one day. `BadInput` for anything else."""
    return tuple(_span(field, text) for text in texts if text.strip())


def _span(field: str, text: str) -> Span:
    written = _SPAN.fullmatch(text.strip())
    if written is None:
        raise BadInput(field=field, found=text, wanted=SPAN_WANTED)
    try:
        first, last = (date.fromisoformat(day) for day in (written[1], written[2] or written[1]))
    except ValueError:
        raise BadInput(field=field, found=text, wanted=SPAN_WANTED) from None
    return first, last


def fixed_by(step: Step) -> str:
    """What fixes the safe day of a step, for people: `days of notice, time to arrive`."""
    return ", ".join(BINDING_NAMES[each] for each in step.binding)


def today_if_near(today: date | None, first_on: date) -> date | None:
    """Today, where it is near enough to the first day of a plan to be drawn with it."""
    return today if today is not None and abs((first_on - today).days) <= TODAY_WITHIN_DAYS else None


def short_day(day: date) -> str:
    """A day for a table: `Wed 6 Jan 2027`."""
    return f"{calendar.day_abbr[day.weekday()]} {day.day} {calendar.month_abbr[day.month]} {day.year}"
