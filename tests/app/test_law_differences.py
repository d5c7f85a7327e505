"""Two laws compared: every key that bears on the law is seen, and what differs is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.law_tables import tell_preview
from app.law_acts import preview_of_files
from core.law import ROOT, current_law

ACTION_NOTICE = "ballots.action_notice_days"
TURNOUT = "ballots.turnout_fraction"


def proposed(folder: Path, parameter: str, was: str, now: str) -> str:
    """A folder of its own with one file of the law in which the last `was` is another text. Its path."""
    folder.mkdir(exist_ok=True)
    head, found, tail = (ROOT / f"ballots/law/{parameter}.yaml").read_text(encoding="utf-8").rpartition(was)
    assert found, was
    (folder / f"{parameter}.yaml").write_text(head + now + tail, encoding="utf-8")
    return str(folder)


def told_of(folder: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a preview of a folder prints for people."""
    tell_preview(preview_of_files(current_law(), Path(folder)))
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("parameter", "was", "now", "said"),
    [
        (ACTION_NOTICE, "before: 2026-02-18", "before: 2026-03-18", "unless earlier_action_notice_received_on before"),
        (ACTION_NOTICE, "keyed_on: action_notice_received_on", "keyed_on: action_taken_on", "the file, keyed_on:"),
        (ACTION_NOTICE, "unit: calendar_days", "unit: days", "unit: calendar_days becomes days"),
        (ACTION_NOTICE, "certainty: confirmed", "certainty: practitioner", "certainty: confirmed becomes practitioner"),
        (ACTION_NOTICE, 'act: "', 'act: "The ', "the value from Wednesday 18 February 2026, citation:"),
        (ACTION_NOTICE, "https://", "https://www.", "the value from Wednesday 18 February 2026, url:"),
        (TURNOUT, "value: null", 'value: "1/4"', "planned end-of-turnout-test, value: none becomes 1/4"),
        (TURNOUT, "change: end-of-turnout-test", "change: end-of-test", "planned end-of-turnout-test: no longer"),
        (TURNOUT, "    change: end", "    expected: soon\n    change: end", "expected: none becomes soon"),
    ],
)
def test_a_preview_compares_every_key_and_names_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, parameter: str, was: str, now: str, said: str
) -> None:
    """Turns red if a key is dropped from `OF_A_VALUE` or `HEAD`, or planned values are not compared."""
    folder = proposed(tmp_path / "proposed", parameter, was, now)
    seen = preview_of_files(current_law(), Path(folder))
    assert [each["parameter"] for each in seen["parameters"]] == [parameter]
    assert seen["parameters"][0]["changes"]
    told = told_of(folder, capsys)
    assert said in told
    assert len(told.splitlines()) == len(set(told.splitlines())), "no line is printed twice"
    then = [line.partition(", then: ")[2] for line in told.splitlines() if ", then: " in line]
    assert then != [line.partition(", now: ")[2] for line in told.splitlines() if ", now: " in line] or not then


def test_a_later_day_of_reading_is_no_other_law(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Turns red if `last_checked` is compared: everybody's files would differ from their own records."""
    folder = proposed(tmp_path / "proposed", TURNOUT, "last_checked: 2026-11-21", "last_checked: 2026-11-22")
    assert "no value differs" in told_of(folder, capsys)


def test_a_preview_of_files_does_not_speak_of_live_cases(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Turns red if nothing looked at is told as nothing that moves."""
    told = told_of(proposed(tmp_path / "proposed", TURNOUT, '"1/2"', '"1/4"'), capsys)
    assert "Live cases were not looked at" in told
    assert "moves." not in told
