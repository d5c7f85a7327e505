"""The demonstration, held against a reckoning that shares nothing with it; and what is altered afterwards is found."""

from __future__ import annotations

import ast
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.demonstration import Demonstration
from tests.independent.check import check, main
from tests.independent.left_behind import LeftBehind
from tests.independent.outcomes import compared
from tests.sampling import every

HERE = Path(__file__).parent
PRODUCT = {"app", "flows", "ballots", "casework", "notifications", "core"}


def imported(path: Path) -> set[str]:
    """The packages that a module imports from, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_the_checker_shares_nothing_with_the_product() -> None:
    """Turns red if a module of the checker imports one of the product's, or a helper of the tests that does."""
    modules = [path for path in HERE.glob("*.py") if not path.name.startswith("test_")]
    assert len(modules) >= 7
    for path in modules:
        for name in imported(path):
            assert name.partition(".")[0] not in PRODUCT, f"{path.name} imports {name}"
            assert not name.startswith("tests.") or name.startswith("tests.independent"), f"{path.name}: {name}"


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def alterable(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of its database without the triggers that refuse an alteration."""
    path = tmp_path_factory.mktemp("alterable") / "mandate.db"
    with closing(sqlite3.connect(demonstration.folder / "mandate.db")) as stored, closing(_open(path)) as altered:
        stored.backup(altered)
        for (name,) in altered.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            altered.execute(f'DROP TRIGGER "{name}"')
        altered.execute("PRAGMA journal_mode = DELETE")
    return path


def _open(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    return connection


@pytest.fixture
def altered(alterable: Path, tmp_path: Path) -> Path:
    """A copy of that, one test's own."""
    return Path(shutil.copy(alterable, tmp_path))


@pytest.fixture(scope="module")
def untouched(demonstration: Demonstration) -> LeftBehind:
    """What it left behind, read once."""
    return LeftBehind(f"sqlite:///{demonstration.folder / 'mandate.db'}", demonstration.folder)


def test_its_table_agrees_with_the_checker(
    demonstration: Demonstration, untouched: LeftBehind, capsys: pytest.CaptureFixture[str]
) -> None:
    """Turns red if a stage, a day, a count or a penny of the demonstration's table is not what it left behind."""
    rows, found = check(untouched, demonstration.document)
    assert found == []
    assert len(rows) == len(demonstration.document["cases"]) >= 5
    assert main([str(demonstration.folder)]) == 0
    printed = capsys.readouterr().out
    assert all(row["ref"] in printed for row in rows)


CAST = "json_extract(result, '$.cast')"
ALTERED = {
    "a stage": "UPDATE cases SET stage = 'settled' WHERE ref = '2026-0001'",
    "the day a stage was entered": "UPDATE cases SET entered_on = date(entered_on, '-1 day') WHERE ref = '2026-0001'",
    "an officer": "UPDATE cases SET officer_id = NULL WHERE ref = '2026-0001'",
    "a rest": "UPDATE cases SET wake_on = date(wake_on, '+7 days') WHERE wake_on IS NOT NULL",
    "the day of an event": "UPDATE case_events SET happened_on = date(happened_on, '-1 day') WHERE kind = 'asos_began'",
    "an event": "DELETE FROM case_events WHERE kind = 'case_reopened'",
    "who recorded an event": "UPDATE case_events SET actor = 'staff:x' WHERE kind = 'result_declared'",
    "the papers returned": f"UPDATE ballots SET result = json_set(result, '$.cast', {CAST} - 1) WHERE {CAST}",
    "a Yes vote": "UPDATE ballots SET result = json_set(result, '$.questions.asos.yes', 1) WHERE result IS NOT NULL",
    "a verdict": "UPDATE ballots SET result = json_set(result, '$.questions.asos.mandate', json('false')) "
    "WHERE json_extract(result, '$.questions.asos.mandate')",
    "the number entitled": "UPDATE ballots SET entitled = entitled + 1",
    "a name on the list": "DELETE FROM entitled_to_vote WHERE rowid = (SELECT min(rowid) FROM entitled_to_vote)",
    "the last day of a mandate": "UPDATE mandates SET last_day = date(last_day, '+1 day')",
    "a mandate": "DELETE FROM mandates WHERE kind = 'strike'",
    "a mandate's kind": "UPDATE actions SET mandate_id = (SELECT id FROM mandates WHERE kind = 'asos' LIMIT 1) "
    "WHERE kind = 'strike'",
    "when notice of a ballot came": "UPDATE notice_evidence SET received_on = date(received_on, '+30 days') "
    "WHERE notice_id IN (SELECT id FROM notices WHERE kind = 'notice_of_ballot')",
    "that notice of action came": "DELETE FROM notice_evidence "
    "WHERE notice_id IN (SELECT id FROM notices WHERE kind = 'notice_of_action')",
    "when the result was told": "UPDATE notice_evidence SET received_on = date(received_on, '+30 days') "
    "WHERE notice_id IN (SELECT id FROM notices WHERE kind = 'ballot_result_employer')",
    "a wait": "UPDATE deadlines SET due_on = date(due_on, '+1 day') WHERE kind = 'ballot_notice_received'",
    "a penny of a claim": "UPDATE claims SET payable_pence = payable_pence - 1 WHERE state = 'paid'",
    "a salary": "UPDATE claims SET annual_salary_pence = annual_salary_pence + 100000",
    "a day claimed": 'UPDATE claim_days SET "on" = date("on", \'+7 days\')',
    "an approval": "UPDATE claims SET second_approver = first_approver WHERE state = 'paid'",
    "a penny of a payment": "UPDATE payment_lines SET pence = pence + 1",
    "a payment file": "UPDATE payment_batches SET content = CAST(content || ' ' AS BLOB)",
    "who released it": "UPDATE payment_batches SET released_by = prepared_by",
    "a byte of a notice": "UPDATE notices SET body = CAST(body || ' ' AS BLOB) WHERE kind = 'strike_call'",
    "what a notice is about": "UPDATE notices SET recipient_key = 'member:0' WHERE kind = 'strike_call'",
    "an entry of history": "UPDATE history_entries SET actor = 'staff:x' WHERE seq = 100",
    "the middle of history": "DELETE FROM history_entries WHERE seq = 100",
    "the end of history": "DELETE FROM history_entries "
    "WHERE seq >= (SELECT max(seq) FROM history_entries WHERE action = 'case:event:recorded')",
}


def complaints(demonstration: Demonstration, database: Path, folder: Path | None = None) -> list[str]:
    """What the checker has to say of a database, and of a folder where it is another than the demonstration's."""
    left = LeftBehind(f"sqlite:///{database}", folder or demonstration.folder)
    return check(left, demonstration.document)[1]


@pytest.mark.parametrize("what", every(3, ALTERED))
def test_what_is_altered_is_found(demonstration: Demonstration, altered: Path, what: str) -> None:
    """Turns red for the statement whose comparison is taken out of the checker."""
    with closing(_open(altered)) as connection:
        assert connection.execute(ALTERED[what]).rowcount > 0
    assert complaints(demonstration, altered)


def test_a_member_who_is_named_for_ever_is_found(demonstration: Demonstration, altered: Path) -> None:
    """Turns red without `chain._names`."""
    with closing(_open(altered)) as connection:
        (name,) = connection.execute("SELECT name FROM members LIMIT 1").fetchone()
        connection.execute("UPDATE case_events SET facts = json_set(facts, '$.reason', ?) WHERE seq = 2", (name,))
    assert any("the name stands in history" in each for each in complaints(demonstration, altered))


def _letter_gone(folder: Path) -> None:
    next(folder.glob("letters/*.pdf")).unlink()


def _letter_touched(folder: Path) -> None:
    path = next(folder.glob("letters/*.pdf"))
    path.write_bytes(path.read_bytes() + b" ")


def _mail_gone(folder: Path) -> None:
    next(folder.glob("mail/*.eml")).unlink()


@pytest.mark.parametrize("alter", [_letter_gone, _letter_touched, _mail_gone])
def test_what_lies_in_the_folder_is_looked_at(
    demonstration: Demonstration, tmp_path: Path, alter: Callable[[Path], None]
) -> None:
    """Turns red if what counts as sent is not looked for in the folder."""
    for name in ("letters", "mail"):
        shutil.copytree(demonstration.folder / name, tmp_path / name)
    database = demonstration.folder / "mandate.db"
    assert complaints(demonstration, database, tmp_path) == []
    alter(tmp_path)
    assert len(complaints(demonstration, database, tmp_path)) == 1


SCHOOL, TRUST, WITHOUT_A_BALLOT, RESTING = "100050", "136318", "105243", "103606"
TABLE: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "the school": (SCHOOL, lambda row: row.update(workplace="Another School")),
    "the employer": (SCHOOL, lambda row: row.update(employer="Another Trust")),
    "a stage": (SCHOOL, lambda row: row.update(stage="settled")),
    "what came of it": (SCHOOL, lambda row: row.update(outcome="settled")),
    "what came of a rest": (RESTING, lambda row: row.update(outcome="open")),
    "a day": (SCHOOL, lambda row: row["stages"][1].update(entered_on="2026-09-02")),
    "since when it rests": (RESTING, lambda row: row.update(rested_on="2026-09-29")),
    "a dispute": (SCHOOL, lambda row: row.update(dispute="D-2026-0099")),
    "a dispute made up": (WITHOUT_A_BALLOT, lambda row: row.update(dispute="D-2026-0099")),
    "a school of the trust": (TRUST, lambda row: row["workplaces"].pop()),
    "the order of schools": (TRUST, lambda row: row["workplaces"].reverse()),
    "papers returned": (SCHOOL, lambda row: row["ballots"][0].update(cast=row["ballots"][0]["cast"] + 1)),
    "turnout": (SCHOOL, lambda row: row["ballots"][0].update(turnout_percent=79.0)),
    "a Yes vote": (SCHOOL, lambda row: row["ballots"][0]["questions"]["strike"].update(yes=1)),
    "a question": (SCHOOL, lambda row: row["ballots"][0]["questions"].pop("asos")),
    "the end of a mandate": (SCHOOL, lambda row: row["ballots"][0].update(mandate_ends_on="2027-11-30")),
    "a ballot": (SCHOOL, lambda row: row["ballots"].clear()),
    "a ballot made up": (WITHOUT_A_BALLOT, lambda row: row["ballots"].append({"ref": "B-2026-0099"})),
    "who struck": (SCHOOL, lambda row: row["strike_days"][0].update(took_part=1)),
    "a strike day made up": (
        WITHOUT_A_BALLOT,
        lambda row: row["strike_days"].append({"on": "2026-10-01", "took_part": None}),
    ),
    "a penny": (SCHOOL, lambda row: row.update(reimbursed_pence=row["reimbursed_pence"] + 1)),
    "a deadline": (SCHOOL, lambda row: row["deadlines"].update(met=row["deadlines"]["met"] + 1)),
    "a notice sent": (TRUST, lambda row: row["notices"].update(sent=row["notices"]["sent"] + 1)),
    "a notice proved": (TRUST, lambda row: row["notices"].update(proved=row["notices"]["proved"] - 1)),
}


