"""
Action that ceased: whether it may go on under the notice it had, or wants a new one (s. 234A(7)-(7B)).

A notice of continuous action covers nothing once that action ceased to be authorised, but for two ways: it ceased so
that the union could comply with a court's order or its own undertaking to a court; or before it ceased union and
employer agreed that it stops on a day and may resume on another. A notice of named days covers those days only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ballots.mandate import Pattern
from core.calendar import in_words
from core.findings import Finding, Severity
from core.tulrca import ACTION_NOTICE_PATTERN, COURT_ORDER, MANDATE, REPUDIABLE, REPUDIATION, SUSPENSION

NEW_NOTICE = "Authorise the action again: the employer is given a new notice, whose whole time runs."


class Ceased(StrEnum):
    """Why action ceased."""

    COURT_ORDER = "court_order"
    AGREEMENT = "agreement"
    UNIONS_OWN_WILL = "unions_own_will"


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension that union and employer agreed: no action from `suspends_on` to the day before `resumes_on`."""

    agreed_on: date
    suspends_on: date
    resumes_on: date


def outside(pauses: Iterable[Pause], day: date) -> date:
    """The day itself, or where agreed suspensions run on it, the day on which the last of them is over."""
    for pause in sorted(pauses, key=lambda each: (each.suspends_on, each.resumes_on)):
        if pause.suspends_on <= day < pause.resumes_on:
            day = pause.resumes_on
    return day


def against_restart(ceased: Ceased, pattern: Pattern, restarts_on: date, last_day: date) -> tuple[Finding, ...]:
    """What stands against action that ceased going on from a day under its notice; `last_day` is the mandate's."""
    found = []
    if pattern is not Pattern.CONTINUOUS:
        found.append(_named_days_gone())
    elif ceased is Ceased.UNIONS_OWN_WILL:
        found.append(_ceased_by_itself())
    if restarts_on > last_day:
        found.append(_after_mandate(restarts_on, last_day))
    return tuple(found)


def against_suspension(pause: Pause, pattern: Pattern, starts_on: date, last_day: date) -> tuple[Finding, ...]:
    """What stands against an agreed suspension letting the action resume without a new notice."""
    found = []
    if pattern is not Pattern.CONTINUOUS:
        found.append(_only_continuous())
    if pause.agreed_on >= pause.suspends_on:
        found.append(_agreed_too_late(pause))
    if pause.suspends_on <= starts_on:
        found.append(_before_it_began(pause.suspends_on, starts_on))
    if pause.resumes_on <= pause.suspends_on:
        found.append(_no_pause(pause))
    if pause.resumes_on > last_day:
        found.append(_after_mandate(pause.resumes_on, last_day))
    return tuple(found)


def not_made_yet(agreed_on: date, today: date) -> tuple[Finding, ...]:
    """A stop for an agreement of a day that has not come: nobody has agreed on anything."""
    if agreed_on <= today:
        return ()
    said = f"The agreement is of {in_words(agreed_on)}, which has not come."
    return (Finding("agreement_to_come", Severity.STOP, said, "Record it once it is made.", SUSPENSION),)


def against_telling_now(pause: Pause, resumed_on: date | None, today: date) -> tuple[Finding, ...]:
    """
    What stands against telling of a suspension today: its first day is over, or lies before the day on which an earlier
    one ended.
    """
    found = []
    if pause.suspends_on < today:
        said = f"Nobody can be told any more that the action stops on {in_words(pause.suspends_on)}, which is over."
        wanted = "Name the first day on which people can still stop."
        found.append(Finding("suspension_over", Severity.STOP, said, wanted, SUSPENSION))
    if resumed_on is not None and pause.suspends_on < resumed_on:
        said = (
            f"An earlier suspension ran to {in_words(resumed_on)}; another from {in_words(pause.suspends_on)} would "
            "lie across it."
        )
        wanted = "Name that day or a later one as the first without action."
        found.append(Finding("suspensions_overlap", Severity.STOP, said, wanted, SUSPENSION))
    return tuple(found)


def against_extension(pause: Pause, agreed_on: date, resumes_on: date, last_day: date) -> tuple[Finding, ...]:
    """What stands against putting the day of resumption off, by a further agreement of a day."""
    found = []
    if agreed_on > pause.resumes_on:
        found.append(_extended_too_late(agreed_on, pause.resumes_on))
    if resumes_on <= pause.resumes_on:
        found.append(_not_later(resumes_on, pause.resumes_on))
    if resumes_on > last_day:
        found.append(_after_mandate(resumes_on, last_day))
    return tuple(found)


