"""The edge of every act: one transaction with its clock, its law and whoever acts. Only this commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, wraps
from inspect import unwrap
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from core.clock import Clock, clock_of
from core.db import Database, database
from core.law import Law
from core.law_records import recorded_holidays, recorded_law
from core.nations import Nation

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Foreseen = TypeVar("Foreseen")
ANSWERS = "answers"
"""Where a session that only looks keeps what it was answered."""


@dataclass
class UnitOfWork:
    """
    What a handler is given.

    `actor` is an opaque reference such as `officer:<id>`, `staff:command-line` or `flow:deadline-sweep`; never a name.
    """

    session: Session
    clock: Clock
    actor: str

    @cached_property
    def law(self) -> Law:
        """The law files with what people recorded since, read when first asked for."""
        return recorded_law(self.session)

    @cached_property
    def added_holidays(self) -> Mapping[Nation, frozenset[date]]:
        """The bank holidays that people added to those the calendar knows, read when first asked for."""
        return recorded_holidays(self.session)

    def holidays_in(self, nation: Nation) -> frozenset[date]:
        """The added bank holidays of one nation, for the functions of `core.calendar`."""
        return self.added_holidays.get(nation, frozenset())

    def under(self, law: Law, added_holidays: Mapping[Nation, frozenset[date]]) -> UnitOfWork:
        """The same transaction seen under another law and calendar, to compare what each would give."""
        other = UnitOfWork(self.session, self.clock, self.actor)
        other.law, other.added_holidays = law, added_holidays
        return other

    def renew_law(self) -> None:
        """Read the law and the calendar again: this transaction has recorded something about them."""
        self.session.flush()
        self.law, self.added_holidays = recorded_law(self.session), recorded_holidays(self.session)

    @property
    def today(self) -> date:
        """The London date this act happens on."""
        return self.clock.today()

    @property
    def now(self) -> datetime:
        """The instant this act happens at."""
        return self.clock.now()


@contextmanager
def unit_of_work(actor: str, *, as_of: datetime | None = None, on: Database | None = None) -> Iterator[UnitOfWork]:
    """Commit everything the block did, or nothing of it."""
    with (on or database()).writing() as session:
        yield UnitOfWork(session, clock_of(session, as_of), actor)


@contextmanager
def reading(*, as_of: datetime | None = None, on: Database | None = None) -> Iterator[UnitOfWork]:
    """The same view for those who only look; whatever they change is thrown away."""
    with (on or database()).reading() as session:
        session.info[ANSWERS] = {}
        yield UnitOfWork(session, clock_of(session, as_of), "reader")


def asked_once(
    query: Callable[Concatenate[UnitOfWork, Asked], Answer],
) -> Callable[Concatenate[UnitOfWork, Asked], Answer]:
    """
    A query, by values that hash, that a transaction which only looks asks the database once; its answer is not to be
    changed. One that writes asks each time: what it did since counts.
    """

    @wraps(query)
    def asked(uow: UnitOfWork, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        answers = uow.session.info.get(ANSWERS)
        if answers is None:
            return query(uow, *args, **kwargs)
        key = (query, args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = query(uow, *args, **kwargs)
        answer: Answer = answers[key]
        return answer

    return asked


def foresee(uow: UnitOfWork, query: Callable[[UnitOfWork, Foreseen], Any], answers: Mapping[Foreseen, Any]) -> None:
    """What a query that is asked once will answer for each value: found for many by one statement, where one looks."""
    kept = uow.session.info.get(ANSWERS)
    if kept is not None:
        kept.update({(unwrap(query), (value,), ()): answer for value, answer in answers.items()})


def ask_anew(session: Session) -> None:
    """Forget what was answered: from here on the session finds other rows than before."""
    if ANSWERS in session.info:
        session.info[ANSWERS].clear()
