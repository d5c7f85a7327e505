"""
Use cases of the law itself: a value read again, a change commenced, a bank holiday added, a record withdrawn.

Each records who read what, and re-times in the same transaction whatever that moves. Done a second time it changes
nothing. To see first and save nothing, run it in a transaction that is thrown away.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select

from ballots import law_reading
from ballots.law_relied_on import stale_cases
from ballots.retiming import OF_PAPERS, Effect, Move, due_moves, effect
from casework import handlers, parties
from casework.deadlines import Deadline, beside, reckon_levels_again, set_among
from casework.register.models import Officer
from core import history
from core.calendar import bank_holidays
from core.db import lock_for_append, new_id
from core.errors import BadInput, Conflict, NotFound
from core.findings import Finding
from core.law import Law, LegalValue
from core.law_changes import assumed, planned_changes
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
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.messages import Message

LAW_LOCK = 0x4C415721
CHECKED, COMMENCED = "law:value:checked", "law:change:commenced"
HOLIDAY_ADDED, WITHDRAWN = "law:holiday:added", "law:record:withdrawn"
MOVED, MANDATE_MOVED = "deadline:law:moved", "mandate:law:moved"
NOTHING = Effect((), (), ())


@dataclass(frozen=True, slots=True)
class Reader:
    """Who read which source: `by` is `officer:<id>` or a name with a role, `source` an address or what was read."""

    by: str
    source: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Which:
    """Which values of a parameter: those in force, the one from a day, or the planned ones; of one nation or of all."""

    from_on: date | None = None
    nation: Nation | None = None
    planned: bool = False


EVERY_IN_FORCE = Which()


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What a use case did: whether it recorded anything, the records, what moved, whose officer was told by the id of the
    deadline, the law before and after, what to think of, and which cases it set free.
    """

    new: bool
    records: tuple[LawRecord, ...] = ()
    effect: Effect = NOTHING
    told: Mapping[uuid.UUID, str | None] = field(default_factory=dict)
    laws: tuple[Law, Law] | None = None
    findings: tuple[Finding, ...] = ()
    freed: tuple[uuid.UUID, ...] = ()


def confirm(
    uow: UnitOfWork,
    parameters: Sequence[str],
    reader: Reader,
    *,
    which: Which = EVERY_IN_FORCE,
) -> Outcome:
    """Record that somebody read the source of some values again today. What waited for it goes on."""
    _begin(uow, reader)
    values = [value for name in parameters for value in _values_named(uow, name, which)]
    rows_known = standing_checks(uow.session)
    known = {(row.value_sha256, row.checked_on, row.checked_by, row.source, row.note) for row in rows_known}
    wanted = [v for v in values if (identity(v), uow.today, reader.by, reader.source, reader.note) not in known]
    waiting = stale_cases(uow)
    rows = tuple(_check(uow, value, reader) for value in wanted)
    uow.session.add_all(rows)
    for row in rows:
        facts = {"parameter": row.parameter, "from": row.from_on, "value_sha256": row.value_sha256}
        history.record(uow, CHECKED, f"law-check:{row.id}", facts)
    uow.renew_law()
    freed = tuple(sorted(set(waiting) - set(stale_cases(uow))))
    for case_id in freed:
        handlers.look_at(uow, case_id)
    return Outcome(bool(rows), rows, freed=freed)


def commence(uow: UnitOfWork, change: str, on: date, instrument: str, reader: Reader) -> Outcome:
    """
    Record that a planned change is in force from a day by an instrument, and re-time what that moves.

    `BadInput` for a change that is not planned, for a day before somebody looked and it was not in force, and for an
    instrument that cannot be; `Conflict` when it was recorded otherwise before. A day in the past is recorded with a
    warn: the commencement may have been overlooked.
    """
    _begin(uow, reader)
    standing = next((row for row in standing_commencements(uow.session) if row.change == change), None)
    if standing is not None:
        if (standing.in_force_on, standing.instrument) == (on, instrument):
            return Outcome(new=False, records=(standing,))
        raise Conflict(
            f"{change} is recorded as in force from {standing.in_force_on} by {standing.instrument}. Withdraw that "
            f"first: mandate law withdraw {standing.id}."
        )
    planned = planned_changes(uow.law)
    if change not in planned:
        raise BadInput(
            field="change", found=change, wanted=f"a planned change: {', '.join(planned) or 'there is none'}"
        )
    assumed(uow.law, {change: on}, field="from")
    law_reading.require_commencement_day(on, planned[change], uow.today)
    law_reading.require_instrument(instrument, planned[change], on, uow.today)
    row = LawCommencement(
        id=new_id(),
        change=change,
        in_force_on=on,
        instrument=instrument,
        confirmed_on=uow.today,
        confirmed_by=reader.by,
        **_common(uow, reader),
    )
    facts = {"change": change, "from": on, "instrument": instrument}
    done = _recorded(uow, [row], COMMENCED, f"law-commencement:{row.id}", facts, f"{change}, by {instrument}")
    return replace(done, findings=law_reading.commenced_in_the_past(on, uow.today))


