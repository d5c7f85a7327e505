"""A look asks once what it needs several times; an act asks each time."""

from __future__ import annotations

import uuid

from core.db import Database
from core.unit_of_work import UnitOfWork, ask_anew, asked_once, reading, unit_of_work

SUBJECT, ANOTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def test_a_look_asks_once_and_again_when_it_finds_other_rows(database: Database) -> None:
    """Mutation: leave out `clear` in `ask_anew`, or `args` in the key."""
    heard: list[uuid.UUID] = []

    @asked_once
    def query(uow: UnitOfWork, subject: uuid.UUID) -> int:
        heard.append(subject)
        return len(heard)

    with reading(on=database) as uow:
        assert [query(uow, SUBJECT), query(uow, SUBJECT), query(uow, ANOTHER)] == [1, 1, 2]
        ask_anew(uow.session)
        assert query(uow, SUBJECT) == 3
    with reading(on=database) as uow:
        assert query(uow, SUBJECT) == 4


def test_an_act_asks_each_time(database: Database) -> None:
    """Mutation: keep answers in `unit_of_work` too; an act would not see what it did."""
    heard: list[uuid.UUID] = []

    @asked_once
    def query(uow: UnitOfWork, subject: uuid.UUID) -> int:
        heard.append(subject)
        return len(heard)

    with unit_of_work("staff:test", on=database) as uow:
        assert [query(uow, SUBJECT), query(uow, SUBJECT)] == [1, 2]