@pytest.mark.parametrize(("urn", "alter"), TABLE.values(), ids=TABLE)
def test_a_table_that_says_otherwise_is_found(
    demonstration: Demonstration, untouched: LeftBehind, urn: str, alter: Callable[[dict[str, Any]], None]
) -> None:
    """Turns red if ballots are compared only where there is one, or what is put beside the table is what it says."""
    document = json.loads(json.dumps(demonstration.document))
    [row] = [each for each in document["cases"] if each["urn"] == urn]
    alter(row)
    assert [each.partition(":")[0] for each in check(untouched, document, parts=())[1]] == [f"case {row['ref']}"]


def test_every_column_of_the_table_is_compared(demonstration: Demonstration, untouched: LeftBehind) -> None:
    """Turns red for a name that is taken out of `OF_A_CASE` or `OF_A_BALLOT`, and for one that the table gains."""
    reckoned = {row["ref"]: row for row in check(untouched, parts=())[0]}
    for told in demonstration.document["cases"]:
        row = reckoned[told["ref"]]
        for name in told.keys() - {"ref", "play", "title", "ballots"}:
            assert len(list(compared(row, {**told, name: "otherwise"}))) == 1, name
        for name in (name for ballot in told["ballots"] for name in ballot):
            ballots = [{**ballot, name: "otherwise"} for ballot in told["ballots"]]
            assert len(list(compared(row, {**told, "ballots": ballots}))) == 1, name
