"""The packs of the corpus, each with what is expected of it here and on the other side of 18 February 2026."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDERS = ("clean", "defects", "edges")
EXPECTED = ".expected.toml"


@dataclass(frozen=True, slots=True)
class Expected:
    """
    One finding that has to be there, and why.

    `sections` are the provisions any one of which the citation names (none: not asked); `places` the keys of the pack
    any one of which `where` is, or lies under (none: not asked).
    """

    code: str
    sections: tuple[str, ...]
    places: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What is expected of a pack at one time: all of its stops, and all of its warns that the corpus judges."""

    stops: tuple[Expected, ...]
    warns: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A pack's file, what it is, what is found in it, and the same after it was moved by some weeks."""

    folder: str
    path: Path
    about: str
    here: Findings
    weeks: int
    meaning: str
    there: Findings

    @property
    def name(self) -> str:
        """Folder and file without ending."""
        return f"{self.folder}/{self.path.stem}"

    def mapping(self) -> dict[str, Any]:
        """The pack as its file's format gives it."""
        text = self.path.read_text(encoding="utf-8")
        read: dict[str, Any] = json.loads(text) if self.is_json else tomllib.loads(text)
        return read

    @property
    def is_json(self) -> bool:
        """Whether days and hours are strings."""
        return self.path.suffix == ".json"


@cache
def cases(folder: str) -> tuple[Case, ...]:
    """Every pack of a folder, by name. Raises `AssertionError` for a pack without expectations, and the reverse."""
    packs = sorted(path for path in (HERE / folder).iterdir() if not path.name.endswith(EXPECTED))
    stems = [path.stem for path in packs]
    assert sorted(stems) == sorted(path.name.removesuffix(EXPECTED) for path in (HERE / folder).glob(f"*{EXPECTED}"))
    return tuple(_case(folder, path) for path in packs)


def every_case() -> tuple[Case, ...]:
    """Every pack of the corpus."""
    return tuple(case for folder in FOLDERS for case in cases(folder))


def _case(folder: str, path: Path) -> Case:
    told = tomllib.loads((path.parent / f"{path.stem}{EXPECTED}").read_text(encoding="utf-8"))
    other = told["other_side"]
    assert set(told) <= {"about", "stops", "warns", "other_side"}, path
    assert set(other) <= {"weeks", "meaning", "stops", "warns"}, path
    return Case(folder, path, told["about"], _findings(told), other["weeks"], other["meaning"], _findings(other))


def _findings(told: Mapping[str, Any]) -> Findings:
    return Findings(_listed(told.get("stops", ())), _listed(told.get("warns", ())))


def _listed(entries: Sequence[Mapping[str, Any]]) -> tuple[Expected, ...]:
    return tuple(
        Expected(entry["code"], _several(entry.get("section")), _several(entry.get("where")), entry["why"])
        for entry in entries
    )


def _several(value: str | list[str] | None) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,) if value else ()
