"""
Action within a mandate: what keeps it from being authorised, notified and taken.

A mandate names the kind of action, the workplaces and the days; nothing outside them can be called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ballots.mandate import ActionKind, Mandate, expiry
from core.calendar import in_days, in_words
from core.findings import Finding, Severity
from core.tulrca import ACTION_NOTICE_WINDOW, ACTION_NOTIFIED, BALLOTED, TRADE_DISPUTE, WHO_EMPLOYS


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """Action as it is meant: kind, workplace, its employer now, and its days (of a continuous action the first)."""

    kind: ActionKind
    workplace_id: UUID
    employer_id: UUID
    days: Sequence[date]
    instructions: Sequence[int] = ()


def issues_before_authorising(
    action: PlannedAction, mandate: Mandate | None, *, dispute_settled: bool
) -> tuple[Finding, ...]:
    """Everything that keeps action from being authorised; a mandate that covers it is the first thing wanted."""
    found: list[Finding] = []
    if mandate is None or mandate.kind is not action.kind or action.workplace_id not in mandate.workplace_ids:
        found.append(_not_balloted(action.kind))
    else:
        if action.employer_id != mandate.employer_id:
            found.append(_employer_changed())
        late = (
            expiry(day, mandate.last_day, mandate.last_day_lenient, begins_by=mandate.begins_by) for day in action.days
        )
        found += [finding for finding in late if finding]
    if not action.days:
        found.append(_dates_missing())
    if action.kind is ActionKind.ASOS and not action.instructions:
        found.append(_instructions_missing())
    if dispute_settled:
        found.append(_settled())
    return tuple(found)


def _not_balloted(kind: ActionKind) -> Finding:
    return Finding(
        "action_kind_not_balloted",
        Severity.STOP,
        f"No mandate of this workplace covers {_WORDS[kind]}.",
        "Ballot this workplace on that kind of action; a mandate of another kind or place does not count.",
        BALLOTED,
    )


_WORDS = {ActionKind.STRIKE: "a strike", ActionKind.ASOS: "action short of a strike"}


def _employer_changed() -> Finding:
    return Finding(
        "employer_wrong",
        Severity.STOP,
        "The workplace has another employer than the one that was given notice of the ballot and told its result.",
        "Correct the register if it is wrong; otherwise ballot with notice to the employer of now.",
        WHO_EMPLOYS,
    )


def _dates_missing() -> Finding:
    return Finding(
        "action_notice_dates_missing",
        Severity.STOP,
        "No day of action is named.",
        "Name each day of a strike, or the first day of continuous action.",
        ACTION_NOTIFIED,
    )


def _instructions_missing() -> Finding:
    return Finding(
        "instructions_missing",
        Severity.STOP,
        "Action short of a strike is authorised by instructions, and none is named.",
        "Name at least one of the instructions.",
        ACTION_NOTIFIED,
    )


def _settled() -> Finding:
    return Finding(
        "dispute_settled",
        Severity.STOP,
        "The case is in no dispute any more: there is nothing left to act over.",
        "Declare a dispute and ballot again, if there is one.",
        TRADE_DISPUTE,
    )


def result_unproved() -> Finding:
    """A stop: nothing shows that the employer was told the result, so no notice of action can follow."""
    return Finding(
        "action_notice_before_result_told",
        Severity.STOP,
        "There is no proof that this employer was told the result of the ballot.",
        "Tell the employer the result and record its receipt; the notice of action may follow the same day.",
        ACTION_NOTICE_WINDOW,
    )


def notice_unproved() -> Finding:
    """A stop: action was notified, and the proof that its notice was received is gone."""
    return Finding(
        "action_notice_unproved",
        Severity.STOP,
        "Nothing proves any more that the employer received the notice of this action.",
        "Record how and when the notice arrived; if it did not arrive in time, call nobody to this action.",
        ACTION_NOTIFIED,
    )


def too_late(first_day: date, latest_receipt: date, on: date) -> Finding:
    """A stop: notice received on a day cannot be in time for a first day of action."""
    return Finding(
        "action_notice_late",
        Severity.STOP,
        f"For action on {in_words(first_day)} the employer must have the notice by {in_words(latest_receipt)}; "
        f"{in_words(on)} is {in_days((on - latest_receipt).days)} too late.",
        "Name later days and give a new notice for them.",
        ACTION_NOTIFIED,
    )
