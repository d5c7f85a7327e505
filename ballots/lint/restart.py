"""
Continuous action that stops and starts again: a new notice, or a suspension agreed before it stopped (s. 234A(7)-(7B)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ballots.lint.brief import Brief, Employer
from ballots.lint.notified import (
    A_DAY,
    A_MINUTE,
    end_of,
    first_day,
    is_continuous,
    last_day_of,
    midnight,
    spans,
    time_in_words,
)
from ballots.lint.sources import SUSPENSION, stop, warn
from ballots.mandate import ActionKind
from ballots.pack import ActionNotice
from core.calendar import SATURDAY, in_words
from core.findings import Finding

CURE = "Give a new notice for the restart, and let its time run."


@dataclass(frozen=True, slots=True)
class Gap:
    """When action ceased, the last day it touched, when it starts again, and where in the pack that stands."""

    ceased: datetime
    last_day: date
    restarts: datetime
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
                if gap.ceased >= midnight(min(begun)) and not _may_restart(notices, gap):
                    yield _restart(employer, gap)


def _gaps(brief: Brief, employer: Employer, kind: ActionKind) -> Iterator[Gap]:
    """The gaps between the periods of one kind of action at one employer, to the minute."""
    periods = sorted(
        (action.starts, action.ends, index)
        for index, action in enumerate(brief.pack.action)
        if action.kind is kind and employer in brief.legs_of(action.employer)
    )
    reached: tuple[datetime, date] | None = None
    for starts, ends, index in periods:
        if reached is not None and starts - end_of(reached[0]) > A_MINUTE:
            yield Gap(*reached, starts, f"action[{index}].starts")
        if reached is None or ends > reached[0]:
            reached = (ends, last_day_of(starts, ends))


def _may_restart(notices: list[ActionNotice], gap: Gap) -> bool:
    return any(_notifies_anew(notice, gap.last_day, gap.restarts) or _agreed(notice, gap) for notice in notices)


def _notifies_anew(notice: ActionNotice, last_day: date, restarts: datetime) -> bool:
    """Whether a notice names the restart as a day of its own, or continuous action that begins after the last day."""
    first = first_day(notice)
    covers = any(span.starts <= restarts < span.ends for span in spans(notice))
    return covers and (not is_continuous(notice) or (first is not None and first > last_day))


def _agreed(notice: ActionNotice, gap: Gap) -> bool:
    """Whether a suspension was agreed before the action ceased, and the day to resume on has come."""
    pause = notice.suspended
    if pause is None or pause.agreed_on is None or pause.from_ is None or pause.resumes is None:
        return False
    return pause.agreed_on <= gap.last_day <= pause.from_ <= pause.resumes <= gap.restarts.date()


def _restart(employer: Employer, gap: Gap) -> Finding:
    said = (
        f"Continuous action at {employer.name} ceased at {time_in_words(gap.ceased)} and restarts at "
        f"{time_in_words(gap.restarts)} without a new notice, or an agreement, made before it ceased, that it may."
    )
    finding = stop if _has_a_weekday(end_of(gap.ceased), gap.restarts) else warn
    return finding("restart_without_notice", gap.where, (said, CURE), SUSPENSION)


def _has_a_weekday(after: datetime, before: datetime) -> bool:
    """Whether a whole day from Monday to Friday lies between two times; action over a weekend need not be listed."""
    day = midnight(after.date())
    if day < after:
        day += A_DAY
    while day + A_DAY <= before:
        if day.weekday() < SATURDAY:
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
    return any(_notifies_anew(notice, ceased_on, restarts) for notice in notices)


RULES = (after_a_gap,)
