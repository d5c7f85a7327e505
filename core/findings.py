"""Findings: what a rule has to say about facts. Gates open when no stop remains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding weighs. A stop is never overridden in software."""

    STOP = "stop"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a value or duty stands: the Act, its provision, and an address to read it at."""

    act: str
    provision: str
    url: str

    def __str__(self) -> str:
        return f"{self.act}, {self.provision}"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing a rule found.

    `code` is stable; `sentence` says what is wrong in plain words, `cure` what to do about it.
    `where` names the key of the facts it is about, `case` a decided case in point.
    """

    code: str
    severity: Severity
    sentence: str
    cure: str
    citation: Citation | None = None
    where: str | None = None
    case: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The keys of the command line contract."""
        return {**asdict(self), "severity": self.severity.value}


def stops(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that keep a gate shut."""
    return tuple(finding for finding in findings if finding.severity is Severity.STOP)
