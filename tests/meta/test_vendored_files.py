"""Files of other projects: each is recorded in THIRD_PARTY.md with its sum; none marks this as a government site."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "app" / "static"
RECORD = ROOT / "THIRD_PARTY.md"
VENDORED = sorted(file for where in ("app/static", "tests/browser") for file in (ROOT / where / "vendor").iterdir())
ROW = re.compile(
    r"^\| `(?P<path>(?:app/static|tests/browser)/vendor/[^`]+)` .*\| `(?P<sum>[0-9a-f]{64})` \|$", re.MULTILINE
)


def recorded() -> dict[str, str]:
    return {match["path"]: match["sum"] for match in ROW.finditer(RECORD.read_text(encoding="utf-8"))}


def test_the_record_names_exactly_the_vendored_files() -> None:
    assert set(recorded()) == {file.relative_to(ROOT).as_posix() for file in VENDORED}


@pytest.mark.parametrize("file", VENDORED, ids=lambda file: file.name)
def test_a_vendored_file_has_the_recorded_sum(file: Path) -> None:
    """Red when one byte of the file changes."""
    assert recorded()[file.relative_to(ROOT).as_posix()] == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("file", sorted(STATIC.rglob("*.*")), ids=lambda file: file.name)
def test_nothing_served_carries_the_government_font_crown_or_crest(file: Path) -> None:
    """The typeface, the crown and the royal arms may be used on gov.uk only."""
    text = file.read_text(encoding="utf-8").lower()
    assert not [word for word in ("gds transport", "crown", "crest", "@font-face") if word in text]


@pytest.mark.parametrize("file", sorted(STATIC.rglob("*.css")), ids=lambda file: file.name)
def test_a_stylesheet_fetches_nothing(file: Path) -> None:
    """The content policy allows this site only; a sheet needs no file but itself."""
    text = file.read_text(encoding="utf-8")
    assert "url(" not in text
    assert "@import" not in text
