"""The commands that look after the law, as a person and a program meet them."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.db import Database
from core.law import ROOT
from core.law_records import ExtraHoliday, LawCheck
from core.unit_of_work import reading
from tests.app.conftest import Command
from tests.app.law_scene import DUE, JO, LATER, SOURCE, declared, voting

WHO = ("--by", JO, "--read", SOURCE)
HOLIDAY = ("law", "holiday", DUE, "--nation", "england", "--name", "A day of thanks", *WHO)
COMMENCE = ("law", "commence", "end-of-turnout-test", "--from", "2027-04-01", "--instrument", "SI 2026/123", *WHO)


def rows(database: Database, kind: type) -> int:
    with reading(on=database) as uow:
        return uow.session.query(kind).count()


def test_a_holiday_lists_what_moves_and_saves_nothing(command: Command, migrated: Database) -> None:
    """Turns red if `--save` is the default, or the list leaves out who is told."""
    ref = declared(migrated)
    seen = command(*HOLIDAY, "--json")
    move = seen.document["moves"][0]
    assert (seen.code, seen.document["saved"], move["case"], move["from"], move["to"]) == (0, False, ref, DUE, LATER)
    assert move["told"].startswith("officer:")
    assert rows(migrated, ExtraHoliday) == 0
    people = command(*HOLIDAY)
    assert "nothing was saved" in people.out
    assert ref in people.out


def test_a_holiday_saved_moves_and_a_second_time_does_nothing(command: Command, migrated: Database) -> None:
    """Turns red if a second run moves or records anything."""
    declared(migrated)
    first, again = command(*HOLIDAY, "--save", "--json"), command(*HOLIDAY, "--save", "--json")
    assert (first.document["saved"], again.document["saved"], again.document["moves"]) == (True, False, [])
    assert rows(migrated, ExtraHoliday) == 1
    record = first.document["records"][0]["id"]
    undone = command("law", "withdraw", record, *WHO, "--save", "--json")
    assert [(each["from"], each["to"]) for each in undone.document["moves"]] == [(LATER, DUE)]
    assert rows(migrated, ExtraHoliday) == 2


def test_a_commencement_is_the_law_of_the_next_command(command: Command, migrated: Database) -> None:
    """Turns red if `commence` forgets to commit, or commits without `--save`."""
    assert not command(*COMMENCE, "--json").document["saved"]
    assert "end-of-turnout-test" in [each["change"] for each in command("law", "check", "--json").document["planned"]]
    assert command(*COMMENCE, "--save", "--json").document["saved"]
    told = command("law", "check", "--json").document
    assert "end-of-turnout-test" not in [each["change"] for each in told["planned"]]
    assert "end-of-turnout-test in force from 2027-04-01 by SI 2026/123" in [each["what"] for each in told["records"]]


def test_a_commencement_lists_its_values_and_an_unsaved_record_has_no_id(command: Command, migrated: Database) -> None:
    """Turns red if nobody sees what the change is of, or an id is shown that no record will ever have."""
    seen = command(*COMMENCE, "--json").document
    assert "ballots.turnout_fraction" in [each["parameter"] for each in seen["parameters"]]
    assert ([each["id"] for each in seen["records"]], seen["findings"]) == ([None], [])
    people = command(*COMMENCE).out
    assert "ballots.turnout_fraction, then: " in people
    assert "None" not in people


def test_a_commencement_in_the_past_is_told_so(command: Command, migrated: Database) -> None:
    """Turns red if a day gone by passes without a word, or its warn is a refusal."""
    voting(migrated, days_after=60)
    past = ["2026-11-25" if each == "2027-04-01" else each for each in COMMENCE]
    told = command(*past)
    assert (told.code, "is in the past" in told.out) == (0, True)


def test_a_withdrawal_says_that_it_withdraws(command: Command, migrated: Database) -> None:
    """Turns red if what is undone is told as recorded, or a second time as still to be done."""
    record = command(*COMMENCE, "--save", "--json").document["records"][0]["id"]
    undo = ("law", "withdraw", record, *WHO)
    told = [command(*undo).out, command(*undo, "--save").out, command(*undo, "--save").out]
    assert all(
        word in out for word, out in zip(("To withdraw: ", "Withdrawn: ", "withdrawn already"), told, strict=True)
    )
    assert not any("Recorded: " in out or "To record: " in out for out in told)


def test_a_wrong_name_or_person_exits_2_and_names_the_field(command: Command, migrated: Database) -> None:
    """Turns red if bad input is a traceback, or goes into the database."""
    for arguments, field in (
        (("law", "commence", "end-of-all", "--from", "2027-04-01", "--instrument", "SI 2026/1", *WHO), "change"),
        (("law", "holiday", DUE, "--nation", "atlantis", "--name", "A day", *WHO), "nations"),
        (("law", "confirm", "ballots.mandate_months", "--by", "Jo Example", "--read", SOURCE), "by"),
        (("law", "confirm", "ballots.mandate_months", "--from", "2020-01-01", *WHO), "from"),
        (("law", "withdraw", "17", *WHO), "record"),
    ):
        answer = command(*arguments)
        assert (answer.code, field in answer.err) == (2, True), (arguments, answer.err)
    assert command("law", "confirm", "ballots.no_such_days", *WHO).code == 3
    assert rows(migrated, LawCheck) == 0


def test_check_exits_1_while_a_case_waits_and_names_the_cure(command: Command, migrated: Database) -> None:
    """Turns red if a stale value that holds a case up is no refusal, or a check does not cure it."""
    ref = voting(migrated, days_after=170)
    found = command("law", "check", "--json")
    assert (found.code, [each["case"] for each in found.document["blocked"]]) == (1, [ref])
    people = command("law", "check")
    assert (people.code, "BLOCKED" in people.out, "mandate law confirm ballots.mandate_months" in people.out) == (
        1,
        True,
        True,
    )
    done = command("law", "confirm", *found.document["blocked"][0]["parameters"], *WHO, "--json")
    assert (done.code, done.document["freed"]) == (0, [ref])
    assert command("law", "check", "--json").document["blocked"] == []


def test_the_files_alone_need_no_database(command: Command, tmp_path: Path) -> None:
    """Turns red if `--files` opens a database."""
    fresh = command("law", "check", "--files", "--today", "2026-12-01", "--json")
    stale = command("law", "check", "--files", "--today", "2027-03-01", "--json")
    assert (fresh.code, fresh.document["stale"], stale.code) == (0, [], 0)
    assert "ballots.mandate_months" in stale.document["stale"]


def test_a_preview_names_the_values_and_the_deadlines_that_move(
    command: Command, migrated: Database, tmp_path: Path
) -> None:
    """Turns red if the preview compares a folder with itself, or changes anything."""
    ref = voting(migrated)
    name = "ballots.notice_of_ballot_days.yaml"
    proposed = tmp_path / "proposed"
    proposed.mkdir()
    shutil.copy(ROOT / "ballots/law" / name, proposed / name)
    same = command("law", "preview", str(proposed), "--json").document
    assert (same["parameters"], same["moves"]) == ([], [])
    text = (proposed / name).read_text(encoding="utf-8")
    (proposed / name).write_text(text.replace("value: 7", "value: 9"), encoding="utf-8")
    seen = command("law", "preview", str(proposed), "--json").document
    assert [each["parameter"] for each in seen["parameters"]] == ["ballots.notice_of_ballot_days"]
    assert [(each["case"], each["from"], each["to"]) for each in seen["moves"]] == [(ref, "2026-10-13", "2026-10-11")]
    assert "9 from" in command("law", "preview", str(proposed)).out
    only_files = command("law", "preview", str(proposed), "--files", "--json").document
    assert (only_files["parameters"], only_files["moves"]) == (seen["parameters"], None)
    (proposed / name).write_text("label: x\n", encoding="utf-8")
    broken = command("law", "preview", str(proposed))
    assert (broken.code, name in broken.err) == (2, True)


def test_a_folder_without_a_law_file_is_refused(command: Command, tmp_path: Path) -> None:
    """Turns red if an empty folder, another folder or a file passes as one that changes nothing."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "ballots.turnout_fraction.yml").write_text("label: x\n", encoding="utf-8")
    for path in ("empty", "notes", "nowhere", "notes/ballots.turnout_fraction.yml"):
        answer = command("law", "preview", str(tmp_path / path), "--files")
        assert (answer.code, "no law file in this folder" in answer.err) == (2, True), (path, answer)


def test_nothing_is_retimed_while_no_file_changed(command: Command, migrated: Database) -> None:
    declared(migrated)
    assert command("law", "retime", "--save", "--json").document["new"] is False
