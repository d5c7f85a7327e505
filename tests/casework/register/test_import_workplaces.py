"""Taking in the register: every row is accounted for, its employer told, and nothing is half done."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from casework.register import workplaces
from casework.register.employers import Confidence, EmployerKind, Service
from casework.register.imports import BUNDLED_EXTRACT, import_officers, import_workplaces
from casework.register.intake import ImportReport, Phase, Taking
from casework.register.models import Association, Employer, ImportRun, Officer, Workplace
from core.db import Database
from core.errors import BadInput
from core.history import HistoryEntry, verify
from core.nations import Nation
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.casework.register.files import IN_2017, OFFICER, SCHOOL, TODAY, write
from tests.engines import Engine, blank, opened

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

ROWS_OF_THE_EXTRACT = 1598


def _counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.stored, report.updated, report.unchanged, report.rejected


def _in_the_words_of_2017(row: dict[str, str]) -> dict[str, str]:
    same = dict(zip(TODAY, TODAY, strict=True)) | {
        "LA (code)": "Local authority (code)",
        "LA (name)": "Local authority (name)",
        "EstablishmentName": "Establishment name",
        "TypeOfEstablishment (name)": "Type of establishment",
        "EstablishmentStatus (name)": "Establishment status",
        "OpenDate": "Opening date",
        "PhaseOfEducation (name)": "Phase of education",
    }
    row_of_2017 = {same[heading]: cell or "NA" for heading, cell in row.items() if same[heading] in IN_2017}
    return row_of_2017 | {"County": "NA", "Opening date": row["OpenDate"].replace("-", "/") or "NA"}


@pytest.fixture(scope="module")
def whole_register(engine: Engine) -> Iterator[Database]:
    """The bundled extract, imported once."""
    with engine.lent(blank(engine)) as url, opened(url) as database:
        with unit_of_work("staff:test", on=database) as uow:
            report = import_workplaces(uow, Taking(BUNDLED_EXTRACT))
        assert _counts(report) == (ROWS_OF_THE_EXTRACT, 0, 0, 0)
        yield database


def test_every_row_of_the_bundled_extract_has_an_employer_and_a_reason(whole_register: Database) -> None:
    """Red when `employer_reason` is left empty, or a row is dropped."""
    with reading(on=whole_register) as uow:
        stored = uow.session.scalars(select(Workplace)).all()
        assert len(stored) == ROWS_OF_THE_EXTRACT
        assert all(workplace.employer.name and workplace.employer_reason for workplace in stored)
        kinds = {workplace.employer.kind for workplace in stored}
    assert kinds == {
        EmployerKind.LOCAL_AUTHORITY,
        EmployerKind.GOVERNING_BODY,
        EmployerKind.TRUST,
        EmployerKind.PROPRIETOR,
    }


def test_the_schools_of_one_council_or_one_trust_share_an_employer(whole_register: Database) -> None:
    """Red when an employer is made for each row: notices go to employers, one each."""
    with reading(on=whole_register) as uow:
        schools = select(Employer.name, func.count()).join(Workplace).group_by(Employer.id, Employer.name)
        of_trusts = schools.where(Employer.kind == EmployerKind.TRUST, Employer.register_key.startswith("trust:"))
        trusts = dict(uow.session.execute(of_trusts).tuples().all())
    assert trusts["ACADEMIES ENTERPRISE TRUST"] == 25
    assert sum(trusts.values()) == 81


def test_importing_the_extract_again_changes_nothing(whole_register: Database) -> None:
    """Red when any column compares unlike after its way through the database."""
    with unit_of_work("staff:test", on=whole_register) as uow:
        report = import_workplaces(uow, Taking(BUNDLED_EXTRACT))
    assert _counts(report) == (0, 0, ROWS_OF_THE_EXTRACT, 0)


def test_the_extract_is_taken_in_within_three_seconds_of_work(database: Database) -> None:
    """Red when rows are stored one statement each."""
    started = time.process_time()
    with unit_of_work("staff:test", on=database) as uow:
        import_workplaces(uow, Taking(BUNDLED_EXTRACT))
    assert time.process_time() - started < 3


def test_a_school_is_stored_as_the_register_has_it(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when a heading of `WORKPLACE_HEADINGS` points to another field."""
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL])))
    school = workplaces.find(uow, "118000")
    assert school.name == "Oast Lane Primary School"
    assert school.postal_lines == ["Oast Lane", "Maidstone", "ME14 1XX"]
    assert (school.opened_on and school.opened_on.isoformat(), school.closed_on) == ("1996-09-01", None)
    assert (school.nation, school.service, school.stpcd_binds) == (Nation.ENGLAND, Service.STATE_TEACHING, True)
    assert (school.employer.register_key, school.employer_confidence) == ("la:886", Confidence.CERTAIN)


