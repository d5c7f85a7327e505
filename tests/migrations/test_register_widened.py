"""Migration 0003 makes the table of workplaces anew on SQLite: rows and what refers to them come through both ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import IntegrityError

from tests.migrations import check

ID, OTHER = "0" * 31 + "1", "0" * 31 + "2"
EMPLOYER = "INSERT INTO employers (id, kind, register_key, name, postal_lines) VALUES (:id, 'trust', :id, 'E', '[]')"
WORKPLACE = """
INSERT INTO workplaces (id, urn, name, establishment_type, status, phase, la_code, la_name, postal_lines, postcode,
    nation, employer_id, employer_reason, employer_confidence, service, stpcd_binds{more})
VALUES (:id, :urn, 'École', 'x', 'Open', '', '', '', '[]', '', 'england', :employer, 'x', 'certain', 'other', 0{values})
"""
MEMBER = """
INSERT INTO members (id, membership_number, name, email, postal_lines, workplace_id, category, joined_on,
    annual_salary_pence, fte, is_rep)
VALUES (:id, 'A1', 'x', 'x@example.org', '[]', :workplace, 'teacher', :joined, 1, '1', 0)
"""


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database as it was before, with a school and a member there."""
    url = f"sqlite:///{tmp_path_factory.mktemp('widened') / 'mandate.db'}"
    command.upgrade(check.configured(url), "0002")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(EMPLOYER), {"id": ID})
        _add(connection, ID, "100050")
        connection.execute(text(MEMBER), {"id": ID, "workplace": ID, "joined": date(2020, 1, 1)})
    yield engine
    engine.dispose()


def _add(connection: Connection, id_: str, urn: str | None, *, ukprn: str | None = None) -> None:
    more, values = (", ukprn", ", :ukprn") if ukprn else ("", "")
    facts = {"id": id_, "urn": urn, "employer": ID, "ukprn": ukprn}
    connection.execute(text(WORKPLACE.format(more=more, values=values)), facts)


def _at(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        statement = "SELECT m.membership_number, w.urn FROM members m JOIN workplaces w ON w.id = m.workplace_id"
        return [(row[0], row[1]) for row in connection.execute(text(statement))]


def test_what_is_stored_comes_through_and_goes_back(engine: Engine) -> None:
    """Turns red if the table is made anew with foreign keys on: SQLite refuses to drop what members refer to."""
    config = check.configured(str(engine.url))
    command.upgrade(config, "0003")
    assert _at(engine) == [("A1", "100050")]
    command.downgrade(config, "0002")
    assert _at(engine) == [("A1", "100050")]


def test_a_workplace_has_one_number_at_least(engine: Engine) -> None:
    """Turns red if the check or the uniqueness of the UKPRN is left out of the migration."""
    command.upgrade(check.configured(str(engine.url)), "0003")
    with engine.begin() as connection:
        _add(connection, OTHER, None, ukprn="10000055")
    for urn, ukprn in ((None, None), (None, "10000055")):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            _add(connection, "0" * 31 + "3", urn, ukprn=ukprn)


def test_a_downgrade_does_not_lose_a_college(engine: Engine) -> None:
    """Turns red if the older table, which wants a URN, is made without looking."""
    config = check.configured(str(engine.url))
    command.upgrade(config, "0003")
    with engine.begin() as connection:
        _add(connection, OTHER, None, ukprn="10000055")
    with pytest.raises(RuntimeError, match="1 colleges stand without a URN"):
        command.downgrade(config, "0002")


def test_a_reference_to_nothing_stops_the_migration(engine: Engine) -> None:
    """Turns red if the foreign keys are not checked again at the end."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM workplaces"))
    with pytest.raises(Exception, match="the table members would refer to rows of workplaces"):
        command.upgrade(check.configured(str(engine.url)), "0003")
