"""
Changes of the law that are planned and have no date yet, and the law with some of them in force.

A planned value stands in its parameter's file with the name of the change it belongs to. One change moves every
parameter that shares its name: an Act's section that repeals a threshold also changes what is told of a result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from core.errors import BadInput
from core.law import Law, LegalValue, Parameter

FIELD = "assume"


def planned_changes(law: Law) -> dict[str, tuple[LegalValue, ...]]:
    """Every planned value by the name of its change, in alphabetical order of changes and of parameters."""
    changes: dict[str, tuple[LegalValue, ...]] = {}
    for parameter in law.parameters():
        for value in parameter.planned:
            assert value.change is not None
            changes[value.change] = (*changes.get(value.change, ()), value)
    return dict(sorted(changes.items()))


def assumed(law: Law, assumptions: Mapping[str, date], *, field: str = FIELD) -> Law:
    """The law with planned changes taken as in force; see `Law.assuming`. `field` is what a refusal names."""
    changes = planned_changes(law)
    begun: dict[LegalValue, date] = {}
    for rule, on in assumptions.items():
        for value in _planned_under(rule, changes, field):
            if begun.setdefault(value, on) != on:
                wanted = f"one day: {value.change} moves {value.parameter} as well"
                raise BadInput(field=field, found=f"{rule}={on}", wanted=wanted)
    return with_parameters(law, _begin(law, begun, field))


def with_parameters(law: Law, changed: Iterable[Parameter]) -> Law:
    """The law with some of its parameters in another version."""
    by_name = {parameter.name: parameter for parameter in law.parameters()}
    return Law(by_name | {parameter.name: parameter for parameter in changed})


def in_force_from(parameter: Parameter, planned: LegalValue, on: date, *, field: str = FIELD) -> Parameter:
    """
    A parameter with one of its planned values in force from a day.

    What it replaces ends on the day before, in the nations it is for. `BadInput` for a day not after the first day
    of a value there is: nobody plans a change of the past.
    """
    values: list[LegalValue] = []
    for value in parameter.values:
        values += _closed_before(value, planned, on, field)
    begun = replace(planned, from_=on, expected=None)
    still_planned = tuple(value for value in parameter.planned if value != planned)
    return replace(parameter, values=(*values, begun), planned=still_planned)


def _planned_under(rule: str, changes: Mapping[str, tuple[LegalValue, ...]], field: str) -> tuple[LegalValue, ...]:
    """The planned values a name stands for: a change's, or those of one parameter."""
    if rule in changes:
        return changes[rule]
    own = [value for values in changes.values() for value in values if value.parameter == rule]
    if len({value.change for value in own}) > 1:
        names = ", ".join(sorted({str(value.change) for value in own}))
        raise BadInput(field=field, found=rule, wanted=f"one of the changes planned for it: {names}")
    if not own:
        parameters = sorted({value.parameter for values in changes.values() for value in values})
        wanted = f"a planned change ({', '.join(changes)}) or a parameter with one ({', '.join(parameters)})"
        raise BadInput(field=field, found=rule, wanted=wanted)
    return tuple(own)


def _begin(law: Law, begun: Mapping[LegalValue, date], field: str) -> list[Parameter]:
    """Every parameter that a change moves, with the changes in the order of their days."""
    moved: dict[str, Parameter] = {}
    for value, on in sorted(begun.items(), key=lambda each: each[1]):
        parameter = moved.get(value.parameter) or law.parameter(value.parameter)
        moved[value.parameter] = in_force_from(parameter, value, on, field=field)
    return list(moved.values())


def _closed_before(value: LegalValue, planned: LegalValue, on: date, field: str) -> list[LegalValue]:
    """A value as it stands beside the new one: closed where that replaces it, whole in the other nations."""
    assert value.from_ is not None
    replaced = tuple(nation for nation in value.nations if nation in planned.nations)
    others = tuple(nation for nation in value.nations if nation not in planned.nations)
    kept = [replace(value, nations=others)] if others else []
    if not replaced:
        return kept
    if on <= value.from_:
        wanted = f"a day after {value.from_}, from which the value of {value.parameter} before it is in force"
        raise BadInput(field=field, found=on.isoformat(), wanted=wanted)
    last = on - timedelta(days=1)
    closed = value.to if value.to is not None and value.to < last else last
    return [*kept, replace(value, nations=replaced, to=closed)]
