"""
Packs that nobody meant: parts dropped, retyped, exchanged or made up, and bytes that are no pack at all.

Each is bad input that names its field, or findings that name theirs; never another exception.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.lint import examine, lint
from ballots.pack import Pack
from ballots.pack_files import read_pack_file
from ballots.pack_reading import read_pack
from ballots.pack_writing import as_json, as_toml
from core.errors import BadInput
from core.findings import Severity
from tests.ballots.lint.packs import BASES, LAW, mapping_of, pack_of, two_employers
from tests.ballots.test_pack_files import PACKS

EXAMPLES = 500
A_THOUSAND = 1_000
IN_FULL = 10_000

HOW_MANY = pytest.mark.parametrize("number", [A_THOUSAND, pytest.param(IN_FULL, marks=pytest.mark.full)])

FOREIGN: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    51,
    10**30,
    1.5,
    float("nan"),
    "",
    "strike",
    "north trust",
    "2026-02-30",
    "[/bold]\x00",
    [],
    [[]],
    ["strike", "strike"],
    {},
    {"": {}},
    {"starts": 1},
    date(2016, 1, 1),
    date(1000, 1, 1),
    date(9000, 12, 31),
    datetime(2026, 11, 3, 6, 0),  # noqa: DTZ001 - London time, as packs have it
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a mapping."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*path, key)
        yield from places(item, (*path, key))


def at(mapping: Any, path: tuple[Any, ...]) -> Any:
    """The value at a path."""
    for key in path:
        mapping = mapping[key]
    return mapping


def nudged(random: Random, value: Any) -> Any:
    """Another value of the same type: a day or time moved, a figure changed, words or a list gone."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(0, value + random.choice([-value, -1, 1, 50]))
    if isinstance(value, date):
        return value + random.choice([-400, -1, 1, 7, 366]) * timedelta(days=1)
    return value[:0] if isinstance(value, str | list) else value


def mutated(random: Random) -> dict[str, Any]:
    """A lawful pack's mapping with a few things done to it."""
    base = random.choice([*BASES, "two"])
    mapping = mapping_of("now", two_employers()) if base == "two" else mapping_of(base)
    for _ in range(random.randint(1, 4)):
        found = list(places(mapping))
        path = random.choice(found)
        parent, key = at(mapping, path[:-1]), path[-1]
        match random.randrange(9):
            case 0:
                del parent[key]
            case 1:
                parent[key] = deepcopy(random.choice(FOREIGN))
            case 2:
                parent[key] = deepcopy(at(mapping, random.choice(found)))
            case 3 if isinstance(parent, dict):
                parent[random.choice(["x", "from", "", "total", "ŵ", "employer"])] = deepcopy(random.choice(FOREIGN))
            case 4 if isinstance(parent, list):
                parent.append(deepcopy(parent[key]))
            case _:
                parent[key] = nudged(random, parent[key])
    return mapping


def told(refused: BadInput) -> str:
    """The field that a refusal names, which can be written out."""
    str(refused).encode()
    return refused.field if refused.wanted else ""


def judged(mapping: object) -> str | None:
    """Read and lint a mapping: the field refused, or None where findings came out."""
    try:
        pack = read_pack(mapping)
    except BadInput as refused:
        return told(refused)
    for finding in lint(pack, LAW):
        assert finding.code
        assert finding.where
        assert finding.sentence
        assert finding.cure
        finding.sentence.encode()
    return None


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 2**32))
def test_a_pack_with_a_few_things_wrong(seed: int) -> None:
    """Turns red if any rule fails on what another section leaves out."""
    assert judged(mutated(Random(seed))) != ""


@HOW_MANY
def test_many_packs_with_a_few_things_wrong(number: int) -> None:
    """Turns red if one of them raises, or nearly all are refused, or nearly none is."""
    refused = [judged(mutated(Random(seed))) for seed in range(number)]
    assert "" not in refused
    assert number // 10 < sum(1 for field in refused if field) < number - number // 10


