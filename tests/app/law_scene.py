"""A ballot whose result is to be told tomorrow, in a database of its own, for the pages and commands of the law."""

from __future__ import annotations

from datetime import timedelta

from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.ballots.scenes import WON, closed, disputed, planned
from tests.builders import an_officer
from tests.conftest import NOON

JO = "Jo Example, head of legal"
SOURCE = "https://www.gov.uk/bank-holidays"
DUE, LATER = "2026-11-19", "2026-11-20"


def declared(database: Database) -> str:
    """The result declared on Wednesday 18 November 2026; the case has an officer. Its reference."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        ladder = closed(disputed(uow)).act("result_declared", **WON)
        ladder.case.officer = an_officer(ladder.uow)
        set_stored_clock(uow.session, ladder.uow.now)
        return ladder.case.ref


def voting(database: Database, days_after: int = 0) -> str:
    """A ballot authorised on 6 October 2026, its papers not approved; then the clock so many days on. Its reference."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        ladder = planned(disputed(uow))
        set_stored_clock(uow.session, ladder.uow.now + timedelta(days=days_after))
        return ladder.case.ref