def add_holiday(uow: UnitOfWork, day: date, nations: Sequence[Nation], name: str, reader: Reader) -> Outcome:
    """
    Record a bank holiday of one or more nations, and re-time what is set in working days.

    `Conflict` for a day that was recorded under another name before.
    """
    _begin(uow, reader)
    law_reading.require_name(name)
    known = {(row.day, row.nation): row for row in standing_holidays(uow.session)}
    wanted = [nation for nation in dict.fromkeys(nations) if (day, nation.value) not in known]
    for nation in nations:
        standing = known.get((day, nation.value))
        if standing is not None and standing.name != name:
            raise Conflict(
                f"{day.isoformat()} is recorded as {standing.name} already; nothing was recorded. Withdraw that first: "
                f"mandate law withdraw {standing.id}."
            )
    law_reading.require_holiday(day, wanted, uow.today)
    for nation in wanted:
        if day in bank_holidays(nation, day.year):
            found, wanted_day = day.isoformat(), f"a day that is not a bank holiday in {nation} anyway"
            raise BadInput(field="day", found=found, wanted=wanted_day)
    rows = [_holiday(uow, day, nation, name, reader) for nation in wanted]
    if not rows:
        return Outcome(new=False, records=tuple(row for key, row in known.items() if key[0] == day))
    facts = {"day": day, "nations": wanted}
    done = _recorded(uow, rows, HOLIDAY_ADDED, f"law-holiday:{rows[0].id}", facts, f"the bank holiday {name}")
    return replace(done, findings=law_reading.holiday_of_a_weekend(day))


def _holiday(uow: UnitOfWork, day: date, nation: Nation, name: str, reader: Reader) -> ExtraHoliday:
    return ExtraHoliday(
        id=new_id(),
        nation=nation.value,
        day=day,
        name=name,
        added_on=uow.today,
        added_by=reader.by,
        **_common(uow, reader),
    )


def withdraw(uow: UnitOfWork, record_id: uuid.UUID, reader: Reader) -> Outcome:
    """Undo a record by another one: what it moved moves back. `NotFound` for an id that is no record's."""
    _begin(uow, reader)
    row = _record(uow, record_id)
    if row is None or row.withdraws_id is not None:
        raise NotFound("record of the law with the id", record_id)
    kind: type[LawRecord] = type(row)
    undone = uow.session.scalars(select(kind).where(kind.withdraws_id == record_id)).first()
    if undone is not None:
        return Outcome(new=False, records=(undone,))
    facts: dict[str, object] = {"withdraws": record_id}
    undoing = _undoing(uow, row, reader)
    return _recorded(uow, [undoing], WITHDRAWN, f"law-record:{record_id}", facts, "a record of the law was withdrawn")


def _record(uow: UnitOfWork, record_id: uuid.UUID) -> LawRecord | None:
    """The record with an id, whichever kind it is of."""
    return (
        uow.session.get(LawCheck, record_id)
        or uow.session.get(LawCommencement, record_id)
        or uow.session.get(ExtraHoliday, record_id)
    )


def _undoing(uow: UnitOfWork, row: LawRecord, reader: Reader) -> LawRecord:
    """The record that withdraws another: the same facts, today, by whoever withdraws it and with the reason."""
    own = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    by = {"checked_by", "confirmed_by", "added_by"}.intersection(own)
    on = {"checked_on", "confirmed_on", "added_on"}.intersection(own)
    changed = {**own, **_common(uow, reader), **dict.fromkeys(by, reader.by), **dict.fromkeys(on, uow.today)}
    return type(row)(**{**changed, "id": new_id(), "withdraws_id": row.id})


def retime(uow: UnitOfWork) -> Outcome:
    """Move every open deadline and mandate to where the law files and calendar of today put it."""
    lock_for_append(uow.session, LAW_LOCK)
    found = due_moves(uow)
    return Outcome(not found.is_none, effect=found, told=_apply(uow, found, "a law file was changed"))


def _begin(uow: UnitOfWork, reader: Reader) -> None:
    """One recorder at a time, who must be a named person and say what was read."""
    lock_for_append(uow.session, LAW_LOCK)
    require_named(uow, reader.by)
    law_reading.require_source(reader.source)


def require_named(uow: UnitOfWork, by: str) -> None:
    """`BadInput` unless `by` is a name with a role, or an active officer."""
    kind, _, key = by.partition(":")
    if kind == "officer":
        try:
            officer = uow.session.get(Officer, uuid.UUID(key))
        except ValueError:
            officer = None
        if officer is not None and officer.active:
            return
        raise BadInput(field="by", found=by, wanted="officer:<id> of an active officer; see `mandate officer list`")
    law_reading.require_person(by)


