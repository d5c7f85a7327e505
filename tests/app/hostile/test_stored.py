"""Hostile texts that are stored, read back in every answer: page, CSV and JSON. Nothing of them is run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from casework.people.roles import Role
from tests.app.doors import Door, doors
from tests.app.grounds import Ground, standing_on
from tests.app.hostile.payloads import PAYLOADS
from tests.app.hostile.stores import columns_of_words, fill
from tests.app.hypertext import Page
from tests.app.wire import Reply
from tests.engines import Engine, blank, opened

PLAIN = "Somebody said so"
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
A_NUMBER = re.compile(r"-?\d[\d.,:%-]*")
READERS = (Role.NATIONAL_OFFICIAL, Role.OPERATOR, Role.WORKPLACE_REP)


@pytest.fixture(scope="module")
def stored(engines: Callable[[str], Engine]) -> Iterator[Ground]:
    engine = engines("sqlite")
    with engine.lent(blank(engine)) as url, opened(url) as database, standing_on(database) as ground:
        yield ground


def shown(ground: Ground) -> dict[str, tuple[Door, Reply]]:
    """Every answer that somebody is given without changing anything."""
    told = {}
    for door in doors():
        if door.changes or not door.roles:
            continue
        for role in [each for each in READERS if each in door.roles][:1]:
            told[door.name] = (door, ground.ask(door, ground.keys[role], ground.own))
    return told


def test_there_are_five_hundred() -> None:
    assert len(PAYLOADS) >= 500
    assert len(columns_of_words()) > 20


@pytest.mark.parametrize("texts", [PAYLOADS[::6], pytest.param(PAYLOADS, marks=pytest.mark.full)], ids=["some", "all"])
def test_fm_33_no_stored_text_becomes_more_than_text(stored: Ground, texts: Sequence[str]) -> None:
    """
    Each of the texts somewhere, each column with some. Turns red if `autoescape` is off, a template marks a value
    `safe`, or a cell goes out without `guarded`.
    """
    fill(stored.database, [PLAIN])
    before, left, wrong = shown(stored), list(texts), []
    while left:
        taken = sum(fill(stored.database, left).values())
        wrong += _against(before, shown(stored))
        left = left[taken:]
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.full
def test_fm_33_no_text_in_any_column_becomes_more_than_text(stored: Ground) -> None:
    """Each text in every column. Turns red if `autoescape` is off, as the one before."""
    fill(stored.database, [PLAIN])
    before = shown(stored)
    for text in PAYLOADS:
        fill(stored.database, [text])
        assert not (wrong := _against(before, shown(stored))), (text, wrong[:20])


Answers = Mapping[str, tuple[Door, Reply]]


def _against(before: Answers, after: Answers) -> list[str]:
    return [f"{name}: {fault}" for name in before for fault in _faults(before[name][1], after[name][1])]


def _faults(before: Reply, after: Reply) -> Iterator[str]:
    if (before.status, before.kind) != (after.status, after.kind):
        yield f"answered {after.status} {after.kind} in place of {before.status} {before.kind}"
        return
    if {name for name, _ in before.headers} != {name for name, _ in after.headers}:
        yield "has other headers"
    if after.kind == "text/html":
        yield from _in_page(Page(before.text), Page(after.text))
    elif after.kind == "application/json":
        assert after.json is not None
    elif after.kind == "text/csv":
        yield from _in_cells(list(csv.reader(io.StringIO(before.text))), list(csv.reader(io.StringIO(after.text))))


def _in_page(before: Page, after: Page) -> Iterator[str]:
    known = set(before.skeleton)
    for element in after.skeleton:
        if element not in known:
            yield f"has an element that no template wrote: {element}"
    yield from after.faults


def _in_cells(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> Iterator[str]:
    if [len(row) for row in before] != [len(row) for row in after]:
        yield "has other cells"
    for row in after:
        for cell in row:
            if FORMULA.match(cell) and not A_NUMBER.fullmatch(cell):
                yield f"the cell {cell[:60]!r} is a formula"
