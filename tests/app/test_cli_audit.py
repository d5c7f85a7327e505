"""`mandate audit verify`: what was changed behind the program's back is found and named."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import text

from casework.lifecycle import EventKind
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.app.conftest import Command
from tests.builders import UP_TO_NEGOTIATION, a_case, happen

REASON = "the head teacher is away until spring"


@pytest.fixture
def ref(migrated: Database) -> str:
    """A case that rests, with eight events."""
    with unit_of_work("staff:test") as uow:
        case = a_case(uow, issues=("meetings", "observation"))
        happen(uow, case, *UP_TO_NEGOTIATION)
        happen(uow, case, (EventKind.CASE_RESTED, {"reason": REASON, "wake_on": "2027-03-01"}))
        return case.ref


def change(database: Database, *statements: str) -> None:
    """Change rows as somebody with the file or the server in hand would: without triggers and foreign keys."""
    if database.engine.dialect.name == "postgresql":
        with database.writing() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                changed = session.connection().exec_driver_sql(statement.replace("%", "%%"))
                assert changed.rowcount > 0, statement
        return
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=OFF")
        for table in ("history_entries", "case_events"):
            for act in ("update", "delete"):
                raw.execute(f"DROP TRIGGER IF EXISTS refuse_{act}_of_{table}")
        for statement in statements:
            assert raw.execute(statement).rowcount > 0, statement
        raw.execute("PRAGMA foreign_keys=ON")


def codes(command: Command, *arguments: object) -> tuple[int, set[str]]:
    answer = command("audit", "verify", "--json", *arguments)
    return answer.code, {finding["code"] for finding in answer.document["findings"]}


def test_an_untouched_database_is_whole(command: Command, migrated: Database, ref: str) -> None:
    """Red when a digest is taken of the facts otherwise than they were recorded."""
    answer = command("audit", "verify", "--json")
    document = answer.document
    assert (answer.code, document["whole"], document["broken_at"], document["findings"]) == (0, True, None, [])
    assert (document["cases"], document["events"]) == (1, 8)
    with migrated.reading() as session:
        last = session.execute(text("SELECT seq, hash FROM history_entries ORDER BY seq DESC LIMIT 1")).one()
    assert (document["entries"], document["head"]) == tuple(last)
    shown = command("audit", "verify")
    assert shown.code == 0
    assert document["head"] in shown.out
    assert document["sentence"] in shown.out


def test_an_empty_database_is_whole(command: Command) -> None:
    answer = command("audit", "verify", "--json")
    assert (answer.code, answer.document["entries"], answer.document["cases"]) == (0, 0, 0)


def test_the_triggers_stand_in_front(migrated: Database, ref: str) -> None:
    """Red when the migration makes no trigger: then tampering needs no more than one statement."""
    for statement in ("UPDATE case_events SET seq = 99", "DELETE FROM history_entries"):
        with migrated.writing() as session, pytest.raises(Exception, match="never rewritten"):
            session.execute(text(statement))


def test_a_changed_entry_of_history_is_named(command: Command, migrated: Database, ref: str) -> None:
    """Red when `_chain_faults` gives nothing for a broken chain."""
    change(migrated, "UPDATE history_entries SET actor = 'staff:somebody-else' WHERE seq = 3")
    answer = command("audit", "verify", "--json")
    assert (answer.code, answer.document["whole"], answer.document["broken_at"]) == (1, False, 3)
    broken, actor = answer.document["findings"]
    assert (broken["code"], broken["where"]) == ("history_broken", "entry 3")
    assert "Entry 3" in broken["sentence"]
    assert (actor["code"], actor["where"]) == ("event_changed", ref)
    shown = command("audit", "verify")
    assert shown.code == 1
    assert "Entry 3" in shown.out


# PostgreSQL stores no JSON that is none, whoever asks.
UNREADABLE = (("sqlite", "no JSON"), *product(("sqlite", "postgresql"), ("[1]", '{"seq": []}', "{}")))


@pytest.mark.parametrize(("engine", "facts"), UNREADABLE, indirect=["engine"])
def test_an_entry_of_history_that_cannot_be_read_is_named(
    command: Command, migrated: Database, ref: str, facts: str
) -> None:
    """Red when `verify` reads the entries without `read_each`, or `_recorded` takes facts for what they should be."""
    change(migrated, f"UPDATE history_entries SET facts = '{facts}' WHERE seq = 3")
    answer = command("audit", "verify", "--json")
    assert (answer.code, answer.document["broken_at"]) == (1, 3)
    assert answer.document["findings"][0]["where"] == "entry 3"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("""UPDATE case_events SET facts = '{"present": 11, "in_favour": 6}' WHERE seq = 3""", "event_changed"),
        ("UPDATE case_events SET happened_on = '2026-09-07' WHERE seq = 7", "event_changed"),
        ("UPDATE case_events SET kind = 'head_did_not_answer' WHERE seq = 4", "event_changed"),
        ("UPDATE case_events SET actor = 'officer:somebody-else' WHERE seq = 4", "event_changed"),
        ("UPDATE case_events SET kind = 'dancing' WHERE seq = 4", "row_unreadable"),
        ("UPDATE cases SET stage = 'dancing'", "row_unreadable"),
        ("DELETE FROM case_events WHERE seq = 8", "event_missing"),
        ("DELETE FROM case_events WHERE seq = 1", "events_impossible"),
        ("UPDATE case_events SET seq = 20 WHERE seq = 8", "event_unrecorded"),
    ],
)
def test_a_tampered_event_is_named_by_its_case(
    command: Command, migrated: Database, ref: str, statement: str, code: str
) -> None:
    """Red when `_event_faults` gives nothing, `_row_faults` lets an error through, or `read_each` catches nothing."""
    change(migrated, statement)
    answer = command("audit", "verify", "--json")
    assert answer.code == 1
    assert code in {finding["code"] for finding in answer.document["findings"]}
    assert {finding["where"] for finding in answer.document["findings"]} == {ref}


@pytest.mark.engines("sqlite")
def test_an_event_whose_facts_are_no_json_is_named_by_its_case(command: Command, migrated: Database, ref: str) -> None:
    """Red when `read_each` catches nothing of the driver's."""
    change(migrated, "UPDATE case_events SET facts = 'no JSON' WHERE seq = 4")
    (finding,) = command("audit", "verify", "--json").document["findings"]
    assert (finding["code"], finding["where"]) == ("row_unreadable", ref)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET stage = 'ballot_open'",
        "UPDATE cases SET entered_on = '2026-01-01'",
        "UPDATE cases SET raised_on = '2026-01-01'",
        "UPDATE cases SET wake_on = NULL",
        "UPDATE cases SET rest_reason = 'another'",
        "UPDATE cases SET officer_id = NULL",
        "DELETE FROM case_issues WHERE code = 'meetings'",
    ],
)
def test_a_changed_row_of_a_case_is_named(command: Command, migrated: Database, ref: str, statement: str) -> None:
    """Red when the part of the row is left out of `_compared`."""
    change(migrated, statement)
    answer = command("audit", "verify", "--json")
    (finding,) = answer.document["findings"]
    assert (answer.code, finding["code"], finding["where"]) == (1, "row_changed", ref)
    assert finding["sentence"].startswith(f"{ref}: The case's row says ")
    assert answer.document["broken_at"] is None


