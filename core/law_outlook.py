"""What planned changes of the law would make of an answer: both outcomes side by side, or a note that they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

from core.calendar import in_words
from core.findings import Finding, Severity
from core.law import Certainty, Law, LegalValue, Parameter
from core.law_changes import in_force_from

Document = dict[str, Any]
Calculation = Callable[[Law], Document]
"""A calculation under some law, as the document that a command prints."""

GROUNDS = ("why", "citation")
"""How the keys end that say what an answer rests on, and are no answer by themselves."""


def side_by_side(calculate: Calculation, law: Law, assumed: Mapping[str, date]) -> Document:
    """
    The answer of the law as it stands, with the answer under planned changes taken as in force beside it.

    Under `assumed` stand the assumptions, the dotted keys of what differs, and every key of the document again.
    """
    standing, other = calculate(law), calculate(law.assuming(assumed))
    return {**standing, "assumed": {"assumptions": dict(assumed), "differs": differing(standing, other), **other}}


def differing(one: Any, other: Any, path: str = "") -> list[str]:
    """The dotted keys at which the answers of two documents differ; a list is one thing, sources do not count."""
    ones, others = _parts(one), _parts(other)
    if ones is None or others is None:
        return [] if one == other else [path]
    return [
        key
        for name in {**ones, **others}
        if not name.endswith(GROUNDS)
        for key in differing(ones.get(name), others.get(name), f"{path}.{name}" if path else name)
    ]


def _parts(value: Any) -> dict[str, Any] | None:
    """What a document or a value of it is made of, by name; None for what has no parts."""
    if isinstance(value, Mapping):
        return {str(key): part for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: getattr(value, entry.name) for entry in fields(value)}
    return None


def law_may_change(calculate: Calculation, law: Law, keys: Mapping[str, date | None]) -> tuple[Finding, ...]:
    """
    A note for each planned change that would alter an answer, were it in force on the date that chooses the value.

    `keys` are the dates of the facts under the names of `keyed_on`. A change that was not in force when it was last
    checked cannot reach back to a date before that day.
    """
    asked = _Asked(law)
    standing = calculate(Law(asked))
    found = []
    for change, values in _planned(asked.given, keys).items():
        # Once in force it would be confirmed; a note that it is not is no other answer.
        begun = [(replace(value, certainty=Certainty.CONFIRMED), on) for value, on in values]
        moved = [in_force_from(asked.given[value.parameter], value, on) for value, on in begun]
        differs = differing(standing, calculate(Law(_Asked(law, moved))))
        if differs:
            found.append(_note(change, *values[0], differs))
    return tuple(found)


class _Asked(Mapping[str, Parameter]):
    """The parameters of a law, some in another version; remembers which were asked for, so that no others are read."""

    def __init__(self, law: Law, moved: list[Parameter] | None = None) -> None:
        self._law = law
        self._moved = {parameter.name: parameter for parameter in moved or ()}
        self.given: dict[str, Parameter] = {}

    def __getitem__(self, name: str) -> Parameter:
        return self.given.setdefault(name, self._moved.get(name) or self._law.parameter(name))

    def __iter__(self) -> Iterator[str]:
        return (parameter.name for parameter in self._law.parameters())

    def __len__(self) -> int:
        return len(self._law.parameters())


def _planned(
    asked: Mapping[str, Parameter], keys: Mapping[str, date | None]
) -> dict[str, list[tuple[LegalValue, date]]]:
    """The planned values that could reach these facts, with the date that would choose each, by change."""
    planned: dict[str, list[tuple[LegalValue, date]]] = {}
    for parameter in asked.values():
        on = keys.get(parameter.keyed_on)
        newest = max((value.from_ for value in parameter.values if value.from_ is not None), default=date.min)
        for value in parameter.planned:
            if on is not None and on > value.last_checked and on > newest:
                planned.setdefault(value.change or parameter.name, []).append((value, on))
    return planned


def _note(change: str, value: LegalValue, on: date, differs: list[str]) -> Finding:
    what = ", ".join(key for key in differs if key != "findings") or "what is found wrong"
    return Finding(
        code="law_may_change",
        severity=Severity.NOTE,
        sentence=f"A planned change of the law ({change}) would alter this answer, were it in force on {in_words(on)}: "
        f"{what}. Whether it will be is not known.",
        cure=f"Keep to the stricter, which holds until the change is confirmed. --assume {change}=DATE shows both.",
        citation=value.citation,
        where=value.parameter,
    )