def test_the_words_of_2017_give_the_same_school(database: Database, tmp_path: Path) -> None:
    """Red when a 2017 spelling is taken out of `WORKPLACE_HEADINGS`: the second file would differ or be refused."""
    today = write(tmp_path / "today.csv", [SCHOOL])
    in_2017 = write(tmp_path / "2017.csv", [_in_the_words_of_2017(SCHOOL)], encoding="cp1252")
    with unit_of_work("staff:test", on=database) as uow:
        import_workplaces(uow, Taking(today))
        assert _counts(import_workplaces(uow, Taking(in_2017))) == (0, 0, 1, 0)


def test_a_governing_body_and_a_proprietor_are_written_to_at_the_school(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when `AT_SCHOOL` loses a kind: a notice would have no address."""
    aided = SCHOOL | {"TypeOfEstablishment (name)": "Voluntary aided school"}
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", [aided])))
    employer = workplaces.find(uow, "118000").employer
    assert employer.postal_lines == ["Oast Lane Primary School", "Oast Lane", "Maidstone", "ME14 1XX"]


REFUSALS = [
    ({"URN": "12345"}, "URN", "12345", "six digits, the first not 0"),
    ({"URN": "１２３４５６"}, "URN", "１２３４５６", "six digits, the first not 0"),
    ({"EstablishmentName": ""}, "EstablishmentName", "", "the establishment's name"),
    ({"LA (code)": ""}, "LA (code)", "", "the three digits of a local authority in England or Wales"),
    ({"LA (code)": "704"}, "LA (code)", "704", "the three digits of a local authority in England or Wales"),
    ({"LA (name)": ""}, "LA (name)", "", "the local authority's name"),
    ({"Postcode": "ME141XX"}, "Postcode", "ME141XX", "a postcode such as SW1A 1AA"),
    ({"OpenDate": "31-02-1996"}, "OpenDate", "31-02-1996", "a date such as 2026-09-01 or 01/09/2026, or nothing"),
    ({"OpenDate": "9/1/96"}, "OpenDate", "9/1/96", "a date such as 2026-09-01 or 01/09/2026, or nothing"),
    (
        {"EstablishmentStatus (name)": "Ajar"},
        "EstablishmentStatus (name)",
        "Ajar",
        "one of: Open; Open, but proposed to close; Proposed to open; Closed",
    ),
    (
        {"TypeOfEstablishment (name)": "Hedge school"},
        "TypeOfEstablishment (name)",
        "Hedge school",
        "a type of establishment that tells the employer. "
        '"Hedge school" is not a type of establishment that is known here.',
    ),
]


@pytest.mark.parametrize(("change", "field", "found", "wanted"), REFUSALS)
def test_a_row_that_cannot_be_used_says_why_and_the_others_go_in(
    uow: UnitOfWork, tmp_path: Path, change: dict[str, str], field: str, found: str, wanted: str
) -> None:
    """Red when the field's pattern or validator in `WorkplaceRow` is taken out."""
    file = write(tmp_path / "register.csv", [SCHOOL | change, SCHOOL | {"URN": "118001"}])
    report = import_workplaces(uow, Taking(file))
    (reject,) = report.rejects
    assert (reject.line, reject.field, reject.found, reject.wanted) == (2, field, found, wanted)
    assert _counts(report) == (1, 0, 0, 1)


def test_a_row_with_several_faults_names_them_all(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when `_fault` drops the others: a person would put one right and be sent back."""
    report = import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL | {"URN": "1", "LA (code)": ""}])))
    assert report.rejects[0].other_fields == ("LA (code)",)


def test_a_number_that_stands_twice_is_taken_once(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when `_judge` forgets the keys it has seen."""
    file = write(tmp_path / "register.csv", [SCHOOL, SCHOOL | {"EstablishmentName": "Another"}])
    (reject,) = import_workplaces(uow, Taking(file)).rejects
    assert (reject.line, reject.field, reject.found) == (3, "URN", "118000")
    assert "line 2 has it already" in reject.wanted
    assert workplaces.find(uow, "118000").name == "Oast Lane Primary School"


def test_a_rejected_row_does_not_stand_in_the_way_of_a_usable_one(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when a row claims its number before it is known to be usable."""
    unusable = SCHOOL | {"TypeOfEstablishment (name)": "Hedge school"}
    assert _counts(import_workplaces(uow, Taking(write(tmp_path / "register.csv", [unusable, SCHOOL])))) == (1, 0, 0, 1)


def test_a_school_that_changed_is_updated(database: Database, tmp_path: Path) -> None:
    """Red when `_differs` looks at the key alone."""
    with unit_of_work("staff:test", on=database) as uow:
        import_workplaces(uow, Taking(write(tmp_path / "first.csv", [SCHOOL])))
    renamed = SCHOOL | {"EstablishmentName": "Kiln Lane Primary School"}
    with unit_of_work("staff:test", on=database) as uow:
        assert _counts(import_workplaces(uow, Taking(write(tmp_path / "second.csv", [renamed])))) == (0, 1, 0, 0)
        assert workplaces.find(uow, "118000").name == "Kiln Lane Primary School"


def test_an_employer_that_is_called_otherwise_now_counts_its_schools_as_updated(
    uow: UnitOfWork, tmp_path: Path
) -> None:
    """Red when `touched` is not handed to `plan`: the file would be called unchanged although an employer changed."""
    academy = SCHOOL | {"TypeOfEstablishment (name)": "Academy converter", "Trusts (name)": "OAST TRUST"}
    import_workplaces(uow, Taking(write(tmp_path / "first.csv", [academy])))
    report = import_workplaces(uow, Taking(write(tmp_path / "second.csv", [academy | {"Trusts (name)": "Oast Trust"}])))
    assert _counts(report) == (0, 1, 0, 0)
    assert workplaces.find(uow, "118000").employer.name == "Oast Trust"


def test_a_file_that_names_no_trust_does_not_take_the_trust_away(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when `EmployersNamed.found` ignores what earlier files named."""
    academy = SCHOOL | {"TypeOfEstablishment (name)": "Academy converter", "Trusts (name)": "OAST TRUST"}
    import_workplaces(uow, Taking(write(tmp_path / "first.csv", [academy])))
    report = import_workplaces(uow, Taking(write(tmp_path / "second.csv", [academy | {"Trusts (name)": ""}])))
    assert _counts(report) == (0, 0, 1, 0)
    assert workplaces.find(uow, "118000").employer.name == "OAST TRUST"


def test_a_trust_that_becomes_known_replaces_the_unnamed_one(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when an employer once stored is never looked at again."""
    academy = SCHOOL | {"TypeOfEstablishment (name)": "Academy converter"}
    import_workplaces(uow, Taking(write(tmp_path / "first.csv", [academy])))
    assert workplaces.find(uow, "118000").employer_confidence is Confidence.UNKNOWN
    import_workplaces(uow, Taking(write(tmp_path / "second.csv", [academy | {"Trusts (name)": "OAST TRUST"}])))
    assert workplaces.find(uow, "118000").employer.register_key == "trust:OAST TRUST"


def test_an_address_that_a_person_gave_a_council_outlives_the_next_import(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when the register's missing address is written over the one that was entered."""
    import_workplaces(uow, Taking(write(tmp_path / "first.csv", [SCHOOL])))
    council = workplaces.find(uow, "118000").employer
    council.postal_lines, council.email = ["County Hall"], "notices@example.org"
    uow.session.flush()
    import_workplaces(uow, Taking(write(tmp_path / "second.csv", [SCHOOL | {"LA (name)": "Kent County"}])))
    uow.session.expire_all()
    assert (council.name, council.postal_lines) == ("Kent County local authority", ["County Hall"])
    assert council.email == "notices@example.org"


def test_a_governing_body_moves_with_its_school(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when an address once stored is never looked at again: notices would go to the old building."""
    aided = SCHOOL | {"TypeOfEstablishment (name)": "Voluntary aided school"}
    import_workplaces(uow, Taking(write(tmp_path / "first.csv", [aided])))
    import_workplaces(uow, Taking(write(tmp_path / "second.csv", [aided | {"Street": "Kiln Lane"}])))
    assert workplaces.find(uow, "118000").employer.postal_lines[1] == "Kiln Lane"


def test_an_address_that_a_person_gave_a_governing_body_outlives_the_next_import(
    uow: UnitOfWork, tmp_path: Path
) -> None:
    """Red when `_served_elsewhere` is not asked."""
    aided = SCHOOL | {"TypeOfEstablishment (name)": "Voluntary aided school"}
    import_workplaces(uow, Taking(write(tmp_path / "first.csv", [aided])))
    workplaces.find(uow, "118000").employer.postal_lines = ["The Clerk", "PO Box 1"]
    uow.session.flush()
    import_workplaces(uow, Taking(write(tmp_path / "second.csv", [aided | {"Street": "Kiln Lane"}])))
    assert workplaces.find(uow, "118000").employer.postal_lines == ["The Clerk", "PO Box 1"]


def test_a_file_without_a_closing_column_leaves_closing_days_alone(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when columns that a file leaves out are stored as absent values."""
    closed = SCHOOL | {"EstablishmentStatus (name)": "Closed", "CloseDate": "31-08-2021"}
    import_workplaces(uow, Taking(write(tmp_path / "today.csv", [closed])))
    import_workplaces(uow, Taking(write(tmp_path / "2017.csv", [_in_the_words_of_2017(closed)])))
    closed_on = workplaces.find(uow, "118000").closed_on
    assert closed_on is not None
    assert closed_on.isoformat() == "2021-08-31"


def test_schools_go_to_the_association_that_covers_their_authority(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when workplaces imported after the officers are not linked."""
    import_officers(uow, Taking(write(tmp_path / "officers.csv", [OFFICER])))
    import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL])))
    association = workplaces.find(uow, "118000").association
    assert association is not None
    assert association.name == "Kent Association"


def test_a_dry_run_counts_alike_and_stores_nothing(database: Database, tmp_path: Path) -> None:
    """Red when `conclude` applies changes on a dry run."""
    file = write(tmp_path / "register.csv", [SCHOOL, SCHOOL | {"URN": "x"}])
    with unit_of_work("staff:test", on=database) as uow:
        dry = import_workplaces(uow, Taking(file, dry_run=True))
    with reading(on=database) as uow:
        for table in (Workplace, Employer, ImportRun, HistoryEntry, Association, Officer):
            assert uow.session.scalar(select(func.count()).select_from(table)) == 0, table
    with unit_of_work("staff:test", on=database) as uow:
        real = import_workplaces(uow, Taking(file))
    assert _counts(dry) == _counts(real) == (1, 0, 0, 1)


def test_an_import_is_recorded_with_counts_and_digest_and_nothing_else(uow: UnitOfWork, tmp_path: Path) -> None:
    """Red when the run or the entry is not written, or names anything of the rows."""
    report = import_workplaces(uow, Taking(write(tmp_path / "register.csv", [SCHOOL])))
    run = uow.session.scalars(select(ImportRun)).one()
    entry = uow.session.scalars(select(HistoryEntry)).one()
    assert (run.rows, run.stored, run.file_sha256, run.at) == (1, 1, report.file_sha256, uow.now)
    assert (entry.action, entry.subject) == ("register:workplaces:imported", f"import:{run.id}")
    counts = {"rows": 1, "stored": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    assert entry.facts == counts | {"file_sha256": report.file_sha256, "named_stored": 1, "named_updated": 0}
    assert verify(uow.session).whole


def test_a_file_that_is_refused_leaves_no_trace(database: Database, tmp_path: Path) -> None:
    """Red when the run is recorded before the file is read."""
    broken = tmp_path / "register.csv"
    broken.write_text("URN\n118000\n")
    with pytest.raises(BadInput), unit_of_work("staff:test", on=database) as uow:
        import_workplaces(uow, Taking(broken))
    with reading(on=database) as uow:
        assert uow.session.scalar(select(func.count()).select_from(ImportRun)) == 0


def test_progress_runs_from_nothing_to_all_rows(uow: UnitOfWork) -> None:
    """Red when the last rows are not told."""
    told: list[tuple[Phase, int, int]] = []
    taking = Taking(BUNDLED_EXTRACT, progress=lambda phase, done, total: told.append((phase, done, total)))
    import_workplaces(uow, taking)
    assert list(dict.fromkeys(phase for phase, _, _ in told)) == list(Phase)
    judged = [(done, total) for phase, done, total in told if phase is Phase.JUDGING]
    stored = [(done, total) for phase, done, total in told if phase is Phase.STORING]
    assert judged[-1] == (ROWS_OF_THE_EXTRACT, ROWS_OF_THE_EXTRACT)
    assert stored[-1][0] == stored[-1][1] > ROWS_OF_THE_EXTRACT  # its employers too
    assert (judged, stored) == (sorted(judged), sorted(stored))


KILLED = """
import os, signal, sys
from pathlib import Path
from casework.register.imports import BUNDLED_EXTRACT, import_workplaces
from casework.register.intake import Taking
from casework.register.models import Workplace
from core.db import Database
from core.unit_of_work import unit_of_work
from sqlalchemy import func, select

with unit_of_work("staff:test", on=Database(sys.argv[1])) as uow:
    import_workplaces(uow, Taking(BUNDLED_EXTRACT))
    print(uow.session.scalar(select(func.count()).select_from(Workplace)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_an_import_killed_before_its_end_leaves_nothing(database: Database) -> None:
    """Red when an import commits by itself: the rows were written when the process died."""
    killed = subprocess.run([sys.executable, "-c", KILLED, database.url], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout.strip() == str(ROWS_OF_THE_EXTRACT)
    with reading(on=database) as uow:
        for table in (Workplace, Employer, ImportRun, HistoryEntry):
            assert uow.session.scalar(select(func.count()).select_from(table)) == 0, table


FAULTS = st.sampled_from(
    [
        {},
        {},
        {"URN": "0"},
        {"LA (code)": "7"},
        {"TypeOfEstablishment (name)": "?"},
        {"OpenDate": "soon"},
        {"Postcode": ""},
    ]
)
ROWS = st.lists(
    st.builds(lambda urn, fault: SCHOOL | {"URN": str(118000 + urn)} | fault, st.integers(0, 9), FAULTS),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25)
@given(first=ROWS, second=ROWS)
def test_every_row_is_stored_updated_unchanged_or_rejected(
    engine: Engine, first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    """Red when a row is counted twice or not at all, or when a second run of a file finds anything to do."""
    with (
        TemporaryDirectory() as folder,
        engine.lent(blank(engine)) as url,
        opened(url) as database,
        unit_of_work("staff:test", on=database) as uow,
    ):
        for number, rows in enumerate((first, second, second)):
            report = import_workplaces(uow, Taking(write(Path(folder) / f"{number}.csv", rows)))
            assert report.rows == len(rows) == sum(_counts(report))
            assert [reject.line for reject in report.rejects] == sorted({each.line for each in report.rejects})
        assert (report.stored, report.updated) == (0, 0)
        good = {row["URN"] for row in first + second if _usable(row)}
        assert uow.session.scalar(select(func.count()).select_from(Workplace)) == len(good)


def _usable(row: dict[str, str]) -> bool:
    return row == SCHOOL | {"URN": row["URN"]} and len(row["URN"]) == 6
