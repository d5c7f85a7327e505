"""
The family of errors. A message says what happened, why it is a problem and what to do next.

It names nobody. An unlawful or failed outcome (a threshold missed, a notice defective) is a value
(`core.findings`), never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar, overload

from core.findings import Finding

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

LONGEST_FOUND = 300
"""Letters of what was found that a message repeats: what somebody sent may be a file long."""


def shortened(text: str) -> str:
    """At most `LONGEST_FOUND` letters of the text, and a sign that there were more."""
    return text if len(text) <= LONGEST_FOUND else text[: LONGEST_FOUND - 1] + "…"


def visible(text: str) -> str:
    """
    The text with what nobody could see in it written out.

    >>> visible("Prim\x00ary")
    'Prim<U+0000>ary'
    """
    return "".join(letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in text)


class MandateError(Exception):
    """Root of every error that a person may be shown."""


class ConfigurationError(MandateError):
    """A setting is missing or cannot work on this machine."""


class ServiceUnavailable(MandateError):
    """A needed service (database, mail relay, Prefect) cannot be reached."""


class LawError(MandateError):
    """The law files cannot answer."""


class NoLawInForce(LawError):
    """A parameter has no value on the date asked for: never `None`, never the nearest value."""

    def __init__(self, parameter: str, on: date) -> None:
        super().__init__(
            f"No value of {parameter} is in force on {on.isoformat()}. "
            "The law files do not reach that date; check the date, or add the value with its citation."
        )
        self.parameter = parameter
        self.on = on


class UnknownParameter(LawError):
    """The name is not one of the law files'."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"There is no law parameter called {parameter}. `mandate law list` prints them all.")
        self.parameter = parameter


class LawFileInvalid(LawError):
    """A law file breaks the format: raised when it is loaded, not when it is used."""

    def __init__(self, path: Path, key: str, reason: str) -> None:
        super().__init__(f"{path.name}: {key}: {reason}")
        self.path = path
        self.key = key


class RuleViolation(MandateError):
    """A caller asked for what the law or the rule book forbids; the findings say why."""

    def __init__(self, what: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(what + " " + " ".join(finding.sentence for finding in findings))
        self.what = what
        self.findings = findings


class StageError(MandateError):
    """The transition table does not allow this event at this stage."""

    def __init__(self, subject: str, now: str, wanted: str, allowed: tuple[str, ...]) -> None:
        choices = ", ".join(allowed) if allowed else "nothing"
        super().__init__(
            f"{subject} is at the stage {now}, where {wanted} cannot be recorded. It can record: {choices}."
        )
        self.subject = subject
        self.now = now
        self.wanted = wanted
        self.allowed = allowed


class BadInput(MandateError):
    """Input that cannot be used: which field, what was found, what is wanted."""

    def __init__(
        self, *, field: str, found: object, wanted: str, path: str | None = None, line: int | None = None
    ) -> None:
        where = "".join([f"{path}: " if path else "", f"line {line}: " if line is not None else ""])
        super().__init__(f"{where}{shortened(field)}: found {shortened(repr(found))}, wanted {wanted}.")
        self.field = field
        self.found = shortened(found) if isinstance(found, str) else found
        self.wanted = wanted
        self.path = path
        self.line = line

    @property
    def each(self) -> tuple[BadInput, ...]:
        """Every field that it is about, one by one."""
        return (self,)


class BadInputs(BadInput):
    """Several fields that cannot be used. It speaks of all; its own field is the first's."""

    def __init__(self, faults: Sequence[BadInput]) -> None:
        first = faults[0]
        super().__init__(field=first.field, found=first.found, wanted=first.wanted, path=first.path, line=first.line)
        self.args = (" ".join(map(str, faults)),)
        self._faults = tuple(faults)

    @property
    def each(self) -> tuple[BadInput, ...]:
        """Every field that it is about, one by one."""
        return self._faults


@overload
def require_each(one: Callable[[], A], two: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def require_each(one: Callable[[], A], two: Callable[[], B], three: Callable[[], C], /) -> tuple[A, B, C]: ...
@overload
def require_each(
    one: Callable[[], A], two: Callable[[], B], three: Callable[[], C], four: Callable[[], D], /
) -> tuple[A, B, C, D]: ...
@overload
def require_each(*checks: Callable[[], object]) -> tuple[object, ...]: ...
def require_each(*checks: Callable[[], object]) -> tuple[object, ...]:
    """
    What every check gives. Each is made, so that whoever typed is told all that is wrong at once: `BadInput` of one,
    else of several. One may be the act itself: whoever calls gives up what it did when another finds a fault.
    """
    faults: list[BadInput] = []
    given: list[object] = []
    for check in checks:
        try:
            given.append(check())
        except BadInput as fault:
            faults.extend(fault.each)
    if faults:
        raise faults[0] if len(faults) == 1 else BadInputs(faults)
    return tuple(given)


class NotFound(MandateError):
    """No such row."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"There is no {kind} {key}.")
        self.kind = kind
        self.key = key


class Conflict(MandateError):
    """Another act got there first, or the same key came with other facts."""
