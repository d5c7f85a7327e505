"""
What the cases live through while `mandate serve` is killed: days, and what people record on them.

Half the heads refuse, half let their day pass; reminders go, officers are assigned and accept, and a tenth of the cases
go on to a ballot that opens, closes and carries. On no day does an act race with what the clock does to the same case,
so that a run that was killed all the time must end exactly as an undisturbed one.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import select

from app import acts
from ballots.handlers import subjects_of
from casework import handlers
from casework.cases import Case, Pursuit
from casework.lifecycle import EventKind
from core.clock import london_instant, set_stored_clock
from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.lifecycle import Medium
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.builders import a_member, a_workplace, an_officer
from tests.days import day
from tests.engines import with_tables

CASES = int(os.environ.get("MANDATE_SERVE_CASES", "20"))
BALLOTS = CASES // 10
Which = Callable[[int], bool]


def _all(_number: int) -> bool:
    return True


def _refused(number: int) -> bool:
    return number % 2 == 0


def _silent(number: int) -> bool:
    return number % 2 == 1


def _balloted(number: int) -> bool:
    return _refused(number) and number < 2 * BALLOTS


@dataclass(frozen=True)
class Phase:
    """A morning; the acts recorded in it, each as (whose cases, act, facts)."""

    on: str
    acts: tuple[tuple[Which, str, dict[str, Any]], ...] = ()
    arrives: tuple[str, ...] = ()


def _held(name: str, on: str, **facts: Any) -> tuple[str, dict[str, Any]]:
    return name, {"happened_on": day(on), **facts}


PHASES = (
    Phase("Tue 2026-09-08", ((_all, *_held("members_meeting_held", "Tue 2026-09-08", present=10, in_favour=9)),)),
    Phase("Mon 2026-09-14", ((_refused, *_held("head_met", "Mon 2026-09-14", answer="refused")),)),
    Phase("Tue 2026-09-15"),
    Phase("Wed 2026-09-16", ((_refused, "officer_accepted", {}),)),
    Phase(
        "Mon 2026-09-21",
        (
            (
                _refused,
                *_held("assessment_recorded", "Mon 2026-09-21", present=11, ready_for_asos=10, ready_to_strike=8),
            ),
        ),
    ),
    Phase("Tue 2026-09-22", ((_refused, *_held("negotiation_held", "Tue 2026-09-22", answer="refused")),)),
    Phase(
        "Wed 2026-09-23",
        (
            (_silent, "officer_accepted", {}),
            (_balloted, "dispute_declared", {}),
            (
                _balloted,
                "ballot_authorised",
                {"questions": ["asos"], "opens_on": day("Tue 2026-10-20"), "closes_on": day("Tue 2026-11-17")},
            ),
        ),
    ),
    Phase("Wed 2026-09-23", ((_balloted, "ballot_notices_approved", {}),)),
    Phase("Mon 2026-09-28", (), ("notice_of_ballot", "sample_voting_paper")),
    Phase("Tue 2026-10-20"),
    Phase("Wed 2026-11-18"),
    Phase(
        "Wed 2026-11-18", ((_balloted, "result_declared", {"entitled": 12, "cast": 10, "asos_yes": 9, "asos_no": 1}),)
    ),
)


def furnish(url: str) -> None:
    """Schools, each with an officer of its own association and a case whose members arranged to meet."""
    with_tables(url)
    database = Database(url)
    with database.writing() as session:
        set_stored_clock(session, london_instant(day("Tue 2026-09-01"), time(9)))
    with unit_of_work("staff:rep", on=database) as uow:
        for number in range(CASES):
            _case(uow, number)
    database.engine.dispose()


def _case(uow: UnitOfWork, number: int) -> None:
    workplace = a_workplace(uow)
    an_officer(uow, workplace.association)
    if _balloted(number):
        for _ in range(12):
            a_member(uow, workplace)
    case = handlers.open_case(uow, workplace, ["meetings"], Pursuit.CONCURRENT)
    handlers.record(uow, case.id, EventKind.MEMBERS_MEETING_ARRANGED, {"meets_on": "2026-09-08"})


def dawn(database: Database, phase: Phase, hour: int = 9) -> None:
    """The phase's morning comes."""
    with database.writing() as session:
        set_stored_clock(session, london_instant(day(phase.on), time(hour)))


def people_act(database: Database, number: int) -> None:
    """Record everything of a phase, each act in a transaction of its own; a second call records nothing more."""
    phase = PHASES[number]
    for case_number, case_id in enumerate(_cases(database)):
        for place, (whose, name, facts) in enumerate(phase.acts):
            if whose(case_number):
                by = "officer:second" if name == "ballot_notices_approved" else "officer:first"
                _do(database, case_id, name, facts, f"script:{number}:{place}:{case_id}", by)
        if _balloted(case_number):
            for kind in phase.arrives:
                for notice_id in _letters(database, case_id, kind):
                    facts = {"notice": notice_id, "received_on": day(phase.on), "how": ReceiptKind.HANDED_OVER}
                    _do(database, case_id, "notice_received", facts, f"script:{number}:{notice_id}", "officer:first")


def _do(database: Database, case_id: uuid.UUID, name: str, facts: dict[str, Any], key: str, by: str) -> None:
    act = acts.act_named(name)
    with unit_of_work(by, on=database) as uow:
        acts.do(uow, case_id, act, act.facts.model_validate(facts), key)


def _cases(database: Database) -> list[uuid.UUID]:
    with database.reading() as session:
        return list(session.scalars(select(Case.id).order_by(Case.ref)))


def _letters(database: Database, case_id: uuid.UUID, kind: str) -> Iterator[uuid.UUID]:
    with reading(on=database) as uow:
        subjects = subjects_of(uow, case_id)
        sent = select(Notice.id).where(
            Notice.subject_ref.in_(subjects), Notice.kind == kind, Notice.medium == Medium.LETTER
        )
        yield from list(uow.session.scalars(sent))
