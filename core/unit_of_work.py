"""The edge of every act: one transaction with its clock, its law and whoever acts. Only this commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from core.clock import Clock, clock_of
from core.db import Database, database
from core.law import Law, current_law


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
        """The law files, loaded when first asked for."""
        return current_law()

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
        yield UnitOfWork(session, clock_of(session, as_of), "reader")