@settings(max_examples=50)
@given(PACKS)
def test_every_pack_that_can_be_read_is_judged_the_same_each_time(pack: Pack) -> None:
    """Turns red if a rule raises on absent sections, or the findings change their order."""
    first = examine(pack, LAW)
    assert examine(pack, LAW).findings == first.findings
    assert all(each.where for each in first.findings)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=EXAMPLES)
@given(JSON)
def test_any_json(value: Any) -> None:
    """Turns red if a root that is no table, or a section that is none, raises."""
    judged(value)
    judged({"dispute": value, "ballot": value})
    judged(mapping_of("now") | {"action": value, "result": value})


def file_judged(path: Path, content: bytes) -> bool:
    """Read and lint a file's bytes; whether they were a pack (or were refused without a field, which no test takes)."""
    path.write_bytes(content)
    try:
        pack = read_pack_file(path)
    except BadInput as refused:
        return not told(refused)
    lint(pack, LAW)
    return True


TEXTS = {".toml": as_toml(pack_of("middle")).encode(), ".json": as_json(pack_of("middle")).encode()}


def damaged(random: Random, text: bytes) -> bytes:
    """Bytes with some of them cut, doubled or written over."""
    for _ in range(random.randint(1, 3)):
        start = random.randrange(len(text))
        end = min(len(text), start + random.randint(0, 40))
        written = random.choice([b"", b"\x00", b"\xff", b"[[", b"=", b'"', b"9" * 40, text[end : end + 20], b"\n"])
        text = text[:start] + written + text[end:]
    return text


@pytest.mark.parametrize("suffix", TEXTS)
@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file(tmp_path_factory: pytest.TempPathFactory, suffix: str, seed: int) -> None:
    """Turns red if a reader of TOML or JSON lets its own exception through."""
    file_judged(tmp_path_factory.getbasetemp() / f"damaged{suffix}", damaged(Random(seed), TEXTS[suffix]))


@HOW_MANY
@pytest.mark.parametrize("suffix", TEXTS)
def test_many_damaged_files(tmp_path: Path, suffix: str, number: int) -> None:
    """Turns red if one of them raises, or none is a pack any more."""
    path = tmp_path / f"damaged{suffix}"
    read = [file_judged(path, damaged(Random(seed), TEXTS[suffix])) for seed in range(number)]
    assert 0 < sum(read) < number


@settings(max_examples=EXAMPLES)
@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Turns red if bytes that are no text are a traceback."""
    for suffix in TEXTS:
        assert not file_judged(tmp_path_factory.getbasetemp() / f"bytes{suffix}", content)


def test_foreign_keys_and_absent_ones_are_refused_everywhere() -> None:
    """Turns red if a table anywhere takes a key that no pack has."""
    for base in BASES:
        mapping = mapping_of(base)
        free = {"by_workplace", "by_category", "employers", "told_employers"}
        tables = [path for path in [(), *places(mapping)] if isinstance(at(mapping, path), dict)]
        for path in tables:
            changed = deepcopy(mapping)
            at(changed, path)["surprise"] = "?"
            field = judged(changed)
            if not (path and path[-1] in free):
                assert field is not None
                assert field.endswith("surprise")


def test_a_date_in_place_of_every_date_is_judged() -> None:
    """Turns red if a rule cannot count from a day far from the law's."""
    for far in (date(1000, 1, 1), date(2005, 9, 1), date(9000, 12, 31)):
        mapping = json.loads(json.dumps(mapping_of("now"), default=str))
        found = [
            lint(pack, LAW)
            for path in places(mapping)
            if str(at(mapping, path)).startswith("202") and (pack := _with(path, far)) is not None
        ]
        assert any(each.severity is Severity.STOP for findings in found for each in findings)


def _with(path: tuple[Any, ...], far: date) -> Pack | None:
    mapping: Any = mapping_of("now")
    at(mapping, path[:-1])[path[-1]] = far
    try:
        return read_pack(mapping)
    except BadInput:
        return None
