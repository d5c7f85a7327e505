"""The end of the mandate: no moment of action after the last lawful midnight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ballots.lint.brief import Brief, Employer
from ballots.lint.notified import FOREVER, last_day_of, spans
from ballots.lint.sources import POST_OFFICE
from ballots.mandate import ActionKind, MandatePeriod, mandate_period
from ballots.pack_reading import Place
from core.findings import Finding
from core.tulrca import MANDATE

Stretch = tuple[str, str, date, date]
"""Where in the pack, the key of the last day there, the first day of action, and the last day that it touches."""


def agreements(brief: Brief) -> Iterator[Finding]:
    """A warn for an agreement to a longer mandate that has no effect, or not all of it."""
    for employer in brief.legs:
        _, found = _period(brief, employer)
        terms = Place(texts=False).key("dispute").key("employers").key(employer.name)
        where = terms.key("agrees_longer_mandate_until").path
        yield from (replace(finding, where=where, citation=MANDATE) for finding in found)


def expiry(brief: Brief) -> Iterator[Finding]:
    """A stop for action or a day notified after the mandate's end; a warn where only the stricter count ends it."""
    for employer in brief.legs:
        for kind in ActionKind:
            planned = _planned(brief, employer, kind)
            noticed = _noticed(brief, employer, kind)
            if planned or noticed:
                period, _ = _period(brief, employer)
                yield from _expired(period, planned)
                yield from _expired(period, noticed)


def _period(brief: Brief, employer: Employer) -> tuple[MandatePeriod, tuple[Finding, ...]]:
    ballot = brief.pack.ballot
    return mandate_period(ballot.opens, ballot.closes, brief.law, employer.terms.agrees_longer_mandate_until)


def _planned(brief: Brief, employer: Employer, kind: ActionKind) -> list[Stretch]:
    return [
        (f"action[{index}]", "ends", action.starts.date(), last_day_of(action.starts, action.ends))
        for index, action in enumerate(brief.pack.action)
        if action.kind is kind and employer in brief.legs_of(action.employer)
    ]


def _noticed(brief: Brief, employer: Employer, kind: ActionKind) -> list[Stretch]:
    """Each day or period of a notice; of continuous action, which names no end, the first day."""
    found: list[Stretch] = []
    for index, notice in brief.notices_to(employer, kind):
        for span in spans(notice):
            starts = span.starts.date()
            is_open = span.ends == FOREVER
            last = starts if is_open else last_day_of(span.starts, span.ends)
            found.append((f"action_notices[{index}]", "starts" if is_open else "dates", starts, last))
    return found


def _expired(period: MandatePeriod, stretches: list[Stretch]) -> Iterator[Finding]:
    """One finding for each part of the pack that goes beyond; where the law limits only the beginning, the first."""
    if period.begins_by:
        stretches = sorted(stretches, key=lambda each: each[2])[:1]
    said: set[str] = set()
    for where, key, starts, last in stretches:
        finding = period.expiry(starts if period.begins_by else last)
        if finding is None or where in said:
            continue
        said.add(where)
        if key == "ends" and (period.begins_by or starts > period.last_day):
            key = "starts"
        case = POST_OFFICE if period.begins_by else finding.case
        yield replace(finding, where=f"{where}.{key}", case=case)


RULES = (agreements, expiry)
