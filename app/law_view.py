"""
What the page of the law, the API and `mandate law check` show: each value in use, how fresh it is, and who waits.

A page may name whoever read the law: that is what a check is for.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.law_differences import differences
from app.law_words import dated, shown
from ballots.law_handlers import Outcome
from ballots.law_relied_on import resting_on
from ballots.retiming import Effect
from casework.cases import Case
from casework.register.models import Officer
from core.law import Certainty, Law, LegalValue, Parameter
from core.law_changes import planned_changes
from core.law_findings import FRESH_DAYS, confirm_command
from core.law_records import (
    ExtraHoliday,
    LawCheck,
    LawCommencement,
    LawRecord,
    identity,
    standing_checks,
    standing_commencements,
    standing_holidays,
)
from core.unit_of_work import UnitOfWork

Document = dict[str, Any]
NOBODY: tuple[Case, ...] = ()


def files_document(law: Law, today: date) -> Document:
    """How fresh the files alone are, for a machine without a database."""
    in_use = [value for parameter in law.parameters() for value in parameter.values if value.covers(today)]
    return _document(law, today, in_use, {}, {}) | {"files_only": True, "records": []}


def standing_document(uow: UnitOfWork) -> Document:
    """How fresh every value in use is, which live cases rest on it, and what was recorded of the law."""
    cases: defaultdict[str, dict[uuid.UUID, Case]] = defaultdict(dict)
    in_use: dict[str, LegalValue] = {}
    for parameter in uow.law.parameters():
        in_use |= {identity(value): value for value in parameter.values if value.covers(uow.today)}
    for case, values in resting_on(uow):
        for value in values:
            in_use[identity(value)] = value
            cases[identity(value)][case.id] = case
    checks: dict[str, LawCheck] = {}
    for row in standing_checks(uow.session):
        checks.setdefault(row.value_sha256, row)
    ordered = sorted(in_use.values(), key=lambda value: (value.parameter, value.from_ or date.min, value.nations))
    waiting = {key: tuple(sorted(found.values(), key=lambda case: case.ref)) for key, found in cases.items()}
    return _document(uow.law, uow.today, ordered, waiting, checks, uow) | {
        "files_only": False,
        "unfit": [row.change for row in standing_commencements(uow.session) if not _fits(uow.law, row)],
        "records": records(uow),
    }


def _document(
    law: Law,
    today: date,
    in_use: Sequence[LegalValue],
    cases: Mapping[str, Sequence[Case]],
    checks: Mapping[str, LawCheck],
    uow: UnitOfWork | None = None,
) -> Document:
    values = [
        _value(value, today, law, cases.get(identity(value), NOBODY), checks.get(identity(value)), uow)
        for value in in_use
    ]
    blocked: defaultdict[str, list[str]] = defaultdict(list)
    for value in values:
        for ref in value["cases"] if value["stale"] else ():
            blocked[ref].append(value["parameter"])
    return {
        "today": today,
        "fresh_days": FRESH_DAYS,
        "values": values,
        "stale": sorted({value["parameter"] for value in values if value["stale"]}),
        "unconfirmed": sorted({v["parameter"] for v in values if v["certainty"] == Certainty.UNCONFIRMED}),
        "planned": planned_document(law, today),
        "unfit": [],
        "blocked": [{"case": ref, "parameters": sorted(set(names))} for ref, names in sorted(blocked.items())],
    }


def _value(
    value: LegalValue, today: date, law: Law, cases: Sequence[Case], check: LawCheck | None, uow: UnitOfWork | None
) -> Document:
    recorded = check if check is not None and check.checked_on >= value.last_checked else None
    return {
        "parameter": value.parameter,
        "label": law.parameter(value.parameter).label,
        "unit": value.unit,
        "keyed_on": value.keyed_on,
        **dated(value),
        "checked_by": person(uow, recorded.checked_by) if recorded and uow else None,
        "days": (today - value.last_checked).days,
        "stale": value.is_stale(today, FRESH_DAYS),
        "confirm": confirm_command(value),
        "cases": [case.ref for case in cases],
    }


def planned_document(law: Law, today: date) -> list[Document]:
    """Every planned change with what it would make of each parameter."""
    return [
        {
            "change": name,
            "expected": next((value.expected for value in values if value.expected), None),
            "note": next((value.note for value in values if value.note), None),
            "citation": values[0].citation,
            "last_checked": min(value.last_checked for value in values),
            "stale": any(value.is_stale(today, FRESH_DAYS) for value in values),
            "values": [{"parameter": value.parameter, **dated(value)} for value in values],
        }
        for name, values in planned_changes(law).items()
    ]


def _fits(law: Law, row: LawCommencement) -> bool:
    """Whether a recorded commencement is in the law as it stands: files that took it over no longer plan it."""
    return any(value.change == row.change for parameter in law.parameters() for value in parameter.values)


def person(uow: UnitOfWork, by: str) -> str:
    """Who read or recorded something, by name: an officer's is looked up."""
    kind, _, key = by.partition(":")
    if kind != "officer":
        return by
    officer = uow.session.get(Officer, uuid.UUID(key))
    return f"{officer.name}, officer" if officer else "an officer who is gone"


