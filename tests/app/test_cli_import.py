"""`mandate import` and `mandate init` as a person and as a program meet them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.cli.main import run
from casework.register.imports import BUNDLED_EXTRACT
from casework.register.models import ImportRun, Member, Workplace
from core.db import Base, Database
from core.history import HistoryEntry
from core.settings import settings
from core.unit_of_work import reading
from tests.casework.register.files import MEMBER, OFFICER, SCHOOL, write
from tests.processes import mandate as program


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Mandate = Callable[..., Answer]


@pytest.fixture
def mandate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Mandate]:
    """The executable, run in this process on a database of its own."""

    def mandate(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["mandate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run()
        printed = capsys.readouterr()
        return Answer(int(ended.value.code or 0), printed.out, printed.err)

    monkeypatch.setenv("MANDATE_DATABASE_URL", f"sqlite:///{tmp_path / 'command.db'}")
    settings.cache_clear()
    yield mandate
    settings.cache_clear()


@pytest.fixture
def stored(mandate: Mandate, tmp_path: Path) -> Database:
    """The commands' database, with its tables."""
    database = Database(f"sqlite:///{tmp_path / 'command.db'}")
    Base.metadata.create_all(database.engine)
    return database


def _count(database: Database, table: type[Base]) -> int:
    with reading(on=database) as uow:
        return uow.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_bundled_extract_goes_in_and_the_report_adds_up(mandate: Mandate, stored: Database) -> None:
    """Red when a key of the document is renamed."""
    first = json.loads(mandate("import", "workplaces", BUNDLED_EXTRACT, "--json").out)
    again = json.loads(mandate("import", "workplaces", BUNDLED_EXTRACT, "--json").out)
    assert first == {
        "kind": "workplaces",
        "file": "register_extract.csv",
        "file_sha256": again["file_sha256"],
        "dry_run": False,
        "rows": 1598,
        "stored": 1598,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "rejects": [],
    }
    assert (again["stored"], again["updated"], again["unchanged"]) == (0, 0, 1598)
    assert _count(stored, Workplace) == 1598


