"""The tables of the law at the terminal: names whole at every width, values in words, one sentence for many stops."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from app.cli.law import app
from core.law import current_law

NAMES = {parameter.name for parameter in current_law().parameters()}


def printed(*arguments: str, width: int = 100) -> tuple[int, str]:
    """The exit code, and what a command prints on a terminal so wide."""
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(app, arguments)
    return done.exit_code, done.stdout


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
@pytest.mark.parametrize("arguments", [("list",), ("check", "--files")])
def test_the_name_of_a_parameter_is_never_cut(arguments: tuple[str, ...], width: int) -> None:
    """Turns red if the column of names may fold, or no column is dropped for it."""
    code, out = printed(*arguments, width=width)
    rows = {line.split("│")[1].strip() for line in out.splitlines() if line.startswith("│")}
    assert (code, rows - {""}) == (0, NAMES)
    if width >= 80:
        table = [line for line in out.splitlines() if line[:1] in "│┃┏┡└"]
        assert max(map(len, table)) <= max(width, 98)


def test_the_check_says_of_which_nations_a_value_is() -> None:
    """Turns red if Scotland's fraction of a day's pay cannot be told from England's."""
    rows = [line for line in printed("check", "--files", width=160)[1].splitlines() if "strike_deduction" in line]
    assert sum("scotland" in row for row in rows) == 1
    assert len(rows) > 1


def test_values_are_in_words_and_not_in_the_words_of_a_program() -> None:
    """Turns red if a list or a flag is printed as Python writes it; programs read the same JSON as before."""
    out = printed("list", width=200)[1]
    assert "below 5,000 members: £40,000; below 25,000 members" in re.sub(r"[ │\n]+", " ", out)
    for word in ("True", "False", "[", "None", "by_workplace"):
        assert word not in out, word
    parameters = json.loads(printed("list", "--json")[1])["parameters"]
    assert next(each for each in parameters if each["parameter"] == "ballots.damages_cap")["value"][0] == [
        5000,
        4000000,
    ]


def test_a_day_before_all_law_is_one_sentence_for_people_and_every_stop_for_programs() -> None:
    """Turns red if people read the same stop once for each parameter, or programs lose one."""
    code, out = printed("list", "--on", "1990-01-01")
    assert (code, out) == (
        1,
        "The law files hold no value for Monday 1 January 1990 of any parameter. Check the date.\n",
    )
    code, out = printed("list", "--on", "1990-01-01", "--json")
    assert (code, len(json.loads(out)["findings"])) == (1, len(NAMES))
    code, out = printed("list", "--on", "2003-01-01")
    assert (code, out.count("no_law_in_force"), "of 41 of 45 parameters: ballots.action" in out) == (1, 0, True)


def test_a_value_checked_yesterday_is_a_day_old() -> None:
    """Turns red if an age is written `{days} days`."""
    told = printed("check", "--files", "--today", "2026-11-22", width=160)[1]
    assert " 1 day " in told
    assert "1 days" not in told
