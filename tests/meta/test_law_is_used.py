"""Each rule takes its own key date, every parameter is read or kept for a reason, and no rule writes the law itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache

from ballots.retiming import IN_WORKING_DAYS, RECKONED_BY
from casework.deadlines import DeadlineKind
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
    "ballot_opened_on": {"opened_on", "opens_on", "opens", "ballot_opens"},
    "ballot_closed_on": {"closed_on", "closes_on", "closes"},
    "ballot_notice_received_on": {"received_on", "received", "ballot_notice_received_on", "today"},
    "action_notice_received_on": {"received_on", "received", "today"},
    "picketing_on": {"day", "first_action_on"},
    "repudiated_on": {"today"},
    "deducted_on": {"day", "on"},
}
"""
By which name the code holds the date that a file is keyed on. A paper that is made today is handed over today, so
`today` is its day of receipt until another is known.
"""


@cache
def code() -> list[tuple[str, ast.Module]]:
    """Every module of the product, by its path."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in files]


ASKING = {"at", "_count"}
"""The methods that look a parameter up: the law's own, and the planner's shorthand for a count."""


def consulted() -> list[tuple[str, str, str]]:
    """Every place where code asks for a parameter by its name: path, parameter, last name of the day it gives."""
    found, constants = [], named_parameters()
    for path, tree in code():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ASKING and len(node.args) > 1:
                name = _parameter(node.args[0], constants)
                found += [(path, name, day) for day in _days(node.args[1]) if name]
    return found


def named_parameters() -> dict[str, str]:
    """Every constant of a module that is the name of a parameter; no two of one name mean two parameters."""
    names = {parameter.name for parameter in LAW.parameters()}
    found: dict[str, str] = {}
    for path, tree in code():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value in names:
                for target in node.targets:
                    constant = ast.unparse(target)
                    assert found.setdefault(constant, node.value.value) == node.value.value, (path, constant)
    return found


def _parameter(given: ast.expr, constants: Mapping[str, str]) -> str | None:
    """The parameter that an expression names, by itself or by a constant; None for one chosen as the code runs."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value
    return constants.get(ast.unparse(given).rsplit(".", 1)[-1])


def _days(given: ast.expr) -> list[str]:
    """
    The names of the days an expression may give: both sides of an `or`, the last part of a dotted name.

    The planner's `.safe` and `.lawful` are two days of one step: it is the step that says what happens on them.
    """
    if isinstance(given, ast.BoolOp):
        return [day for value in given.values for day in _days(value)]
    *before, last = ast.unparse(given).split(".")
    return [before[-1].rstrip("]").lower() if last in ("safe", "lawful") and before else last]


def test_a_constant_is_read_as_the_parameter_it_names() -> None:
    """Turns red if only names written at the place of asking are seen: the planner's would all be missed."""
    by_constant = {
        (path, parameter) for path, parameter, _ in consulted() if path.startswith("ballots/plan_") and parameter
    }
    assert {parameter for _, parameter in by_constant} >= {
        "ballots.notice_of_ballot_days",
        "ballots.voting_window_days",
        "ballots.picket_supervisor_required",
    }


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
    ("ballots.voting_window_days", "closes"),
    ("ballots.voting_window_days", "closes_on"),
    ("ballots.voting_window_days", "on"),
    ("ballots.voting_window_first_class_days", "on"),
}
"""
A receipt not given is taken as the latest lawful day. A plan is reckoned backwards, where the opening is what the days
of voting give: it asks for those of the planned close, as docs/planning.md says.
"""


def test_every_parameter_is_read_or_kept_for_a_reason() -> None:
    """Turns red if a rule stops asking for its value, or a parameter is added that nothing asks for."""
    text = "\n".join((ROOT / path).read_text(encoding="utf-8") for path, _ in code())
    unread = {parameter.name for parameter in LAW.parameters() if f'"{parameter.name}"' not in text}
    assert unread == set(KEPT_FOR_LATER)


SHARES = r"half|[0-9]+ per cent|forty|fifty"
IN_WORDS = re.compile(rf"\b({SHARES}|seventh day|fourteen|ten days|seven days|four weeks|six months)\b")


READS_LENGTHS = {"ballots/lint/periods.py"}
"""What reads the lengths that people wrote on a paper has the words for every one."""


def test_no_rule_writes_a_number_of_the_law_in_words() -> None:
    """
    What a paper or a finding says of a share or a length is made from the value.

    Turns red if a sentence says "at least half" whatever the files say.
    """
    rules = {path: tree for path, tree in code() if path.startswith("ballots/") and path not in READS_LENGTHS}
    assert len(rules) > 50
    said = {
        path: [text for text in texts(tree) if IN_WORDS.search(text) and text != "half"] for path, tree in rules.items()
    }
    assert {path: found for path, found in said.items() if found} == {}


def texts(tree: ast.Module) -> list[str]:
    """Every text in a module that is no docstring."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


NOT_MOVED = {
    DeadlineKind.HEAD_ANSWER: "the union's own policy",
    DeadlineKind.OFFICER_ACCEPTS: "the union's own policy",
    DeadlineKind.BALLOT_OPENS: "people fixed the days of voting",
    DeadlineKind.BALLOT_CLOSES: "people fixed the days of voting",
    DeadlineKind.ACTION_BEGINS: "people fixed the days of action",
    DeadlineKind.STRIKE_ENDS: "people fixed the days of action",
    DeadlineKind.MONITORING_CHECK: "the union's own policy",
    DeadlineKind.CASE_WAKES: "people named the day",
}
"""The deadlines that no change of the law or of a bank holiday moves, each with the reason."""


def test_every_kind_of_deadline_is_retimed_or_fixed_for_a_reason() -> None:
    """Turns red if a kind of deadline is added and re-timing knows nothing of it, or forgets one that it knew."""
    known = [*RECKONED_BY, *IN_WORKING_DAYS, *NOT_MOVED]
    assert sorted(known) == sorted(DeadlineKind)
    assert {name for names in RECKONED_BY.values() for name in names} <= {each.name for each in LAW.parameters()}