def records(uow: UnitOfWork) -> list[Document]:
    """What people recorded of the law and nobody withdrew, the latest first."""
    rows: list[LawRecord] = [
        *standing_checks(uow.session),
        *standing_commencements(uow.session),
        *standing_holidays(uow.session),
    ]
    return [record(uow, row) for row in sorted(rows, key=lambda row: (row.recorded_at, str(row.id)), reverse=True)]


def record(uow: UnitOfWork, row: LawRecord) -> Document:
    """One record in words."""
    told = {"id": row.id, "source": row.source, "note": row.note, "withdraws": row.withdraws_id}
    if isinstance(row, LawCheck):
        what = f"{row.parameter}{f' from {row.from_on}' if row.from_on else ', planned'}: read again"
        return {**told, "kind": "check", "what": what, "on": row.checked_on, "by": person(uow, row.checked_by)}
    if isinstance(row, LawCommencement):
        what = f"{row.change} in force from {row.in_force_on} by {row.instrument}"
        return {
            **told,
            "kind": "commencement",
            "what": what,
            "on": row.confirmed_on,
            "by": person(uow, row.confirmed_by),
        }
    assert isinstance(row, ExtraHoliday)
    what = f"{row.name}, {row.day}: bank holiday in {row.nation}"
    return {**told, "kind": "holiday", "what": what, "on": row.added_on, "by": person(uow, row.added_by)}


def outcome_document(uow: UnitOfWork, act: str, outcome: Outcome, *, saved: bool) -> Document:
    """What an act of the law did, or would do if it were saved."""
    return {
        "act": act,
        "saved": saved and outcome.new,
        "new": outcome.new,
        "records": [_recorded(uow, row, kept=saved or not outcome.new) for row in outcome.records],
        "parameters": differences(*outcome.laws) if outcome.laws else [],
        **effect_document(outcome.effect, outcome.told),
        "freed": [uow.session.get_one(Case, each).ref for each in outcome.freed],
        "findings": outcome.findings,
    }


def _recorded(uow: UnitOfWork, row: LawRecord, *, kept: bool) -> Document:
    """A record in words; its id only where it is kept, for one that is thrown away will never be found by it."""
    return record(uow, row) if kept else record(uow, row) | {"id": None}


def effect_document(effect: Effect, told: Mapping[uuid.UUID, str | None]) -> Document:
    """Everything a change moves, with who hears of it: None where a case has no officer."""
    return {
        "moves": [
            {
                "case": move.deadline.case.ref,
                "kind": move.deadline.kind.value,
                "label": move.label,
                "from": move.was_on,
                "to": move.due_on,
                "rule": move.why.rule,
                "arithmetic": move.why.arithmetic,
                "citation": str(move.why.citation),
                "told": told.get(move.deadline.id),
            }
            for move in effect.moves
        ],
        "mandates": [
            {
                "ballot": move.mandate.ballot.ref,
                "kind": move.mandate.kind.value,
                "from": move.mandate.last_day,
                "to": move.last_day,
            }
            for move in effect.mandates
        ],
        "values": [
            {
                "subject": change.subject,
                "cases": change.cases,
                "parameter": change.was.parameter,
                "from": shown(change.was),
                "to": shown(change.now),
                "citation": str(change.now.citation),
            }
            for change in effect.values
        ],
    }


def history_of(parameter: Parameter) -> list[Document]:
    """What is planned of a parameter, then every value it has had, the newest first."""
    return [dated(value) for value in (*parameter.planned, *reversed(parameter.values))]