def test_a_changed_count_of_events_is_named(command: Command, migrated: Database, ref: str) -> None:
    """Red when `_row_faults` does not look at the events' places."""
    change(migrated, "UPDATE cases SET events_count = 9")
    assert codes(command) == (1, {"events_missing"})


def test_a_case_that_is_gone_is_missed(command: Command, migrated: Database, ref: str) -> None:
    """Red when `audit_cases` forgets what history names and the tables do not hold."""
    change(migrated, "DELETE FROM case_events", "DELETE FROM case_issues", "DELETE FROM cases")
    assert codes(command) == (1, {"case_missing"})


def test_the_reason_of_a_rest_is_compared_and_never_shown(command: Command, migrated: Database, ref: str) -> None:
    """Red when `_compared` holds the reason itself."""
    change(migrated, "UPDATE cases SET rest_reason = 'because of somebody'")
    answer = command("audit", "verify")
    assert answer.code == 1
    assert REASON not in answer.out + answer.err
    assert "somebody" not in answer.out + answer.err


def test_a_tail_that_was_cut_off_is_found_by_the_head_noted_earlier(
    command: Command, migrated: Database, ref: str
) -> None:
    """Red when `--expect-head` is not handed on: a chain without its last entry is whole in itself."""
    recorded = command("case", "record", ref, "workplace_email_recorded", "email=office@example.org")
    assert recorded.code == 0
    noted = command("audit", "verify", "--json").document["head"]
    assert codes(command, "--expect-head", noted) == (0, set())
    change(migrated, "DELETE FROM history_entries WHERE seq = (SELECT max(seq) FROM history_entries)")
    assert codes(command) == (0, set())
    assert codes(command, "--expect-head", noted) == (1, {"history_broken"})


def test_a_head_noted_earlier_is_still_reached_by_a_longer_chain(command: Command, ref: str) -> None:
    """Red when only the last entry is compared with the expected head."""
    noted = command("audit", "verify", "--json").document["head"]
    assert command("case", "record", ref, "issue_added", "issue=observation").code == 0
    assert codes(command, "--expect-head", noted) == (0, set())


def test_a_head_that_is_none_is_bad_input(command: Command, ref: str) -> None:
    """Red when the shape of the head is not looked at: a slip of the pen would be reported as a cut chain."""
    answer = command("audit", "verify", "--expect-head", "abc", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert "--expect-head: found 'abc', wanted 64 characters" in answer.err
