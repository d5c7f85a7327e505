"""Helpers about the law's records, for tests: a named reader, a recheck of everything, a law with other values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ballots import law_handlers
from ballots.law_handlers import Outcome, Reader
from core.law import Law, LegalValue, current_law
from core.law_changes import with_parameters
from core.law_findings import stale_values
from core.law_records import LawCheck, identity
from core.unit_of_work import UnitOfWork

JO = Reader("Jo Example, head of legal", "https://www.legislation.gov.uk/")


def reread(uow: UnitOfWork) -> Outcome:
    """Somebody reads every value in force again today, and every value a live case rests on."""
    names = [parameter.name for parameter in uow.law.parameters()]
    done = law_handlers.confirm(uow, [name for name in names if _has_one_today(uow, name)], JO)
    for value in [value for name in names for value in uow.law.parameter(name).values if not value.covers(uow.today)]:
        uow.session.add(_check(uow, value))
    uow.renew_law()
    return done


def keep_fresh(uow: UnitOfWork) -> None:
    """Somebody reads again what nobody has read for ninety days, as an office does that looks after its law."""
    in_force = (value for each in uow.law.parameters() for value in each.values if value.covers(uow.today))
    names = sorted({value.parameter for value in stale_values(in_force, uow.today)})
    if names:
        law_handlers.confirm(uow, names, JO)


def _has_one_today(uow: UnitOfWork, name: str) -> bool:
    return any(value.covers(uow.today) for value in uow.law.parameter(name).values)


def _check(uow: UnitOfWork, value: LegalValue) -> LawCheck:
    return LawCheck(
        parameter=value.parameter,
        from_on=value.from_,
        value_sha256=identity(value),
        checked_on=uow.today,
        checked_by=JO.by,
        source=JO.source,
        recorded_by=uow.actor,
        recorded_at=uow.now,
    )


def with_value(parameter: str, value: object, on: date, law: Law | None = None) -> Law:
    """The law with another value of a parameter on a day, whatever files say."""
    files = law or current_law()
    found = files.parameter(parameter)
    values = tuple(replace(each, value=value) if each.covers(on) else each for each in found.values)  # type: ignore[arg-type]
    return with_parameters(files, [replace(found, values=values)])
