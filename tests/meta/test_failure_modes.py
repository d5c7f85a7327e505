"""Each failure mode has tests of its name that say what turns them red, and docs/failure-modes.md tells which."""

from __future__ import annotations

from tests.meta.failure_modes import PAGE as THE_PAGE
from tests.meta.failure_modes import by_number, named_tests, rows, written_anew

KNOWN = {*range(1, 26), *range(32, 38)}
"""The failure modes of notices, of what runs them, and of what people type and sign in with."""


def test_each_failure_mode_has_a_test_of_its_name() -> None:
    """
    Turns red if a test such as `test_fm_09_…` is renamed, and names the number.
    """
    missing = sorted(KNOWN - set(by_number(named_tests())))

    assert missing == [], f"no test of {', '.join(f'FM-{number:02}' for number in missing)}"


def test_each_of_them_says_what_turns_it_red() -> None:
    """
    Turns red if one of them loses its "Turns red if".
    """
    silent = [f"FM-{each.number:02}: {each.file}: {each.name}" for each in named_tests() if not each.names_its_mutation]

    assert silent == []


def test_no_two_of_them_have_one_name_in_one_file() -> None:
    """
    The second would hide the first.

    Turns red if a named test is copied without another name.
    """
    names = [(each.file, each.name) for each in named_tests()]

    assert len(names) == len(set(names))


def test_the_page_has_a_row_for_each() -> None:
    """
    Those that have tests, and all that are to have them, once each and in order.

    Turns red if a row of docs/failure-modes.md is taken out.
    """
    numbers = [row.number for row in rows()]

    assert numbers == sorted({*KNOWN, *by_number(named_tests())})


def test_the_page_names_the_tests_as_they_are() -> None:
    """
    Turns red if a named test moves to another file and `python -m tests.meta.failure_modes` is not run.
    """
    assert THE_PAGE.read_text(encoding="utf-8") == written_anew()
