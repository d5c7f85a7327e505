"""
Which tests cover which failure mode, read from their names without importing them: `test_fm_NN_what_happens`.

`python -m tests.meta.failure_modes` writes the last column of docs/failure-modes.md anew.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "failure-modes.md"
NAMED = re.compile(r"test_fm_(\d+)_\w+")
ROW = re.compile(r"\| FM-(\d\d) \| ([^|]+) \| ([^|]+) \|(?: ([^|]+))? \|")
MUTATION = "Turns red if "


@dataclass(frozen=True, slots=True)
class Named:
    """One test of a failure mode."""

    number: int
    file: str
    name: str
    docstring: str

    @property
    def names_its_mutation(self) -> bool:
        """Whether it says what turns it red."""
        return MUTATION in " ".join(self.docstring.split())


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page."""

    number: int
    failure: str
    behaviour: str
    tests: str

    def __str__(self) -> str:
        return f"| FM-{self.number:02} | {self.failure} | {self.behaviour} | {self.tests} |"


def named_tests() -> list[Named]:
    """Every test that is collected under a failure mode's name, by number, file and line."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return sorted((each for file in files for each in _named_in(file)), key=lambda each: (each.number, each.file))


def by_number(tests: Sequence[Named]) -> Mapping[int, list[Named]]:
    """The tests of each failure mode."""
    return {number: [each for each in tests if each.number == number] for number in {each.number for each in tests}}


def cell(tests: Sequence[Named]) -> str:
    """The last column for one failure mode: each file that has tests of it."""
    return ", ".join(f"[{Path(file).stem}](../{file})" for file in sorted({each.file for each in tests}))


def rows() -> list[Row]:
    """The lines of the page's table."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [Row(int(match[1]), match[2], match[3], match[4] or "") for line in lines if (match := ROW.fullmatch(line))]


def written_anew() -> str:
    """The page with the last column as the tests have it."""
    tests = by_number(named_tests())

    def line_of(line: str) -> str:
        match = ROW.fullmatch(line)
        if match is None:
            return line
        number = int(match[1])
        return str(Row(number, match[2], match[3], cell(tests.get(number, ()))))

    return "\n".join(map(line_of, PAGE.read_text(encoding="utf-8").splitlines())) + "\n"


def _named_in(file: Path) -> Iterator[Named]:
    text = file.read_text(encoding="utf-8")
    if not NAMED.search(text):
        return  # reading what a file means takes a hundred times as long
    for node in ast.parse(text).body:
        for each in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and (match := NAMED.fullmatch(each.name)):
                docstring = ast.get_docstring(each) or ""
                yield Named(int(match[1]), file.relative_to(ROOT).as_posix(), each.name, docstring)


if __name__ == "__main__":
    PAGE.write_text(written_anew(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
