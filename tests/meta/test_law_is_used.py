"""Each rule takes its own key date, every parameter is read or kept for a reason, and no rule writes the law itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.law import ROOT, current_law

LAW = current_law()
PACKAGES = ("core", "notifications", "casework", "ballots", "flows", "app")

KEPT_FOR_LATER = {
    "ballots.agency_cover_prohibited": "shown by `mandate law show`; no rule of ours asks about agency cover",
    "ballots.annual_return_action_details": "the annual return is not made here",
    "ballots.damages_cap": "shown by `mandate law show`, for the risk of a defective ballot",
    "ballots.detriment_protection": "members' advice on detriment is not written here yet",
    "ballots.dismissal_claim_months": "members' advice on dismissal is not written here yet",
    "ballots.dismissal_protection_weeks": "members' advice on dismissal is not written here yet",
    "ballots.minimum_service_levels": "repealed before the first version; kept for disputes looked back at",
    "ballots.scrutineer_copy_months": "copies of the report are asked for by letter and answered by hand",
    "working_time.cover_hours": "the working-time calculators are not built yet",
    "working_time.directed_hours": "the working-time calculators are not built yet",
    "working_time.first_year_reduction_fraction": "the working-time calculators are not built yet",
    "working_time.inset_days": "the working-time calculators are not built yet",
    "working_time.ppa_fraction": "the working-time calculators are not built yet",
    "working_time.second_year_reduction_fraction": "the working-time calculators are not built yet",
    "working_time.teaching_days": "the working-time calculators are not built yet",
    "working_time.week_hours": "the working-time calculators are not built yet",
    "working_time.working_days": "the working-time calculators are not built yet",
}
"""Parameters that no code asks for, each with the reason why it is kept all the same."""

DAYS_OF_A_KEY = {
    "ballot_opened_on": {"opened_on", "opens_on", "opens"},
    "ballot_closed_on": {"closed_on", "closes_on", "closes"},
    "ballot_notice_received_on": {"received_on", "received", "ballot_notice_received_on", "today"},
    "action_notice_received_on": {"received_on", "received", "today"},
    "picketing_on": {"day", "first_action_on"},
    "deducted_on": {"day", "on"},
}
"""
By which name the code holds the date that a file is keyed on. A paper that is made today is handed over today, so
`today` is its day of receipt until another is known.
"""


def code() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the product, by its path."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def consulted() -> list[tuple[str, str, str]]:
    """Every place where code asks for a parameter by its name: path, parameter, last name of the day it gives."""
    found = []
    for path, tree in code():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "at":
                continue
            name, *rest = node.args or [ast.Constant(None)]
            if isinstance(name, ast.Constant) and isinstance(name.value, str) and rest:
                found += [(path, name.value, day) for day in _days(rest[0])]
    return found


def _days(given: ast.expr) -> list[str]:
    """The names of the days an expression may give: both sides of an `or`, the last part of a dotted name."""
    if isinstance(given, ast.BoolOp):
        return [day for value in given.values for day in _days(value)]
    return [ast.unparse(given).rsplit(".", 1)[-1]]


def test_every_rule_takes_its_own_key_date() -> None:
    """
    Each rule of ballots is chosen by the date its file names, not by one change of regime for all.

    Turns red if the report's weeks are looked up by the opening day, or the notice's contents by the closing day.
    """
    asked = [each for each in consulted() if each[1].startswith("ballots.")]
    assert len(asked) > 20
    wrong = [
        (path, parameter, day)
        for path, parameter, day in asked
        if day not in DAYS_OF_A_KEY[LAW.parameter(parameter).keyed_on] and (parameter, day) not in STANDING_IN
    ]
    assert wrong == []


STANDING_IN = {
    ("ballots.notice_of_ballot_contents", "latest"),
}
"""A receipt not given is taken as the latest lawful day."""


def test_every_parameter_is_read_or_kept_for_a_reason() -> None:
    """Turns red if a rule stops asking for its value, or a parameter is added that nothing asks for."""
    text = "\n".join((ROOT / path).read_text(encoding="utf-8") for path, _ in code())
    unread = {parameter.name for parameter in LAW.parameters() if f'"{parameter.name}"' not in text}
    assert unread == set(KEPT_FOR_LATER)


SHARES = r"half|[0-9]+ per cent|forty|fifty"
IN_WORDS = re.compile(rf"\b({SHARES}|seventh day|fourteen|ten days|seven days|four weeks|six months)\b")


@pytest.mark.parametrize("path", sorted((ROOT / "ballots").glob("*.py")), ids=lambda path: path.stem)
def test_no_rule_writes_a_number_of_the_law_in_words(path: Path) -> None:
    """
    What a paper or a finding says of a share or a length is made from the value.

    Turns red if a sentence says "at least half" whatever the files say.
    """
    tree = ast.parse((ROOT / "ballots" / path.name).read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    assert [text for text in said if IN_WORDS.search(text) and text != "half"] == []