def _values_named(uow: UnitOfWork, name: str, which: Which) -> list[LegalValue]:
    """The values a check is about. `BadInput` when there is none such."""
    parameter = uow.law.parameter(name)
    every = [value for value in parameter.values if which.nation is None or which.nation in value.nations]
    if which.planned:
        found, field, wanted = list(parameter.planned), "planned", "a parameter with a planned change"
    elif which.from_on is not None:
        found, field = [value for value in every if value.from_ == which.from_on], "from"
        wanted = f"the first day of a value: {', '.join(sorted({str(value.from_) for value in every}))}"
    else:
        found, field = [value for value in every if value.covers(uow.today)], "parameter"
        wanted = "a parameter with a value in force today"
    if not found:
        raise BadInput(field=field, found=f"{name} {which.from_on or ''}".strip(), wanted=wanted)
    return found


def _check(uow: UnitOfWork, value: LegalValue, reader: Reader) -> LawCheck:
    return LawCheck(
        id=new_id(),
        parameter=value.parameter,
        from_on=value.from_,
        value_sha256=identity(value),
        checked_on=uow.today,
        checked_by=reader.by,
        **_common(uow, reader),
    )


def _common(uow: UnitOfWork, reader: Reader) -> dict[str, object]:
    """What every record holds beside its own facts."""
    return {"source": reader.source, "note": reader.note, "recorded_by": uow.actor, "recorded_at": uow.now}


def _recorded(
    uow: UnitOfWork, rows: Iterable[LawRecord], action: str, subject: str, facts: dict[str, object], because: str
) -> Outcome:
    """Write the records, then re-time what they move."""
    before = uow.under(uow.law, uow.added_holidays)
    recorded = tuple(rows)
    uow.session.add_all(recorded)
    uow.renew_law()
    for row in recorded:
        if isinstance(row, ExtraHoliday):
            reckon_levels_again(uow, row.day)
    found = effect(before, uow)
    history.record(uow, action, subject, {**facts, "moved": len(found.moves)})
    told = _apply(uow, found, because)
    return Outcome(new=True, records=recorded, effect=found, told=told, laws=(before.law, uow.law))


def _apply(uow: UnitOfWork, found: Effect, because: str) -> dict[uuid.UUID, str | None]:
    """Re-time deadlines and mandates, note it of each case and tell its officer; who was told, by the deadline's id."""
    for move in found.mandates:
        row = move.mandate
        facts = {"kind": row.kind, "from": row.last_day, "to": move.last_day, "because": because}
        history.record(uow, MANDATE_MOVED, f"ballot:{row.ballot_id}", facts)
        row.first_day, row.last_day, row.last_day_lenient = move.first_day, move.last_day, move.last_day_lenient
        row.begins_by = move.begins_by
    rows = beside(uow, [move.deadline for move in found.moves])
    told = {
        move.deadline.id: _move(uow, move, rows[move.deadline.case_id, move.deadline.kind], because)
        for move in found.moves
    }
    handlers.look_at_each(uow, [move.deadline.case_id for move in found.moves])
    return told


def _move(uow: UnitOfWork, move: Move, of_kind: list[Deadline], because: str) -> str | None:
    """Re-time one of the deadlines of its case and kind; the officer who was told, or None where the case has none."""
    old = move.deadline
    case, was_on = old.case, old.due_on
    new = set_among(uow, of_kind, case.id, old.kind, move.due_on, move.why, tells_workplace=old.tells_workplace)
    of_kind.append(new)
    facts = {"kind": old.kind, "from": was_on, "to": move.due_on, "because": because}
    noted = history.record(uow, MOVED, f"case:{case.id}", facts)
    if move.subject_ref is not None:
        outbox.retime(uow, move.subject_ref, OF_PAPERS[old.kind], move.due_on)
    if case.officer is None:
        return None
    _tell(uow, case.officer, new, move, because, version=str(noted.seq))
    return f"officer:{case.officer.id}"


def _tell(uow: UnitOfWork, officer: Officer, new: Deadline, move: Move, because: str, *, version: str) -> None:
    """The message to a case's officer; `new` is the deadline as it now stands."""
    case, to = move.deadline.case, parties.officer(officer)
    told = {
        "officer_name": officer.name,
        "workplace_name": case.workplace.name,
        "urn": case.workplace.urn,
        "what": new.label,
        "was_on": move.was_on.isoformat(),
        "due_on": move.due_on.isoformat(),
        "because": because,
        "why": f"{move.why.rule} ({move.why.arithmetic})",
        "reference": case.ref,
    }
    message = Message("deadline_moved", told)
    outbox.enqueue(uow, message, to, medium=to.best_medium, subject_ref=f"deadline:{new.id}", content_version=version)