def test_a_pipe_gets_no_progress_bar(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when the bar is drawn without a terminal."""
    answer = mandate("import", "workplaces", write(tmp_path / "register.csv", [SCHOOL]), "--json")
    assert answer.err == ""


def test_officers_and_members_follow_their_schools(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when a command calls another kind's import."""
    for kind, row in (("workplaces", SCHOOL), ("officers", OFFICER), ("members", MEMBER)):
        answer = mandate("import", kind, write(tmp_path / f"{kind}.csv", [row]))
        assert answer.code == 0, answer.err
        assert answer.out == f"{kind}.csv: 1 rows of {kind}: 1 new, 0 changed, 0 unchanged, 0 rejected.\n"
    assert _count(stored, Member) == 1


def test_a_rejected_row_is_shown_with_line_field_found_and_wanted(
    mandate: Mandate, stored: Database, tmp_path: Path
) -> None:
    """Red when rejects are only counted."""
    file = write(tmp_path / "register.csv", [SCHOOL, SCHOOL | {"URN": "12"}])
    shown, as_json = mandate("import", "workplaces", file), mandate("import", "workplaces", file, "--json")
    for piece in ("Rejected rows", "3", "URN", "12", "six digits, the first not 0"):
        assert piece in shown.out
    assert json.loads(as_json.out)["rejects"] == [
        {
            "line": 3,
            "cell": None,
            "field": "URN",
            "found": "12",
            "wanted": "six digits, the first not 0",
            "other_fields": [],
        }
    ]
    assert (shown.code, as_json.code) == (0, 0)


def test_brackets_in_a_cell_are_shown_as_they_stand(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when cells are printed unescaped: [/b] would be read as the end of bold type and fail."""
    answer = mandate("import", "workplaces", write(tmp_path / "register.csv", [SCHOOL, SCHOOL | {"URN": "[/b]"}]))
    assert answer.code == 0
    assert "[/b]" in answer.out


def test_a_file_with_no_usable_row_is_bad_input(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when the exit code does not depend on the report."""
    answer = mandate("import", "workplaces", write(tmp_path / "register.csv", [SCHOOL | {"URN": "12"}]), "--json")
    assert (answer.code, json.loads(answer.out)["rejected"]) == (2, 1)


def test_rejects_are_put_right_and_imported(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when the file of rejects lacks the row itself."""
    rejects = tmp_path / "rejects.csv"
    file = write(tmp_path / "register.csv", [SCHOOL, SCHOOL | {"URN": "12"}])
    answer = mandate("import", "workplaces", file, "--rejects", rejects)
    assert f"All 1 are in {rejects}" in answer.out
    with rejects.open(encoding="utf-8-sig", newline="") as rows:
        (row,) = csv.DictReader(rows)
    assert (row["rejected_line"], row["rejected_field"], row["rejected_found"]) == ("3", "URN", "12")
    right = write(tmp_path / "right.csv", [row | {"URN": "118012"}])
    assert json.loads(mandate("import", "workplaces", right, "--json").out)["stored"] == 1


def test_rejects_that_cannot_be_written_undo_the_import(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when the file of rejects is written after the commit: the rows to put right would be lost."""
    file = write(tmp_path / "register.csv", [SCHOOL, SCHOOL | {"URN": "12"}])
    answer = mandate("import", "workplaces", file, "--rejects", tmp_path / "absent" / "rejects.csv")
    assert answer.code == 2
    assert "--rejects: found" in answer.err
    assert _count(stored, ImportRun) == 0


def test_rejects_never_overwrite_the_file_itself(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when the two paths are not compared."""
    file = write(tmp_path / "register.csv", [SCHOOL])
    before = file.read_bytes()
    answer = mandate("import", "workplaces", file, "--rejects", tmp_path / "." / "register.csv")
    assert answer.code == 2
    assert file.read_bytes() == before


def test_a_dry_run_leaves_the_database_as_it_was(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when `--dry-run` is not handed on."""
    answer = mandate("import", "workplaces", write(tmp_path / "register.csv", [SCHOOL]), "--dry-run")
    assert "1 new" in answer.out
    assert "Dry run: nothing was stored." in answer.out
    assert _count(stored, Workplace) == _count(stored, HistoryEntry) == 0


def test_the_clock_of_an_import_can_be_set(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when `--as-of` is not handed on: noon in London in July is eleven o'clock UTC."""
    file = write(tmp_path / "register.csv", [SCHOOL])
    mandate("import", "workplaces", file, "--as-of", "2026-07-01T12:00")
    with reading(on=stored) as uow:
        assert uow.session.scalars(select(ImportRun.at)).one().isoformat() == "2026-07-01T11:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("register.csv",),
            "FILE: found 'register.csv', wanted a CSV file or workbook to read (No such file or directory).",
        ),
        (("register.csv", "--as-of", "soon"), "--as-of: found 'soon', wanted a date such as 2026-12-01T09:00."),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_2(
    mandate: Mandate,
    stored: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    """Red when the error is let through as a traceback."""
    monkeypatch.chdir(tmp_path)
    answer = mandate("import", "workplaces", *arguments)
    assert (answer.code, answer.out, answer.err) == (2, "", f"{sentence}\n")


def test_a_database_without_tables_asks_for_init(mandate: Mandate, tmp_path: Path) -> None:
    """Red when `acting`, or a sweep before it is a worker, does not look for tables first."""
    imported = mandate("import", "workplaces", write(tmp_path / "register.csv", [SCHOOL]))
    # In a process of its own, for this one may have Prefect already.
    swept = subprocess.run(program("sweep", "outbox"), capture_output=True, text=True, check=False)
    for code, err in ((imported.code, imported.err), (swept.returncode, swept.stderr)):
        assert code == 2
        assert "has no tables yet. Run `mandate init` first." in err


def test_asking_before_init_leaves_no_empty_database(mandate: Mandate, tmp_path: Path) -> None:
    """Red when `acting` connects to a file that is not there, which SQLite then makes."""
    before = sorted(tmp_path.rglob("*.db"))
    answer = mandate("law", "check")
    assert (answer.code, "Run `mandate init` first." in answer.err) == (2, True)
    assert sorted(tmp_path.rglob("*.db")) == before == []


def test_a_file_that_is_no_database_is_not_a_traceback(mandate: Mandate, tmp_path: Path) -> None:
    """Red when `_explained` lets `DatabaseError` through."""
    (tmp_path / "command.db").write_bytes(b"this is no database, whatever its name says" * 100)
    answer = mandate("import", "members", write(tmp_path / "members.csv", [MEMBER]))
    assert answer.code == 4
    assert "refused a statement (DatabaseError)" in answer.err


def test_a_statement_that_fails_shows_nobodys_data(mandate: Mandate, stored: Database, tmp_path: Path) -> None:
    """Red when `_explained` lets the driver's error through: it prints the values of the statement."""
    mandate("import", "workplaces", write(tmp_path / "register.csv", [SCHOOL]))
    with stored.writing() as session:
        session.execute(text("DROP TABLE members"))
    answer = mandate("import", "members", write(tmp_path / "members.csv", [MEMBER]))
    assert answer.code == 4
    assert "lacks a table" in answer.err
    assert "Rowanmere" not in answer.out + answer.err


def test_init_makes_a_database_that_imports_can_use(mandate: Mandate, tmp_path: Path) -> None:
    """Red when the migrations fall behind the tables of the register."""
    first, again = mandate("init"), mandate("init", "--json")
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert json.loads(again.out) == {"database": f"sqlite:///{tmp_path / 'command.db'}", "created": False}
    for kind, row in (("workplaces", SCHOOL), ("officers", OFFICER), ("members", MEMBER)):
        answer = mandate("import", kind, write(tmp_path / f"{kind}.csv", [row]), "--json")
        assert json.loads(answer.out)["stored"] == 1


@pytest.mark.parametrize(
    "command", [("import",), ("import", "workplaces"), ("import", "members"), ("import", "officers")]
)
def test_every_help_answers(mandate: Mandate, command: tuple[str, ...]) -> None:
    """Red when a command of the group cannot be loaded, or its example goes."""
    answer = mandate(*command, "--help")
    assert answer.code == 0
    assert "Example: mandate import" in answer.out or command == ("import",)
