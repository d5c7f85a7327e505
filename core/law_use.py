"""Which values of the law an answer rests on."""

from __future__ import annotations

from datetime import date

from core.law import Events, Law, LegalValue
from core.nations import Nation


class Observed(Law):
    """A law that remembers every value it gave, for whoever wants to know what an answer rests on."""

    def __init__(self, law: Law) -> None:
        object.__setattr__(self, "_parameters", {parameter.name: parameter for parameter in law.parameters()})
        object.__setattr__(self, "_given", {})

    def at(self, parameter: str, on: date, *, nation: Nation | None = None, events: Events | None = None) -> LegalValue:
        """As `Law.at`."""
        value = super().at(parameter, on, nation=nation, events=events)
        self._given[(value.parameter, value.from_)] = value
        return value

    def given(self) -> tuple[LegalValue, ...]:
        """Every value given so far, in the order of asking."""
        return tuple(self._given.values())

    _given: dict[tuple[str, date | None], LegalValue]