def new_days_want_a_notice() -> Finding:
    """A stop: a notice that was given can lose days, never gain or move one."""
    return Finding(
        "new_dates_want_notice",
        Severity.STOP,
        "A notice of action that was given cannot be varied to name other days: a day that it does not name is not "
        "notified.",
        "Call off the days that fall away, and authorise the new ones: the employer is given a new notice of them, "
        "whose whole time runs.",
        ACTION_NOTICE_PATTERN,
    )


def repudiated_late(known_on: date, on: date) -> tuple[Finding, ...]:
    """A warn where a call was repudiated on a later day than it came to the knowledge of those who may repudiate."""
    if on <= known_on:
        return ()
    said = (
        f"The call came to knowledge on {in_words(known_on)} and is repudiated on {in_words(on)}; it has to be as soon "
        "as reasonably practicable."
    )
    return (Finding("repudiated_late", Severity.WARN, said, "Note why it could not be done before.", REPUDIATION),)


def not_repudiable() -> Finding:
    """A stop: what the union itself called cannot be repudiated."""
    return Finding(
        "own_call_not_repudiable",
        Severity.STOP,
        "Only a call by a committee or an official other than the executive, the president and the general secretary "
        "can be repudiated; what these called, or whoever the rules empower, is the union's own act.",
        "Stand the action down, or withdraw its notice.",
        REPUDIABLE,
    )


def _named_days_gone() -> Finding:
    return Finding(
        "restart_without_notice",
        Severity.STOP,
        "The notice named days, which were called off; it covers no other day.",
        NEW_NOTICE,
        ACTION_NOTICE_PATTERN,
    )


def _ceased_by_itself() -> Finding:
    return Finding(
        "restart_without_notice",
        Severity.STOP,
        "The action ceased by the union's own decision, neither to comply with a court's order nor by an agreement "
        "with the employer that it may resume; the notice of it covers nothing any more.",
        NEW_NOTICE,
        COURT_ORDER,
    )


def _only_continuous() -> Finding:
    return Finding(
        "suspension_of_named_days",
        Severity.STOP,
        "Only continuous action can be suspended and resumed by agreement; this action is of named days.",
        "Call off the days that fall away; other days want a new notice.",
        SUSPENSION,
    )


def _agreed_too_late(pause: Pause) -> Finding:
    said = (
        f"The suspension from {in_words(pause.suspends_on)} was agreed on {in_words(pause.agreed_on)}, not before the "
        "action ceased."
    )
    return Finding("restart_without_notice", Severity.STOP, said, NEW_NOTICE, SUSPENSION)


def _before_it_began(suspends_on: date, starts_on: date) -> Finding:
    said = f"The action begins on {in_words(starts_on)}; it cannot be suspended from {in_words(suspends_on)}."
    return Finding("suspension_before_action", Severity.STOP, said, "Name a day of the action.", SUSPENSION)


def _no_pause(pause: Pause) -> Finding:
    said = f"The action would resume on {in_words(pause.resumes_on)}, not after the day on which it stops."
    return Finding("suspension_without_length", Severity.STOP, said, "Name a later day of resumption.", SUSPENSION)


def _after_mandate(day: date, last_day: date) -> Finding:
    said = f"The mandate ends on {in_words(last_day)}; there can be no action on {in_words(day)}."
    return Finding("mandate_expired", Severity.STOP, said, "Name a day within the mandate, or ballot again.", MANDATE)


def _extended_too_late(agreed_on: date, resumes_on: date) -> Finding:
    said = (
        f"The suspension ran to {in_words(resumes_on)} and was extended on {in_words(agreed_on)}, when the action had "
        "been free to resume."
    )
    return Finding("extended_too_late", Severity.STOP, said, NEW_NOTICE, SUSPENSION)


def _not_later(resumes_on: date, before: date) -> Finding:
    said = f"An extension puts the day of resumption off; {in_words(resumes_on)} is not after {in_words(before)}."
    return Finding("suspension_without_length", Severity.STOP, said, "Name a later day of resumption.", SUSPENSION)
