"""
Continuous action that stops and starts again: a new notice, or a suspension agreed before it stopped (s. 234A(7)-(7B)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from ballots.lint.brief import Brief, Employer
from ballots.lint.notified import (
    A_DAY,
    A_MINUTE,
    end_of,
    first_day,
    first_uncovered,
    is_continuous,
    last_day_of,
    midnight,
    spans,
    time_in_words,
)
from ballots.lint.sources import stop, warn
from ballots.mandate import ActionKind
from ballots.pack import ActionNotice
from core.calendar import in_words, is_working_day
from core.findings import Finding
from core.tulrca import SUSPENSION

CURE = "Give a new notice for the restart, and let its time run."


@dataclass(frozen=True, slots=True)
class Gap:
    """When action ceased, the last day it touched, from when to when it goes on again, and where in the pack."""

    ceased: datetime
    last_day: date
    restarts: datetime
    until: datetime
    where: str


def after_a_gap(brief: Brief) -> Iterator[Finding]:
    """A stop for continuous action that ceased and restarts without a new notice or an agreed suspension."""
    for employer in brief.legs:
        for kind in ActionKind:
            notices = [notice for _, notice in brief.notices_to(employer, kind)]
            begun = [notice.starts for notice in notices if is_continuous(notice) and notice.starts]
            if not begun:
                continue
            for gap in _gaps(brief, employer, kind):
                if gap.ceased >= midnight(min(begun)):
                    yield from _unlawful(brief, employer, notices, gap)


def _gaps(brief: Brief, employer: Employer, kind: ActionKind) -> Iterator[Gap]:
    """The gaps between the periods of one kind of action at one employer, to the minute."""
    periods = sorted(
        (action.starts, action.ends, index)
        for index, action in enumerate(brief.pack.action)
        if action.kind is kind and employer in brief.legs_of(action.employer)
    )
    found: list[Gap] = []
    reached: tuple[datetime, date] | None = None
    for starts, ends, index in periods:
        if reached is not None and starts - end_of(reached[0]) > A_MINUTE:
            found.append(Gap(*reached, starts, ends, f"action[{index}].starts"))
        elif found and ends > found[-1].until:
            found[-1] = replace(found[-1], until=ends)
        if reached is None or ends > reached[0]:
            reached = (ends, last_day_of(starts, ends))
    yield from found


def _unlawful(brief: Brief, employer: Employer, notices: list[ActionNotice], gap: Gap) -> Iterator[Finding]:
    """
    A finding for action that goes on without a new notice of all of it, nor an agreement: a notice of continuous action
    covers nothing once that action has ceased.
    """
    if any(_agreed(brief, notice, gap) for notice in notices):
        return
    covered = [span for notice in notices if _is_of_later(notice, gap.last_day) for span in spans(notice)]
    outside = first_uncovered(gap.restarts, gap.until, covered)
    if outside is None:
        return
    is_stop = outside > gap.restarts or _has_a_working_day(brief, end_of(gap.ceased), gap.restarts)
    yield _restart(employer, gap, outside, is_stop=is_stop)


def _is_of_later(notice: ActionNotice, last_day: date) -> bool:
    """Whether a notice names days of its own, or continuous action that begins after a day."""
    first = first_day(notice)
    return not is_continuous(notice) or (first is not None and first > last_day)


def _agreed(brief: Brief, notice: ActionNotice, gap: Gap) -> bool:
    """Whether the action ceased with a suspension agreed before, and the day to resume on has come."""
    pause = notice.suspended
    if pause is None or pause.agreed_on is None or pause.from_ is None or pause.resumes is None:
        return False
    if not pause.agreed_on <= gap.last_day <= pause.from_ <= pause.resumes <= gap.restarts.date():
        return False
    return not _has_a_working_day(brief, end_of(gap.ceased), midnight(pause.from_))


def _restart(employer: Employer, gap: Gap, outside: datetime, *, is_stop: bool) -> Finding:
    said = (
        f"Continuous action at {employer.name} ceased at {time_in_words(gap.ceased)} and restarts at "
        f"{time_in_words(gap.restarts)} without a new notice, or an agreement, made before it ceased, that it may."
    )
    if outside > gap.restarts:
        said = (
            f"Continuous action at {employer.name} ceased at {time_in_words(gap.ceased)}. From "
            f"{time_in_words(outside)} the action that followed is in no notice given for it; the notice of the action "
            "that ceased covers it no more."
        )
    finding = stop if is_stop else warn
    return finding("restart_without_notice", gap.where, (said, CURE), SUSPENSION)


def _has_a_working_day(brief: Brief, after: datetime, before: datetime) -> bool:
    """Whether a whole working day of the nation lies between two times; action on other days need not be listed."""
    nation = brief.pack.dispute.nation
    day = midnight(after.date())
    if day < after:
        day += A_DAY
    while day + A_DAY <= before:
        if is_working_day(day.date(), nation, brief.added_holidays):
            return True
        day += A_DAY
    return False


def agreed_too_late(brief: Brief, index: int) -> Iterator[Finding]:
    """A finding for a suspension that was agreed after it began: a stop once action is planned under it again."""
    notice, where = brief.pack.action_notices[index], f"action_notices[{index}].suspended"
    pause, employer = notice.suspended, brief.employer(notice.employer)
    if pause is None or employer is None or pause.from_ is None:
        return
    if pause.agreed_on is not None and pause.agreed_on <= pause.from_:
        return
    again = [
        action.starts
        for action in brief.pack.action
        if notice.kind in (None, action.kind)
        and employer in brief.legs_of(action.employer)
        and action.starts.date() >= pause.from_
    ]
    if again and notice.kind and _is_new(brief, employer, notice.kind, pause.from_, min(again)):
        return
    agreed = f"on {in_words(pause.agreed_on)}" if pause.agreed_on else "on no day that is given"
    said = f"The suspension from {in_words(pause.from_)} was agreed {agreed}, not before the action ceased."
    finding = stop if again else warn
    yield finding("restart_without_notice", f"{where}.agreed_on", (said, CURE), SUSPENSION)


def _is_new(brief: Brief, employer: Employer, kind: ActionKind, ceased_on: date, restarts: datetime) -> bool:
    notices = [notice for _, notice in brief.notices_to(employer, kind)]
    later = [notice for notice in notices if _is_of_later(notice, ceased_on)]
    return any(span.starts <= restarts < span.ends for notice in later for span in spans(notice))


RULES = (after_a_gap,)
