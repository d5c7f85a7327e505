"""
What people have recorded about the law since the files were written: checks, commencements, added bank holidays.

The files stay what they are. A record adds to them: a value was read again on a day, a planned change is in force from
a day, a nation has one more holiday. Nothing is deleted: a record is undone by another that withdraws it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnExpressionArgument, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from core.db import Base, new_id
from core.errors import BadInput
from core.law import Certainty, Law, LegalValue, Parameter, current_law
from core.law_changes import in_force_from, planned_changes, with_parameters
from core.nations import Nation

LONGEST_NAME = 200


class LawRecord(Base):
    """What every record has beside its own facts: what was read, and which other record of its kind it withdraws."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime]

    @declared_attr
    def withdraws_id(cls) -> Mapped[uuid.UUID | None]:  # noqa: N805 - the class, as SQLAlchemy calls it
        """The record that this one withdraws; None for one that states something."""
        return mapped_column(ForeignKey(f"{cls.__tablename__}.id"))


Record = TypeVar("Record", bound=LawRecord)


class LawCheck(LawRecord):
    """
    A named person read the source of one value again on a day.

    `value_sha256` is the value's own identity: once the file says otherwise, the check counts no longer.
    """

    __tablename__ = "law_checks"
    __table_args__ = (Index("ix_law_checks_parameter_value", "parameter", "value_sha256"),)

    parameter: Mapped[str] = mapped_column(String(120))
    from_on: Mapped[date | None]
    value_sha256: Mapped[str] = mapped_column(String(64))
    checked_on: Mapped[date]
    checked_by: Mapped[str] = mapped_column(String(LONGEST_NAME))


class LawCommencement(LawRecord):
    """A named person read that a planned change is in force from a day, and by which instrument."""

    __tablename__ = "law_commencements"

    change: Mapped[str] = mapped_column(String(80))
    in_force_on: Mapped[date]
    instrument: Mapped[str] = mapped_column(String(LONGEST_NAME))
    confirmed_on: Mapped[date]
    confirmed_by: Mapped[str] = mapped_column(String(LONGEST_NAME))


class ExtraHoliday(LawRecord):
    """A bank holiday of one nation that the calendar's library does not know yet."""

    __tablename__ = "extra_holidays"

    nation: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    added_on: Mapped[date]
    added_by: Mapped[str] = mapped_column(String(LONGEST_NAME))


@lru_cache(maxsize=1024)
def identity(value: LegalValue) -> str:
    """
    SHA-256 of what a value says, from when, for whom and by which source.

    Its last day is left out, because a later change only closes it; so are its certainty and when it was checked.
    """
    said = (
        value.parameter,
        value.value,
        value.unit,
        value.keyed_on,
        value.from_,
        value.nations,
        value.saving,
        value.citation,
        value.change,
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


def standing_checks(session: Session) -> Sequence[LawCheck]:
    """The checks that nobody withdrew, the latest first."""
    return _standing(session, LawCheck, LawCheck.checked_on.desc(), LawCheck.recorded_at.desc())


def standing_commencements(session: Session) -> Sequence[LawCommencement]:
    """The commencements that nobody withdrew, by their day."""
    return _standing(session, LawCommencement, LawCommencement.in_force_on, LawCommencement.change)


def standing_holidays(session: Session) -> Sequence[ExtraHoliday]:
    """The added bank holidays that nobody withdrew, by day and nation."""
    return _standing(session, ExtraHoliday, ExtraHoliday.day, ExtraHoliday.nation)


def _standing(session: Session, kind: type[Record], *order: ColumnExpressionArgument[Any]) -> Sequence[Record]:
    rows = session.scalars(select(kind).order_by(*order)).all()
    undone = {row.withdraws_id for row in rows}
    return [row for row in rows if row.withdraws_id is None and row.id not in undone]


def recorded_law(session: Session, files: Law | None = None) -> Law:
    """
    The law files with the records of this database: commenced changes are in force, checked values fresh.

    A commencement that no longer fits the files (the change has moved into them) changes nothing; `mandate law check`
    names it.
    """
    law = files or current_law()
    commenced = tuple(
        (row.change, row.in_force_on, row.instrument, row.confirmed_on) for row in standing_commencements(session)
    )
    checked: dict[str, date] = {}
    for check in standing_checks(session):
        checked.setdefault(check.value_sha256, check.checked_on)
    if not commenced and not checked:
        return law
    return _with_records(law, commenced, frozenset(checked.items()))


def recorded_holidays(session: Session) -> Mapping[Nation, frozenset[date]]:
    """The added bank holidays of each nation."""
    days: dict[Nation, set[date]] = {}
    for row in standing_holidays(session):
        days.setdefault(Nation(row.nation), set()).add(row.day)
    return {nation: frozenset(of_nation) for nation, of_nation in days.items()}


Commenced = tuple[str, date, str, date]
"""Change, first day, instrument, day of confirmation."""


@lru_cache(maxsize=8)
def _with_records(law: Law, commenced: tuple[Commenced, ...], checked: frozenset[tuple[str, date]]) -> Law:
    for change, on, instrument, confirmed_on in commenced:
        law = commenced_law(law, change, on, instrument, confirmed_on) or law
    days = dict(checked)
    return with_parameters(law, (_checked(parameter, days) for parameter in law.parameters()))


def commenced_law(law: Law, change: str, on: date, instrument: str, confirmed_on: date) -> Law | None:
    """The law with a planned change in force, confirmed by its instrument; None where nothing fits it any more."""
    begun: list[Parameter] = []
    for planned in planned_changes(law).get(change, ()):
        try:
            parameter = in_force_from(law.parameter(planned.parameter), planned, on)
        except BadInput:
            return None
        newest = replace(
            parameter.values[-1],
            certainty=Certainty.CONFIRMED,
            last_checked=max(planned.last_checked, confirmed_on),
            note=f"In force by {instrument}.",
        )
        begun.append(replace(parameter, values=(*parameter.values[:-1], newest)))
    return with_parameters(law, begun) if begun else None


def _checked(parameter: Parameter, days: Mapping[str, date]) -> Parameter:
    """A parameter whose values were last checked on the later day: the file's or the recorded one."""

    def fresh(value: LegalValue) -> LegalValue:
        on = days.get(identity(value))
        return value if on is None or on <= value.last_checked else replace(value, last_checked=on)

    values, planned = tuple(map(fresh, parameter.values)), tuple(map(fresh, parameter.planned))
    if values == parameter.values and planned == parameter.planned:
        return parameter
    return replace(parameter, values=values, planned=planned)
