"""
Which ways through the ladder a story takes: declared beside it, held against what its cases really did.

A way is a row of `casework.lifecycle.TRANSITIONS`, written `stage event` or `stage event outcome`. A parametrised story
names its parameters in braces.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from casework.lifecycle import TRANSITIONS, Event, EventKind, Outcome, Stage, Transition, apply, begin, outcome_of

Told = TypeVar("Told", bound=Callable[..., object])
ATTRIBUTE = "__ways__"


def ways(*written: str) -> Callable[[Told], Told]:
    """That a story takes these ways."""

    def declare(told: Told) -> Told:
        setattr(told, ATTRIBUTE, written)
        return told

    return declare


def declared(told: object, parameters: Mapping[str, Any]) -> set[Transition]:
    """The ways that one telling of a story declares."""
    return {way(written.format(**parameters)) for written in getattr(told, ATTRIBUTE, ())}


def way(written: str) -> Transition:
    """A row of the table; fails for one that the table does not have."""
    stage, kind, *outcome = written.split()
    row = (Stage(stage), EventKind(kind), Outcome(*outcome) if outcome else Outcome.DONE)
    assert row in TRANSITIONS, f"the table of transitions has no row {written}"
    return row


def all_declared(told: object) -> set[Transition]:
    """The ways that every telling of a parametrised story declares together."""
    marks = [mark for mark in getattr(told, "pytestmark", ()) if mark.name == "parametrize"]
    grids = [_rows(mark.args[0], mark.args[1]) for mark in marks]
    found: set[Transition] = set()
    for rows in itertools.product(*grids):
        found |= declared(told, {name: value for row in rows for name, value in row.items()})
    return found


def _rows(names: str | Iterable[str], values: Iterable[Any]) -> list[dict[str, Any]]:
    wanted = [each.strip() for each in names.split(",")] if isinstance(names, str) else list(names)
    rows = []
    for value in values:
        given = getattr(value, "values", value)  # `pytest.param` keeps them so
        given = given if len(wanted) > 1 or hasattr(value, "marks") else (given,)
        rows.append(dict(zip(wanted, given, strict=True)))
    return rows


def taken(events: Iterable[Event]) -> Iterator[Transition]:
    """The rows of the table that a case's events went by, oldest first."""
    remaining = iter(events)
    state = begin(next(remaining))
    for event in remaining:
        yield state.stage, event.kind, outcome_of(event, state)
        state = apply(state, event)


def in_words(rows: Iterable[Transition]) -> list[str]:
    """As they are written in a story."""
    return sorted(" ".join(part.value for part in row if part is not Outcome.DONE) for row in rows)
