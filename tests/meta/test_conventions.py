"""The repository testing itself: conventions that are worth stating fail a build when they are broken."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.calendar import bank_holidays
from core.nations import Nation
from core.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "notifications", "casework", "ballots", "flows", "app")
BANNED_NAMES = {"utils", "helpers", "manager", "process", "data", "info", "service", "misc"}
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
REGISTRY = re.compile(r"(pypi|pythonhosted|npmjs)\.(org|com)|registry\.npm|extra-index", re.IGNORECASE)


def _sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_a_file_is_short_and_named_for_a_noun() -> None:
    """A file that outgrows its noun is split by nouns."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _sources()}
    assert len(lines) > 400
    assert {path: length for path, length in lines.items() if length > MOST_LINES_OF_A_FILE} == {}
    assert [path for path in lines if path.stem in BANNED_NAMES] == []


def test_a_function_fits_a_screen_and_says_what_it_is_for() -> None:
    """Public functions carry a docstring; none is longer than fifty lines."""
    faults = [f"{path.relative_to(ROOT)}: {fault}" for path in _sources() for fault in _faults(path)]
    assert faults == []


def _faults(path: Path) -> Iterator[str]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0].lineno  # a command's options are its signature, one a line
            length = (node.end_lineno or first) - first + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                yield f"{node.name} has {length} lines"
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            one_of_several = any(isinstance(each, ast.Name) and each.id == "overload" for each in node.decorator_list)
            if not (ast.get_docstring(node) or one_of_several):
                yield f"{node.name} has no docstring"


def test_a_count_names_what_it_counts() -> None:
    """
    What a role reaches is put on the classes that a SELECT names; `select(func.count()).where(…)` names none.

    Turns red if a count is made without `select_from`: it would be of every case, whoever asks.
    """
    nameless = [f"{path.relative_to(ROOT)}:{line}" for path in _sources() for line in _nameless(path)]
    assert nameless == []


def _nameless(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="select"), args=columns), attr=called):
                names = {each.id for column in columns for each in ast.walk(column) if isinstance(each, ast.Name)}
                if called != "select_from" and names <= {"func"}:
                    yield node.lineno


def test_no_file_names_a_package_registry() -> None:
    """A registry's address in a lock or a script would tie the project to one machine's network."""
    own = Path(__file__).resolve()
    text = {".py", ".toml", ".lock", ".md", ".yaml", ".html", ".css", ".js", ".json", ".txt", ""}
    found = [
        path.relative_to(ROOT)
        for path in _tracked()
        if path.suffix in text and path.resolve() != own and REGISTRY.search(path.read_text("utf-8", errors="ignore"))
    ]
    assert not found


def test_every_setting_stands_in_the_example() -> None:
    """`.env.example` names every variable that the program reads, and no other."""
    named = set(
        re.findall(rf"^#?({PREFIX}[A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert named == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_the_policy_page_states_the_defaults() -> None:
    """docs/policy.md shows the figures that hold when nothing is set."""
    rows = re.findall(rf"`{PREFIX}([A-Z_]+)` \| (\d+) \|", (ROOT / "docs" / "policy.md").read_text(encoding="utf-8"))
    assert rows
    for name, figure in rows:
        assert Settings.model_fields[name.lower()].default == int(figure)


@pytest.mark.parametrize("nation", [Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND])
def test_next_years_bank_holidays_are_known(nation: Nation) -> None:
    """When this fails, update the holidays package: planning dates of next year would be wrong."""
    next_year = date.today().year + 1  # noqa: DTZ011 - staleness is a matter of the real day
    assert len(bank_holidays(nation, next_year)) >= 7


def test_the_layers_hold() -> None:
    """Mutation: import flows from casework, and import-linter names the broken arrow."""
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
